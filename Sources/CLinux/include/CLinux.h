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
