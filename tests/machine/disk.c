/* SPDX-License-Identifier: ISC */
#include "disk_private.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine.h"

enum kind { CREATE, RENAME, UNLINK, TRUNCATE };

/* An entry of the journal. */
struct change {
    enum kind kind;
    struct inode *dir, *to_dir, *inode;
    char name[DISK_NAME_BYTES], to[DISK_NAME_BYTES];
    uint64_t size;
};

struct disk_faults disk_faults;
bool disk_is_xfs;
unsigned disk_block = DISK_PAGE;
struct disk_counts disk_counts;

static struct {
    struct inode **inodes, *root;
    unsigned n, room, next;
    struct change *journal; /* the entries after committed */
    uint64_t committed, end;
    size_t journal_room;
    unsigned errors;
} disk;

static void *more(void *p, size_t size)
{
    void *bigger = realloc(p, size);
    if (!bigger)
        abort();
    return bigger;
}

struct inode *disk_find(struct inode *dir, const char *name)
{
    struct entry *e = names_find(&dir->now, name);
    return e ? e->inode : NULL;
}

/* --- the journal --- */

static struct change *log_change(enum kind kind, struct inode *dir, const char *name,
                                 struct inode *inode)
{
    size_t n = (size_t)(disk.end - disk.committed);
    if (n == disk.journal_room) {
        disk.journal_room = n ? 2 * n : 64;
        disk.journal = more(disk.journal, disk.journal_room * sizeof *disk.journal);
    }
    struct change *c = &disk.journal[n];
    c->kind = kind;
    c->dir = dir;
    c->inode = inode;
    strcpy(c->name, name);
    disk.end++;
    inode->touched = disk.end;
    if (dir)
        dir->touched = disk.end;
    return c;
}

static void cut_pages(struct inode *i, uint64_t size, bool durable)
{
    for (size_t n = (size_t)((size + DISK_PAGE - 1) / DISK_PAGE); n < i->n_pages; n++) {
        struct page *p = &i->pages[n];
        if (durable) {
            if (p->durable != p->now)
                free(p->durable);
            p->durable = NULL;
        } else {
            if (p->now != p->durable)
                free(p->now);
            p->now = NULL;
            p->dirty = 0;
        }
    }
}

/* Makes one change on the platter. */
static void apply(const struct change *c)
{
    switch (c->kind) {
    case CREATE:
        names_add(&c->dir->durable, c->name, c->inode, machine_below(UINT32_MAX));
        break;
    case RENAME:
        names_remove(&c->dir->durable, c->name);
        names_remove(&c->to_dir->durable, c->to);
        names_add(&c->to_dir->durable, c->to, c->inode, machine_below(UINT32_MAX));
        break;
    case UNLINK:
        names_remove(&c->dir->durable, c->name);
        break;
    case TRUNCATE:
        cut_pages(c->inode, c->size, true);
        if (c->inode->durable_size > c->size)
            c->inode->durable_size = c->size;
        break;
    }
}

void disk_commit(uint64_t target)
{
    if (target <= disk.committed)
        return;
    size_t n = (size_t)(target - disk.committed), left = (size_t)(disk.end - target);
    for (size_t i = 0; i < n; i++)
        apply(&disk.journal[i]);
    memmove(disk.journal, disk.journal + n, left * sizeof *disk.journal);
    disk.committed = target;
}

uint64_t disk_target(const struct inode *i, bool data)
{
    uint64_t target = data ? i->grown : i->touched;
    return target > disk.committed && !disk_is_xfs ? disk.end : target;
}

uint64_t disk_target_all(void)
{
    return disk.end;
}

/* --- changes --- */

static struct inode *new_inode(bool directory)
{
    struct inode *i = calloc(1, sizeof *i);
    if (!i)
        abort();
    if (disk.n == disk.room) {
        disk.room = disk.room ? 2 * disk.room : 64;
        disk.inodes = more(disk.inodes, disk.room * sizeof(struct inode *));
    }
    i->number = ++disk.next;
    i->directory = directory;
    disk.inodes[disk.n++] = i;
    return i;
}

