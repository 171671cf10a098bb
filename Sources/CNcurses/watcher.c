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

// A second process that gives the terminal back when the first has gone without having done so. A handler cannot: after
// SIGKILL (the kernel's own when memory is short, too), and after a stack overflow on a thread that has no alternate
// stack, where the kernel can run none and ends the process at once. Alternate stacks are per thread, and most threads
// are not ours: event loops, and the pools of Swift's runtime, which come and go.
//
// It is the child and the program is the parent, not the other way round: so the process that a person sees, stops,
// continues, traces and kills is the program itself, its exit status needs no passing on, and a shell's job control meets
// no process in between. The price is that the shell learns of the death as well and may be the first at the terminal: a
// dying process closes its descriptors, on which the watcher waits, before its parent is told, but a busy machine may run
// the shell first. `restore` sees to it that this does no harm.
//
// The watcher is in a process group of its own with every signal blocked: ^Z, ^C and a signal to the whole job do not
// reach it, and a terminal lets a background process write and set modes that has SIGTTOU blocked. After the fork it makes
// system calls only.

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
    // Blocked for good in the watcher: it dies with the program, not before.
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
    // A watcher that somebody killed is no reason to die or to wait.
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
