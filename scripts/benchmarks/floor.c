// The floor of scripts/bench fanout: what the kernel alone costs. It accepts viewers, answers their
// upgrade with words prepared beforehand, and sends what the publisher says to each of them in a
// loop of send(), up to K messages in one. No rooms, no slow readers, no checks; nothing that
// serves anybody can be cheaper.
//
//   floor PORT K
#define _GNU_SOURCE
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

enum { DESCRIPTORS = 1 << 16, BUFFER = 1 << 16, EVENTS = 256, SEND_BUFFER = 131072 };

static const char answer[] =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

static int viewers[DESCRIPTORS], viewer_count;
static char is_upgraded[DESCRIPTORS];
static unsigned char frames[BUFFER];

static void send_to_all(const unsigned char *bytes, size_t count) {
    for (int i = 0; i < viewer_count; i++)
        if (send(viewers[i], bytes, count, MSG_NOSIGNAL) != (ssize_t)count)
            fprintf(stderr, "floor: short\n");
}

// Masked frames of the publisher become frames of a server; K of them leave together.
static size_t broadcast(const unsigned char *bytes, size_t count, int together) {
    size_t at = 0, used = 0;
    int gathered = 0;
    while (count - at >= 6) {
        size_t length = bytes[at + 1] & 0x7F, head = 2;
        if (length == 126) {
            if (count - at < 8) break;
            length = bytes[at + 2] << 8 | bytes[at + 3];
            head = 4;
        }
        if (count - at < head + 4 + length) break;
        memcpy(frames + used, bytes + at, head);
        frames[used + 1] &= 0x7F;
        const unsigned char *mask = bytes + at + head;
        for (size_t i = 0; i < length; i++) frames[used + head + i] = mask[4 + i] ^ mask[i & 3];
        used += head + length;
        at += head + 4 + length;
        if (++gathered == together) {
            send_to_all(frames, used);
            gathered = used = 0;
        }
    }
    if (used) send_to_all(frames, used);
    return at;
}

int main(int count, char **words) {
    if (count != 3) return fprintf(stderr, "usage: floor PORT K\n"), 2;
    int together = atoi(words[2]), yes = 1, buffer_bytes = SEND_BUFFER;
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    setsockopt(listener, SOL_SOCKET, SO_SNDBUF, &buffer_bytes, sizeof buffer_bytes);
    setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(atoi(words[1])),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (bind(listener, (void *)&address, sizeof address) || listen(listener, 4096))
        return perror("floor"), 1;
    int epoll = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener}, events[EVENTS];
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
    static unsigned char buffer[BUFFER];
    size_t kept = 0; // of the publisher's bytes
    printf("ready\n");
    fflush(stdout);
    for (;;) {
        int ready = epoll_wait(epoll, events, EVENTS, -1);
        for (int i = 0; i < ready; i++) {
            int peer = events[i].data.fd;
            if (peer == listener) {
                event.data.fd = accept4(listener, 0, 0, SOCK_NONBLOCK);
                if (event.data.fd >= 0) epoll_ctl(epoll, EPOLL_CTL_ADD, event.data.fd, &event);
                continue;
            }
            ssize_t got = recv(peer, buffer + kept, BUFFER - kept, 0);
            if (got == 0) return 0; // the generator ends
            if (got < 0) continue;
            if (!is_upgraded[peer]) {
                is_upgraded[peer] = 1;
                if (memcmp(buffer + kept, "GET /publish ", 13) != 0) viewers[viewer_count++] = peer;
                send(peer, answer, sizeof answer - 1, MSG_NOSIGNAL);
                continue;
            }
            size_t have = kept + got, taken = broadcast(buffer, have, together);
            kept = have - taken;
            memmove(buffer, buffer + taken, kept);
        }
    }
}
