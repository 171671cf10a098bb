#define _GNU_SOURCE

#include "guard.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// A second process that restores the terminal when the first one has died without doing so. A handler cannot do this
// after SIGKILL (including the kernel's own when memory is short), or after a stack overflow on a thread without an
// alternate stack, where the kernel cannot run a handler and ends the process at once. Alternate stacks are per thread,
// and most threads are not ours: event loops, and the pools of Swift's runtime, which come and go.
//
// The watcher is the child and the program is the parent, so that the process that users see, stop, continue, trace and
// kill is the program itself, its exit status need not be passed on, and a shell's job control meets no process in
// between. The price is that the shell also learns of the death and may reach the terminal first: a dying process
// closes its descriptors, on which the watcher waits, before its parent is notified, but a busy machine may run the
// shell first. `restore` makes sure that this does no harm.
//
// The watcher is in its own process group with every signal blocked. ^Z, ^C and signals to the whole job therefore do
// not reach it, and with SIGTTOU blocked a background process may write to a terminal and set its modes. After the fork
// it only makes system calls.

enum { UP = 'u', DOWN = 'd', QUIT = 'q' };

static struct {
    int line;  // our end; -1: there is no watcher
    pid_t pid;
} w = {.line = -1};

static void close_all_but(const int *keep, int count, int line) {
    int next = 0;
    for (;;) {
        int least = -1;
        for (int i = -1; i < count; i++) {
            int candidate = i < 0 ? line : keep[i];
            if (candidate >= next && (least < 0 || candidate < least)) least = candidate;
        }
        if (least < 0) break;
        if (least > next) syscall(SYS_close_range, (unsigned)next, (unsigned)least - 1, 0);
        next = least + 1;
    }
    syscall(SYS_close_range, (unsigned)next, ~0U, 0);
}

static _Noreturn void watch(int line, void (*restore)(void)) {
    bool is_up = false;
    for (;;) {
        char word;
        ssize_t count = read(line, &word, 1);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) break;
        if (word == QUIT) _exit(0);
        is_up = word == UP;
    }
    if (is_up) restore();
    _exit(0);
}

int pt_watcher_start(const int *keep, int count, void (*restore)(void)) {
    int ends[2];
    if (w.line >= 0) return 0;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return -1;
    // Blocked permanently in the watcher, which dies with the program and not before.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t pid = fork();
    if (pid == 0) {
        setpgid(0, 0);
        prctl(PR_SET_NAME, "pooltop-watcher");
        close_all_but(keep, count, ends[1]);
        watch(ends[1], restore);
    }
    int kept = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        errno = kept;
        return -1;
    }
    w.line = ends[0];
    w.pid = pid;
    return 0;
}

static void tell(char word) {
    // If somebody killed the watcher, that is no reason to die or to wait.
    if (w.line >= 0) (void)!send(w.line, &word, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void pt_watcher_tell(bool is_up) { tell(is_up ? UP : DOWN); }

void pt_watcher_end(void) {
    if (w.line < 0) return;
    tell(QUIT);
    close(w.line);
    w.line = -1;
    while (waitpid(w.pid, NULL, 0) < 0 && errno == EINTR) {
    }
}
