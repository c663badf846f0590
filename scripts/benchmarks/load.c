// The one load generator for LiveShop and everything it is compared with, so that the client is the
// same. Run by claims.py, alone on its core; it must stay far cheaper than any server.
//
//     load --protocol ws|resp --port N --connections N --depth N --seconds N --request TEXT
//          --expect TEXT [--hello TEXT] [--warmup N] [--rate N] [--count N]
//
// In a text, %i becomes the number of the request and %k a random key. Without --rate each
// connection always has DEPTH requests without answer. With it, requests leave on a fixed schedule
// whatever the server does, and a latency begins when the request was due. --count ends after so
// many requests instead of after some seconds. Each answer must contain what is expected, one for
// each request: else the run fails and says what came. Prints one JSON object.
#define _GNU_SOURCE
#include "histogram.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUFFER = 1 << 20, RING_MAX = 4096, JOINING_MAX = 64, DRAIN_SECONDS = 20 };

enum state { HANDSHAKE, JOINING, READY };

struct connection {
    int fd;
    enum state state;
    // Requests `answered`…`next` may be open; when each was sent, or due, stands at its number
    // modulo the ring.
    uint64_t next, answered;
    uint64_t *sent;
    char *kept; // received and not whole
    size_t kept_bytes;
    char *unsent;
    size_t unsent_bytes;
};

static struct {
    bool resp;
    int port, connections, depth;
    double seconds, warmup, rate;
    uint64_t count;
    const char *request, *hello, *expect;
} options = {.connections = 1, .depth = 1, .seconds = 5};

static struct histogram latencies;
static struct connection *all;
static int poller, opened, joined;
static uint64_t ring, window_start, window_end, sent_total, answered_total, answered_in_window,
    last_answer, longest_gap;
static bool sending;
static char input[BUFFER], output[BUFFER];

static _Noreturn void fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("load: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    exit(1);
}

// Writes the text with its places filled; returns how many bytes.
static size_t fill(char *out, const char *text, uint64_t number) {
    char *start = out;
    for (; *text; text++) {
        if (text[0] != '%') {
            *out++ = *text;
        } else if (*++text == 'k') {
            random_key(out);
            out += KEY_BYTES;
        } else {
            char digits[20];
            int place = 20;
            for (uint64_t rest = number; rest || place == 20; rest /= 10)
                digits[--place] = '0' + rest % 10;
            memcpy(out, digits + place, 20 - place);
            out += 20 - place;
        }
    }
    return out - start;
}

// A masked text frame with a mask of zero: what a browser sends, without the work.
static size_t put(char *out, const char *text, uint64_t number) {
    if (options.resp) return fill(out, text, number);
    char payload[2048];
    size_t bytes = fill(payload, text, number), head = 2;
    out[0] = (char)0x81;
    if (bytes < 126) {
        out[1] = (char)(0x80 | bytes);
    } else {
        out[1] = (char)(0x80 | 126);
        out[2] = (char)(bytes >> 8);
        out[3] = (char)bytes;
        head = 4;
    }
    memset(out + head, 0, 4);
    memcpy(out + head + 4, payload, bytes);
    return head + 4 + bytes;
}

static void want(struct connection *one, uint32_t events) {
    struct epoll_event event = {.events = events, .data.ptr = one};
    epoll_ctl(poller, EPOLL_CTL_MOD, one->fd, &event);
}

static void push(struct connection *one, const char *bytes, size_t count) {
    ssize_t done = one->unsent_bytes ? 0 : send(one->fd, bytes, count, MSG_NOSIGNAL);
    if (done < 0 && errno != EAGAIN) fail("send: %s", strerror(errno));
    if (done < 0) done = 0;
    if ((size_t)done == count) return;
    one->unsent = realloc(one->unsent, one->unsent_bytes + count - done);
    memcpy(one->unsent + one->unsent_bytes, bytes + done, count - done);
    one->unsent_bytes += count - done;
    want(one, EPOLLIN | EPOLLOUT);
}

