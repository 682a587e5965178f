/* SPDX-License-Identifier: ISC */
/*
 * The functions that replace the calls to read, write and sync.
 */
#include <errno.h>
#include <sys/types.h>

#include "calls.h"
#include "machine.h"

/* --- reading and writing --- */

REPLACED(ssize_t, pread64, int fd, void *bytes, size_t n, off_t at)
{
    const struct open_file *f = calls_file(fd);
    if (!f || !calls_begin("read", disk_faults.read))
        return -1;
    if (f->inode->directory)
        return calls_fail(EISDIR);
    if (n > 1 && machine_below(50) == 0)
        n = 1 + machine_below((uint32_t)n);
    return (ssize_t)disk_read(f->inode, bytes, n, (uint64_t)at);
}

REPLACED(ssize_t, read, int fd, void *bytes, size_t n)
{
    struct open_file *f = calls_file(fd);
    ssize_t got = here_pread64(fd, bytes, n, f ? (off_t)f->position : 0);
    if (f && got > 0)
        f->position += (uint64_t)got;
    return got;
}

REPLACED(ssize_t, pwrite64, int fd, const void *bytes, size_t n, off_t at)
{
    const struct open_file *f = calls_file(fd);
    if (!f || !calls_begin("write", disk_faults.write))
        return -1;
    if (!f->writes)
        return calls_fail(EBADF);
    if (f->appends)
        at = (off_t)f->inode->size;
    bool room = at + (off_t)n <= (off_t)f->inode->size || calls_has_room();
    if (!room && (!f->appends || n < 2))
        return -1;
    /* Of a line that is appended only a part is written if the disk is full, and not for any other
     * reason: it counts as an error, of which the store speaks. */
    if (n > 1 && (f->appends ? !room : machine_below(50) == 0))
        n = 1 + machine_below((uint32_t)n);
    disk_write(f->inode, bytes, n, (uint64_t)at);
    return (ssize_t)n;
}

REPLACED(ssize_t, write, int fd, const void *bytes, size_t n)
{
    struct open_file *f = calls_file(fd);
    ssize_t done = here_pwrite64(fd, bytes, n, f ? (off_t)f->position : 0);
    if (f && done > 0)
        f->position += (uint64_t)done;
    return done;
}

REPLACED(int, ftruncate64, int fd, off_t size)
{
    const struct open_file *f = calls_file(fd);
    if (!f || !calls_begin("truncate", disk_faults.name))
        return -1;
    disk_truncate(f->inode, (uint64_t)size);
    return 0;
}

/* --- syncs --- */

unsigned disk_syncing;

static void wait_for_disk(void)
{
    bool slow = machine_below(10000) < disk_faults.slow;
    machine_sleep(slow ? 500000 + machine_below(8000000) : 100 + machine_below(2000));
}

static void flush(struct inode *i, uint64_t target)
{
    if (i)
        disk_flush(i);
    else
        disk_flush_all();
    disk_commit(target);
}

/*
 * Syncs a file, or all files (NULL). In one third of all cases everything is on the platter when
 * the sync begins, and data that is written while it runs is not part of it. In the others
 * everything, with such data, gets there at the end of the sync, so a crash during the sync comes
 * before that.
 */
static bool sync_disk(const char *call, struct inode *i, uint64_t target)
{
    bool early = machine_below(3) == 0;
    if (!calls_begin(call, 0))
        return false;
    bool fails = machine_below(10000) < disk_faults.sync;
    if (early && !fails)
        flush(i, target);
    disk_syncing++;
    wait_for_disk();
    disk_syncing--;
    if (calls_is_dead())
        fails = true;
    else if (fails && i)
        disk_lose(i);
    else if (fails)
        disk_lose_all();
    else if (!early)
        flush(i, target);
    disk_counts.faults += fails;
    errno = EIO;
    return !fails;
}

static int sync_file(const char *call, int fd, bool data)
{
    struct open_file *f = calls_file(fd);
    if (!f)
        return -1;
    struct inode *i = f->inode;
    if (calls_is_dead() && disk_is_xfs && !i->dirty) {
        machine_step(call); /* XFS has dropped what was not in its log: nothing is left to write */
        return 0;
    }
    bool ok = sync_disk(call, i, disk_target(i, data));
    if (f->seen != i->errors) {
        f->seen = i->told = i->errors;
        ok = false;
    }
    return ok ? 0 : calls_fail(EIO);
}

REPLACED(int, fsync, int fd)
{
    return sync_file("fsync", fd, false);
}

REPLACED(int, fdatasync, int fd)
{
    return sync_file("fdatasync", fd, true);
}

REPLACED(int, syncfs, int fd)
{
    struct open_file *f = calls_file(fd);
    if (!f)
        return -1;
    bool ok = sync_disk("syncfs", NULL, disk_target_all());
    if (f->seen_disk != disk_errors()) {
        f->seen_disk = calls_errors_told = disk_errors();
        ok = false;
    }
    return ok ? 0 : calls_fail(EIO);
}
