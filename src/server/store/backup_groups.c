/* SPDX-License-Identifier: ISC */
#include "store/backup_groups.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc32c.h"
#include "base/digits.h"
#include "os/file.h"
#include "store/group.h"
#include "store/group_place.h"
#include "store/key_line.h"
#include "store/store_private.h"

#define FIRST_LINE "pochta-groups 1"
#define FILE_BYTES (SIZE_MAX / 4)
#define CRC_DIGITS 8
#define WHAT_BYTES 200 /* a finding */

/* Groups on their way into a backup, or out of one. */
struct run {
    struct backup_place *place;
    struct account_copy_told *told;
    struct group group;
    struct buf text;
    uint64_t n;
    enum status st;
};

static struct run *run_new(struct backup_place *p, struct account_copy_told *told)
{
    struct run *r = calloc(1, sizeof *r);
    if (!r) {
        errno = ENOMEM;
        store_failed(p->store, "copy", LAYOUT_GROUPS);
        return NULL;
    }
    r->place = p;
    r->told = told;
    buf_init(&r->text, FILE_BYTES);
    return r;
}

static void run_end(struct run *r)
{
    buf_free(&r->text);
    free(r);
}

/* --- into a backup --- */

static bool add_group(void *ctx, const char *name)
{
    struct run *r = ctx;
    struct buf file;
    enum status st = group_find(r->place->store, name, &r->group);
    if (status_is_shortage(st))
        r->st = st;
    if (st == ST_DAMAGED || st == ST_IO) {
        char what[WHAT_BYTES];
        snprintf(what, sizeof what, "the group cannot be copied, and is not in this backup: %s",
                 st == ST_DAMAGED ? "its file is damaged" : status_text(st));
        account_copy_tell(r->told, LAYOUT_GROUPS, name, what);
    }
    if (st != ST_OK)
        return r->st == ST_OK;
    buf_init(&file, GROUP_FILE_BYTES);
    group_file_add(&file, &r->group);
    if (!buf_ok(&file))
        buf_fail(&r->text);
    buf_printf(&r->text, "group %s %zu\n", name, file.n);
    buf_add(&r->text, buf_span(&file));
    buf_free(&file);
    r->n++;
    return true;
}

enum status backup_groups_write(struct backup_place *p, int64_t date,
                                struct account_copy_told *told, uint64_t *written)
{
    char name[LAYOUT_NAME_BYTES];
    struct run *r = run_new(p, told);
    if (!r)
        return ST_NO_MEMORY;
    buf_add_str(&r->text, FIRST_LINE "\n");
    if (!group_each(p->store, add_group, r))
        r->st = ST_IO;
    buf_printf(&r->text, "complete %" PRIu64 " %08" PRIx32 "\n", r->n,
               crc32c(0, buf_span(&r->text)));
    backup_place_groups(date, name);
    if (!buf_ok(&r->text))
        errno = ENOMEM;
    if (r->st == ST_OK && r->n > 0 &&
        (!buf_ok(&r->text) || !os_file_replace(p->dir, name, buf_span(&r->text))))
        r->st = store_failed(p->store, "write", "%s/%s", p->path, name);
    *written = r->n;
    enum status st = r->st;
    run_end(r);
    return st;
}

/* --- out of a backup --- */

/* Takes the next group off s: its name, and the contents of its file. False: no group follows. */
static bool take_group(struct span *s, char name[NAME_BYTES + 1], struct span *file)
{
    struct span rest = *s, line, word;
    uint64_t bytes;
    if (!key_line_take(&rest, SPAN("group "), &line) || !span_cut(&line, ' ', &word) ||
        !name_fold(word, name) || !span_eq(word, span_str(name)) || !span_u64(line, rest.n, &bytes))
        return false;
    *file = span_first(rest, (size_t)bytes);
    *s = span_skip(rest, (size_t)bytes);
    return true;
}

/* Whether the text is whole; sets *groups to the part with the groups. */
static bool check_whole(struct span text, struct span *groups)
{
    char name[NAME_BYTES + 1];
    struct span rest = text, line, file;
    uint64_t n = 0, expected, crc;
    if (!key_line_take(&rest, SPAN(FIRST_LINE), &line) || line.n > 0)
        return false;
    *groups = rest;
    while (take_group(&rest, name, &file))
        n++;
    uint32_t checksum = crc32c(0, span_first(text, text.n - rest.n));
    if (!key_line_take(&rest, SPAN("complete "), &line) || rest.n > 0 ||
        !span_u64(span_take(&line, ' '), UINT64_MAX, &expected) || line.n != CRC_DIGITS ||
        !digits_get_hex(line, &crc))
        return false;
    return n == expected && crc == checksum;
}

static void tell_group(struct run *r, const char *name, const char *what)
{
    account_copy_tell(r->told, LAYOUT_GROUPS, name, what);
}

/* A group that the store has is left as it is. */
static void restore_group(struct run *r, const char *name, struct span file)
{
    struct store *s = r->place->store;
    if (!group_file_parse(file, &r->group)) {
        tell_group(r, name, "the copy is damaged, and the group was not restored");
        return;
    }
    enum status st = group_place_check_free(s, name);
    if (st == ST_USER_EXISTS)
        return;
    if (st == ST_OK)
        st = group_put(s, name, &r->group);
    if (st == ST_OK)
        r->n++;
    else if (st == ST_USER_EXISTS || st == ST_RESERVED)
        tell_group(r, name,
                   st == ST_RESERVED ? "the name is reserved" : "the name is taken in the store");
    else
        r->st = st;
}

static void restore_loaded(struct run *r, const char *file_name)
{
    char name[NAME_BYTES + 1];
    struct span groups, file;
    if (!check_whole(buf_span(&r->text), &groups)) {
        tell_group(r, file_name, "the file in the backup is damaged, and no group was restored");
        return;
    }
    while (r->st == ST_OK && take_group(&groups, name, &file))
        restore_group(r, name, file);
}

enum status backup_groups_restore(struct backup_place *p, int64_t date,
                                  struct account_copy_told *told, uint64_t *restored)
{
    char name[LAYOUT_NAME_BYTES];
    *restored = 0;
    struct run *r = run_new(p, told);
    if (!r)
        return ST_NO_MEMORY;
    backup_place_groups(date, name);
    if (os_file_load(p->dir, name, &r->text))
        restore_loaded(r, name);
    else if (errno != ENOENT)
        r->st = store_failed(p->store, "read", "%s/%s", p->path, name);
    *restored = r->n;
    enum status st = r->st;
    run_end(r);
    return st;
}
