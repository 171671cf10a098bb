#define _GNU_SOURCE
#define NCURSES_WIDECHAR 1

#include "CNcurses.h"
#include "terminfo.h"

#include <curses.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <unistd.h>
#include <wchar.h>

// curses writes to a memory file and not to the terminal, for three reasons: a frame can be output with one write
// between the marks of a synchronized update; a terminal that does not read cannot block the loop; a test needs no
// terminal.
static struct {
    SCREEN *screen;
    FILE *output;
    FILE *input;
    bool utf8;
    cchar_t *row;
    int row_capacity;
} s;

bool pt_locale_is_utf8(const char *locale) {
    if (setlocale(LC_CTYPE, locale) == NULL) {
        // The host does not have the environment's locale, as is common in small containers; keep at least its codeset.
        const char *name = getenv("LC_ALL");
        if (name == NULL || *name == '\0') name = getenv("LC_CTYPE");
        if (name == NULL || *name == '\0') name = getenv("LANG");
        const char *dot = name == NULL ? NULL : strrchr(name, '.');
        if (dot != NULL && (strcasecmp(dot, ".UTF-8") == 0 || strcasecmp(dot, ".utf8") == 0)) {
            setlocale(LC_CTYPE, "C.UTF-8");
        }
    }
    s.utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    return s.utf8;
}

static bool open_files(void) {
    int output = memfd_create("pooltop-screen", MFD_CLOEXEC);
    if (output < 0) return false;
    s.output = fdopen(output, "w");
    if (s.output == NULL) {
        close(output);
        return false;
    }
    s.input = fopen("/dev/null", "re");  // curses never reads: keys are decoded by ourselves
    return s.input != NULL;
}

static void empty_output(void) {
    fflush(s.output);
    lseek(fileno(s.output), 0, SEEK_SET);
    if (ftruncate(fileno(s.output), 0) != 0) abort();  // a memory file can always shrink
}

static const char *string_capability(const char *name) {
    const char *value = tigetstr((char *)name);
    return value == (const char *)-1 ? NULL : value;
}

int pt_screen_open(const char *term, int rows, int columns) {
    if (!open_files()) {
        pt_screen_close();
        return PT_SCREEN_NO_MEMORY;
    }
    if (pt_terminfo_is_outdated(term)) s.screen = newterm("xterm", s.output, s.input);
    if (s.screen == NULL) s.screen = newterm((char *)term, s.output, s.input);
    if (s.screen == NULL) {
        pt_screen_close();
        return PT_SCREEN_UNKNOWN;
    }
    set_term(s.screen);
    if (string_capability("cup") == NULL) {
        pt_screen_close();
        return PT_SCREEN_DUMB;
    }
    typeahead(-1);  // else every update polls the input and stops half-way when a key waits
    nonl();         // output is not processed by the tty, a line feed only moves down
    leaveok(stdscr, TRUE);
    scrollok(stdscr, FALSE);
    curs_set(0);
    if (has_colors()) {
        start_color();
        use_default_colors();
    }
    pt_screen_resize(rows, columns);
    // Until this pair has run once, ncurses 6.4 makes one write per cursor move.
    endwin();
    empty_output();
    clearok(curscr, TRUE);
    return PT_SCREEN_OK;
}

int pt_screen_colors(void) {
    return has_colors() ? COLORS : 0;
}

void pt_screen_pair(int pair, int foreground) {
    init_extended_pair(pair, foreground, -1);
}

void pt_screen_resize(int rows, int columns) {
    resize_term(rows, columns);  // and not resizeterm, which puts KEY_RESIZE into a queue that nobody reads
    werase(stdscr);
    clearok(curscr, TRUE);
}

// The grid and the C library must agree on a character's width, or the rest of the row shifts on the screen. If they
// disagree, and for unprintable characters, a question mark is drawn instead.
static wchar_t printable(const pt_cell *cell) {
    if (cell->scalar >= 0x20 && cell->scalar < 0x7F) return cell->width == 1 ? (wchar_t)cell->scalar : L'?';
    if (!s.utf8 || wcwidth((wchar_t)cell->scalar) != cell->width) return L'?';
    return (wchar_t)cell->scalar;
}

static attr_t attributes(uint8_t style) {
    attr_t attr = A_NORMAL;
    if (style & PT_BOLD) attr |= A_BOLD;
    if (style & PT_DIM) attr |= A_DIM;
    if (style & PT_UNDERLINE) attr |= A_UNDERLINE;
    if (style & PT_REVERSE) attr |= A_REVERSE;
    return attr;
}

static int put(int at, wchar_t character, const pt_cell *cell) {
    wchar_t text[2] = {character, L'\0'};
    setcchar(&s.row[at], text, attributes(cell->style), (short)cell->pair, NULL);
    return at + 1;
}

void pt_screen_row(int row, const pt_cell *cells, int count) {
    if (row < 0 || row >= LINES || count <= 0) return;
    if (count > COLS) count = COLS;
    if (count > s.row_capacity) {
        cchar_t *grown = realloc(s.row, (size_t)count * sizeof *grown);
        if (grown == NULL) return;
        s.row = grown;
        s.row_capacity = count;
    }
    int used = 0;
    for (int x = 0; x < count; x++) {
        if (cells[x].width == 0) {
            // curses creates the right half itself; one without its left half would shift the row.
            bool has_left = x > 0 && cells[x - 1].width == 2 && printable(&cells[x - 1]) != L'?';
            if (!has_left) used = put(used, L'?', &cells[x]);
        } else if (cells[x].width == 2 && x + 1 >= count) {
            used = put(used, L'?', &cells[x]);
        } else {
            used = put(used, printable(&cells[x]), &cells[x]);
        }
    }
    mvwadd_wchnstr(stdscr, row, 0, s.row, used);
}

void pt_screen_redraw_row(int row) {
    if (row >= 0 && row < LINES) wredrawln(stdscr, row, 1);
}

void pt_screen_invalidate(void) {
    clearok(curscr, TRUE);
}

static size_t produced(void) {
    fflush(s.output);
    off_t length = lseek(fileno(s.output), 0, SEEK_CUR);
    return length < 0 ? 0 : (size_t)length;
}

size_t pt_screen_update(void) {
    wnoutrefresh(stdscr);
    doupdate();
    return produced();
}

size_t pt_screen_leave(void) {
    endwin();
    return produced();
}

// curses resets the palette (`oc`) when it starts and ends, although it never changed it. That would undo the colours
// that a user's shell has set.
static size_t without_palette_reset(char *bytes, size_t count) {
    const char *reset = string_capability("oc");
    size_t length = reset == NULL ? 0 : strlen(reset);
    char *found;
    while (length > 0 && (found = memmem(bytes, count, reset, length)) != NULL) {
        size_t after = count - (size_t)(found - bytes) - length;
        memmove(found, found + length, after);
        count -= length;
    }
    return count;
}

size_t pt_screen_take(void *buffer, size_t capacity) {
    ssize_t count = pread(fileno(s.output), buffer, capacity, 0);
    empty_output();
    return count < 0 ? 0 : without_palette_reset(buffer, (size_t)count);
}

const char *pt_screen_leave_string(void) {
    return string_capability("rmcup");
}

void pt_screen_close(void) {
    if (s.screen != NULL) {
        if (!isendwin()) endwin();
        delscreen(s.screen);
    }
    if (s.output != NULL) fclose(s.output);
    if (s.input != NULL) fclose(s.input);
    free(s.row);
    bool utf8 = s.utf8;
    memset(&s, 0, sizeof s);
    s.utf8 = utf8;
}
