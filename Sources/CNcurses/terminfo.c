#include "terminfo.h"

#include <curses.h>
#include <string.h>
#include <term.h>
#include <unistd.h>

bool pt_terminfo_is_outdated(const char *term) {
    if (strncmp(term, "xterm-", 6) != 0) return false;
    int error = 0;
    if (setupterm((char *)term, STDOUT_FILENO, &error) != OK) return false;
    const char *colours_back = orig_pair;
    bool resets = colours_back != NULL && (strcmp(colours_back, "\033[m") == 0 || strcmp(colours_back, "\033[0m") == 0);
    TERMINAL *looked_at = cur_term;
    set_curterm(NULL);
    del_curterm(looked_at);
    return resets;
}
