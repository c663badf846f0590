// Latencies in nanoseconds in fixed memory, less than 1 % off; the clock; random keys. For the C
// programs of scripts/bench. A value below 256 has a bucket of its own, above each power of two has
// 128.
#pragma once
#include <stdint.h>
#include <stdio.h>
#include <time.h>

enum { HISTOGRAM_BUCKETS = 58 * 128 };

struct histogram {
    uint64_t counts[HISTOGRAM_BUCKETS], total, max;
};

static inline unsigned histogram_bucket(uint64_t value) {
    if (value < 256) return value;
    unsigned shift = 56 - __builtin_clzll(value);
    return shift * 128 + (value >> shift);
}

// The largest value of a bucket: percentiles are never told too small.
static inline uint64_t histogram_value(unsigned bucket) {
    if (bucket < 256) return bucket;
    unsigned shift = bucket / 128 - 1;
    uint64_t head = bucket % 128 + 128;
    return ((head + 1) << shift) - 1;
}

static inline void histogram_add(struct histogram *all, uint64_t value) {
    all->counts[histogram_bucket(value)]++;
    all->total++;
    if (value > all->max) all->max = value;
}

static inline uint64_t histogram_percentile(const struct histogram *all, double share) {
    uint64_t wanted = all->total * share, seen = 0;
    for (unsigned bucket = 0; bucket < HISTOGRAM_BUCKETS; bucket++) {
        seen += all->counts[bucket];
        if (seen > wanted) {
            uint64_t value = histogram_value(bucket);
            return value < all->max ? value : all->max;
        }
    }
    return all->max;
}

// The members of a JSON object, without its braces; microseconds.
static inline void histogram_print(const struct histogram *all) {
    printf("\"p50_us\":%.1f,\"p99_us\":%.1f,\"p999_us\":%.1f,\"max_us\":%.1f",
           histogram_percentile(all, 0.5) / 1e3, histogram_percentile(all, 0.99) / 1e3,
           histogram_percentile(all, 0.999) / 1e3, all->max / 1e3);
}

static inline uint64_t nanoseconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000ull + time.tv_nsec;
}

static uint64_t random_state;

static inline uint64_t random_bits(void) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

// xorshift never leaves zero; two runs never share a key.
static inline void random_seed(void) { random_state = nanoseconds() * 0x9e3779b97f4a7c15ull | 1; }

enum { KEY_BYTES = 36 };

// A random UUID, version 4, as text without an end.
static inline void random_key(char *out) {
    static const char digits[] = "0123456789abcdef";
    uint64_t bits = 0;
    for (int place = 0, drawn = 0; place < KEY_BYTES; place++) {
        if (place == 8 || place == 13 || place == 18 || place == 23) {
            out[place] = '-';
            continue;
        }
        if (drawn++ % 16 == 0) bits = random_bits();
        out[place] = digits[bits & 15];
        bits >>= 4;
    }
    out[14] = '4';
    out[19] = digits[8 | (out[19] & 3)];
}
