#include "CLinux.h"

#include <linux/aio_abi.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

_Static_assert(
    PT_READABLE == EPOLLIN && PT_WRITABLE == EPOLLOUT && PT_ERROR == EPOLLERR && PT_HANG_UP == EPOLLHUP &&
        PT_FIN == EPOLLRDHUP,
    "the bits are the kernel's");
_Static_assert(sizeof(aio_context_t) <= sizeof(uint64_t), "a queue's name fits");

int pt_epoll_open(void) { return epoll_create1(EPOLL_CLOEXEC); }

int pt_epoll_add(int set, int descriptor, uint64_t token) {
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.u64 = token};
    return epoll_ctl(set, EPOLL_CTL_ADD, descriptor, &event);
}

int pt_epoll_take(int set, pt_ready *ready) {
    struct epoll_event events[PT_READY_MAX];
    int count = epoll_wait(set, events, PT_READY_MAX, 0);
    for (int i = 0; i < count; i++) {
        ready[i].token = events[i].data.u64;
        ready[i].bits = events[i].events;
    }
    return count;
}

int pt_eventfd_open(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

int pt_notices_open(uint64_t *queue) {
    aio_context_t context = 0;
    if (syscall(SYS_io_setup, PT_NOTICES, &context) != 0) return -1;
    *queue = context;
    return 0;
}

int pt_notices_ask(uint64_t queue, int descriptor, int eventfd) {
    struct iocb request;
    memset(&request, 0, sizeof request);
    request.aio_fildes = (uint32_t)descriptor;
    request.aio_lio_opcode = IOCB_CMD_POLL;
    request.aio_buf = EPOLLIN;
    request.aio_flags = IOCB_FLAG_RESFD;
    request.aio_resfd = (uint32_t)eventfd;
    struct iocb *requests = &request;
    return syscall(SYS_io_submit, (aio_context_t)queue, 1, &requests) == 1 ? 0 : -1;
}

void pt_notices_forget(uint64_t queue) {
    struct io_event outcomes[PT_NOTICES];
    syscall(SYS_io_getevents, (aio_context_t)queue, 0, PT_NOTICES, outcomes, 0);
}

void pt_notices_close(uint64_t queue) { syscall(SYS_io_destroy, (aio_context_t)queue); }

ssize_t pt_send(int descriptor, const void *bytes, size_t count) {
    return syscall(SYS_sendto, descriptor, bytes, count, MSG_NOSIGNAL, NULL, 0);
}

ssize_t pt_receive(int descriptor, void *buffer, size_t count) {
    return syscall(SYS_recvfrom, descriptor, buffer, count, 0, NULL, NULL);
}

ssize_t pt_send_both(
    int descriptor, const void *first, size_t first_count, const void *second, size_t second_count) {
    struct iovec pieces[2] = {
        {.iov_base = (void *)first, .iov_len = first_count}, {.iov_base = (void *)second, .iov_len = second_count}};
    struct msghdr message = {.msg_iov = pieces, .msg_iovlen = 2};
    return sendmsg(descriptor, &message, MSG_NOSIGNAL);
}

int pt_round_trip(int descriptor) {
    struct tcp_info info;
    socklen_t size = sizeof info;
    memset(&info, 0, sizeof info);
    return getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 ? (int)info.tcpi_rtt : 0;
}

int pt_unacknowledged(int descriptor) {
    int count = 0;
    return ioctl(descriptor, SIOCOUTQ, &count) == 0 ? count : 0;
}

int pt_local_port(int descriptor) {
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } address;
    socklen_t size = sizeof address;
    if (getsockname(descriptor, &address.any, &size) != 0) return 0;
    if (address.any.sa_family == AF_INET) return ntohs(address.v4.sin_port);
    if (address.any.sa_family == AF_INET6) return ntohs(address.v6.sin6_port);
    return 0;
}
