#define _GNU_SOURCE

#include "CLinux.h"

#include <errno.h>
#include <linux/aio_abi.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
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

int64_t pt_peer_user(int descriptor) {
    struct ucred peer;
    socklen_t length = sizeof peer;
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) return -1;
    return peer.uid;
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

int pt_diag_open(uint32_t groups) {
    int descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    if (descriptor < 0) return -1;
    struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = groups};
    if (bind(descriptor, (struct sockaddr *)&address, sizeof address) == 0) return descriptor;
    int reason = errno;
    close(descriptor);
    errno = reason;
    return -1;
}

void pt_receive_buffer(int descriptor, int bytes) {
    if (setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) == 0) return;
    setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

int pt_receive_batch(int descriptor, void *bytes, uint32_t *lengths) {
    struct mmsghdr messages[PT_BATCH];
    struct iovec pieces[PT_BATCH];
    memset(messages, 0, sizeof messages);
    for (int i = 0; i < PT_BATCH; i++) {
        pieces[i] = (struct iovec){.iov_base = (char *)bytes + i * PT_MESSAGE_MAX, .iov_len = PT_MESSAGE_MAX};
        messages[i].msg_hdr.msg_iov = &pieces[i];
        messages[i].msg_hdr.msg_iovlen = 1;
    }
    int count = recvmmsg(descriptor, messages, PT_BATCH, MSG_DONTWAIT, NULL);
    for (int i = 0; i < count; i++) lengths[i] = messages[i].msg_len;
    return count;
}

int pt_enter_network(int descriptor) { return setns(descriptor, CLONE_NEWNET); }

void pt_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

ssize_t pt_directory_read(int descriptor, void *buffer, size_t count) {
    return syscall(SYS_getdents64, descriptor, buffer, count);
}

static char kept_path[256];
static int kept_open[PT_KEPT_OPEN_MAX];
static int kept_count;
static atomic_int is_kept;

int pt_remove_now(void) {
    // Only calls that a signal handler may make (signal-safety(7)).
    if (!atomic_exchange(&is_kept, 0)) return 0;
    for (int i = 0; i < kept_count; i++) close(kept_open[i]);
    return rmdir(kept_path);
}

static void remove_and_end(int number) {
    pt_remove_now();
    signal(number, SIG_DFL);
    raise(number);
}

static void remove_at_exit(void) { pt_remove_now(); }

void pt_remove_at_end(const char *path, const int *descriptors, int count) {
    static const int numbers[] = {SIGHUP, SIGINT, SIGTERM, SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE};
    static atomic_int is_registered;
    strncpy(kept_path, path, sizeof kept_path - 1);
    kept_count = count < PT_KEPT_OPEN_MAX ? count : PT_KEPT_OPEN_MAX;
    memcpy(kept_open, descriptors, (size_t)kept_count * sizeof *descriptors);
    atomic_store(&is_kept, 1);
    if (atomic_exchange(&is_registered, 1)) return;
    atexit(remove_at_exit);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct sigaction action;
        if (sigaction(numbers[i], NULL, &action) != 0 || action.sa_handler != SIG_DFL) continue;
        memset(&action, 0, sizeof action);
        action.sa_handler = remove_and_end;
        action.sa_flags = SA_NODEFER;
        sigaction(numbers[i], &action, NULL);
    }
}
