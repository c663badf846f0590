// The viewers of scripts/bench fanout: thousands of WebSocket connections and one publisher in one
// thread, the same program for every server that is measured. It knows WebSocket and nothing of any
// server: what is said to join and how a message is wrapped come from its flags (fanout.py). It
// takes orders from its standard input, one a line, and answers each with one line of JSON.
//
//   herd N                 N more connections at once, each says what it has to say to join
//   saturate W SECONDS     W messages outstanding: a new one when all viewers have one more
//   rate R SECONDS         R messages a second
//   shop R C SECONDS       R messages and C claims a second, claims from a few of the viewers
//   idle SECONDS           answers pings
//   frame BYTES            frames of that length from now on, where the server wraps the text
//
// A message carries "@~" and the time at which it was due, 16 hexadecimal digits; each one that is
// found in what a viewer receives is a delivery. Never let this program wait for one connection
// while others have something to read: it would measure itself. Claimants and the publisher are
// read first for that reason.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    BUFFER = 1 << 18,
    EVENTS = 64,
    CLAIMANTS = 500,
    CLAIMS_MAX = 1 << 20,
    PROCESSES_MAX = 8,
    BUCKETS = 58 << 7
};
enum state { CONNECTING, UPGRADING, JOINING, JOINED, CLOSED };

struct viewer {
    int fd;
    enum state state;
    unsigned char *rest; // the beginning of a frame whose end has not come
    uint32_t rest_bytes;
    uint32_t deliveries;
};

struct histogram {
    uint64_t count, buckets[BUCKETS];
    double max;
};

static const char *path = "/", *publisher_path, *subprotocol, *join, *publisher_join, *joined_mark;
static const char *before = "", *after = "", *claim;
static int port, opcode = 1, frame_bytes, text_bytes = 196;
static pid_t processes[PROCESSES_MAX];
static int process_count;

static struct viewer *viewers, publisher;
static int viewer_count, upgraded, joined, closed, closed_code;
static uint64_t deliveries, published, last_delivery;
static int epoll_all, epoll_first;
static unsigned char *buffer;
static struct histogram delivery_latency, claim_latency;
static uint64_t *claim_due, claims_sent, claims_answered, claims_refused;

static void fail(const char *what) {
    fprintf(stderr, "viewers: %s: %s\n", what, strerror(errno));
    exit(1);
}

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000ull + time.tv_nsec;
}

// What the server's processes have used of the processor, in seconds.
static double server_cpu(void) {
    double sum = 0;
    for (int i = 0; i < process_count; i++) {
        clockid_t clock;
        struct timespec time;
        if (clock_getcpuclockid(processes[i], &clock) == 0 && clock_gettime(clock, &time) == 0)
            sum += time.tv_sec + time.tv_nsec / 1e9;
    }
    return sum;
}

// MARK: Histograms, in microseconds, 64 buckets an octave

static void record(struct histogram *h, uint64_t nanoseconds) {
    uint64_t us = nanoseconds / 1000;
    int octave = us < 128 ? 0 : 57 - __builtin_clzll(us);
    h->buckets[(octave << 7) + (us >> octave)]++;
    h->count++;
    if (nanoseconds / 1e6 > h->max) h->max = nanoseconds / 1e6;
}

static double percentile(const struct histogram *h, double share) {
    uint64_t wanted = h->count * share, seen = 0;
    for (int i = 0; i < BUCKETS; i++) {
        seen += h->buckets[i];
        if (seen > wanted) return ((uint64_t)(i & 127) << (i >> 7)) / 1000.0;
    }
    return h->max;
}

static void print_latency(const char *name, const struct histogram *h) {
    printf(
        ",\"%s\":{\"count\":%lu,\"p50\":%.3f,\"p90\":%.3f,\"p99\":%.3f,\"p999\":%.3f,\"max\":%.3f}",
        name, h->count, percentile(h, .5), percentile(h, .9), percentile(h, .99),
        percentile(h, .999), h->max);
}

// MARK: Sending

// One masked frame; the mask is zero, so that nothing has to be computed (RFC 6455 asks for
// randomness against proxies, of which there is none here).
static void send_frame(struct viewer *v, int code, const void *payload, size_t bytes) {
    static unsigned char out[1 << 16];
    size_t head = 2;
    out[0] = 0x80 | code;
    if (bytes < 126) {
        out[1] = 0x80 | bytes;
    } else {
        out[1] = 0x80 | 126;
        out[2] = bytes >> 8;
        out[3] = bytes;
        head = 4;
    }
    memset(out + head, 0, 4);
    head += 4;
    memcpy(out + head, payload, bytes);
    size_t done = 0;
    while (done < head + bytes) {
        ssize_t sent = send(v->fd, out + done, head + bytes - done, MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN) return;
        if (sent > 0) done += sent;
    }
}

