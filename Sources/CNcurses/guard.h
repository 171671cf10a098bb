#pragma once

#include <stdbool.h>

// Shared by guard.c and watcher.c, and not visible to Swift.

// Starts the watcher. It keeps these descriptors and no others; it calls `restore` if this process dies while the
// screen is shown. Returns 0, or -1 and errno.
int pt_watcher_start(const int *keep, int count, void (*restore)(void));
// Tells the watcher whether the screen is shown from now on. May be called from a signal handler.
void pt_watcher_tell(bool is_up);
// Ends the watcher and waits until it has ended.
void pt_watcher_end(void);
