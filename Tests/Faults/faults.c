// Loaded before libc (LD_PRELOAD) into the server under test: makes its disk and its wall clock
// fail as the control file says. Tests/Faults/machine.py builds it, writes that file and reads it
// back; both map it, so a change works at the server's next call. Only files directly in one
// directory are touched, and nothing at all without FAULTS_CONTROL and FAULTS_DIRECTORY.
//
// Real calls are made by syscall(), so there is nothing to look up and nothing to recurse into.
// SQLite and Swift's Glibc call what is wrapped here by name; shared memory that is mapped is
// written past us.

#define _GNU_SOURCE
#include "disk.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

// The kinds of calls, as bits of `kinds`.
enum { OPEN = 1, READ = 2, WRITE = 4, CUT = 8, SYNC = 16, NAME = 32 };

// The control file, in this order in machine.py, too. Zero is off everywhere.
struct control {
    int64_t calls;       // out: calls counted so far
    int64_t faults;      // out: calls that were made to fail
    int64_t kinds;       // which kinds are counted
    int64_t fail_at;     // the first counted call that fails …
    int64_t fail_count;  // … how many do from there …
    int64_t fail_error;  // … and with which errno
    int64_t sync_error;  // every sync fails with it
    int64_t sync_lies;   // every sync says yes and does nothing
    int64_t full;        // ENOSPC for whatever needs room
    int64_t read_only;   // EROFS for whatever changes something
    int64_t power_at;    // power goes at this counted call, or at any later one
    int64_t power_now;   // power goes at the next call, counted or not
    int64_t power_exit;  // power goes when the process ends
    int64_t power_seed;  // what of the unsynced arrives: disk_lose_power
    int64_t power_lost;  // out: power has gone
    int64_t wall_milliseconds;  // how far the wall clock was set
    char last[64];       // out: the call that failed last
};

static struct control *control;
static char directory[4096];
static size_t directory_length;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct file *files[1 << 16];
// What is in `files` for the directory itself.
static char the_directory;

__attribute__((constructor)) static void attach(void) {
    const char *path = getenv("FAULTS_CONTROL");
    const char *place = getenv("FAULTS_DIRECTORY");
    if (!path || !place) return;
    int descriptor = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0);
    void *memory = MAP_FAILED;
    if (descriptor >= 0)
        memory = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    if (memory == MAP_FAILED) {
        fprintf(stderr, "faults: the control file cannot be used\n");
        abort();
    }
    syscall(SYS_close, descriptor);
    directory_length = (size_t)snprintf(directory, sizeof directory, "%s", place);
    disk_attach(directory);
    control = memory;
}

// MARK: Deciding

// The name of a file directly in the directory, "" for the directory, NULL for all else.
static const char *inside(const char *path) {
    if (!control || strncmp(path, directory, directory_length) != 0) return NULL;
    const char *rest = path + directory_length;
    if (*rest == '\0') return rest;
    if (*rest++ != '/' || strchr(rest, '/')) return NULL;
    return rest;
}

static struct file *file_of(int descriptor) {
    if (!control || descriptor < 0 || descriptor >= 1 << 16) return NULL;
    return files[descriptor];
}