static void publish(uint64_t due) {
    static char message[1 << 15];
    int used = snprintf(message, sizeof message, "%s@~%016lx", before, due);
    int padding = text_bytes - 18;
    if (padding < 0) padding = 0;
    memset(message + used, 'x', padding);
    used += padding;
    used += snprintf(message + used, sizeof message - used, "%s", after);
    send_frame(&publisher, opcode, message, used);
    published++;
}

static void send_claim(uint64_t due) {
    char message[512];
    uint64_t number = ++claims_sent;
    if (number >= CLAIMS_MAX) return;
    claim_due[number] = due;
    int used = snprintf(message, sizeof message, claim, number, number);
    int claimants = viewer_count < CLAIMANTS ? viewer_count : CLAIMANTS;
    send_frame(&viewers[viewer_count - 1 - number % claimants], 1, message, used);
}

// MARK: Receiving

static void end_viewer(struct viewer *v, int code) {
    if (v->state == CLOSED) return;
    if (v->state == JOINED && v != &publisher) joined--;
    v->state = CLOSED;
    close(v->fd);
    free(v->rest);
    v->rest = NULL;
    closed++;
    closed_code = code;
}

static void is_joined(struct viewer *v) {
    v->state = JOINED;
    if (v != &publisher) joined++;
}

// A claim's answer is the first line of its message.
static void look_for_answer(const unsigned char *payload, size_t bytes, uint64_t time) {
    static const char reply[] = "{\"type\":\"reply\",\"id\":",
                      error[] = "{\"type\":\"error\",\"id\":";
    if (bytes < sizeof reply + 1 || payload[9] == 'c' || payload[9] == 's') return;
    int is_reply = memcmp(payload, reply, sizeof reply - 1) == 0;
    if (!is_reply && memcmp(payload, error, sizeof error - 1) != 0) return;
    uint64_t number = strtoull((const char *)payload + sizeof reply - 1, NULL, 10);
    if (number == 0 || number >= CLAIMS_MAX || claim_due[number] == 0) return;
    record(&claim_latency, time - claim_due[number]);
    claim_due[number] = 0;
    claims_answered++;
    if (!is_reply) {
        if (claims_refused++ == 0) fprintf(stderr, "viewers: %.*s\n", (int)bytes, payload);
    }
}

static uint64_t hexadecimal(const unsigned char *digits) {
    uint64_t value = 0;
    for (int i = 0; i < 16; i++)
        value = value << 4 | (digits[i] <= '9' ? digits[i] - '0' : digits[i] - 'a' + 10);
    return value;
}

// Where the server wraps the text, the publisher hears how long the frame became, and the next text
// makes it as long as it should be.
static void fit_text(const unsigned char *text, const unsigned char *payload, size_t bytes) {
    const unsigned char *quote = memchr(text, '"', payload + bytes - text);
    if (quote) text_bytes = frame_bytes - (int)(bytes + (bytes < 126 ? 2 : 4) - (quote - text));
}

static void received(struct viewer *v, int code, const unsigned char *payload, size_t bytes,
                     uint64_t time) {
    if (code == 9) return send_frame(v, 10, payload, bytes);
    if (code == 8) return end_viewer(v, bytes >= 2 ? payload[0] << 8 | payload[1] : 1005);
    if (code > 2) return;
    if (v->state == JOINING) {
        if (joined_mark && memmem(payload, bytes, joined_mark, strlen(joined_mark)))
            return is_joined(v);
        if (memmem(payload, bytes, "\"error\"", 7))
            fprintf(stderr, "viewers: %.*s\n", (int)bytes, payload);
        return;
    }
    if (claim && claims_sent) look_for_answer(payload, bytes, time);
    const unsigned char *at = payload, *end = payload + bytes;
    while (end - at >= 18 && (at = memchr(at, '@', end - at - 17))) {
        if (at[1] != '~') {
            at++;
            continue;
        }
        if (v == &publisher) return frame_bytes ? fit_text(at, payload, bytes) : (void)0;
        record(&delivery_latency, time - hexadecimal(at + 2));
        deliveries++;
        v->deliveries++;
        last_delivery = time;
        at += 18;
    }
}

