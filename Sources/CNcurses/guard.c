#define _GNU_SOURCE

#include "CNcurses.h"
#include "guard.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

// If the process dies, the terminal must be restored: a fixed string, the original modes, and the output to stderr in
// the meantime (above all "Fatal error: …"). A signal handler makes only async-signal-safe calls. If no handler can
// run, the watcher does the same (watcher.c).

// QUIT is included so that ^\ still ends the program if the main thread hangs.
static const int fatal[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT, SIGSYS, SIGQUIT};
enum { FATAL = sizeof fatal / sizeof fatal[0] };

// Synchronized update off, mouse off, paste marks off, attributes and colours reset, cursor on, keypad off.
static const char reset[] =
    "\033[?2026l\033[?1006l\033[?1003l\033[?1002l\033[?1000l\033[?2004l\033[0m\033[39;49m\033[?25h\033[?1l\033>";
// Leaves the alternate screen, for terminals that specify no sequence of their own.
static const char leave_alternate[] = "\033[?1049l";

static struct {
    int input, output;      // the session's descriptors
    int own_output;         // a duplicate for the handler's use
    int nowhere;            // takes the place of `output` once the terminal is given back
    struct termios before, raw;
    bool saved;
    char leave[256];
    size_t leave_length;
    int error_before;       // what stderr was, and
    int error_captured;     // the memory file: both from the first capture until the guard is disarmed, else -1
    bool capturing;
    struct sigaction previous[FATAL];
    _Atomic bool armed;
    _Atomic pid_t owner;    // the thread that gives the terminal back
} g = {.input = -1, .output = -1, .own_output = -1, .nowhere = -1, .error_before = -1, .error_captured = -1};

// Writes all bytes, also to a non-blocking descriptor; gives up if the terminal accepts nothing for a second.
static void write_all(int fd, const char *bytes, size_t count) {
    int patience = 10;
    while (count > 0 && patience > 0) {
        ssize_t written = write(fd, bytes, count);
        if (written > 0) {
            bytes += written;
            count -= (size_t)written;
        } else if (written < 0 && errno == EAGAIN) {
            struct pollfd ready = {.fd = fd, .events = POLLOUT};
            if (poll(&ready, 1, 100) <= 0) patience--;
        } else if (written < 0 && errno != EINTR) {
            return;
        }
    }
}

static int set_modes(const struct termios *modes, int when) {
    // A background process would be stopped here, and in a signal handler permanently.
    sigset_t stop, before;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTTOU);
    pthread_sigmask(SIG_BLOCK, &stop, &before);
    int result;
    do {
        result = tcsetattr(g.input, when, modes);
    } while (result != 0 && errno == EINTR);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return result;
}

int pt_tty_save(int input, int output) {
    if (tcgetattr(input, &g.before) != 0) return -1;
    g.input = input;
    g.output = output;
    g.saved = true;
    g.raw = g.before;
    g.raw.c_iflag &= ~(tcflag_t)(BRKINT | ICRNL | INLCR | IGNCR | ISTRIP | INPCK | IXON | IXOFF);
    g.raw.c_oflag &= ~(tcflag_t)OPOST;
    g.raw.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | IEXTEN);
    // ^C, ^Z and ^S are ordinary keys; ^\ remains a signal, see above.
    g.raw.c_lflag |= ISIG;
    g.raw.c_cc[VINTR] = _POSIX_VDISABLE;
    g.raw.c_cc[VSUSP] = _POSIX_VDISABLE;
    g.raw.c_cc[VMIN] = 1;
    g.raw.c_cc[VTIME] = 0;
    return 0;
}

int pt_tty_raw(void) {
    return g.saved ? set_modes(&g.raw, TCSADRAIN) : -1;
}

int pt_tty_restore(bool discard_input) {
    return g.saved ? set_modes(&g.before, discard_input ? TCSAFLUSH : TCSADRAIN) : -1;
}

static void replay(void) {
    char buffer[4096];
    off_t at = 0;
    ssize_t count;
    while ((count = pread(g.error_captured, buffer, sizeof buffer, at)) > 0) {
        write_all(g.error_before, buffer, (size_t)count);
        at += count;
    }
}

static bool open_capture(void) {
    int memory = memfd_create("pooltop-stderr", MFD_CLOEXEC);
    if (memory < 0) return false;
    int before = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    // Append mode, so that writers continue at the new end after a trim.
    if (before < 0 || fcntl(memory, F_SETFL, O_APPEND) != 0) {
        close(memory);
        if (before >= 0) close(before);
        return false;
    }
    g.error_captured = memory;
    g.error_before = before;
    return true;
}

int pt_stderr_capture(void) {
    if (g.capturing || !isatty(STDERR_FILENO)) return 0;  // a file or pipe disturbs no screen
    if (g.error_captured < 0 && !open_capture()) return -1;
    if (dup2(g.error_captured, STDERR_FILENO) < 0) return -1;
    g.capturing = true;
    return 0;
}

void pt_stderr_trim(off_t limit) {
    static const char note[] = "(earlier messages dropped)\n";
    if (!g.capturing || lseek(g.error_captured, 0, SEEK_END) <= limit) return;
    if (ftruncate(g.error_captured, 0) == 0) write_all(g.error_captured, note, sizeof note - 1);
}

void pt_stderr_replay(void) {
    if (!g.capturing) return;
    dup2(g.error_before, STDERR_FILENO);
    g.capturing = false;
    replay();
    if (ftruncate(g.error_captured, 0) != 0) abort();  // a memory file can always shrink
}

