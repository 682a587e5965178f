/* SPDX-License-Identifier: ISC */
/*
 * pochtactl: the administrator's tool. It asks the server that runs on the store; if there is none,
 * it works on the store itself, under the same locks.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "admin/control_wire.h"
#include "ctl/backup.h"
#include "ctl/batch.h"
#include "ctl/connect.h"
#include "ctl/doctor.h"
#include "ctl/format.h"
#include "ctl/fsck.h"
#include "ctl/letter.h"
#include "ctl/options.h"
#include "ctl/store_place.h"
#include "os/clock.h"
#include "os/crypt.h"
#include "os/file.h"
#include "os/net.h"
#include "os/tty.h"
#include "os/wait.h"

#define DRAIN_MS 200 /* between two requests to a server that is being drained */
#define DRAINED  SPAN("0\n")

/* A server that stops gives no answer; it has ended after 15 s at the latest. */
#define DRAIN_SILENCE_MS 20000

/* What is printed of an answer. */
struct output {
    struct format format;
    bool is_letter; /* the answer is one message */
    struct letter letter;
    int result; /* EX_OK, or an error was printed */
};

static int print_part(struct output *out, const struct buf *part, bool last)
{
    return out->is_letter ? letter_print(&out->letter, part, last)
                          : format_print(&out->format, part, last);
}

static bool print_rows(void *ctx, const struct buf *rows)
{
    struct output *out = ctx;
    out->result = print_part(out, rows, false);
    return out->result == EX_OK;
}

/* After an error JSON stays without its end: it must not look like the whole answer. */
static int print_end(const struct ctl_options *o, struct output *out, const struct admin_answer *a)
{
    if (a->cut)
        return out->result;
    if (a->code != EX_OK) {
        struct span why = a->text.n > 0 ? buf_span(&a->text) : SPAN("out of memory");
        fprintf(stderr, "pochtactl: %.*s\n", SPAN_PRINTF(why));
        return a->code;
    }
    return *o->verb->columns ? print_part(out, &a->text, true) : EX_OK;
}

/*
 * Collects the arguments, with the password if the verb takes one, and --usage or --delay. list:
 * room for names that become one argument (VERB_LIST).
 */
static size_t gather(const struct ctl_options *o, const struct buf *password, struct buf *list,
                     struct span args[VERB_ARGS_MAX])
{
    bool has_list = o->verb->flags & VERB_LIST;
    size_t n = 0, nargs = (size_t)o->nargs;
    for (; n < (has_list ? 1 : nargs); n++)
        args[n] = span_str(o->args[n]);
    for (size_t i = 1; has_list && i < nargs; i++)
        buf_printf(list, "%s%s", i > 1 ? " " : "", o->args[i]);
    if (has_list)
        args[n++] = buf_span(list);
    if (o->verb->flags & VERB_PASSWORD)
        args[n++] = buf_span(password);
    if (o->usage)
        args[n++] = SPAN(VERB_USAGE_WORD);
    if (o->delay) {
        args[n++] = SPAN(VERB_DELAY_WORD);
        args[n++] = span_str(o->delay);
    }
    return n;
}

static int run_here(const struct ctl_options *o, const struct span *args, size_t n,
                    struct admin_answer *a)
{
    struct admin admin = {.store = ctl_connect_store(o->store)};
    if (!admin.store)
        return EX_CANTCREAT;
    admin_run(&admin, o->verb, args, n, a);
    ctl_connect_close_store(admin.store);
    return EX_OK;
}

static int run_with(const struct ctl_options *o, const struct span *args, size_t n,
                    struct admin_answer *a)
{
    int fd = ctl_connect_server(o->store), result;
    if (fd >= 0)
        result = ctl_connect_ask(fd, o->verb, args, n, a);
    else if (errno == EACCES || errno == EPERM)
        result = ctl_connect_say(EX_NOPERM, o->store, strerror(errno));
    else if (errno == EAGAIN) /* it is busy: nothing is done without it */
        result = ctl_connect_say(EX_UNAVAILABLE, CTL_CONNECT_SILENT, "");
    else if (ctl_connect_is_served(o->store))
        result = ctl_connect_say(EX_UNAVAILABLE, o->store,
                                 "a server uses this store, but does not listen at its "
                                 "control.sock; if it runs on another host, run pochtactl there; "
                                 "otherwise try again, or restart it");
    else if (o->verb->where == VERB_ANYWHERE)
        result = run_here(o, args, n, a);
    else
        result = ctl_connect_say(EX_UNAVAILABLE, o->store, "no server is running on this store");
    os_net_close(fd);
    return result;
}