static int64_t wall(void)
{
    return machine.wall_s + machine.now_us / 1000000;
}

struct inode *disk_create(struct inode *dir, const char *name, bool directory)
{
    struct inode *i = new_inode(directory);
    i->parent = dir;
    i->links = 1;
    i->changed_s = i->modified_s = wall();
    names_add(&dir->now, name, i, machine_below(UINT32_MAX));
    log_change(CREATE, dir, name, i);
    i->grown = disk.end;
    return i;
}

void disk_unlink(struct inode *dir, const char *name)
{
    struct inode *i = disk_find(dir, name);
    i->links = 0;
    names_remove(&dir->now, name);
    log_change(UNLINK, dir, name, i);
}

void disk_rename(struct inode *from_dir, const char *from, struct inode *to_dir, const char *to)
{
    struct inode *i = disk_find(from_dir, from), *over = disk_find(to_dir, to);
    if (over == i)
        return;
    if (over)
        over->links = 0;
    names_remove(&from_dir->now, from);
    names_remove(&to_dir->now, to);
    names_add(&to_dir->now, to, i, machine_below(UINT32_MAX));
    i->changed_s = wall();
    i->parent = to_dir;
    struct change *c = log_change(RENAME, from_dir, from, i);
    c->to_dir = to_dir;
    strcpy(c->to, to);
    to_dir->touched = disk.end;
}

void disk_truncate(struct inode *file, uint64_t size)
{
    file->changed_s = file->modified_s = wall();
    if (size >= file->size)
        return;
    cut_pages(file, size, false);
    file->size = size;
    log_change(TRUNCATE, NULL, "", file)->size = size;
}

/* --- data --- */

static void reserve_pages(struct inode *i, uint64_t size)
{
    size_t n = (size_t)((size + DISK_PAGE - 1) / DISK_PAGE);
    if (n <= i->n_pages)
        return;
    i->pages = more(i->pages, n * sizeof *i->pages);
    memset(i->pages + i->n_pages, 0, (n - i->n_pages) * sizeof *i->pages);
    i->n_pages = n;
}

static const unsigned char zeros[DISK_PAGE];

static unsigned char *copy_of(const unsigned char *page)
{
    unsigned char *copy = malloc(DISK_PAGE);
    if (!copy)
        abort();
    memcpy(copy, page ? page : zeros, DISK_PAGE);
    return copy;
}

static void write_page(struct page *p, const char *bytes, size_t from, size_t n)
{
    if (!p->now && !p->durable && memcmp(bytes, zeros, n) == 0)
        return; /* zeros over zeros */
    if (p->now == p->durable)
        p->now = copy_of(p->durable);
    else if (!p->now)
        p->now = copy_of(NULL);
    memcpy(p->now + from, bytes, n);
    for (size_t s = from / DISK_SECTOR; s <= (from + n - 1) / DISK_SECTOR; s++)
        p->dirty |= (unsigned char)(1U << s);
}

void disk_write(struct inode *file, const void *bytes, size_t n, uint64_t at)
{
    const char *p = bytes;
    if (n == 0)
        return;
    reserve_pages(file, at + n);
    file->touched = disk.end;
    file->dirty = true;
    file->modified_s = file->changed_s = wall();
    if (at + n > file->size) {
        file->size = at + n;
        file->grown = disk.end;
    }
    while (n > 0) {
        size_t from = (size_t)(at % DISK_PAGE), part = DISK_PAGE - from;
        part = part < n ? part : n;
        write_page(&file->pages[at / DISK_PAGE], p, from, part);
        p += part;
        at += part;
        n -= part;
    }
}

