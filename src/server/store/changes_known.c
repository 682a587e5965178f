/* SPDX-License-Identifier: ISC */
#include "store/changes_known.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/digits.h"
#include "base/siphash.h"
#include "os/file.h"
#include "store/key_line.h"
#include "store/layout.h"

#define KNOWN_BYTES 256
#define UNFINISHED  CHANGES_KNOWN LAYOUT_UNFINISHED
#define HASH_DIGITS 16
#define KEYS_BYTES  64 /* room for the keys and a number */

/* --- hours --- */

int64_t changes_hour(int64_t time)
{
    return time > 0 ? time / CHANGES_HOUR_S : 0;
}

static const char *const prefixes[CHANGES_KINDS] = {
    [CHANGES_ALL] = "", [CHANGES_OF_TRASH] = "trash-", [CHANGES_OF_ACCOUNTS] = "account-"};

void changes_hour_name(enum changes_kind kind, int64_t hour, char name[CHANGES_NAME_BYTES])
{
    struct tm t;
    os_clock_utc(hour * CHANGES_HOUR_S, &t);
    snprintf(name, CHANGES_NAME_BYTES, "%s%04u%02u%02u%02u", prefixes[kind],
             (unsigned)(t.tm_year + 1900) % 10000, (unsigned)t.tm_mon % 12 + 1,
             (unsigned)t.tm_mday % 32, (unsigned)t.tm_hour % 24);
}

/* The two digits at p. */
static int two(const char *p)
{
    return (p[0] - '0') * 10 + (p[1] - '0');
}

bool changes_parse_hour(const char *name, enum changes_kind *kind, int64_t *hour)
{
    char again[CHANGES_NAME_BYTES];
    *kind = CHANGES_KINDS - 1;
    while (*kind > CHANGES_ALL && strncmp(name, prefixes[*kind], strlen(prefixes[*kind])) != 0)
        --*kind;
    const char *digits = name + strlen(prefixes[*kind]);
    if (strlen(digits) != 10 || strspn(digits, "0123456789") != 10)
        return false;
    const struct tm t = {.tm_year = two(digits) * 100 + two(digits + 2) - 1900,
                         .tm_mon = two(digits + 4) - 1,
                         .tm_mday = two(digits + 6),
                         .tm_hour = two(digits + 8)};
    if (t.tm_mon < 0 || t.tm_mon > 11)
        return false;
    *hour = changes_hour(os_clock_from_utc(&t));
    changes_hour_name(*kind, *hour, again);
    return strcmp(name, again) == 0;
}

static bool look_for_last(void *ctx, const char *name)
{
    int64_t *last = ctx, hour;
    enum changes_kind kind;
    if (changes_parse_hour(name, &kind, &hour) && hour > *last)
        *last = hour;
    return true;
}

bool changes_last_hour(int dir, int64_t *hour)
{
    *hour = 0;
    return os_file_each(dir, look_for_last, hour);
}

bool changes_known_since(int dir, int64_t *since)
{
    char name[CHANGES_NAME_BYTES];
    int64_t last, now = os_clock_now();
    if (!changes_last_hour(dir, &last))
        return false;
    if (++last < changes_hour(now))
        last = changes_hour(now);
    changes_hour_name(CHANGES_ALL, last, name);
    int fd = os_file_open_append(dir, name);
    os_file_close(fd);
    *since = last * CHANGES_HOUR_S > now ? last * CHANGES_HOUR_S : now;
    return fd >= 0;
}

/* --- the file "known" --- */

bool changes_known_hash(int dir, const char *keys, uint64_t *hash)
{
    static const unsigned char key[SIPHASH_KEY_BYTES] = "pochta changes 1";
    struct os_file_info info;
    char text[KEYS_BYTES];
    if (!os_file_look_at(dir, &info))
        return false;
    snprintf(text, sizeof text, "%s %" PRIu64, keys, info.inode);
    *hash = siphash(key, span_str(text));
    return true;
}

static bool parse_known(struct span s, struct changes_known *k)
{
    struct span rest;
    char hash[HASH_DIGITS + 1];
    uint64_t since;
    if (!key_line_take(&s, SPAN("pochta-changes 2"), &rest) || rest.n > 0 ||
        !key_line_take_number(&s, SPAN("since "), INT64_MAX, &since) ||
        !key_line_take_text(&s, SPAN("store "), hash, sizeof hash) ||
        !digits_get_hex(span_str(hash), &k->store))
        return false;
    k->since = (int64_t)since;
    k->boot[0] = '\0';
    k->clean = key_line_take(&s, SPAN("clean"), &rest);
    return (k->clean ? rest.n == 0
                     : key_line_take_text(&s, SPAN("boot "), k->boot, sizeof k->boot)) &&
           s.n == 0;
}

