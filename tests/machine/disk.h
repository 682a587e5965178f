/* SPDX-License-Identifier: ISC */
/*
 * disk: the machine's file system. Each file and each directory exists twice: as processes see
 * it (the page cache), and as it is on the platter. docs/store.md says what the store relies
 * on. What it must not rely on gets lost here whenever the seed says so:
 *
 * Contents. Written data is on the platter for certain only when fsync, fdatasync or syncfs has
 * returned 0. Before that, each sector of 512 bytes gets there or not, independently of the
 * others and in any order: at random moments, as the kernel writes back by itself, and at a
 * power cut. A disk writes a sector whole or not at all. Neither ext4 nor XFS promises this for
 * anything larger.
 *
 * Size. It grows on the platter together with the data or later. After a power cut a file may
 * be shorter, empty, or full of zeros where its data is missing. Both file systems allocate
 * late, and neither shows the former contents of the blocks.
 *
 * Names. Creations, renames and removals are entries of one ordered journal, as in jbd2 and in
 * the log of XFS. A power cut leaves the first entries of it, up to some point. A rename is
 * there whole or not at all. The journal says nothing about contents: a name may be there
 * without its data. ext4 writes data before some renames (auto_da_alloc); this is not in the
 * model, since XFS does not do it.
 *
 * fsync of a file or a directory writes its data and the journal: as on ext4, all of the
 * journal if any entry is about that file; as on XFS, the journal up to the last entry about
 * that file. The seed says which. A change that is made while a sync runs may be part of the
 * sync or not.
 *
 * fdatasync writes data, and the journal only if the file has grown since the last sync. Data
 * that is written over synced zeros needs no journal; the delivery log uses that.
 *
 * syncfs writes everything.
 *
 * Errors. If the kernel cannot write a page, processes still see the page, but it counts as
 * written: the next sync of the file does not write it, and returns 0. Each descriptor that was
 * open gets the error once, from fsync or fdatasync; syncfs gets it once for the file system as
 * a whole (Linux 5.17 and later). The page may be dropped later: then a read returns what is on
 * the platter. One case is reported by no sync, as ext4 was seen to do: data was accepted, but
 * no block is found for it later. Then the file has no blocks.
 *
 * A dead disk fails for good: the file system is shut down until the machine is started again.
 * All calls fail. But on XFS, as was measured, fsync of a file with nothing left to write
 * returns 0, and only fstat fails.
 *
 * Not in the model: a platter that loses data that it has confirmed, or that changes bits.
 */
#ifndef DISK_H
#define DISK_H

#include <stdbool.h>
#include <stdint.h>

/* How many of 10000 calls of each kind the disk lets fail. May be changed at any time. */
struct disk_faults {
    unsigned read, write, sync, name; /* with EIO; name: open, rename, unlink and similar calls */
    unsigned lost;    /* accepted pages that the kernel cannot write, and no sync reports */
    unsigned slow;    /* syncs that take seconds */
    unsigned full;    /* calls that need room: ENOSPC; 0: there is enough */
    uint64_t dead_at; /* the step at which the disk fails for good; 0: never */
};

extern struct disk_faults disk_faults;
extern bool disk_is_xfs;    /* fsync as on XFS, otherwise as on ext4: see above */
extern unsigned disk_block; /* bytes: st_blksize */

struct disk_counts {
    uint64_t faults, lost, torn; /* failed calls; files that the kernel could not write;
                                    sectors that a power cut has lost */
};
extern struct disk_counts disk_counts;

/* How many syncs are under way; may be set to 0 when the processes that asked for them have ended.
 */
extern unsigned disk_syncing;

/* Makes an empty disk, and frees it. */
void disk_begin(void);
void disk_end(void);

/* A power cut: leaves what is on the platter, and the sectors that happen to get there now. */
void disk_crash(void);

/* Writes everything, and frees the memory of files that were removed and are not open. */
void disk_settle(void);

/* Closes the descriptors of a process and releases their locks. */
void disk_end_process(unsigned process);

#endif
