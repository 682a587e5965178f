/* SPDX-License-Identifier: ISC */
#include "ctl/fsck.h"

#include <inttypes.h>
#include <stdio.h>
#include <sysexits.h>

#include "ctl/connect.h"
#include "ctl/format.h"
#include "ctl/progress.h"
#include "store/fsck.h"

static void show_progress(const struct fsck *f)
{
    ctl_progress_show("%" PRIu64 " of %" PRIu64 " mailboxes, %" PRIu64 " messages, %" PRIu64
                      " findings",
                      f->mailboxes, f->expected, f->messages, f->findings);
}

static bool count_mailbox(void *ctx, const char *name)
{
    uint64_t *n = ctx;
    (void)name;
    ++*n;
    return true;
}

static void begin_progress(struct fsck *f, int named)
{
    if (!ctl_progress_shows())
        return;
    f->expected = (uint64_t)named;
    if (named > 0 || store_each_user(f->store, count_mailbox, &f->expected))
        f->progress = show_progress;
}

/* Prints what the store reports, without the line that shows the progress. */
static void print_troubles(void)
{
    ctl_progress_hide();
    ctl_connect_print_troubles();
}

static void print_finding(void *ctx, const char *mailbox, const char *file, const char *what,
                          bool set_aside)
{
    struct buf line;
    (void)ctx;
    print_troubles();
    buf_init(&line, 4096);
    format_text(&line, span_str(mailbox));
    if (file) {
        buf_add_char(&line, '/');
        format_text(&line, span_str(file));
    }
    printf("%.*s: %s%s\n", SPAN_PRINTF(buf_span(&line)), what, set_aside ? ": set aside" : "");
    buf_free(&line);
}

static void add_finding(void *ctx, const char *mailbox, const char *file, const char *what,
                        bool set_aside)
{
    struct buf *rows = ctx;
    print_troubles();
    format_text(rows, span_str(mailbox));
    buf_add_char(rows, '\t');
    format_text(rows, span_str(file ? file : ""));
    buf_printf(rows, "\t%s\t%s\n", what, set_aside ? "yes" : "no");
}

static int check_named(struct fsck *f, char **names, int n)
{
    fsck_log(f, names, n);
    for (int i = 0; i < n; i++) {
        enum status st = fsck_mailbox(f, names[i]);
        if (st != ST_OK) {
            ctl_progress_hide();
            return ctl_connect_say(st == ST_NO_USER ? EX_NOUSER : EX_IOERR, names[i],
                                   status_text(st));
        }
    }
    return EX_OK;
}

int ctl_fsck(const struct ctl_options *o)
{
    struct buf rows;
    struct fsck f = {.repair = o->repair,
                     .finding = o->json ? add_finding : print_finding,
                     .ctx = &rows,
                     .store = ctl_connect_store(o->store)};
    int result = EX_OK, printed = EX_OK;

    if (!f.store)
        return EX_CANTCREAT;
    buf_init(&rows, SIZE_MAX / 4);
    begin_progress(&f, o->nargs);
    if (o->nargs > 0)
        result = check_named(&f, o->args, o->nargs);
    else if (!fsck_all(&f))
        result = EX_IOERR;
    ctl_progress_hide();
    ctl_connect_close_store(f.store);
    struct format json = {.columns = o->verb->columns, .form = VERB_JSON};
    if (o->json)
        printed = format_print(&json, &rows, true);
    else
        printf("%" PRIu64 " mailboxes, %" PRIu64 " messages, %" PRIu64 " findings\n", f.mailboxes,
               f.messages, f.findings);
    buf_free(&rows);
    if (result == EX_OK)
        result = printed;
    return result == EX_OK && f.findings ? CTL_FINDINGS : result;
}
