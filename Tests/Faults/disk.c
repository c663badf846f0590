// What the disk holds and what only the page cache does. Every write to the directory's files is
// noted until a sync of the file makes it durable, every new, changed or removed name until a
// sync of the directory does. When power goes, the files are written anew from what was durable.
//
// The model is as harsh as POSIX allows within a file: unsynced writes arrive in any order, in
// sectors of 512 bytes, or never. Names arrive in order, as on file systems with a journal.
// Shared memory (-shm) is never on disk. Memory is not given back: the process lives for one
// test.

#define _GNU_SOURCE
#include "disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { NAMES_MAX = 64, NAME_SIZE = 96, SECTOR = 512 };

// One unsynced write, or, without bytes, an unsynced change of the length.
struct change {
    struct change *next;
    int64_t offset;
    size_t size;
    unsigned char bytes[];
};

struct file {
    unsigned char *durable;
    size_t durable_size;
    int64_t length;
    struct change *first, *last;
    bool is_memory, is_directory;
};

struct name {
    char text[NAME_SIZE];
    struct file *file;
};

struct names {
    struct name entries[NAMES_MAX];
    int count;
};

// `removed` goes and `added` comes, in one step; either may be empty.
struct name_change {
    struct name_change *next;
    char removed[NAME_SIZE], added[NAME_SIZE];
    struct file *file;
};

static char directory[4096];
static struct names now, durable;
static struct name_change *first_change, *last_change;

static void fail(const char *what) {
    fprintf(stderr, "faults: %s\n", what);
    abort();
}

static void *allocate(void *old, size_t size) {
    void *memory = realloc(old, size ? size : 1);
    if (!memory) fail("out of memory");
    return memory;
}

// MARK: Names

static struct name *find(struct names *names, const char *text) {
    for (int i = 0; i < names->count; i++)
        if (strcmp(names->entries[i].text, text) == 0) return &names->entries[i];
    return NULL;
}

static void set(struct names *names, const char *text, struct file *file) {
    struct name *entry = find(names, text);
    if (!entry) {
        if (names->count == NAMES_MAX) fail("too many files in the directory");
        entry = &names->entries[names->count++];
        snprintf(entry->text, NAME_SIZE, "%s", text);
    }
    entry->file = file;
}

static void take_out(struct names *names, const char *text) {
    struct name *entry = find(names, text);
    if (entry) *entry = names->entries[--names->count];
}

static void apply_name(struct names *names, const struct name_change *change) {
    if (*change->removed) take_out(names, change->removed);
    if (*change->added) set(names, change->added, change->file);
}

static void change_names(const char *removed, const char *added, struct file *file) {
    struct name_change *change = allocate(NULL, sizeof *change);
    *change = (struct name_change){.file = file};
    snprintf(change->removed, NAME_SIZE, "%s", removed);
    snprintf(change->added, NAME_SIZE, "%s", added);
    apply_name(&now, change);
    if (last_change) last_change->next = change;
    else first_change = change;
    last_change = change;
}

void disk_linked(const char *old, const char *name) {
    struct name *entry = find(&now, old);
    if (entry) change_names("", name, entry->file);
}

void disk_renamed(const char *old, const char *name) {
    struct name *entry = find(&now, old);
    if (entry) change_names(old, name, entry->file);
}

void disk_removed(const char *name) {
    if (find(&now, name)) change_names(name, "", NULL);
}

void disk_made_directory(const char *name) {
    struct file *file = allocate(NULL, sizeof *file);
    *file = (struct file){.is_directory = true};
    change_names("", name, file);
}

void disk_names_synced(void) {
    durable = now;
    first_change = last_change = NULL;
}

// MARK: Files

static struct file *new_file(const char *name) {
    struct file *file = allocate(NULL, sizeof *file);
    size_t length = strlen(name);
    bool is_memory = length > 4 && strcmp(name + length - 4, "-shm") == 0;
    *file = (struct file){.is_memory = is_memory};
    return file;
}

struct file *disk_opened(const char *name) {
    struct name *entry = find(&now, name);
    if (entry) return entry->file;
    struct file *file = new_file(name);
    change_names("", name, file);
    return file;
}

static void note(struct file *file, const void *bytes, size_t size, int64_t offset) {
    if (file->is_memory) return;
    struct change *change = allocate(NULL, sizeof *change + size);
    *change = (struct change){.offset = offset, .size = size};
    if (size) memcpy(change->bytes, bytes, size);
    if (file->last) file->last->next = change;
    else file->first = change;
    file->last = change;
}

void disk_wrote(struct file *file, const void *bytes, size_t size, int64_t offset) {
    if (size == 0) return;
    note(file, bytes, size, offset);
    if (offset + (int64_t)size > file->length) file->length = offset + (int64_t)size;
}

void disk_cut(struct file *file, int64_t length) {
    note(file, NULL, 0, length);
    file->length = length;
}

