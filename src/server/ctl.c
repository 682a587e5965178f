/*
 * pochtactl: the administrator's tool.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "fsck.h"

static const char usage_text[] =
    "usage: pochtactl [--store DIR] fsck [--repair] [NAME]...\n"
    "\n"
    "fsck checks the files of all mailboxes, or of those named: names, headers, lengths,\n"
    "checksums, ids and tokens that occur twice. It prints one line per finding, and may run\n"
    "beside a server. --repair sets damaged files aside; nothing is ever deleted.\n"
    "\n"
    "  --store DIR   the store (mailstore)\n"
    "  --help, --version\n"
    "\n"
    "Exit codes: 0 nothing found, 1 findings, 64 wrong command line, 67 no such user,\n"
    "73 the store cannot be opened, 74 it cannot be read.\n";

enum { EXIT_FINDINGS = 1 };

struct options {
    const char *store;
    bool repair;
    char **words; /* the command and its arguments */
    int n;
};

static void tell_trouble(void *ctx, const char *text)
{
    (void)ctx;
    fprintf(stderr, "pochtactl: %s\n", text);
}

static void print_finding(void *ctx, const char *mailbox, const char *file, const char *what,
                          bool set_aside)
{
    (void)ctx;
    printf("%s%s%s: %s%s\n", mailbox, file ? "/" : "", file ? file : "", what,
           set_aside ? ": set aside" : "");
}

static int check_named(struct fsck *f, char **names, int n)
{
    for (int i = 0; i < n; i++) {
        enum status st = fsck_mailbox(f, names[i]);
        if (st != ST_OK) {
            fprintf(stderr, "pochtactl: %s: %s\n", names[i], status_text(st));
            return st == ST_NO_USER ? EX_NOUSER : EX_IOERR;
        }
    }
    return EX_OK;
}

static int run_fsck(const struct options *o)
{
    const struct store_events events = {tell_trouble, NULL};
    struct fsck f = {.repair = o->repair, .finding = print_finding};
    const char *why;
    int result = EX_OK;

    f.store = store_open(o->store, false, events, &why);
    if (!f.store) {
        fprintf(stderr, "pochtactl: store %s: %s\n", o->store, why);
        return EX_CANTCREAT;
    }
    if (o->n > 1)
        result = check_named(&f, o->words + 1, o->n - 1);
    else if (!fsck_all(&f))
        result = EX_IOERR;
    store_close(f.store);
    printf("%" PRIu64 " mailboxes, %" PRIu64 " messages, %" PRIu64 " findings\n", f.mailboxes,
           f.messages, f.findings);
    if (fflush(stdout) != 0)
        result = EX_IOERR;
    return result == EX_OK && f.findings ? EXIT_FINDINGS : result;
}

static int usage_error(const char *what, const char *word)
{
    fprintf(stderr, "pochtactl: %s %s; see pochtactl --help\n", what, word);
    return EX_USAGE;
}

int main(int argc, char **argv)
{
    struct options o = {.store = "mailstore", .words = argv};

    (void)argc;
    for (char **at = argv + 1; *at; at++) {
        if (strcmp(*at, "--help") == 0)
            return fputs(usage_text, stdout) < 0 ? EX_IOERR : EX_OK;
        if (strcmp(*at, "--version") == 0)
            return printf("pochtactl %s\n", POCHTA_VERSION) < 0 ? EX_IOERR : EX_OK;
        if (strcmp(*at, "--repair") == 0)
            o.repair = true;
        else if (strcmp(*at, "--store") == 0 && at[1])
            o.store = *++at;
        else if (**at == '-')
            return usage_error("unknown or incomplete option", *at);
        else
            o.words[o.n++] = *at;
    }
    if (o.n == 0)
        return usage_error("no command:", "fsck is one");
    if (strcmp(o.words[0], "fsck") != 0)
        return usage_error("no such command:", o.words[0]);
    return run_fsck(&o);
}
