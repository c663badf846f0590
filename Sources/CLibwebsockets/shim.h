// What Swift needs of libwebsockets and libev, and what its importer cannot see by itself:
// function-like macros, as inline functions, and accept4, which glibc hides without _GNU_SOURCE.
#pragma once
#include <libwebsockets.h>
#include <ev.h>
#include <sys/socket.h>

extern int accept4(int, struct sockaddr *, socklen_t *, int);

/// Accepts one waiting connection, non-blocking and closed on exec; -1 with errno when none waits.
static inline int shim_accept(int fd) { return accept4(fd, 0, 0, SOCK_NONBLOCK | SOCK_CLOEXEC); }

/// A TCP socket, non-blocking and closed on exec; -1 with errno. (Swift's importer attributes the
/// constants now to this module, now to Glibc.)
static inline int shim_stream_socket(int family) {
  return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

enum { shim_SOCK_STREAM = SOCK_STREAM, shim_MSG_QUIET = MSG_NOSIGNAL | MSG_DONTWAIT };

/// Asks the processor to have this memory at hand soon; harmless when wrong.
static inline void shim_prefetch(const void *address) { __builtin_prefetch(address); }

static inline void shim_ev_io_init(ev_io *w, void (*cb)(struct ev_loop *, ev_io *, int), int fd,
                                   int events, void *data) {
  ev_io_init(w, cb, fd, events);
  w->data = data;
}

static inline void shim_ev_async_init(ev_async *w, void (*cb)(struct ev_loop *, ev_async *, int),
                                      void *data) {
  ev_async_init(w, cb);
  w->data = data;
}

static inline void shim_ev_prepare_init(ev_prepare *w,
                                        void (*cb)(struct ev_loop *, ev_prepare *, int),
                                        void *data) {
  ev_prepare_init(w, cb);
  w->data = data;
}

static inline void shim_ev_idle_init(ev_idle *w, void (*cb)(struct ev_loop *, ev_idle *, int)) {
  ev_idle_init(w, cb);
}

static inline void shim_ev_timer_init(ev_timer *w, void (*cb)(struct ev_loop *, ev_timer *, int),
                                      double after, double repeat, void *data) {
  ev_timer_init(w, cb, after, repeat);
  w->data = data;
}
