#pragma once

// The interface to curses, signals and terminal modes for Swift. The curses header itself is included only in screen.c:
// its macros, variadics and globals cannot be imported into Swift, and its short names (move, erase, timeout) should
// not be.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// screen.c: one curses screen that draws into a memory file. One thread only.

enum { PT_BOLD = 1, PT_DIM = 2, PT_UNDERLINE = 4, PT_REVERSE = 8 };

// One cell. `width` is 1, or 2 for the left half of a wide character, or 0 for its right half.
typedef struct {
    uint32_t scalar;
    uint16_t pair;
    uint8_t style;
    uint8_t width;
} pt_cell;

enum { PT_SCREEN_OK = 0, PT_SCREEN_NO_MEMORY = 1, PT_SCREEN_UNKNOWN = 2, PT_SCREEN_DUMB = 3 };

// Sets the character set; "" is the environment's. Returns false if it is not UTF-8.
bool pt_locale_is_utf8(const char *locale);

int pt_screen_open(const char *term, int rows, int columns);
int pt_screen_colors(void);  // 0: no colour
void pt_screen_pair(int pair, int foreground);
void pt_screen_resize(int rows, int columns);
void pt_screen_row(int row, const pt_cell *cells, int count);
void pt_screen_redraw_row(int row);  // the next update paints all of it, changed or not
void pt_screen_invalidate(void);  // the next update paints everything
size_t pt_screen_update(void);    // puts what changed into the memory file; the number of bytes in it
size_t pt_screen_leave(void);     // the same with what leaves the screen
size_t pt_screen_take(void *buffer, size_t capacity);  // reads the memory file and empties it
const char *pt_screen_leave_string(void);               // the terminal's own way out, or NULL
void pt_screen_close(void);

// guard.c, watcher.c: the terminal's modes, which are restored if the process dies.

int pt_tty_save(int input, int output);  // keeps the modes as they are; 0, or -1 and errno
int pt_tty_raw(void);
int pt_tty_restore(bool discard_input);
void pt_guard_arm(void);
void pt_guard_leave_by(const char *leave);  // the terminal's own way out of the alternate screen; NULL: the usual one
void pt_guard_watch(void);            // starts the second process; the screen is up from now on
void pt_guard_screen(bool is_up);     // false: the terminal is its owner's, as while the job is stopped
void pt_guard_disarm(void);

// While the screen is shown, output to stderr is kept in a memory file of at most `limit` bytes.
int pt_stderr_capture(void);
void pt_stderr_trim(off_t limit);
void pt_stderr_replay(void);

// signals.c: INT TERM HUP WINCH TSTP CONT become a byte in a pipe.

int pt_signals_install(void);  // the end to poll, or -1 and errno
uint32_t pt_signals_take(void);  // one bit per signal number since the last call
void pt_signals_remove(void);
void pt_signals_stop_group(void);  // what ^Z does; returns once the group continues
