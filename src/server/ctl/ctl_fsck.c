#include "ctl/ctl_fsck.h"

#include <inttypes.h>
#include <stdio.h>
#include <sysexits.h>

#include "ctl/connect.h"
#include "store/fsck.h"
#include "store/recovery.h"

static void print_finding(void *ctx, const char *mailbox, const char *file, const char *what,
                          bool set_aside)
{
    struct buf line;

    (void)ctx;
    buf_init(&line, 4096);
    ctl_table_text(&line, span_str(mailbox));
    if (file) {
        buf_add_char(&line, '/');
        ctl_table_text(&line, span_str(file));
    }
    printf("%.*s: %s%s\n", SPAN_PRINTF(buf_span(&line)), what, set_aside ? ": set aside" : "");
    buf_free(&line);
}

static void add_finding(void *ctx, const char *mailbox, const char *file, const char *what,
                        bool set_aside)
{
    struct buf *rows = ctx;

    ctl_table_text(rows, span_str(mailbox));
    buf_add_char(rows, '\t');
    ctl_table_text(rows, span_str(file ? file : ""));
    buf_printf(rows, "\t%s\t%s\n", what, set_aside ? "yes" : "no");
}

static int check_named(struct fsck *f, char **names, int n)
{
    for (int i = 0; i < n; i++) {
        enum status st = fsck_mailbox(f, names[i]);
        if (st != ST_OK)
            return ctl_connect_say(st == ST_NO_USER ? EX_NOUSER : EX_IOERR, names[i],
                                   status_text(st));
    }
    return EX_OK;
}

static int print_json(const struct ctl_options *o, const struct buf *rows)
{
    struct buf out;
    bool whole;

    buf_init(&out, SIZE_MAX / 2);
    ctl_table_json(&out, o->verb.verb->columns, buf_span(rows));
    whole = buf_ok(rows) && buf_ok(&out);
    if (whole)
        fwrite(out.p, 1, out.n, stdout);
    buf_free(&out);
    return whole ? EX_OK : ctl_connect_say(EX_OSERR, "out of memory", "");
}

int ctl_fsck_run(const struct ctl_options *o)
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
    if (o->nargs > 0)
        result = check_named(&f, o->args, o->nargs);
    else if (!fsck_all(&f))
        result = EX_IOERR;
    store_close(f.store);
    if (o->json)
        printed = print_json(o, &rows);
    else
        printf("%" PRIu64 " mailboxes, %" PRIu64 " messages, %" PRIu64 " findings\n", f.mailboxes,
               f.messages, f.findings);
    buf_free(&rows);
    if (result == EX_OK)
        result = printed;
    return result == EX_OK && f.findings ? CTL_FINDINGS : result;
}
