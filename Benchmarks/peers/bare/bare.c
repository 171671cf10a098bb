// bare PORT REQUESTS CONNECTIONS: the least that an HTTP client on this machine can cost.
//
// One receive and one send for each exchange, and one wait for all that are ready: it neither reads what it receives nor
// keeps any figures. A response is taken to come in one piece. Prints how many did.

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

static const char request[] = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";

static int ask(int socket) { return send(socket, request, sizeof request - 1, MSG_NOSIGNAL) > 0; }

static int dial(int set, int port) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((unsigned short)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int descriptor = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(descriptor, (struct sockaddr *)&address, sizeof address) != 0) return -1;
    struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.fd = descriptor};
    return epoll_ctl(set, EPOLL_CTL_ADD, descriptor, &event) == 0 ? descriptor : -1;
}

int main(int count, char **arguments) {
    if (count != 4) return fprintf(stderr, "usage: bare PORT REQUESTS CONNECTIONS\n"), 64;
    long left = atol(arguments[2]), done = 0, wanted = left;
    int connections = atoi(arguments[3]), set = epoll_create1(0);
    for (int i = 0; i < connections; i++) {
        int descriptor = dial(set, atoi(arguments[1]));
        if (descriptor < 0) return perror("bare"), 1;
        if (left > 0 && ask(descriptor)) left--;
    }
    static char response[16384];
    struct epoll_event ready[64];
    while (done < wanted) {
        int answered[64], answers = 0, events = epoll_wait(set, ready, 64, 10000);
        if (events <= 0) break;
        for (int i = 0; i < events; i++) {
            if (recv(ready[i].data.fd, response, sizeof response, MSG_DONTWAIT) <= 0) continue;
            if (strncmp(response, "HTTP/1.1 200 ", 13) == 0) done++;
            answered[answers++] = ready[i].data.fd;
        }
        for (int i = 0; i < answers && left > 0; i++) left -= ask(answered[i]);
    }
    printf("%ld\n", done);
    return 0;
}