static int run_once(const struct ctl_options *o, const struct buf *password, struct admin_answer *a)
{
    struct span args[VERB_ARGS_MAX];
    struct buf list;
    buf_init(&list, CONTROL_LIMIT);
    size_t n = gather(o, password, &list, args);
    int result =
        buf_ok(&list) ? run_with(o, args, n, a) : ctl_connect_say(EX_OSERR, "out of memory", "");
    buf_free(&list);
    return result;
}

/*
 * Asks again how many sessions are left: none if the server has stopped, even if another one has
 * started since; then *until_ms is in the past. False: no answer.
 */
static bool ask_again(const struct ctl_options *o, struct admin_answer *a, int64_t *until_ms)
{
    const struct span wait = SPAN(VERB_WAIT_WORD);
    int fd = ctl_connect_server(o->store);
    bool stopped =
        fd < 0 && (errno == ENOENT || errno == ECONNREFUSED) && !ctl_connect_is_served(o->store);
    bool ok = fd >= 0 && ctl_connect_try(fd, o->verb, &wait, 1, a) == EX_OK;
    if (stopped || (ok && a->code == EX_OK && a->text.n == 0)) {
        buf_clear(&a->text);
        ok = buf_add(&a->text, DRAINED);
        *until_ms = 0;
    }
    os_net_close(fd);
    return ok;
}

static int drain(const struct ctl_options *o, struct admin_answer *a)
{
    struct buf none;
    buf_init(&none, 1);
    int result = run_once(o, &none, a);
    int64_t heard_ms = os_clock_ms(), asked_ms = heard_ms;
    int64_t until_ms = heard_ms + (int64_t)o->delay_ms;
    while (result == EX_OK && a->code == EX_OK &&
           (asked_ms < until_ms || !span_eq(buf_span(&a->text), DRAINED))) {
        os_clock_sleep(DRAIN_MS);
        asked_ms = os_clock_ms();
        if (ask_again(o, a, &until_ms))
            heard_ms = os_clock_ms();
        else if (os_clock_ms() - heard_ms > DRAIN_SILENCE_MS)
            result = ctl_connect_say(EX_UNAVAILABLE, CTL_CONNECT_SILENT, "");
    }
    return result;
}

/* After os_tty_line has failed. */
static int no_password(const struct buf *password)
{
    int error = errno;
    if (!buf_ok(password))
        return password->n < password->limit ? ctl_connect_say(EX_OSERR, "out of memory", "")
                                             : ctl_connect_say(EX_DATAERR, PASSWORD_RULE, "");
    if (error != 0)
        return ctl_connect_say(EX_IOERR, "cannot read the password", strerror(error));
    return ctl_connect_say(EX_DATAERR, "no password on standard input", "");
}

/* Reads it twice from the terminal, without echo, or from the first line of standard input. */
static int ask_password(struct buf *password)
{
    bool terminal = os_tty_is_terminal(0), same = true;
    struct buf again;
    buf_init(&again, password->limit);
    if (terminal)
        fputs("Password: ", stderr);
    if (!os_tty_line(password, !terminal))
        return no_password(password);
    if (terminal) {
        fputs("Password again: ", stderr);
        same = os_tty_line(&again, false) && span_eq(buf_span(password), buf_span(&again));
        os_crypt_wipe(again.p, again.n);
    }
    buf_free(&again);
    return same ? EX_OK : ctl_connect_say(EX_DATAERR, "the passwords differ", "");
}

/* Runs a verb on the server, or on the store if there is no server. */
static int run_on_store(const struct ctl_options *o)
{
    struct output out = {.format = {.columns = o->usage ? VERB_USAGE_COLUMNS : o->verb->columns,
                                    .form = o->json         ? VERB_JSON
                                            : o->prometheus ? VERB_PROMETHEUS
                                                            : 0},
                         .is_letter = letter_is_shown(o),
                         .letter = {.json = o->json,
                                    .columns = o->verb->columns,
                                    .terminal = os_tty_is_terminal(1)}};
    struct admin_answer a = {.code = EX_OK, .take = print_rows, .ctx = &out};
    struct buf password;
    int result = EX_OK;
    buf_init(&a.text, SIZE_MAX / 4);
    buf_init(&password, 1024);
    if (o->verb->flags & VERB_PASSWORD)
        result = ask_password(&password);
    if (result == EX_OK)
        result = o->verb->id == VERB_drain ? drain(o, &a) : run_once(o, &password, &a);
    if (result == EX_OK || a.cut)
        result = print_end(o, &out, &a);
    os_crypt_wipe(password.p, password.n);
    buf_free(&password);
    buf_free(&a.text);
    return result;
}