// Takes whole frames off the bytes and returns how many bytes that were.
static size_t take_frames(struct viewer *v, const unsigned char *bytes, size_t count,
                          uint64_t time) {
    size_t at = 0;
    while (count - at >= 2 && v->state != CLOSED) {
        size_t head = 2, length = bytes[at + 1] & 0x7F;
        if (length >= 126) {
            head = length == 126 ? 4 : 10;
            if (count - at < head) break;
            length = 0;
            for (size_t i = 2; i < head; i++) length = length << 8 | bytes[at + i];
        }
        if (count - at < head + length) break;
        received(v, bytes[at] & 0x0F, bytes + at + head, length, time);
        at += head + length;
    }
    return at;
}

static void say_hello(struct viewer *v) {
    static char message[4096];
    const char *text = v == &publisher ? publisher_join : join;
    if (!text) return is_joined(v);
    int used = snprintf(message, sizeof message, text, (int)(v - viewers));
    v->state = JOINING;
    send_frame(v, opcode, message, used);
    if (!joined_mark) is_joined(v);
}

static void readable(struct viewer *v) {
    if (v->state == CLOSED) return;
    size_t kept = v->rest_bytes;
    if (kept) memcpy(buffer, v->rest, kept);
    ssize_t got = recv(v->fd, buffer + kept, BUFFER - kept, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) return end_viewer(v, 1006);
    size_t have = kept + got, taken = 0;
    if (v->state == UPGRADING) {
        unsigned char *end = memmem(buffer, have, "\r\n\r\n", 4);
        if (end) {
            if (memcmp(buffer, "HTTP/1.1 101", 12) != 0) {
                fprintf(stderr, "viewers: refused: %.*s\n", (int)have, buffer);
                exit(1);
            }
            taken = end + 4 - buffer;
            if (v != &publisher) upgraded++;
            say_hello(v);
        }
    }
    if (v->state >= JOINING) taken += take_frames(v, buffer + taken, have - taken, now());
    if (v->state == CLOSED) return;
    if (taken == have) {
        free(v->rest);
        v->rest = NULL;
    } else {
        v->rest = realloc(v->rest, have - taken);
        memcpy(v->rest, buffer + taken, have - taken);
    }
    v->rest_bytes = have - taken;
}

// MARK: Connecting

static void watch(struct viewer *v, int first) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = v};
    if (epoll_ctl(first ? epoll_first : epoll_all, EPOLL_CTL_ADD, v->fd, &event) < 0)
        fail("epoll_ctl");
}

// False while the connection is not there yet.
static int request_upgrade(struct viewer *v) {
    char request[512];
    int used = snprintf(
        request, sizeof request,
        "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n%s%s%s\r\n",
        v == &publisher && publisher_path ? publisher_path : path, port,
        subprotocol ? "Sec-WebSocket-Protocol: " : "", subprotocol ? subprotocol : "",
        subprotocol ? "\r\n" : "");
    int sent = send(v->fd, request, used, MSG_NOSIGNAL);
    if (sent < 0 && errno == EAGAIN) return 0;
    if (sent != used) fail("send");
    v->state = UPGRADING;
    return 1;
}

// Source addresses 127.0.0.2 and up: one has 28,000 ports.
static void connect_viewer(struct viewer *v, int number) {
    int yes = 1;
    struct sockaddr_in own = {.sin_family = AF_INET,
                              .sin_addr.s_addr = htonl(0x7F000002 + number % 8)};
    struct sockaddr_in server = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    v->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (v->fd < 0) fail("socket");
    setsockopt(v->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    setsockopt(v->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
    if (bind(v->fd, (void *)&own, sizeof own) < 0) fail("bind");
    if (connect(v->fd, (void *)&server, sizeof server) < 0 && errno != EINPROGRESS) fail("connect");
    v->state = CONNECTING;
    // On loopback the handshake is over by now, unless there are more at once than the server takes.
    struct epoll_event event = {.events = request_upgrade(v) ? EPOLLIN : EPOLLOUT, .data.ptr = v};
    if (epoll_ctl(v == &publisher ? epoll_first : epoll_all, EPOLL_CTL_ADD, v->fd, &event) < 0)
        fail("epoll_ctl");
}

static void connected(struct viewer *v, uint32_t events) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(v->fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error || events & EPOLLERR) {
        errno = error;
        fail("connect");
    }
    if (!request_upgrade(v)) fail("connect");
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = v};
    epoll_ctl(v == &publisher ? epoll_first : epoll_all, EPOLL_CTL_MOD, v->fd, &event);
}

