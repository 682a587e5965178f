/* SPDX-License-Identifier: ISC */
/*
 * redo_disk: what a delivery log asks of the disk, looked at. Each rule of docs/store.md about the
 * segments is a call of must below; threads may do anything meanwhile, and the disk fails when it
 * is told to. For a test that is linked with --wrap for the functions at the end.
 */
#ifndef REDO_DISK_H
#define REDO_DISK_H

#include <errno.h>
#include <sched.h>
#include <stdatomic.h>

#include "redo_records.h"
#include "store/redo_private.h"
#include "store_fixture.h"

#define IDS     100000
#define SERIALS 10000

static struct store *s;
static struct redo *r; /* the log that is looked at, or NULL */

static struct {
    atomic_int writes, syncs, all_syncs, others;       /* others: syncs of another descriptor */
    atomic_bool held;                                  /* syncs of a segment wait */
    atomic_bool fail_write, fail_sync, fail_all, move; /* the next one */

    pthread_mutex_t mutex; /* guards all below */
    struct {
        uint64_t serial, end; /* of the last use: what was written */
    } segments[REDO_SEGMENTS];
    unsigned open[SERIALS]; /* messages without names */
    bool written[IDS], durable[IDS];
    uint64_t serial;                /* the highest that was seen */
    uint64_t oldest, synced_oldest; /* said by a record that is written; synced */
    uint64_t settled;               /* all messages below this serial had their names when the file
                                       system was synced last */
    bool ending; /* nothing more is appended: the current segment can be called old, too */
    unsigned broken;
    const char *rule; /* the first that was broken */
} disk = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static void must(bool holds, const char *rule)
{
    if (!holds && disk.broken++ == 0)
        disk.rule = rule;
}

static unsigned segment_of(int fd)
{
    unsigned i = 0;

    if (!r)
        return REDO_SEGMENTS;
    pthread_mutex_lock(&r->mutex);
    while (i < r->n && r->segments[i].fd != fd)
        i++;
    i = i < r->n ? i : REDO_SEGMENTS;
    pthread_mutex_unlock(&r->mutex);
    return i;
}

static void look_at_record(const struct redo_place *place, struct span content)
{
    struct redo_message m;

    must(place->log == r->log, "a record has the log's number");
    must(place->oldest <= disk.settled || place->oldest == 1,
         "nothing is called old before the file system was synced, with all names there");
    if (place->oldest > disk.oldest)
        disk.oldest = place->oldest;
    if (content.n > 0) {
        must(redo_record_parse(content, &m) && m.mail.id < IDS, "a record is a message");
        disk.written[m.mail.id] = true;
    }
}

/* With the mutex held. */
static void look_at_batch(unsigned i, struct span bytes, uint64_t offset)
{
    uint64_t size = r->segments[i].size, before = disk.segments[i].serial;
    struct redo_place place;
    struct span content;
    unsigned records = 0;

    must(offset % r->block == 0 && bytes.n % r->block == 0, "a batch has blocks of its own");
    must(offset + bytes.n <= size, "a batch does not go beyond its segment");
    for (size_t at = 0; redo_record_find(bytes, r->log, &at, &place, &content);
         at += redo_record_bytes(content.n)) {
        if (records++ == 0 && place.serial != before) {
            must(place.serial > before, "serials grow");
            must(offset == 0, "a segment is written from its beginning");
            must(before == 0 || before < disk.synced_oldest,
                 "a segment is free only once the mark that says so is synced");
            disk.segments[i].serial = place.serial;
            disk.segments[i].end = 0;
            if (place.serial > disk.serial)
                disk.serial = place.serial;
        }
        must(place.serial == disk.segments[i].serial, "a batch has one serial");
        look_at_record(&place, content);
    }
    must(records > 0, "a batch has records");
    must(offset >= disk.segments[i].end, "a block that was answered for is not written again");
    disk.segments[i].end = offset + bytes.n;
}

/* The linker gives us all calls of these. */
bool real_write(int fd, const void *bytes, size_t size,
                uint64_t offset) __asm__("__real_os_file_write_at");
bool write_here(int fd, const void *bytes, size_t size,
                uint64_t offset) __asm__("__wrap_os_file_write_at");
bool sync_here(int fd) __asm__("__wrap_os_file_sync_data");
bool sync_all_here(int fd) __asm__("__wrap_os_file_sync_all");

bool write_here(int fd, const void *bytes, size_t size, uint64_t offset)
{
    unsigned i = segment_of(fd);

    if (i == REDO_SEGMENTS)
        return real_write(fd, bytes, size, offset);
    atomic_fetch_add(&disk.writes, 1);
    if (atomic_exchange(&disk.fail_write, false)) {
        errno = EIO;
        return false;
    }
    pthread_mutex_lock(&disk.mutex);
    look_at_batch(i, span_of(bytes, size), offset);
    pthread_mutex_unlock(&disk.mutex);
    return real_write(fd, bytes, size, offset);
}

static void move_segment(unsigned i)
{
    char name[REDO_NAME_BYTES + 10];

    snprintf(name, sizeof name, REDO_OLD "%s", r->segments[i].name);
    os_file_rename_new(s->log_dir, r->segments[i].name, s->log_dir, name);
}

bool sync_here(int fd)
{
    unsigned i = segment_of(fd);

    atomic_fetch_add(&disk.syncs, 1);
    while (atomic_load(&disk.held))
        sched_yield();
    if (i == REDO_SEGMENTS || atomic_exchange(&disk.fail_sync, false)) {
        errno = EIO;
        return false;
    }
    if (atomic_exchange(&disk.move, false))
        move_segment(i);
    pthread_mutex_lock(&disk.mutex);
    memcpy(disk.durable, disk.written, sizeof disk.durable);
    disk.synced_oldest = disk.oldest;
    pthread_mutex_unlock(&disk.mutex);
    return true;
}

/* A sync of the file system costs nothing here: only its place counts. */
bool sync_all_here(int fd)
{
    if (!r)
        return true;
    atomic_fetch_add(fd == s->dir ? &disk.all_syncs : &disk.others, 1);
    if (atomic_exchange(&disk.fail_all, false)) {
        errno = EIO;
        return false;
    }
    pthread_mutex_lock(&r->mutex);
    uint64_t lowest = 1, current = r->serial;
    pthread_mutex_unlock(&r->mutex);
    pthread_mutex_lock(&disk.mutex);
    while (lowest < current + disk.ending && disk.open[lowest] == 0)
        lowest++;
    disk.settled = lowest;
    pthread_mutex_unlock(&disk.mutex);
    return true;
}

#endif
