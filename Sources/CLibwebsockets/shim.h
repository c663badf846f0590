// What Swift needs of libwebsockets and libev, and what its importer cannot see by itself:
// function-like macros as enum constants, and accept4, which glibc hides without _GNU_SOURCE.
#pragma once
#include <libwebsockets.h>
#include <ev.h>
#include <sys/socket.h>

extern int accept4(int, struct sockaddr *, socklen_t *, int);

/// Accepts one waiting connection, non-blocking and closed on exec; -1 with errno when none waits.
static inline int shim_accept(int fd) { return accept4(fd, 0, 0, SOCK_NONBLOCK | SOCK_CLOEXEC); }

enum { shim_LWS_PRE = LWS_PRE };
