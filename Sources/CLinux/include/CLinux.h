#pragma once

// The parts of Linux's socket interface that cannot be imported into Swift: epoll's packed union, the system calls of
// asynchronous I/O (io_submit(2)), which have no function in the C library, and the fields of socket addresses and
// messages. The system's headers are included only in CLinux.c, because a module that includes them may hide their
// declarations from other modules.

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// epoll

// One ready descriptor of a set: the number that it was added with, and the kernel's report.
typedef struct {
    uint64_t token;
    uint32_t bits;
} pt_ready;

enum { PT_READY_MAX = 128 };

// Values of `bits`, the same as those of epoll_ctl(2).
enum { PT_READABLE = 0x001, PT_WRITABLE = 0x004, PT_ERROR = 0x008, PT_HANG_UP = 0x010, PT_FIN = 0x2000 };

int pt_epoll_open(void);

// Reports each change once (edge-triggered) until the descriptor is closed. Returns 0, or -1 and errno.
int pt_epoll_add(int set, int descriptor, uint64_t token);

// The descriptors that are ready now, without waiting. Returns their number, at most PT_READY_MAX; below zero: none.
int pt_epoll_take(int set, pt_ready *ready);

// Notices: the kernel adds one to an eventfd when a descriptor becomes readable

enum { PT_NOTICES = 64 };

int pt_eventfd_open(void);

/// The user of the process at the other end of a Unix socket (unix(7), SO_PEERCRED); -1: not known.
int64_t pt_peer_user(int descriptor);

// Returns 0, or -1 if the kernel does not support or allow it. On success `*queue` is never 0.
int pt_notices_open(uint64_t *queue);

// Requests one notice. At most PT_NOTICES times between two calls of pt_notices_forget. Returns 0, or -1 and errno.
int pt_notices_ask(uint64_t queue, int descriptor, int eventfd);

// The kernel keeps the outcome of each notice until it is fetched.
void pt_notices_forget(uint64_t queue);

void pt_notices_close(uint64_t queue);

// Sockets

// Like send(2) with MSG_NOSIGNAL and recv(2), but without thread cancellation points, which cost two atomic operations
// per call.
ssize_t pt_send(int descriptor, const void *bytes, size_t count);
ssize_t pt_receive(int descriptor, void *buffer, size_t count);

// Sends both pieces in one packet if they fit. A closed connection raises no signal. Like sendmsg(2).
ssize_t pt_send_both(
    int descriptor, const void *first, size_t first_count, const void *second, size_t second_count);

// The round-trip time of a TCP connection in microseconds as measured by the kernel; 0 if not measured yet.
int pt_round_trip(int descriptor);

// The bytes of a TCP connection that were sent or wait to be sent, and that the peer's kernel has not acknowledged
// (tcp(7), SIOCOUTQ); 0 if the kernel does not report it.
int pt_unacknowledged(int descriptor);

// The local port of a socket; 0 if it has none.
int pt_local_port(int descriptor);

// Netlink (sock_diag(7))

// Opens a socket of NETLINK_SOCK_DIAG and joins the groups, given as bits of sockaddr_nl. Returns it, or -1 and errno.
int pt_diag_open(uint32_t groups);

// Asks for a buffer of this many bytes, beyond the system's limit where the process may do so.
void pt_receive_buffer(int descriptor, int bytes);

enum { PT_BATCH = 64, PT_MESSAGE_MAX = 2048 };

// Receives up to PT_BATCH messages without waiting: `lengths[i]` bytes at `i * PT_MESSAGE_MAX`. Returns their number, or -1
// and errno.
int pt_receive_batch(int descriptor, void *bytes, uint32_t *lengths);

// Moves the current thread into a network namespace, by a descriptor of /proc/PID/ns/net. Returns 0, or -1 and errno.
int pt_enter_network(int descriptor);

// Names the current thread, for ps(1) and top(1).
void pt_name_thread(const char *name);

// Reads entries of a directory as `struct linux_dirent64` (getdents(2)). Returns their bytes, 0 at the end, or -1 and errno.
ssize_t pt_directory_read(int descriptor, void *buffer, size_t count);

// A directory that must not outlive the process: a private instance of the kernel's trace

enum { PT_KEPT_OPEN_MAX = 1024 };

// Remembers one directory, which is removed when the process exits or one of these signals ends it: SIGHUP, SIGINT,
// SIGTERM, SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, where they have their default action. The kernel removes it
// only while no file in it is open, so the descriptors are closed before.
void pt_remove_at_end(const char *path, const int *descriptors, int count);

// Closes the descriptors and removes the directory now. Returns 0, or -1 and errno. Nothing happens the second time.
int pt_remove_now(void);
