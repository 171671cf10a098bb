// pusher PORT GAP EVERY: a server that answers each request with 200 and, GAP microseconds after every EVERYth answer,
// sends a 299 that nobody asked for on the same connection. How many of those a client takes for answers is what
// Benchmarks/poisoning counts.

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const char honest[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
static const char forged[] = "HTTP/1.1 299 Forged\r\nContent-Length: 2\r\n\r\nno";
static int64_t gap;
static long every;
static _Atomic long answers;

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

// False: the connection is gone.
static int answer(int connection) {
    if (send(connection, honest, sizeof honest - 1, MSG_NOSIGNAL) < 0) return 0;
    if (++answers % every != 0) return 1;
    for (int64_t due = now() + gap; now() < due;) continue;
    return send(connection, forged, sizeof forged - 1, MSG_NOSIGNAL) >= 0;
}

static void *serve(void *argument) {
    int connection = (int)(intptr_t)argument, on = 1;
    char input[8192];
    size_t length = 0;
    setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    for (;;) {
        ssize_t count = recv(connection, input + length, sizeof input - 1 - length, 0);
        if (count <= 0) break;
        length += (size_t)count;
        input[length] = 0;
        for (char *end; (end = strstr(input, "\r\n\r\n"));) {
            length -= (size_t)(end + 4 - input);
            memmove(input, end + 4, length + 1);
            if (!answer(connection)) goto gone;
        }
    }
gone:
    close(connection);
    return NULL;
}

int main(int count, char **arguments) {
    if (count != 4) return 64;
    gap = atol(arguments[2]) * INT64_C(1000);
    every = atol(arguments[3]);
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)atoi(arguments[1])),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 1024) != 0) {
        perror("pusher");
        return 1;
    }
    for (;;) {
        int connection = accept(listener, NULL, NULL);
        pthread_t thread;
        if (connection >= 0 && pthread_create(&thread, NULL, serve, (void *)(intptr_t)connection) == 0) {
            pthread_detach(thread);
        }
    }
}