static void lose_power(void) {
    disk_lose_power((uint64_t)control->power_seed);
    control->power_lost = 1;
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

static bool power_goes(void) {
    return control->power_now || (control->power_at && control->calls >= control->power_at);
}

static int failing(int error, const char *call) {
    control->faults++;
    snprintf(control->last, sizeof control->last, "%s, call %lld", call,
             (long long)control->calls);
    return error;
}

// Counts a call and gives the errno it has to fail with, or 0. With the lock held.
static int fate(int kind, const char *call, bool needs_room, bool changes) {
    if (control->kinds & kind) {
        control->calls++;
        int64_t since = control->calls - control->fail_at;
        if (control->fail_at && since >= 0 && since < control->fail_count)
            return failing((int)control->fail_error, call);
    }
    if (kind == SYNC && control->sync_error) return failing((int)control->sync_error, call);
    if (changes && control->read_only) return failing(EROFS, call);
    if (needs_room && control->full) return failing(ENOSPC, call);
    return 0;
}

// Ends a wrapper: gives the lock back and the result or the errno.
static long end(long result, int error) {
    pthread_mutex_unlock(&lock);
    if (error == 0) return result;
    errno = error;
    return -1;
}

// MARK: Files

static int open_file(const char *path, int flags, mode_t mode) {
    const char *name = inside(path);
    if (!name) return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
    pthread_mutex_lock(&lock);
    bool writes = (flags & O_ACCMODE) != O_RDONLY;
    bool creates = flags & O_CREAT && syscall(SYS_faccessat, AT_FDCWD, path, F_OK) != 0;
    int error = fate(OPEN, "open", creates, writes || creates);
    if (power_goes()) lose_power();
    if (error) return (int)end(-1, error);
    int descriptor = (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
    if (descriptor < 0) return (int)end(-1, errno);
    if (descriptor < 1 << 16)
        files[descriptor] = *name ? disk_opened(name) : (struct file *)&the_directory;
    if (*name && flags & O_TRUNC) disk_cut(files[descriptor], 0);
    return (int)end(descriptor, 0);
}

static mode_t mode_of(int flags, va_list arguments) {
    return flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
}

int open(const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    return open_file(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    return open_file(path, flags | O_LARGEFILE, mode);
}

int close(int descriptor) {
    if (control && descriptor >= 0 && descriptor < 1 << 16) files[descriptor] = NULL;
    return (int)syscall(SYS_close, descriptor);
}

static ssize_t read_file(int descriptor, void *bytes, size_t size, off_t offset, bool at_place) {
    if (file_of(descriptor)) {
        pthread_mutex_lock(&lock);
        int error = fate(READ, "read", false, false);
        if (power_goes()) lose_power();
        if (error) return end(-1, error);
        pthread_mutex_unlock(&lock);
    }
    if (at_place) return syscall(SYS_read, descriptor, bytes, size);
    return syscall(SYS_pread64, descriptor, bytes, size, offset);
}

ssize_t read(int descriptor, void *bytes, size_t size) {
    return read_file(descriptor, bytes, size, 0, true);
}

ssize_t pread(int descriptor, void *bytes, size_t size, off_t offset) {
    return read_file(descriptor, bytes, size, offset, false);
}

ssize_t pread64(int descriptor, void *bytes, size_t size, off64_t offset) {
    return read_file(descriptor, bytes, size, offset, false);
}

static ssize_t write_file(int descriptor, const void *bytes, size_t size, off_t offset) {
    struct file *file = file_of(descriptor);
    if (!file) return syscall(SYS_pwrite64, descriptor, bytes, size, offset);
    pthread_mutex_lock(&lock);
    bool grows = offset + (off_t)size > disk_length(file);
    int error = fate(WRITE, "write", grows, true);
    if (power_goes()) {
        disk_wrote(file, bytes, size, offset);
        lose_power();
    }
    if (error) return end(-1, error);
    long written = syscall(SYS_pwrite64, descriptor, bytes, size, offset);
    if (written < 0) return end(-1, errno);
    disk_wrote(file, bytes, (size_t)written, offset);
    return end(written, 0);
}

ssize_t pwrite(int descriptor, const void *bytes, size_t size, off_t offset) {
    return write_file(descriptor, bytes, size, offset);
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t size, off64_t offset) {
    return write_file(descriptor, bytes, size, offset);
}

ssize_t write(int descriptor, const void *bytes, size_t size) {
    if (!file_of(descriptor)) return syscall(SYS_write, descriptor, bytes, size);
    off_t place = syscall(SYS_lseek, descriptor, 0, SEEK_CUR);
    ssize_t written = write_file(descriptor, bytes, size, place);
    if (written > 0) syscall(SYS_lseek, descriptor, place + written, SEEK_SET);
    return written;
}

int ftruncate(int descriptor, off_t length) {
    struct file *file = file_of(descriptor);
    if (!file) return (int)syscall(SYS_ftruncate, descriptor, length);
    pthread_mutex_lock(&lock);
    int error = fate(CUT, "ftruncate", length > disk_length(file), true);
    if (power_goes()) lose_power();
    if (error) return (int)end(-1, error);
    if (syscall(SYS_ftruncate, descriptor, length) < 0) return (int)end(-1, errno);
    disk_cut(file, length);
    return (int)end(0, 0);
}

int ftruncate64(int descriptor, off64_t length) { return ftruncate(descriptor, length); }

static int sync_file(int descriptor, long number) {
    struct file *file = file_of(descriptor);
    if (!file) return (int)syscall(number, descriptor);
    bool is_directory = file == (struct file *)&the_directory;
    pthread_mutex_lock(&lock);
    int error = fate(SYNC, is_directory ? "sync of the directory" : "sync", false, false);
    if (power_goes()) lose_power();
    if (error) {
        if (!is_directory) disk_not_synced(file);
        return (int)end(-1, error);
    }
    if (!control->sync_lies) {
        if (is_directory) disk_names_synced();
        else disk_synced(file);
    }
    return (int)end(0, 0);
}

int fsync(int descriptor) { return sync_file(descriptor, SYS_fsync); }

int fdatasync(int descriptor) { return sync_file(descriptor, SYS_fdatasync); }

// MARK: Names

static int name_call(const char *call, const char *path, const char *second, long number) {
    const char *name = inside(second ? second : path);
    const char *old = second ? inside(path) : name;
    if (!name) return (int)syscall(number, path, second);
    pthread_mutex_lock(&lock);
    int error = fate(NAME, call, number == SYS_link, true);
    if (power_goes()) lose_power();
    if (error) return (int)end(-1, error);
    if (syscall(number, path, second) < 0) return (int)end(-1, errno);
    if (number == SYS_unlink) disk_removed(name);
    else if (old && number == SYS_rename) disk_renamed(old, name);
    else if (old) disk_linked(old, name);
    return (int)end(0, 0);
}

int unlink(const char *path) { return name_call("unlink", path, NULL, SYS_unlink); }

int rename(const char *path, const char *name) {
    return name_call("rename", path, name, SYS_rename);
}

int link(const char *path, const char *name) { return name_call("link", path, name, SYS_link); }

int mkdir(const char *path, mode_t mode) {
    const char *name = inside(path);
    if (!name || !*name) return (int)syscall(SYS_mkdir, path, mode);
    pthread_mutex_lock(&lock);
    int error = fate(NAME, "mkdir", true, true);
    if (power_goes()) lose_power();
    if (error) return (int)end(-1, error);
    if (syscall(SYS_mkdir, path, mode) < 0) return (int)end(-1, errno);
    disk_made_directory(name);
    return (int)end(0, 0);
}

int access(const char *path, int mode) {
    if (mode & W_OK && inside(path) && control->read_only) {
        errno = EROFS;
        return -1;
    }
    return (int)syscall(SYS_access, path, mode);
}

// MARK: The end

static void power_at_exit(void) {
    if (!control || !control->power_exit) return;
    pthread_mutex_lock(&lock);
    disk_lose_power((uint64_t)control->power_seed);
    control->power_lost = 1;
}

void _exit(int status) {
    power_at_exit();
    for (;;) syscall(SYS_exit_group, status);
}

__attribute__((destructor)) static void leave(void) { power_at_exit(); }

// MARK: The wall clock

int clock_gettime(clockid_t clock, struct timespec *time) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int result = real ? real(clock, time) : (int)syscall(SYS_clock_gettime, clock, time);
    if (result == 0 && control && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        int64_t milliseconds = control->wall_milliseconds;
        time->tv_sec += milliseconds / 1000;
        time->tv_nsec += milliseconds % 1000 * 1000000;
        if (time->tv_nsec < 0) time->tv_sec--, time->tv_nsec += 1000000000;
        if (time->tv_nsec >= 1000000000) time->tv_sec++, time->tv_nsec -= 1000000000;
    }
    return result;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
    (void)zone;
    struct timespec now;
    int result = clock_gettime(CLOCK_REALTIME, &now);
    if (result == 0) *time = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
    return result;
}

time_t time(time_t *result) {
    struct timespec now = {0};
    clock_gettime(CLOCK_REALTIME, &now);
    if (result) *result = now.tv_sec;
    return now.tv_sec;
}
