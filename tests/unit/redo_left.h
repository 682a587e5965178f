/* SPDX-License-Identifier: ISC */
/*
 * redo_left: a store with the accounts ann and bob, as a server that did not end in order has left
 * it: with segments in log/. left_place is where the next record goes.
 */
#ifndef REDO_LEFT_H
#define REDO_LEFT_H

#include "redo_records.h"
#include "store/redo.h"
#include "store_fixture.h"

static struct fixture f;
static struct store *s;
static struct who ann, bob;
static struct buf left_bytes, left_texts; /* the next segment; all troubles, a line each */
static struct redo_place left_place;
static unsigned left_number;

static inline void left_trouble(void *ctx, const char *text)
{
    (void)ctx;
    buf_printf(&left_texts, "%s\n", text);
}

static inline void left_died(void *ctx, const char *mailbox)
{
    (void)ctx;
    (void)mailbox;
}

static inline struct store *left_open(bool server)
{
    const char *why;
    const struct store_events events = {.trouble = left_trouble, .died = left_died};

    buf_clear(&left_texts);
    struct store *opened = store_open(f.path, server, events, &why);
    if (!opened) {
        diag("store_open: %s", why);
        exit(1);
    }
    opened->second_look_ms = 0;
    return opened;
}

static inline void left_close(void)
{
    store_close(s);
    s = NULL;
}

static inline struct who left_account(const char *name)
{
    struct who who = {.generation = ""};
    struct account a;

    snprintf(who.name, sizeof who.name, "%s", name);
    if (account_register(s, name, "hash") != ST_OK || account_find(s, name, &who, &a) != ST_OK)
        exit(1);
    return who;
}

static inline void left_begin(void)
{
    fixture_begin(&f);
    buf_init(&left_bytes, 1 << 20);
    buf_init(&left_texts, 1 << 20);
    left_number = 0;
    left_place = (struct redo_place){.log = 1, .serial = 1, .sequence = 0, .oldest = 1};
    s = left_open(true);
    ann = left_account("ann");
    bob = left_account("bob");
    left_close();
}

static inline void left_end(void)
{
    left_close();
    fixture_end(&f);
    buf_free(&left_bytes);
    buf_free(&left_texts);
}

/* The whole text, or a part of a line, is among the troubles. */
static inline bool left_said(const char *text)
{
    return left_texts.n > 0 && memmem(left_texts.p, left_texts.n, text, strlen(text));
}

static inline void left_put(const struct who *who, uint32_t id, const char *token, const char *body)
{
    struct mail m = redo_mail(id, body, token);

    redo_put(&left_bytes, &left_place, who, &m, span_str(body));
    left_place.sequence++;
}

static inline int left_log_dir(void)
{
    char path[300];

    snprintf(path, sizeof path, "%s/log", f.path);
    return os_file_open_dir(path);
}

static inline void left_replace(const char *name, struct span content)
{
    int dir = left_log_dir();

    if (!os_file_replace(dir, name, content))
        exit(1);
    os_file_close(dir);
}

/* Writes what was put as one segment. */
static inline void left_segment(void)
{
    char name[REDO_NAME_BYTES];

    redo_end_block(&left_bytes);
    snprintf(name, sizeof name, REDO_SEGMENT "%016" PRIx64 "-%u", left_place.log, left_number++);
    left_replace(name, buf_span(&left_bytes));
    buf_clear(&left_bytes);
}

/* Makes a message's file in the mailbox. */
static inline void left_file(const struct who *who, uint32_t id, enum mail_state state,
                             const char *token, const char *body,
                             char name[MESSAGE_FILE_NAME_BYTES])
{
    struct mail m = redo_mail(id, body, token);
    char text[MESSAGE_FILE_HEADER_BYTES + 1000];
    int dir = fixture_directory(&f, who->name);

    m.state = state;
    message_file_name(&m, name);
    size_t n = message_file_header(&m, span_str(body), text);
    memcpy(text + n, body, strlen(body));
    if (!os_file_replace(dir, name, span_of(text, n + strlen(body))))
        exit(1);
    os_file_close(dir);
}

struct left_counting {
    const char *start;
    int n;
};

static inline bool left_count_one(void *ctx, const char *name)
{
    struct left_counting *c = ctx;

    c->n += strncmp(name, c->start, strlen(c->start)) == 0;
    return true;
}

/* How many files of a directory have names that begin so. */
static inline int left_count(int dir, const char *start)
{
    struct left_counting c = {start, 0};

    os_file_each(dir, left_count_one, &c);
    return c.n;
}

/* How many segments there are, of servers that run or ran. */
static inline int left_segments(void)
{
    int dir = left_log_dir(), n = left_count(dir, REDO_SEGMENT) + left_count(dir, REDO_OLD);

    os_file_close(dir);
    return n;
}

/* The number in the file "version". */
static inline int left_version(void)
{
    char path[300], text[100] = "";
    int version = 0;

    snprintf(path, sizeof path, "%s/version", f.path);
    FILE *file = fopen(path, "re");
    if (file && fgets(text, sizeof text, file))
        version = strcmp(text, "pochta-store 1\n") == 0   ? 1
                  : strcmp(text, "pochta-store 2\n") == 0 ? 2
                                                          : 0;
    if (file)
        fclose(file);
    return version;
}

static inline void left_is_empty(const char *what)
{
    is_int(left_segments(), 0, "%s: the log is empty", what);
    is_int(left_version(), 1, "%s: ... which the version says", what);
}

static inline void is_text(const char *name, uint32_t id, const char *text, const char *what)
{
    struct who who = {.generation = ""};
    struct mailbox *mb = NULL;
    enum status st = ST_NO_USER;

    snprintf(who.name, sizeof who.name, "%s", name);
    if (mailbox_open(s, &who, &mb) == ST_OK)
        st = fixture_text(mb, id, text);
    is_int(st, ST_OK, "%s", what);
    mailbox_close(mb);
}

static inline void is_state(const char *name, uint32_t id, enum mail_state state, const char *what)
{
    char start[MESSAGE_FILE_NAME_BYTES], found[MESSAGE_FILE_NAME_BYTES];
    int dir = fixture_directory(&f, name);

    snprintf(start, sizeof start, "%010" PRIu32 "-%c,", id, (char)state);
    ok(fixture_file(dir, start, found), "%s", what);
    os_file_close(dir);
}

/* --- a log that is full --- */

static struct redo_ticket left_tickets[2000];
static int left_tickets_n;

/* Others fill the log of s with messages for bob. */
static inline void left_fill_log(void)
{
    static char text[REDO_MESSAGE_MAX];
    struct mail m = redo_mail(1, "", "");

    for (size_t n = sizeof text; n > 0; n /= 4)
        while (redo_append(s->redo, &bob, &m, SPAN(""), span_of(text, n),
                           &left_tickets[left_tickets_n]))
            left_tickets_n++;
}

/* These messages are durable, and have their names. */
static inline void left_empty_log(void)
{
    for (int i = 0; i < left_tickets_n; i++) {
        redo_wait(s->redo, &left_tickets[i]);
        redo_named(s->redo, &left_tickets[i]);
    }
    left_tickets_n = 0;
}

#endif