#define RUN(id, ...) [VERB_##id] = ctl_##id,

static int run_verb(const struct ctl_options *o)
{
    static int (*const runs[VERBS])(const struct ctl_options *o) = {VERBS_TOOL(RUN)};
    if (o->batch)
        return ctl_batch(o);
    return o->verb->where == VERB_TOOL ? runs[o->verb->id](o) : run_on_store(o);
}

/*
 * Finds the store if none was given, and runs a verb on it. After a failure that a wrong store
 * could explain, says which store it used.
 */
static int run_where_found(struct ctl_options *o)
{
    const struct ctl_store_place place = ctl_store_find_here(o->store, NULL);
    o->store = place.path;
    int result = run_verb(o);
    if (place.from && (result == EX_NOUSER || result == EX_UNAVAILABLE || result == EX_CANTCREAT ||
                       result == EX_NOPERM))
        fprintf(
            stderr,
            "pochtactl: the store is %s (%s); select another with --store or " CTL_STORE_VARIABLE
            "\n",
            place.path, place.from);
    return result;
}

/* --- the command line --- */

static int print_help(void)
{
    const struct verb *v;
    puts("usage: pochtactl [--store DIR] [--json] COMMAND [ARGUMENT]...\n");
    for (unsigned id = 0; (v = verb_get(id)); id++)
        printf("  %-14s %-21s %s\n", v->name, v->args, v->help);
    puts("\nThe words of a command may be shortened. Columns are separated by tabs, see "
         "pochtactl(8).\n\n"
         "  --store DIR    the directory of the store ($" CTL_STORE_VARIABLE ", " CTL_STORE_HERE
         " or " CTL_STORE_PACKAGED ")\n"
         "  --json         print rows as JSON objects\n"
         "  --prometheus   stats: print the text format of Prometheus\n"
         "  --repair       fsck: set damaged files aside, bring whole ones back; deletes nothing\n"
         "  --usage        user list: open the mailboxes, and show how much they contain\n"
         "  --config FILE  doctor: the configuration file of the server\n"
         "  --batch FILE   user add: create the accounts in this file; -: standard input\n"
         "  --keep N       backup: remove all but the last N backups afterwards\n"
         "  --at DATE      restore: use the last backup of this date or before\n"
         "  --delay TIME   drain: tell health checks at once, and refuse clients after this time\n"
         "  --help, --version\n\n"
         "Exit codes: 0 success, 1 there are findings; otherwise as in sysexits.h:\n"
         "64 wrong command line, 65 invalid name, password, line or copy, 66 no such file or "
         "backup,\n"
         "67 no such user, group, message, session or invite, 69 no server is running or it\n"
         "does not answer, 71 out of system resources, 73 cannot open the store or the name is "
         "taken,\n"
         "74 storage or output failed, 75 try again later, 76 the server has a different version,\n"
         "77 permission denied, 78 invalid configuration.");
    return EX_OK;
}

static int parse_and_run(int argc, char **argv)
{
    struct ctl_options o;
    struct buf why;
    int result = EX_OK;
    buf_init(&why, 4096);
    if (!ctl_options_parse(&o, argc, argv, &why))
        result = ctl_connect_say(EX_USAGE, buf_add_char(&why, '\0') ? why.p : "out of memory", "");
    buf_free(&why);
    if (result != EX_OK)
        return result;
    if (o.help)
        return print_help();
    if (o.version)
        return printf("pochtactl %s\n", POCHTA_VERSION) < 0 ? EX_IOERR : EX_OK;
    /* Of a verb that reads the configuration, this may name the store. */
    return verb_takes(o.verb, VERB_CONFIG) ? run_verb(&o) : run_where_found(&o);
}

int main(int argc, char **argv)
{
    /* The next file opened would take its place: rows would be written into the lock file. */
    if (!os_file_standard_open())
        return ctl_connect_say(EX_IOERR, "standard input, output or error is closed", "");
    os_wake_setup();
    int result = parse_and_run(argc, argv);
    return fflush(stdout) == 0
               ? result
               : ctl_connect_say(EX_IOERR, "cannot write standard output", strerror(errno));
}
