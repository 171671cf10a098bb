// An HTTP server that writes down when each request arrived, for Benchmarks/arrivals.
//
//   timestamps PORT FILE [spin]
//
// The time is the kernel's own for the packet (SO_TIMESTAMPNS, socket(7)), so that this server's wake-ups are not part of
// it. Every request is answered at once with a small response on a connection that is kept. On SIGTERM the times are
// written to FILE, one a line, in nanoseconds. With `spin` the server never sleeps, so that the sender does not pay for
// waking it.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MAX_TIMES = 1 << 24 };

static int64_t *times;
static size_t count;
static volatile sig_atomic_t ended;

static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: text/plain\r\n\r\nok";

static void end(int signal) {
    (void)signal;
    ended = 1;
}

static int64_t nanoseconds(struct timespec time) { return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec; }

// One read is one request: a client without pipelining sends the next one after the answer.
static void serve(int connection) {
    char bytes[16384], control[256];
    struct iovec piece = {bytes, sizeof bytes};
    struct msghdr message = {
        .msg_iov = &piece, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    ssize_t length = recvmsg(connection, &message, MSG_DONTWAIT);
    if (length < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (length <= 0) {
        close(connection);
        return;
    }
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    for (struct cmsghdr *part = CMSG_FIRSTHDR(&message); part; part = CMSG_NXTHDR(&message, part)) {
        if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SO_TIMESTAMPNS) memcpy(&now, CMSG_DATA(part), sizeof now);
    }
    if (length < 4 || memcmp(bytes + length - 4, "\r\n\r\n", 4) != 0) return;
    if (count < MAX_TIMES) times[count++] = nanoseconds(now);
    if (send(connection, answer, sizeof answer - 1, MSG_NOSIGNAL) < 0) close(connection);
}

static int open_listener(int port) {
    int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 1024) != 0) return -1;
    return listener;
}

static void take(int listener, int set) {
    int connection = accept(listener, NULL, NULL), one = 1;
    if (connection < 0) return;
    setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    setsockopt(connection, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof one);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = connection};
    epoll_ctl(set, EPOLL_CTL_ADD, connection, &event);
}

static int write_times(const char *path) {
    FILE *file = fopen(path, "w");
    if (!file) return 1;
    for (size_t i = 0; i < count; i++) fprintf(file, "%lld\n", (long long)times[i]);
    return fclose(file) != 0;
}

int main(int argc, char **argv) {
    if (argc < 3) {
        fprintf(stderr, "usage: timestamps PORT FILE [spin]\n");
        return 64;
    }
    int timeout = argc > 3 && strcmp(argv[3], "spin") == 0 ? 0 : -1;
    times = calloc(MAX_TIMES, sizeof *times);
    int listener = open_listener(atoi(argv[1])), set = epoll_create1(EPOLL_CLOEXEC);
    if (!times || listener < 0 || set < 0) {
        perror("timestamps");
        return 1;
    }
    struct sigaction action = {.sa_handler = end};
    sigaction(SIGTERM, &action, NULL);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
    epoll_ctl(set, EPOLL_CTL_ADD, listener, &event);
    while (!ended) {
        struct epoll_event ready[64];
        int found = epoll_wait(set, ready, 64, timeout);
        for (int i = 0; i < found; i++) {
            if (ready[i].data.fd == listener) take(listener, set);
            else serve(ready[i].data.fd);
        }
    }
    return write_times(argv[2]);
}