static void push_rest(struct connection *one) {
    ssize_t done = send(one->fd, one->unsent, one->unsent_bytes, MSG_NOSIGNAL);
    if (done < 0) return;
    one->unsent_bytes -= done;
    memmove(one->unsent, one->unsent + done, one->unsent_bytes);
    if (!one->unsent_bytes) want(one, EPOLLIN);
}

// Sends so many requests at once; all of them count from `due`.
static void request(struct connection *one, int times, uint64_t due) {
    size_t bytes = 0;
    for (; times > 0 && sending; times--) {
        if (one->next - one->answered >= ring)
            fail("%zu requests of one connection wait: overloaded", (size_t)ring);
        one->sent[one->next & (ring - 1)] = due;
        bytes += put(output + bytes, options.request, one->next++);
        if (++sent_total == options.count) {
            sending = false;
            window_end = nanoseconds();
        }
    }
    if (bytes) push(one, output, bytes);
}

// One answer, to the request with this number.
static void answered(struct connection *one, uint64_t number, uint64_t now) {
    uint64_t *sent = &one->sent[number & (ring - 1)];
    if (number < one->answered || number >= one->next || !*sent)
        fail("an answer to request %zu, which is not open", (size_t)number);
    uint64_t from = *sent;
    *sent = 0;
    while (one->answered < one->next && !one->sent[one->answered & (ring - 1)]) one->answered++;
    answered_total++;
    if (now >= window_start && now < window_end) {
        answered_in_window++;
        if (now - last_answer > longest_gap) longest_gap = now - last_answer;
        last_answer = now;
    }
    // On a schedule, what was due in the window counts, however late it is answered.
    uint64_t counts_at = options.rate > 0 ? from : now;
    if (counts_at >= window_start && counts_at < window_end)
        histogram_add(&latencies, now > from ? now - from : 0);
}

static void check(const char *text, size_t bytes) {
    if (!memmem(text, bytes, options.expect, strlen(options.expect)))
        fail("expected %s, got %.*s", options.expect, (int)(bytes < 300 ? bytes : 300), text);
}

// A line of a WebSocket message; true when it answers a request. Other lines are news for viewers.
static bool take_line(struct connection *one, const char *line, size_t bytes, uint64_t now) {
    static const char reply[] = "{\"type\":\"reply\",\"id\":",
                      error[] = "{\"type\":\"error\",\"id\":";
    enum { HEAD = sizeof reply - 1 };
    bool is_error = bytes > HEAD && !memcmp(line, error, HEAD);
    if (bytes <= HEAD || (!is_error && memcmp(line, reply, HEAD))) return false;
    if (one->state == JOINING) {
        if (is_error) fail("not joined: %.*s", (int)bytes, line);
        one->state = READY;
        joined++;
        return false;
    }
    check(line, bytes < 200 ? bytes : 200);
    answered(one, strtoull(line + HEAD, NULL, 10), now);
    return true;
}

// Each of the following takes one whole message, adds its answers, and returns its bytes; 0: not
// whole yet.

static size_t take_frame(struct connection *one, const char *bytes, size_t count, uint64_t now,
                         int *answers) {
    const unsigned char *head = (const unsigned char *)bytes;
    if (count < 2) return 0;
    size_t start = 2, length = head[1] & 127;
    if (length == 126) {
        if (count < 4) return 0;
        length = head[2] << 8 | head[3], start = 4;
    } else if (length == 127) {
        if (count < 10) return 0;
        length = 0, start = 10;
        for (int place = 2; place < 10; place++) length = length << 8 | head[place];
    }
    if (count < start + length) return 0;
    if (head[0] == 0x89) {
        char pong[6] = {(char)0x8a, (char)0x80};
        push(one, pong, sizeof pong);
    } else if (head[0] == 0x81) {
        const char *line = bytes + start, *end = line + length;
        while (line < end) {
            const char *stop = memchr(line, '\n', end - line);
            if (!stop) stop = end;
            *answers += take_line(one, line, stop - line, now);
            line = stop + 1;
        }
    } else {
        fail("a frame of kind %02x of %zu bytes", head[0], length);
    }
    return start + length;
}