// MARK: The loop

static int handle(int set, struct timespec *wait) {
    struct epoll_event events[EVENTS];
    int count = epoll_pwait2(set, events, EVENTS, wait, NULL);
    for (int i = 0; i < count; i++) {
        struct viewer *v = events[i].data.ptr;
        if (!v) continue; // epoll_first, inside of epoll_all
        if (v->state == CONNECTING) connected(v, events[i].events);
        else readable(v);
    }
    return count;
}

// Reads what is there, or waits for it until `deadline`.
static void turn(uint64_t deadline) {
    struct timespec none = {0}, wait = {0};
    int found = handle(epoll_first, &none);
    uint64_t time = now();
    if (found <= 0 && deadline > time) {
        wait.tv_sec = (deadline - time) / 1000000000;
        wait.tv_nsec = (deadline - time) % 1000000000;
    }
    handle(epoll_all, &wait);
}

static void herd(int count) {
    uint64_t start = now(), upgrades_done = 0, limit = start + 60000000000ull;
    int first = viewer_count, wanted = viewer_count + count;
    double cpu = server_cpu();
    while (joined < wanted) {
        for (int i = 0; i < 32 && viewer_count < wanted; i++, viewer_count++)
            connect_viewer(&viewers[viewer_count], viewer_count);
        turn(viewer_count < wanted ? 0 : now() + 100000000);
        if (upgraded == wanted && !upgrades_done) upgrades_done = now();
        if (now() > limit || closed) {
            fprintf(stderr, "viewers: %d upgraded, %d joined, %d closed (%d)\n", upgraded, joined,
                    closed, closed_code);
            exit(1);
        }
    }
    double seconds = (now() - start) / 1e9;
    int claimants = wanted < CLAIMANTS ? wanted : CLAIMANTS;
    if (claim && first == 0)
        for (int i = wanted - claimants; i < wanted; i++) {
            epoll_ctl(epoll_all, EPOLL_CTL_DEL, viewers[i].fd, NULL);
            watch(&viewers[i], 1);
        }
    printf("{\"viewers\":%d,\"upgraded_seconds\":%.4f,\"joined_seconds\":%.4f,\"cpu\":%.4f}\n",
           count, (upgrades_done - start) / 1e9, seconds, server_cpu() - cpu);
}

static void begin_phase(void) {
    memset(&delivery_latency, 0, sizeof delivery_latency);
    memset(&claim_latency, 0, sizeof claim_latency);
    deliveries = published = claims_sent = claims_answered = claims_refused = 0;
    for (int i = 0; i < viewer_count; i++) viewers[i].deliveries = 0;
}

static void end_phase(uint64_t start, double cpu) {
    uint64_t drained = now() + 8000000000ull, incomplete = 0;
    while ((deliveries < published * viewer_count || claims_answered < claims_sent) &&
           now() < drained)
        turn(now() + 50000000);
    for (int i = 0; i < viewer_count; i++) incomplete += viewers[i].deliveries != published;
    double seconds = ((last_delivery > start ? last_delivery : now()) - start) / 1e9;
    cpu = server_cpu() - cpu;
    printf("{\"published\":%lu,\"deliveries\":%lu,\"seconds\":%.4f,\"per_second\":%.0f,\"cpu_"
           "seconds\":%.4f,"
           "\"cpu_us_per_delivery\":%.4f,\"lost\":%ld,\"incomplete_viewers\":%lu,\"closed\":%d",
           published, deliveries, seconds, deliveries / seconds, cpu,
           deliveries ? cpu * 1e6 / deliveries : 0, (long)(published * viewer_count - deliveries),
           incomplete, closed);
    print_latency("latency_ms", &delivery_latency);
    if (claims_sent) {
        printf(",\"claims\":%lu,\"claims_unanswered\":%lu,\"claims_refused\":%lu", claims_sent,
               claims_sent - claims_answered, claims_refused);
        print_latency("claim_ms", &claim_latency);
    }
    printf("}\n");
}

