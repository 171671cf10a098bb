#pragma once

// terminfo.c: a look at an entry of terminfo before curses uses it. Its header has names, such as `columns`, that
// screen.c needs for other things.

#include <stdbool.h>

// Old entries, such as that of xterm-color, take the colours back by resetting everything: curses does not know that bold
// and reverse go with them. They cannot hide the cursor either. Whatever calls itself some xterm does both as xterm does.
bool pt_terminfo_is_outdated(const char *term);