static size_t take_resp(struct connection *one, const char *bytes, size_t count, uint64_t now,
                        int *answers) {
    const char *line_end = memmem(bytes, count, "\r\n", 2);
    if (!line_end) return 0;
    const char *value = bytes + 1;
    size_t length = line_end - value, total = length + 3;
    if (bytes[0] == '$') {
        length = strtoull(value, NULL, 10);
        value = line_end + 2;
        total += length + 2;
        if (count < total) return 0;
    }
    check(value, length);
    answered(one, one->answered, now);
    (*answers)++;
    return total;
}

static size_t take_handshake(struct connection *one, const char *bytes, size_t count) {
    const char *end = memmem(bytes, count, "\r\n\r\n", 4);
    if (!end) return 0;
    if (memcmp(bytes, "HTTP/1.1 101", 12)) fail("no upgrade: %.*s", (int)count, bytes);
    if (options.hello) {
        one->state = JOINING;
        push(one, output, put(output, options.hello, 1));
    } else {
        one->state = READY;
        joined++;
    }
    return end + 4 - bytes;
}

static void receive(struct connection *one) {
    size_t count = one->kept_bytes;
    memcpy(input, one->kept, count);
    ssize_t got = recv(one->fd, input + count, BUFFER - count, MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) fail("the server closed a connection");
    count += got;
    uint64_t now = nanoseconds();
    size_t taken = 0, bytes = 1;
    int answers = 0;
    while (bytes && taken < count) {
        if (options.resp) bytes = take_resp(one, input + taken, count - taken, now, &answers);
        else if (one->state == HANDSHAKE) bytes = take_handshake(one, input + taken, count - taken);
        else bytes = take_frame(one, input + taken, count - taken, now, &answers);
        taken += bytes;
    }
    one->kept_bytes = count - taken;
    if (one->kept_bytes) {
        if (one->kept_bytes == BUFFER) fail("a message of more than %d bytes", BUFFER);
        one->kept = realloc(one->kept, one->kept_bytes);
        memcpy(one->kept, input + taken, one->kept_bytes);
    }
    if (answers && options.rate == 0) request(one, answers, now);
}

static void open_connection(struct connection *one) {
    static const char upgrade[] =
        "GET /v1/socket HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: "
        "Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(options.port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int yes = 1;
    *one = (struct connection){.next = 2, .answered = 2, .sent = calloc(ring, sizeof(uint64_t))};
    one->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (one->fd < 0 || connect(one->fd, (void *)&address, sizeof address))
        fail("connect: %s", strerror(errno));
    setsockopt(one->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = one};
    epoll_ctl(poller, EPOLL_CTL_ADD, one->fd, &event);
    opened++;
    if (options.resp) {
        one->state = READY;
        joined++;
    } else {
        push(one, output, snprintf(output, BUFFER, upgrade, options.port));
    }
}

static void wait_and_receive(int milliseconds) {
    struct epoll_event events[256];
    int count = epoll_wait(poller, events, 256, milliseconds);
    for (int place = 0; place < count; place++) {
        struct connection *one = events[place].data.ptr;
        if (events[place].events & EPOLLOUT) push_rest(one);
        if (events[place].events & ~EPOLLOUT) receive(one);
    }
}

