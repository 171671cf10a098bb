#pragma once

// What Linux has for sockets that does not import into Swift: epoll's packed union, the system calls of asynchronous I/O
// (io_submit(2)), which have no function in the C library, and the fields of socket addresses and messages. The system's
// headers stay in CLinux.c: a module that includes them may take their declarations away from the others.

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// epoll

// One ready descriptor of a set: the number it was added with, and what the kernel reports.
typedef struct {
    uint64_t token;
    uint32_t bits;
} pt_ready;

enum { PT_READY_MAX = 128 };

// Values of `bits`, those of epoll_ctl(2).
enum { PT_READABLE = 0x001, PT_WRITABLE = 0x004, PT_ERROR = 0x008, PT_HANG_UP = 0x010, PT_FIN = 0x2000 };

int pt_epoll_open(void);

// Reports each change once (edge-triggered), until the descriptor is closed. 0, or -1 and errno.
int pt_epoll_add(int set, int descriptor, uint64_t token);

// What is ready now, without waiting: how many, PT_READY_MAX at the most; below zero: none.
int pt_epoll_take(int set, pt_ready *ready);

// Notices: the kernel adds one to an eventfd when a descriptor becomes readable

enum { PT_NOTICES = 64 };

int pt_eventfd_open(void);

// 0, or -1 where the kernel has no such thing or does not allow it. `*queue` is never 0 afterwards where it has.
int pt_notices_open(uint64_t *queue);

// Asks for one notice. Not more than PT_NOTICES times between two calls of pt_notices_forget. 0, or -1 and errno.
int pt_notices_ask(uint64_t queue, int descriptor, int eventfd);

// The kernel keeps the outcome of each notice until it is fetched.
void pt_notices_forget(uint64_t queue);

void pt_notices_close(uint64_t queue);

// Sockets

// As send(2) with MSG_NOSIGNAL and recv(2), but no points at which the C library lets a thread be cancelled: preparing for
// that costs each call two atomic changes.
ssize_t pt_send(int descriptor, const void *bytes, size_t count);
ssize_t pt_receive(int descriptor, void *buffer, size_t count);

// Both pieces in one packet, if they fit; a connection that is gone raises no signal. As sendmsg(2).
ssize_t pt_send_both(
    int descriptor, const void *first, size_t first_count, const void *second, size_t second_count);

// The round trip of a TCP connection in microseconds, as the kernel has measured it so far; 0: it has not.
int pt_round_trip(int descriptor);

// Bytes of a TCP connection that were sent, or wait to be, and that the peer's kernel has not acknowledged (tcp(7),
// SIOCOUTQ); 0 where the kernel does not say.
int pt_unacknowledged(int descriptor);

// The port that a socket has on this side; 0: it has none.
int pt_local_port(int descriptor);