size_t disk_read(const struct inode *file, void *bytes, size_t n, uint64_t at)
{
    char *p = bytes;
    size_t done = 0;
    if (at >= file->size)
        return 0;
    if (n > file->size - at)
        n = (size_t)(file->size - at);
    while (done < n) {
        size_t from = (size_t)(at % DISK_PAGE), part = DISK_PAGE - from;
        const unsigned char *page =
            at / DISK_PAGE < file->n_pages ? file->pages[at / DISK_PAGE].now : NULL;
        part = part < n - done ? part : n - done;
        memcpy(p + done, (page ? page : zeros) + from, part);
        done += part;
        at += part;
    }
    return n;
}

/* --- writing back --- */

static void flush_sectors(struct page *p, unsigned char which)
{
    which &= p->dirty;
    if (!which)
        return;
    if (which == 0xff) {
        free(p->durable);
        p->durable = p->now;
        p->dirty = 0;
        return;
    }
    if (!p->durable)
        p->durable = copy_of(NULL);
    for (unsigned s = 0; s < DISK_PAGE / DISK_SECTOR; s++)
        if (which & 1U << s)
            memcpy(p->durable + s * DISK_SECTOR, p->now + s * DISK_SECTOR, DISK_SECTOR);
    p->dirty &= (unsigned char)~which;
}

void disk_flush(struct inode *i)
{
    if (!i->dirty)
        return;
    for (size_t n = 0; n < i->n_pages; n++)
        flush_sectors(&i->pages[n], 0xff);
    i->durable_size = i->size;
    i->dirty = false;
}

void disk_flush_all(void)
{
    for (unsigned i = 0; i < disk.n; i++)
        disk_flush(disk.inodes[i]);
}

unsigned disk_errors(void)
{
    return disk.errors;
}

void disk_lose(struct inode *i)
{
    if (i->dirty)
        for (size_t n = 0; n < i->n_pages; n++)
            i->pages[n].dirty = 0;
    disk_counts.lost += i->dirty;
    i->dirty = false;
    i->errors++;
    disk.errors++;
}

void disk_lose_all(void)
{
    for (unsigned i = 0; i < disk.n; i++)
        if (disk.inodes[i]->dirty)
            disk_lose(disk.inodes[i]);
    disk.errors++;
}

/* Writes some of the dirty sectors to the platter, about bias of 8. */
static void flush_some(struct inode *i, unsigned bias)
{
    for (size_t n = 0; n < i->n_pages; n++) {
        unsigned char which = 0;
        for (unsigned s = 0; i->pages[n].dirty && s < DISK_PAGE / DISK_SECTOR; s++)
            which |= (unsigned char)((machine_below(8) < bias) << s);
        flush_sectors(&i->pages[n], which);
    }
    if (i->size > i->durable_size && machine_below(8) < bias) {
        uint64_t pages = (i->size - i->durable_size) / DISK_PAGE;
        i->durable_size = machine_below(2)
                              ? i->size
                              : i->durable_size + machine_below((uint32_t)pages + 1) * DISK_PAGE;
    }
}

/* Drops clean pages from the cache that differ from the platter: they are read from it again. */
static void drop_clean(struct inode *i)
{
    for (size_t n = 0; n < i->n_pages; n++) {
        struct page *p = &i->pages[n];
        if (p->dirty || p->now == p->durable)
            continue;
        free(p->now);
        p->now = p->durable;
    }
}

/* No block is found for a file that has its name already: see Errors in disk.h. */
static void lose_blocks(struct inode *i)
{
    if (i->durable_size > 0 || i->opened || i->size == 0 || !i->links)
        return;
    for (size_t n = 0; n < i->n_pages; n++) {
        free(i->pages[n].now);
        i->pages[n] = (struct page){NULL, NULL, 0};
    }
    i->no_blocks = true;
    disk_counts.lost++;
    i->dirty = false;
    i->durable_size = i->size;
}

static bool is_temporary(const struct inode *i)
{
    for (unsigned n = 0; n < i->parent->now.n; n++)
        if (i->parent->now.entries[n].inode == i)
            return strncmp(i->parent->now.entries[n].name, "new-", 4) == 0;
    return true;
}