static void saturate(int outstanding, double seconds) {
    begin_phase();
    double cpu = server_cpu();
    uint64_t start = now(), end = start + seconds * 1e9, patience = start;
    while (now() < end) {
        while (published < deliveries / viewer_count + outstanding) {
            publish(now());
            patience = now() + 5000000000ull;
        }
        turn(end);
        if (now() > patience) break;
    }
    end_phase(start, cpu);
}

static void scheduled(double rate, double claim_rate, double seconds) {
    begin_phase();
    double cpu = server_cpu();
    uint64_t start = now(), end = start + seconds * 1e9;
    uint64_t message = start, next_claim = claim_rate > 0 ? start : UINT64_MAX, messages = 0,
             claims = 0;
    if (rate <= 0) message = UINT64_MAX;
    while (message < end || next_claim < end) {
        uint64_t time = now();
        if (message <= time) {
            publish(message);
            message = start + ++messages * 1e9 / rate;
        } else if (next_claim <= time) {
            send_claim(next_claim);
            next_claim = start + ++claims * 1e9 / claim_rate;
        } else {
            turn(message < next_claim ? message : next_claim);
        }
        if (message >= end) message = UINT64_MAX;
        if (next_claim >= end) next_claim = UINT64_MAX;
    }
    end_phase(start, cpu);
}

static void idle(double seconds) {
    begin_phase();
    double cpu = server_cpu();
    uint64_t start = now(), end = start + seconds * 1e9;
    while (now() < end) turn(end);
    printf("{\"seconds\":%.3f,\"cpu_seconds\":%.5f,\"closed\":%d,\"close_code\":%d}\n",
           (now() - start) / 1e9, server_cpu() - cpu, closed, closed_code);
}

// One message to learn what the server puts around it.
static void frame(int bytes) {
    frame_bytes = bytes;
    begin_phase();
    publish(now());
    end_phase(now(), server_cpu());
}

static void read_flags(int count, char **flags) {
    for (int i = 1; i + 1 < count; i += 2) {
        const char *name = flags[i], *value = flags[i + 1];
        if (!strcmp(name, "--port")) port = atoi(value);
        else if (!strcmp(name, "--process")) processes[process_count++] = atoi(value);
        else if (!strcmp(name, "--path")) path = value;
        else if (!strcmp(name, "--publisher-path")) publisher_path = value;
        else if (!strcmp(name, "--subprotocol")) subprotocol = value;
        else if (!strcmp(name, "--join")) join = value;
        else if (!strcmp(name, "--publisher-join")) publisher_join = value;
        else if (!strcmp(name, "--joined")) joined_mark = value;
        else if (!strcmp(name, "--before")) before = value;
        else if (!strcmp(name, "--after")) after = value;
        else if (!strcmp(name, "--claim")) claim = value;
        else if (!strcmp(name, "--opcode")) opcode = atoi(value);
        else if (!strcmp(name, "--text-bytes")) text_bytes = atoi(value);
        else if (!strcmp(name, "--frame-bytes")) frame_bytes = atoi(value);
        else {
            fprintf(stderr, "viewers: no flag %s\n", name);
            exit(2);
        }
    }
}

int main(int count, char **flags) {
    char order[256];
    double a, b, c;
    struct rlimit limit;
    read_flags(count, flags);
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    viewers = calloc(limit.rlim_cur < 1 << 20 ? limit.rlim_cur : 1 << 20, sizeof *viewers);
    claim_due = calloc(CLAIMS_MAX, sizeof *claim_due);
    buffer = malloc(BUFFER);
    epoll_all = epoll_create1(0);
    epoll_first = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN};
    epoll_ctl(epoll_all, EPOLL_CTL_ADD, epoll_first, &event);
    connect_viewer(&publisher, 0);
    while (publisher.state < JOINED) turn(now() + 100000000);
    if (publisher.state == CLOSED) fail("the publisher was turned away");
    while (fgets(order, sizeof order, stdin)) {
        if (sscanf(order, "herd %lf", &a) == 1) herd(a);
        else if (sscanf(order, "saturate %lf %lf", &a, &b) == 2) saturate(a, b);
        else if (sscanf(order, "rate %lf %lf", &a, &b) == 2) scheduled(a, 0, b);
        else if (sscanf(order, "shop %lf %lf %lf", &a, &b, &c) == 3) scheduled(a, b, c);
        else if (sscanf(order, "idle %lf", &a) == 1) idle(a);
        else if (sscanf(order, "frame %lf", &a) == 1) frame(a);
        else break;
        fflush(stdout);
    }
    return 0;
}