bool changes_known_load(int dir, struct changes_known *k)
{
    struct buf text;
    buf_init(&text, KNOWN_BYTES);
    bool ok = os_file_load(dir, CHANGES_KNOWN, &text);
    int error = errno;
    if (ok && !parse_known(buf_span(&text), k)) {
        ok = false;
        error = EINVAL;
    }
    buf_free(&text);
    errno = error;
    return ok;
}

/* Does not sync: this "known" is valid only until the next boot. */
static bool replace_unsynced(int dir, struct span text)
{
    os_file_remove(dir, UNFINISHED);
    int fd = os_file_create(dir, UNFINISHED);
    bool ok = fd >= 0 && os_file_write(fd, text.p, text.n);
    os_file_close(fd);
    return ok && os_file_rename_over(dir, UNFINISHED, dir, CHANGES_KNOWN);
}

bool changes_known_write(int dir, const struct changes_known *k, bool synced)
{
    char text[KNOWN_BYTES];
    snprintf(text, sizeof text, "pochta-changes 2\nsince %" PRId64 "\nstore %016" PRIx64 "\n%s%s\n",
             k->since, k->store, k->clean ? "clean" : "boot ", k->clean ? "" : k->boot);
    return synced ? os_file_replace(dir, CHANGES_KNOWN, span_str(text))
                  : replace_unsynced(dir, span_str(text));
}

/* --- the first process --- */

bool changes_known_remove(int store_dir)
{
    return os_file_remove(store_dir, LAYOUT_CHANGES "/" CHANGES_KNOWN) || errno == ENOENT ||
           errno == ENOTDIR || errno == ELOOP;
}

struct clearing {
    int dir;
    int64_t last; /* hour */
};

/* The last hour's file stays, without its notes: the time of the notes does not go back. */
static bool clear_file(void *ctx, const char *name)
{
    const struct clearing *c = ctx;
    enum changes_kind kind;
    int64_t hour;
    if (changes_parse_hour(name, &kind, &hour)) {
        if (hour >= c->last)
            os_file_truncate(c->dir, name);
        else
            os_file_remove(c->dir, name);
    }
    return true;
}

/* No note counts any more. Sets since when they will. False: errno. */
static bool begin_notes(int dir, struct changes_known *k)
{
    struct clearing c = {.dir = dir};
    if (!changes_last_hour(dir, &c.last) || !changes_known_since(dir, &k->since))
        return false;
    os_file_each(dir, clear_file, &c);
    return true;
}

/*
 * After a stop in order, the disk has a "known" that would count after a power cut, too. It must be
 * gone from there before anything changes. After a power cut, any other is invalid, and need not be
 * synced: either the boot or the keys are different then.
 */
static bool begin(int dir, const char *before, const char *keys)
{
    struct changes_known k;
    uint64_t ours;
    char boot[OS_CLOCK_BOOT_BYTES];
    bool boot_is_known = os_clock_boot(boot);
    if (!boot_is_known)
        strcpy(boot, CHANGES_NO_BOOT);
    bool there = changes_known_load(dir, &k);
    bool was_clean = there ? k.clean : errno != ENOENT;
    bool counts = there && before && changes_known_hash(dir, before, &ours) && k.store == ours &&
                  (k.clean || (boot_is_known && strcmp(k.boot, boot) == 0));
    bool ok = (counts || begin_notes(dir, &k)) && changes_known_hash(dir, keys, &k.store);
    k.clean = false;
    strcpy(k.boot, boot);
    ok = ok && changes_known_write(dir, &k, was_clean);
    if (!ok)
        ok = os_file_remove(dir, CHANGES_KNOWN) || errno == ENOENT || !was_clean;
    return ok && (!was_clean || os_file_sync_dir(dir));
}

bool changes_known_begin(int store_dir, const char *before, const char *keys)
{
    int dir = os_file_open_subdir(store_dir, LAYOUT_CHANGES);
    if (dir < 0)
        return changes_known_remove(store_dir);
    bool ok = begin(dir, before, keys);
    int error = errno;
    os_file_close(dir);
    errno = error;
    return ok;
}
