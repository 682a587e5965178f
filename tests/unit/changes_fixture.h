/* SPDX-License-Identifier: ISC */
/*
 * changes_fixture: a store whose clock the test sets, the files of its notes (store/changes.h), and
 * which accounts they say have changed.
 */
#ifndef CHANGES_FIXTURE_H
#define CHANGES_FIXTURE_H

#include "each_call.h"

#include "store/changes.h"
#include "store/changes_private.h"
#include "store_fixture.h"

#define HOUR_S CHANGES_HOUR_S
#define NOON   INT64_C(1764504000) /* 2025-11-30, 12:00:00 UTC */

static struct fixture f;
static struct store *s;
static int64_t now_s = NOON;

/* The linker gives us all calls of os_clock_now. */
int64_t now_here(void) __asm__("__wrap_os_clock_now");

int64_t now_here(void)
{
    return now_s;
}

/* --- what the notes say --- */

/* The names that are noted, each once, in the order in which they are called. */
static struct {
    char names[20][NAME_BYTES + 1];
    int n;
} noted;

static inline bool add_noted(void *ctx, const char *name)
{
    (void)ctx;
    for (int i = 0; i < noted.n; i++)
        if (strcmp(noted.names[i], name) == 0)
            return true;
    if (noted.n < 20)
        snprintf(noted.names[noted.n++], NAME_BYTES + 1, "%s", name);
    return true;
}

static inline bool look_since(int64_t since)
{
    noted.n = 0;
    return changes_each_since(s, since, add_noted, NULL);
}

/* What a list of accounts has to look at. */
static inline bool look_for_accounts(int64_t since)
{
    noted.n = 0;
    return changes_each_account(s, since, add_noted, NULL);
}

static inline bool is_noted(const char *name)
{
    for (int i = 0; i < noted.n; i++)
        if (strcmp(noted.names[i], name) == 0)
            return true;
    return false;
}

static inline int notes_dir(void)
{
    char path[300];
    snprintf(path, sizeof path, "%s/" LAYOUT_CHANGES, f.path);
    return os_file_open_dir(path);
}

static inline char *notes_load(const char *name)
{
    static char text[2000];
    struct buf file;
    int dir = notes_dir();
    buf_init(&file, sizeof text - 1);
    text[0] = '\0';
    if (os_file_load(dir, name, &file))
        snprintf(text, sizeof text, "%.*s", SPAN_PRINTF(buf_span(&file)));
    buf_free(&file);
    os_file_close(dir);
    return text;
}

static inline void notes_put(const char *name, struct span text)
{
    int dir = notes_dir();
    if (!os_file_replace(dir, name, text))
        exit(1);
    os_file_close(dir);
}

static inline void notes_open(bool server)
{
    s = fixture_open(&f, server);
}

static inline void notes_begin(void)
{
    now_s = NOON;
    fixture_begin(&f);
    notes_open(true);
}

static inline void notes_end(void)
{
    store_close(s);
    fixture_end(&f);
}

/* As if the server had been killed: what it wrote last is in the page cache. */
static inline void notes_end_unclean(void)
{
    char known[300];
    snprintf(known, sizeof known, "%s", notes_load(CHANGES_KNOWN));
    store_close(s);
    notes_put(CHANGES_KNOWN, span_str(known));
}

/* --- what tests do with it --- */

static inline void change_ann(void)
{
    if (account_register(s, "ann", "hash") != ST_OK)
        exit(1);
}

static inline void alter_known(const char *from, const char *to)
{
    char text[2000];
    snprintf(text, sizeof text, "%s", notes_load(CHANGES_KNOWN));
    char *at = strstr(text, from);
    if (!at)
        exit(1);
    memcpy(at, to, strlen(to));
    notes_put(CHANGES_KNOWN, span_str(text));
}

#endif