void disk_housekeeping(void)
{
    if (machine_below(64) != 0 || disk.n == 0)
        return;
    struct inode *i = disk.inodes[machine_below(disk.n)];
    if (i->dirty && machine_below(10000) < disk_faults.write) {
        disk_lose(i);
        disk_counts.faults++;
    } else if (i->dirty && machine_below(10000) < disk_faults.lost && !is_temporary(i)) {
        lose_blocks(i);
        disk_counts.faults++;
    } else if (i->dirty) {
        flush_some(i, 1 + machine_below(8));
    } else {
        drop_clean(i);
    }
    if (machine_below(8) == 0)
        disk_commit(disk.committed + machine_below((uint32_t)(disk.end - disk.committed) + 1));
}

/* --- power cuts --- */

static void forget_cache(struct inode *i)
{
    if (i->directory) {
        names_copy(&i->now, &i->durable);
        return;
    }
    for (size_t n = 0; n < i->n_pages; n++) {
        struct page *p = &i->pages[n];
        disk_counts.torn += (unsigned)__builtin_popcount(p->dirty);
        if (p->now != p->durable)
            free(p->now);
        p->now = p->durable;
        p->dirty = 0;
    }
    size_t last = (size_t)(i->durable_size / DISK_PAGE),
           tail = (size_t)(i->durable_size % DISK_PAGE);
    if (last < i->n_pages && i->pages[last].now)
        memset(i->pages[last].now + tail, 0, DISK_PAGE - tail);
    i->size = i->durable_size;
    i->dirty = false;
}

static void count_links(struct inode *dir)
{
    dir->links = 1;
    for (unsigned i = 0; i < dir->now.n; i++) {
        struct inode *inode = dir->now.entries[i].inode;
        inode->parent = dir;
        inode->links = 1;
        if (inode->directory)
            count_links(inode);
    }
}

static void free_inode(struct inode *i)
{
    for (size_t n = 0; n < i->n_pages; n++) {
        if (i->pages[n].durable != i->pages[n].now)
            free(i->pages[n].durable);
        free(i->pages[n].now);
    }
    free(i->pages);
    free(i->now.entries);
    free(i->durable.entries);
    free(i);
}

static void drop_unlinked(void)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < disk.n; i++)
        if (disk.inodes[i]->links || disk.inodes[i]->opened)
            disk.inodes[kept++] = disk.inodes[i];
        else
            free_inode(disk.inodes[i]);
    disk.n = kept;
}

void disk_settle(void)
{
    disk_commit(disk.end);
    disk_flush_all();
    drop_unlinked();
}

void disk_crash(void)
{
    static const unsigned biases[] = {0, 2, 4, 4, 6, 8};
    unsigned bias = biases[machine_below(6)];
    uint64_t open = disk.end - disk.committed;
    disk_commit(machine_below(3) ? disk.committed + machine_below((uint32_t)open + 1)
                                 : (machine_below(2) ? disk.end : disk.committed));
    for (unsigned i = 0; i < disk.n; i++) {
        if (disk.inodes[i]->dirty)
            flush_some(disk.inodes[i], bias);
        forget_cache(disk.inodes[i]);
        disk.inodes[i]->links = 0;
        disk.inodes[i]->opened = 0;
        disk.inodes[i]->errors = disk.inodes[i]->told = 0;
        disk.inodes[i]->touched = disk.inodes[i]->grown = 0;
    }
    disk_close_all();
    count_links(disk.root);
    drop_unlinked();
    disk.committed = disk.end;
    disk.errors = 0;
}

void disk_begin(void)
{
    disk.root = new_inode(true);
    disk.root->parent = disk.root;
    disk.root->links = 1;
}

void disk_end(void)
{
    disk_close_all();
    for (unsigned i = 0; i < disk.n; i++)
        free_inode(disk.inodes[i]);
    free(disk.inodes);
    free(disk.journal);
    memset(&disk, 0, sizeof disk);
    disk_counts = (struct disk_counts){.faults = 0};
}

struct inode *disk_root(void)
{
    return disk.root;
}