static double cpu_seconds(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec +
           (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

// Sends what is due; who was held up sends late, and its latency tells.
static void keep_schedule(uint64_t start, uint64_t *number) {
    double step = 1e9 / options.rate;
    for (uint64_t now = nanoseconds(), due; (due = start + *number * step) <= now; ++*number) {
        if (due >= window_end) sending = false;
        request(&all[*number % options.connections], 1, due);
    }
}

static void run(void) {
    while (joined < options.connections) {
        while (opened < options.connections && opened - joined < JOINING_MAX)
            open_connection(&all[opened]);
        wait_and_receive(100);
    }
    uint64_t start = nanoseconds(), number = 0;
    window_start = last_answer = start + options.warmup * 1e9;
    window_end = options.count ? UINT64_MAX : window_start + options.seconds * 1e9;
    sending = true;
    if (options.rate == 0)
        for (int place = 0; place < options.connections; place++)
            request(&all[place], options.depth, nanoseconds());
    double cpu = -1, cpu_used = 0;
    while (sending) {
        if (options.rate > 0) keep_schedule(start, &number);
        wait_and_receive(options.rate > 0 ? 0 : 10);
        uint64_t now = nanoseconds();
        if (cpu < 0 && now >= window_start) cpu = cpu_seconds();
        if (now >= window_end) sending = false;
    }
    cpu_used = cpu_seconds() - cpu;
    uint64_t deadline = nanoseconds() + DRAIN_SECONDS * 1000000000ull;
    while (answered_total < sent_total) {
        wait_and_receive(10);
        if (nanoseconds() > deadline)
            fail("%zu requests were never answered", (size_t)(sent_total - answered_total));
    }
    double seconds = (window_end - window_start) / 1e9;
    printf("{\"rate\":%.1f,\"answers\":%zu,\"all\":%zu,\"seconds\":%.3f,",
           answered_in_window / seconds, (size_t)answered_in_window, (size_t)answered_total,
           seconds);
    histogram_print(&latencies);
    printf(",\"longest_gap_us\":%.1f,\"client_cpu\":%.3f,\"client_total\":%.3f}\n",
           longest_gap / 1e3, cpu_used / seconds, cpu_seconds());
}

int main(int argc, char **argv) {
    enum {
        PROTOCOL,
        PORT,
        CONNECTIONS,
        DEPTH,
        SECONDS,
        WARMUP,
        RATE,
        COUNT,
        REQUEST,
        HELLO,
        EXPECT
    };
    static const struct option names[] = {
        {"protocol", 1, 0, PROTOCOL},
        {"port", 1, 0, PORT},
        {"connections", 1, 0, CONNECTIONS},
        {"depth", 1, 0, DEPTH},
        {"seconds", 1, 0, SECONDS},
        {"warmup", 1, 0, WARMUP},
        {"rate", 1, 0, RATE},
        {"count", 1, 0, COUNT},
        {"request", 1, 0, REQUEST},
        {"hello", 1, 0, HELLO},
        {"expect", 1, 0, EXPECT},
        {0},
    };
    for (int name; (name = getopt_long(argc, argv, "", names, NULL)) != -1;) {
        switch (name) {
        case PROTOCOL: options.resp = !strcmp(optarg, "resp"); break;
        case PORT: options.port = atoi(optarg); break;
        case CONNECTIONS: options.connections = atoi(optarg); break;
        case DEPTH: options.depth = atoi(optarg); break;
        case SECONDS: options.seconds = atof(optarg); break;
        case WARMUP: options.warmup = atof(optarg); break;
        case RATE: options.rate = atof(optarg); break;
        case COUNT: options.count = strtoull(optarg, NULL, 10); break;
        case REQUEST: options.request = optarg; break;
        case HELLO: options.hello = optarg; break;
        case EXPECT: options.expect = optarg; break;
        default: return 2;
        }
    }
    if (!options.port || !options.request || !options.expect || options.connections < 1 ||
        options.depth < 1 || options.depth > RING_MAX / 4)
        fail("--port, --request and --expect are needed; --connections and --depth are at least 1");
    // Answers may overtake each other, so there is more room than open requests.
    uint64_t room = options.rate > 0 ? RING_MAX : 4 * options.depth;
    for (ring = 1; ring < room; ring *= 2) {
    }
    random_seed();
    poller = epoll_create1(0);
    all = calloc(options.connections, sizeof *all);
    run();
    return 0;
}