int64_t disk_length(const struct file *file) { return file->length; }

static void grow(struct file *file, size_t size) {
    if (size <= file->durable_size) return;
    file->durable = allocate(file->durable, size);
    memset(file->durable + file->durable_size, 0, size - file->durable_size);
    file->durable_size = size;
}

static void put(struct file *file, const unsigned char *bytes, size_t size, int64_t offset) {
    grow(file, (size_t)offset + size);
    memcpy(file->durable + offset, bytes, size);
}

static void cut(struct file *file, size_t length) {
    grow(file, length);
    file->durable_size = length;
}

static void forget_changes(struct file *file) {
    while (file->first) {
        struct change *next = file->first->next;
        free(file->first);
        file->first = next;
    }
    file->last = NULL;
}

void disk_synced(struct file *file) {
    for (struct change *change = file->first; change; change = change->next) {
        if (change->size) put(file, change->bytes, change->size, change->offset);
        else cut(file, (size_t)change->offset);
    }
    forget_changes(file);
}

void disk_not_synced(struct file *file) { forget_changes(file); }

// MARK: Reading and writing the directory itself, past the wrappers of faults.c

void disk_attach(const char *path) {
    snprintf(directory, sizeof directory, "%s", path);
    DIR *listing = opendir(directory);
    if (!listing) return;
    for (struct dirent *entry; (entry = readdir(listing));) {
        // A directory that was there before stays, whatever is in it.
        if (entry->d_type != DT_REG || strlen(entry->d_name) >= NAME_SIZE) continue;
        struct file *file = new_file(entry->d_name);
        int descriptor = (int)syscall(SYS_openat, dirfd(listing), entry->d_name, O_RDONLY, 0);
        if (descriptor < 0) continue;
        unsigned char block[65536];
        long got;
        while ((got = syscall(SYS_read, descriptor, block, sizeof block)) > 0)
            put(file, block, (size_t)got, (int64_t)file->durable_size);
        syscall(SYS_close, descriptor);
        file->length = (int64_t)file->durable_size;
        set(&now, entry->d_name, file);
        set(&durable, entry->d_name, file);
    }
    closedir(listing);
}

static void write_out(int place, const char *name, const struct file *file) {
    int descriptor = (int)syscall(
        SYS_openat, place, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (descriptor < 0) fail("cannot write what the disk has");
    for (size_t done = 0; done < file->durable_size;) {
        long put = syscall(
            SYS_write, descriptor, file->durable + done, file->durable_size - done);
        if (put <= 0) fail("cannot write what the disk has");
        done += (size_t)put;
    }
    syscall(SYS_close, descriptor);
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *where) {
    (void)info, (void)type, (void)where;
    return remove(path);
}

// With everything in it, which no one can reach any more.
static void remove_directory(const char *name) {
    char path[sizeof directory + NAME_SIZE];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

// MARK: Power

static uint64_t chance;

static uint64_t draw(uint64_t below) {
    chance ^= chance << 13;
    chance ^= chance >> 7;
    chance ^= chance << 17;
    return (chance >> 11) % below;
}

// Some sectors of some unsynced writes have arrived.
static void keep_some(struct file *file) {
    uint64_t percent = draw(101);
    for (struct change *change = file->first; change; change = change->next) {
        if (change->size == 0) {
            if (draw(100) < percent) cut(file, (size_t)change->offset);
            continue;
        }
        for (size_t at = 0; at < change->size;) {
            size_t sector = SECTOR - (size_t)((change->offset + (int64_t)at) % SECTOR);
            if (sector > change->size - at) sector = change->size - at;
            if (draw(100) < percent)
                put(file, change->bytes + at, sector, change->offset + (int64_t)at);
            at += sector;
        }
    }
    forget_changes(file);
}

void disk_lose_power(uint64_t seed) {
    chance = seed * 0x9E3779B97F4A7C15u + 1;
    uint64_t changes = 0;
    for (struct name_change *change = first_change; change; change = change->next) changes++;
    uint64_t arrived = seed ? draw(changes + 1) : 0;
    for (struct name_change *change = first_change; arrived > 0; change = change->next, arrived--)
        apply_name(&durable, change);

    int place = (int)syscall(SYS_openat, AT_FDCWD, directory, O_RDONLY | O_DIRECTORY, 0);
    for (int i = 0; i < now.count; i++) {
        const struct name *entry = &now.entries[i];
        if (!entry->file->is_directory) syscall(SYS_unlinkat, place, entry->text, 0);
        else if (!find(&durable, entry->text)) remove_directory(entry->text);
    }
    for (int i = 0; i < durable.count; i++) {
        struct file *file = durable.entries[i].file;
        if (file->is_memory || file->is_directory) continue;
        // A file with two names is met twice; the second time nothing is left to arrive.
        if (seed) keep_some(file);
        write_out(place, durable.entries[i].text, file);
    }
}
