/* SPDX-License-Identifier: ISC */
#include "ctl/batch.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "admin/admin.h"
#include "admin/batch_line.h"
#include "ctl/batch_input.h"
#include "ctl/connect.h"
#include "ctl/hashing.h"
#include "ctl/progress.h"
#include "os/file.h"
#include "os/process.h"
#include "store/account.h"

#define GROUP     1000 /* accounts that are made with the same syncs */
#define PASSWORDS 64   /* of a group for each core: about a second's work */

struct batch {
    struct store *store;
    const char *file; /* for messages */
    struct batch_input input;
    unsigned cores;
    uint64_t added, there, skipped;

    /* The group. Until it is hashed, a password stands in place of its hash. */
    struct account_new *group;
    uint64_t lines[GROUP]; /* their numbers in the file */
    bool plain[GROUP];     /* it has a password */
    size_t n, passwords;
    uint64_t found; /* lines whose accounts were there, since the last sync */
};

/* --- messages --- */

/*
 * The name is "" if it is not known. Nothing else of the line is printed, since it may be a
 * password.
 */
static void say_line(const struct batch *b, uint64_t line, const char *name, const char *what)
{
    ctl_progress_hide();
    fprintf(stderr, "pochtactl: %s:%" PRIu64 ": %s%s%s\n", b->file, line, name, *name ? ": " : "",
            what);
}

static void skip(struct batch *b, const char *why)
{
    char what[400];
    b->skipped++;
    snprintf(what, sizeof what, "skipped: %s", why);
    say_line(b, b->input.line, "", what);
}

static void tell_there(struct batch *b, uint64_t line, const char *name)
{
    b->there++;
    say_line(b, line, name, "skipped: this name is taken");
}

/* --- a group --- */

static void empty_group(struct batch *b)
{
    os_crypt_wipe(b->group, b->n * sizeof *b->group);
    b->n = b->passwords = 0;
    b->found = 0;
}

/* Counts and reports what became of each account. */
static int tell_group(struct batch *b, enum status st)
{
    bool told = false;
    for (size_t i = 0; i < b->n; i++) {
        const struct account_new *a = &b->group[i];
        if (a->st == ST_OK) {
            b->added++;
        } else if (a->st == ST_USER_EXISTS) {
            tell_there(b, b->lines[i], a->name);
        } else if (!told) {
            say_line(b, b->lines[i], a->name, status_text(a->st));
            told = true;
        }
    }
    return st == ST_OK || told ? admin_exit_code(st)
                               : ctl_connect_say(admin_exit_code(st), b->file, status_text(st));
}

/* Makes the accounts of the group. Those that were found are synced with it. */
static int make_group(struct batch *b)
{
    int result = EX_OK;
    if (b->n == 0 && b->found == 0)
        return EX_OK;
    if (!hashing_run(b->group, b->plain, b->n, b->cores)) {
        result = ctl_connect_say(
            EX_OSERR, "cannot hash a password: out of memory, or crypt(3) lacks yescrypt", "");
    } else {
        enum status st = account_register_many(b->store, b->group, b->n);
        ctl_connect_print_troubles();
        result = tell_group(b, st);
    }
    empty_group(b);
    ctl_progress_show("%" PRIu64 " accounts added, line %" PRIu64, b->added, b->input.line);
    return result;
}

/* --- lines --- */

static void add_to_group(struct batch *b, const struct batch_line *l)
{
    struct account_new *a = &b->group[b->n];
    *a = (struct account_new){.account = account_file_standard};
    memcpy(a->name, l->name, sizeof a->name);
    memcpy(a->account.hash, l->secret.p, l->secret.n); /* both fit, with a NUL */
    a->account.quota_bytes = l->quota_bytes;
    a->account.quota_messages = l->quota_messages;
    b->lines[b->n] = b->input.line;
    b->plain[b->n] = !l->hashed;
    b->passwords += !l->hashed;
    b->n++;
}

static void take_line(struct batch *b, struct span line)
{
    struct batch_line l;
    if (batch_line_is_empty(line))
        return;
    const char *why = batch_line_parse(line, &l);
    enum status st = why ? ST_OK : account_may_register(b->store, l.name, false);
    if (st == ST_RESERVED)
        why = status_text(st);
    if (why) {
        skip(b, why);
    } else if (st == ST_USER_EXISTS) {
        b->found++;
        tell_there(b, b->input.line, l.name);
    } else {
        add_to_group(b, &l);
    }
}

static int read_lines(struct batch *b)
{
    int result = EX_OK;
    enum batch_input_result got = BATCH_INPUT_LINE;
    while (got != BATCH_INPUT_END && got != BATCH_INPUT_FAILED && result == EX_OK) {
        struct span line;
        got = batch_input_next(&b->input, &line);
        int error = errno;
        if (got == BATCH_INPUT_LINE)
            take_line(b, line);
        else if (got == BATCH_INPUT_TOO_LONG)
            skip(b, "the line is longer than any valid line");
        else if (got == BATCH_INPUT_CUT)
            skip(b, "the line has no newline at its end; the file may be cut off");
        if (b->n == GROUP || b->passwords >= (size_t)PASSWORDS * b->cores || b->found >= GROUP ||
            got == BATCH_INPUT_END || got == BATCH_INPUT_FAILED)
            result = make_group(b);
        if (got == BATCH_INPUT_FAILED && result == EX_OK)
            result = ctl_connect_say(EX_IOERR, b->file, strerror(error));
    }
    return result;
}

/* --- the command --- */

static void warn_if_others_read(const char *file, int fd)
{
    struct os_file_info info;
    if (os_file_look_at(fd, &info) && info.kind == OS_FILE_REGULAR && info.mode & 044)
        fprintf(stderr,
                "pochtactl: warning: %s: other users can read this file (mode %04o); make it "
                "private, since it contains secrets\n",
                file, info.mode);
}

static int run(struct batch *b)
{
    int result = read_lines(b);
    ctl_progress_hide();
    empty_group(b);
    printf("%" PRIu64 " added, %" PRIu64 " already there, %" PRIu64 " skipped\n", b->added,
           b->there, b->skipped);
    return result == EX_OK && b->skipped > 0 ? EX_DATAERR : result;
}

int ctl_batch(const struct ctl_options *o)
{
    bool standard = strcmp(o->batch, "-") == 0;
    struct batch *b = calloc(1, sizeof *b);
    int result = EX_OSERR, fd = standard ? OS_FILE_STANDARD : os_file_open_stream(o->batch);
    if (fd < 0) {
        result = ctl_connect_say(EX_NOINPUT, o->batch, strerror(errno));
    } else if (b && (b->group = calloc(GROUP, sizeof *b->group))) {
        b->file = standard ? "standard input" : o->batch;
        warn_if_others_read(b->file, fd);
        batch_input_init(&b->input, fd);
        b->cores = os_process_cores();
        b->store = ctl_connect_store(o->store); /* may become another user: the file is open */
        result = b->store ? run(b) : EX_CANTCREAT;
        if (b->store)
            ctl_connect_close_store(b->store);
        batch_input_wipe(&b->input);
    } else {
        ctl_connect_say(EX_OSERR, "out of memory", "");
    }
    if (b)
        free(b->group);
    free(b);
    if (!standard)
        os_file_close(fd);
    return result;
}
