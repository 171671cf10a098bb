#define _GNU_SOURCE

#include "CNcurses.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

// A handler sets a bit and writes one byte; the loop does the work. The bits tell which signals arrived and the byte
// only wakes the loop, so a pipe full of window changes cannot lose a termination request.

static const int caught[] = {SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGTSTP, SIGCONT};
enum { CAUGHT = sizeof caught / sizeof caught[0] };

static struct sigaction previous[CAUGHT];
static bool installed;
static int wake[2] = {-1, -1};
static _Atomic uint32_t pending;

static void note(int number) {
    int kept = errno;
    atomic_fetch_or(&pending, UINT32_C(1) << number);
    char byte = (char)number;
    ssize_t ignored = write(wake[1], &byte, 1);
    (void)ignored;
    errno = kept;
}

int pt_signals_install(void) {
    if (installed) {
        errno = EBUSY;
        return -1;
    }
    if (pipe2(wake, O_CLOEXEC | O_NONBLOCK) != 0) return -1;
    atomic_store(&pending, 0);
    // Other threads run event loops. SA_RESTART keeps their system calls from being interrupted.
    struct sigaction action = {.sa_handler = note, .sa_flags = SA_RESTART | SA_ONSTACK};
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < CAUGHT; i++) {
        sigaction(caught[i], NULL, &previous[i]);
        bool wanted = caught[i] == SIGWINCH || caught[i] == SIGCONT || previous[i].sa_handler != SIG_IGN;
        if (wanted) sigaction(caught[i], &action, NULL);  // who ignores HUP (nohup) or TSTP wants it so
    }
    installed = true;
    return wake[0];
}

uint32_t pt_signals_take(void) {
    char bytes[64];
    while (read(wake[0], bytes, sizeof bytes) > 0) {
    }
    return atomic_exchange(&pending, 0);
}

void pt_signals_remove(void) {
    if (!installed) return;
    for (int i = 0; i < CAUGHT; i++) sigaction(caught[i], &previous[i], NULL);
    installed = false;
    close(wake[0]);
    close(wake[1]);
    wake[0] = wake[1] = -1;
}

void pt_signals_stop_group(void) {
    struct sigaction usual = {.sa_handler = SIG_DFL}, ours;
    sigemptyset(&usual.sa_mask);
    sigaction(SIGTSTP, &usual, &ours);
    kill(0, SIGTSTP);  // the whole job stops here, and goes on here
    sigaction(SIGTSTP, &ours, NULL);
    // Waking up from our own stop is not reported.
    atomic_fetch_and(&pending, ~((UINT32_C(1) << SIGCONT) | (UINT32_C(1) << SIGTSTP)));
}
