#pragma once

#include <stdbool.h>

// Between guard.c and watcher.c; no business of Swift's.

// Starts the watcher. It keeps these descriptors and no other; `restore` is called in it if this process is gone while the
// screen is up. 0, or -1 and errno.
int pt_watcher_start(const int *keep, int count, void (*restore)(void));
// Whether the screen is up from now on. May be called from a signal handler.
void pt_watcher_tell(bool is_up);
// Ends the watcher, and waits for that.
void pt_watcher_end(void);
