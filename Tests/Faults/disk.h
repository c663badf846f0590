// The disk of one directory as it would be found after a loss of power: see disk.c. Used by
// faults.c alone, with its lock held. Nothing here makes a fault; it only remembers.

#ifndef LIVESHOP_DISK_H
#define LIVESHOP_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct file;

// Takes what is in the directory now as being on the disk.
void disk_attach(const char *directory);

// The file of this name, which has just been opened; a new and empty one if there was none.
struct file *disk_opened(const char *name);

void disk_wrote(struct file *file, const void *bytes, size_t size, int64_t offset);
void disk_cut(struct file *file, int64_t length);
int64_t disk_length(const struct file *file);

// A sync that succeeded. After one that failed, what it should have written stays unwritten for
// good, although the program still reads it: that is what Linux does.
void disk_synced(struct file *file);
void disk_not_synced(struct file *file);

// Names live in the directory and are on disk when that is synced.
void disk_linked(const char *old, const char *name);
void disk_renamed(const char *old, const char *name);
void disk_removed(const char *name);
void disk_made_directory(const char *name);
void disk_names_synced(void);

// Leaves the directory as the disk has it. Seed 0: nothing that was not synced is there. Another
// seed: of each unsynced write some sectors are, and as many changes of names as came so far.
void disk_lose_power(uint64_t seed);

#endif
