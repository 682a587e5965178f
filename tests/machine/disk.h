/* SPDX-License-Identifier: ISC */
/*
 * disk: the machine's file system. Each file and each directory is there twice: as processes see it
 * (the page cache), and as it is on the platter. What the store relies on is in docs/store.md, and
 * what it may not rely on is lost here whenever the seed says so:
 *
 *   contents   Written data is on the platter only after fsync, fdatasync or syncfs have returned
 * 0. Before that, each sector of 512 bytes goes there or not by itself, in any order: at random
 * moments, as the kernel writes back by itself, and at a power cut. A disk writes a sector whole or
 * not at all; nothing larger is promised, by neither ext4 nor XFS. size       Grows on the platter
 * with the data or later: a file may come back shorter, empty, or full of zeros where its data is
 * missing. Both file systems allocate late, and neither shows what was in the blocks before. names
 * Creations, renames and removals are one ordered journal, as in jbd2 and in XFS's log. A power cut
 * leaves a prefix of it. A rename is whole or not there. The journal says nothing about contents: a
 * name may be there whose data is not. The rescue of ext4 that writes data before some renames
 * (auto_da_alloc) is left out, since XFS has none. fsync      Of a file or a directory, writes its
 * data, and the journal. As ext4: all of it, if anything of that file is in it. As XFS: up to the
 * last entry that is about that file. The seed says which. What was changed while a sync runs may
 * be part of it or not. fdatasync  Writes data, and the journal only if the file has grown since
 * the last sync: what was written over zeros that were synced needs no journal, which the delivery
 * log uses. syncfs     Everything. errors     If the kernel cannot write a page, the page stays as
 * processes see it, but counts as written: the next sync of the file does not write it, and returns
 * 0. Each descriptor that was open hears of the error once, from fsync or fdatasync; for syncfs the
 * file system as a whole keeps such an account (Linux 5.17 and later). The page may be dropped
 * later: then a read shows what is on the platter. Of the latter kind is, as ext4 was seen to do,
 * data for which no block is found after it was accepted: no sync tells of it, and the file has no
 * blocks. dead       A disk that fails for good: the file system is shut down until the machine is
 * started again. All calls fail; but on XFS, as was measured, fsync of what has nothing to write
 *              any more returns 0, and only fstat fails.
 *
 * Not in the model: a platter that forgets what it has confirmed, or that changes bits.
 */
#ifndef DISK_H
#define DISK_H

#include <stdbool.h>
#include <stdint.h>

/* What the disk does to the calls from now on: so many of 10000 fail. May be changed at any time.
 */
struct disk_faults {
    unsigned read, write, sync, name; /* EIO; name: of open, rename, unlink and the like */
    unsigned lost;                    /* accepted pages that the kernel cannot write, unnoticed */
    unsigned slow;                    /* syncs that take seconds */
    unsigned full;                    /* of what needs room: ENOSPC; 0: there is enough */
    uint64_t dead_at;                 /* the step at which it fails for good; 0: never */
};

extern struct disk_faults disk_faults;
extern bool disk_is_xfs;    /* the order of fsync, see above */
extern unsigned disk_block; /* bytes that a write may take along, as st_blksize says */

struct disk_counts {
    uint64_t faults, lost, torn; /* calls that failed; files that the kernel could not write;
                                    sectors that a power cut has lost */
};
extern struct disk_counts disk_counts;

/* How many syncs are under way; may be set to 0 when those who asked for them are gone. */
extern unsigned disk_syncing;

void disk_begin(void);

/* The power goes and comes back: only what is on the platter, or luckily came there, is left. */
void disk_crash(void);

/* Closes the descriptors of a process and releases their locks. */
void disk_end_process(unsigned process);

#endif