// Restores the terminal. Returns true once per arming, to the caller that did it.
static bool give_back(void) {
    bool expected = true;
    if (!atomic_compare_exchange_strong(&g.armed, &expected, false)) return false;
    atomic_store(&g.owner, (pid_t)syscall(SYS_gettid));
    // The main thread may be about to draw, so its writes are discarded from now on.
    dup2(g.nowhere, g.output);
    write_all(g.own_output, reset, sizeof reset - 1);
    write_all(g.own_output, g.leave, g.leave_length);
    set_modes(&g.before, TCSANOW);
    if (g.capturing) {
        dup2(g.error_before, STDERR_FILENO);
        replay();
    }
    pt_watcher_tell(false);
    atomic_store(&g.owner, 0);
    return true;
}

// The same in the watcher, where a shell may have been faster. In that case the modes are the shell's own and stay. Its
// prompt is on the screen that is left here, so it is told to redraw it, as after a change of the window's size.
static void give_back_for_the_dead(void) {
    struct termios now;
    bool is_raw = tcgetattr(g.input, &now) == 0 && now.c_lflag == g.raw.c_lflag && now.c_oflag == g.raw.c_oflag &&
                  now.c_iflag == g.raw.c_iflag && now.c_cc[VINTR] == _POSIX_VDISABLE;
    if (is_raw) set_modes(&g.before, TCSANOW);
    write_all(g.own_output, reset, sizeof reset - 1);
    write_all(g.own_output, g.leave, g.leave_length);
    if (g.error_captured >= 0) replay();
    pid_t foreground = tcgetpgrp(g.input);
    if (foreground > 0) kill(-foreground, SIGWINCH);
}

static void chain(int number, siginfo_t *info, void *context) {
    struct sigaction *before = NULL;
    for (int i = 0; i < FATAL; i++) {
        if (fatal[i] == number) before = &g.previous[i];
    }
    if (before != NULL && (before->sa_flags & SA_SIGINFO)) {
        before->sa_sigaction(number, info, context);
    } else if (before != NULL && before->sa_handler != SIG_DFL && before->sa_handler != SIG_IGN) {
        before->sa_handler(number);
    }
    // If a handler returned from a signal that somebody sent, the process would continue without a screen.
    struct sigaction usual = {.sa_handler = SIG_DFL};
    sigemptyset(&usual.sa_mask);
    sigaction(number, &usual, NULL);
    raise(number);
}

static void on_fatal(int number, siginfo_t *info, void *context) {
    int kept = errno;
    if (!give_back()) {
        // Another thread died first and is restoring the terminal; let it finish (at most about two seconds). If it is
        // this same thread, the restoring itself failed.
        pid_t self = (pid_t)syscall(SYS_gettid);
        for (int i = 0; i < 20 && atomic_load(&g.owner) != 0 && atomic_load(&g.owner) != self; i++) poll(NULL, 0, 100);
    }
    errno = kept;
    chain(number, info, context);
}

static void on_exit_called(void) {
    give_back();  // somebody called exit() with the screen up
}

// A stack overflow leaves no stack for a handler. Swift's runtime may have installed one already. This is for the main
// thread, on which the screen is drawn; overflows on other threads are handled by the watcher.
static void provide_signal_stack(void) {
    static char memory[64 * 1024];
    stack_t now;
    if (sigaltstack(NULL, &now) != 0 || !(now.ss_flags & SS_DISABLE)) return;
    stack_t ours = {.ss_sp = memory, .ss_size = sizeof memory};
    sigaltstack(&ours, NULL);
}

void pt_guard_arm(void) {
    static bool registered;
    if (atomic_load(&g.armed)) return;
    if (!registered) registered = atexit(on_exit_called) == 0;
    pt_guard_leave_by(NULL);
    g.own_output = fcntl(g.output, F_DUPFD_CLOEXEC, 3);
    g.nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    provide_signal_stack();
    atomic_store(&g.armed, true);
    struct sigaction action = {.sa_sigaction = on_fatal, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < FATAL; i++) {
        sigaction(fatal[i], NULL, &g.previous[i]);
        bool ignored_quit = fatal[i] == SIGQUIT && g.previous[i].sa_handler == SIG_IGN;
        if (!ignored_quit) sigaction(fatal[i], &action, NULL);
    }
}

void pt_guard_leave_by(const char *leave) {
    // Padding ("$<5>") is for tputs, which a handler must not call.
    if (leave == NULL || strlen(leave) > sizeof g.leave || strstr(leave, "$<") != NULL) leave = leave_alternate;
    g.leave_length = 0;
    memcpy(g.leave, leave, strlen(leave));
    g.leave_length = strlen(leave);
}

void pt_guard_watch(void) {
    int keep[] = {g.input, g.own_output, g.error_before, g.error_captured};
    // Without a watcher (if no more processes are allowed) only the handlers remain.
    (void)pt_watcher_start(keep, sizeof keep / sizeof keep[0], give_back_for_the_dead);
    pt_watcher_tell(true);
}

void pt_guard_screen(bool is_up) { pt_watcher_tell(is_up); }

static void close_if_open(int *fd) {
    if (*fd >= 0) close(*fd);
    *fd = -1;
}

void pt_guard_disarm(void) {
    bool expected = true;
    pt_watcher_end();
    if (!atomic_compare_exchange_strong(&g.armed, &expected, false)) return;
    for (int i = 0; i < FATAL; i++) sigaction(fatal[i], &g.previous[i], NULL);
    close_if_open(&g.own_output);
    close_if_open(&g.nowhere);
    close_if_open(&g.error_before);
    close_if_open(&g.error_captured);
}
