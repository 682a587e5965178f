/*
 * pochtactl: the administrator's tool. What it does it asks of the server that runs on the store;
 * when none does, it does it on the store itself, under the same locks.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "control_wire.h"
#include "ctl_table.h"
#include "fsck.h"
#include "os_clock.h"
#include "os_crypt.h"
#include "os_file.h"
#include "os_local.h"
#include "os_net.h"
#include "os_process.h"
#include "os_tty.h"

enum { EXIT_FINDINGS = 1 };

#define WAIT_MS  60000 /* for a server's answer */
#define DRAIN_MS 200   /* between two looks at a server that is being drained */

struct options {
    const char *store;
    bool repair, json, prometheus;
    struct ctl_verb verb;
    char **args; /* of the verb */
    int nargs;
};

static int say(int code, const char *what, const char *why)
{
    fprintf(stderr, "pochtactl: %s%s%s\n", what, *why ? ": " : "", why);
    return code;
}

static void tell_trouble(void *ctx, const char *text)
{
    (void)ctx;
    say(0, text, "");
}

static void tell_died(void *ctx, const char *mailbox)
{
    (void)ctx;
    say(0, mailbox, "a process died holding the lock of this mailbox");
}

/*
 * Root becomes the store's owner: what it made would belong to root, and be closed to the server.
 * The store is entered first, since its owner may not reach it by its path.
 */
static bool become_owner(const struct options *o)
{
    struct os_process_user owner;
    struct os_file_info info;
    int dir = os_file_open_dir(o->store);
    bool ok = dir >= 0 && os_file_look_at(dir, &info) && os_file_go_into(dir);

    if (ok && info.owner != 0) {
        os_process_user_name(info.owner, owner.name);
        owner.uid = info.owner;
        owner.gid = info.group;
        ok = os_process_become(&owner);
    }
    if (!ok)
        fprintf(stderr, "pochtactl: store %s: it cannot be entered as its owner: %s\n", o->store,
                strerror(errno));
    os_file_close(dir);
    return ok;
}

static struct store *open_store(const struct options *o)
{
    const struct store_events events = {tell_trouble, tell_died, NULL};
    bool root = os_process_is_root();
    const char *why;
    struct store *s;

    if (root && !become_owner(o))
        return NULL;
    s = store_open(root ? "." : o->store, false, events, &why);
    if (!s)
        fprintf(stderr, "pochtactl: store %s: %s\n", o->store, why);
    return s;
}

/* --- fsck --- */

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
        if (st != ST_OK)
            return say(st == ST_NO_USER ? EX_NOUSER : EX_IOERR, names[i], status_text(st));
    }
    return EX_OK;
}

static int run_fsck(const struct options *o)
{
    struct fsck f = {.repair = o->repair, .finding = print_finding, .store = open_store(o)};
    int result = EX_OK;

    if (!f.store)
        return EX_CANTCREAT;
    if (o->nargs > 0)
        result = check_named(&f, o->args, o->nargs);
    else if (!fsck_all(&f))
        result = EX_IOERR;
    store_close(f.store);
    printf("%" PRIu64 " mailboxes, %" PRIu64 " messages, %" PRIu64 " findings\n", f.mailboxes,
           f.messages, f.findings);
    return result == EX_OK && f.findings ? EXIT_FINDINGS : result;
}

/* --- the other verbs --- */

static int print_answer(const struct options *o, const struct admin_answer *a)
{
    struct span rows = buf_span(&a->text);
    struct buf out;
    bool whole;

    if (a->code != EX_OK) {
        fprintf(stderr, "pochtactl: %.*s\n", SPAN_PRINTF(rows));
        return a->code;
    }
    buf_init(&out, SIZE_MAX / 2);
    if (o->json)
        ctl_table_json(&out, o->verb.verb->columns, rows);
    else if (o->prometheus)
        ctl_table_prometheus(&out, rows);
    else
        buf_add(&out, rows);
    whole = buf_ok(&out);
    if (whole && out.n > 0 && *o->verb.verb->columns)
        fwrite(out.p, 1, out.n, stdout);
    buf_free(&out);
    return whole ? EX_OK : say(EX_OSERR, "out of memory", "");
}

/* The arguments, with the password where the verb takes one. */
static size_t gather(const struct options *o, const struct buf *password,
                     struct span args[ADMIN_ARGS_MAX])
{
    size_t n = 0;

    for (; n < (size_t)o->nargs; n++)
        args[n] = span_str(o->args[n]);
    if (o->verb.verb->flags & ADMIN_PASSWORD)
        args[n++] = buf_span(password);
    return n;
}

/* Reads an answer of the server into *a. False: it is none. */
static bool read_answer(struct io *io, struct buf *in, struct admin_answer *a)
{
    struct span op, args[3];
    uint64_t code;
    size_t n;

    if (control_wire_read(io, in, os_clock_ms() + WAIT_MS, &op, args, 3, &n) != IO_OK ||
        !span_eq(op, SPAN("Answer")) || n < 2)
        return false;
    a->code = EX_OK;
    if (n == 3) {
        if (!span_u64(args[1], 255, &code) || code == 0)
            return false;
        a->code = (int)code;
    }
    buf_clear(&a->text);
    return buf_add(&a->text, args[n - 1]);
}

static int ask_server(const struct options *o, int fd, const struct span *args, size_t n,
                      struct admin_answer *a)
{
    struct os_net_io net;
    struct buf in;
    bool ok;

    buf_init(&in, CONTROL_LIMIT);
    os_net_io_init(&net, fd);
    ok = read_answer(&net.io, &in, a);
    if (ok && !span_eq(buf_span(&a->text), SPAN(CONTROL_GREETING))) {
        buf_free(&in);
        return say(EX_PROTOCOL, "the server speaks another version of this", "");
    }
    ok = ok &&
         control_wire_write(&net.io, o->verb.verb->name, args, n, os_clock_ms() + WAIT_MS) ==
             IO_OK &&
         read_answer(&net.io, &in, a);
    buf_free(&in);
    return ok ? EX_OK : say(EX_UNAVAILABLE, "the server does not answer", "");
}

/* The server of the store, or -1: none runs. */
static int dial(const struct options *o)
{
    int dir = os_file_open_dir(o->store);
    int fd = dir >= 0 ? os_local_connect(dir, CONTROL_SOCKET) : -1;

    os_file_close(dir);
    return fd;
}

static int do_here(const struct options *o, const struct span *args, size_t n,
                   struct admin_answer *a)
{
    struct admin admin = {.store = open_store(o)};

    if (!admin.store)
        return EX_CANTCREAT;
    buf_free(&a->text);
    admin_run(&admin, o->verb.verb, args, n, a);
    store_close(admin.store);
    return EX_OK;
}

static int run_once(const struct options *o, const struct buf *password, struct admin_answer *a)
{
    struct span args[ADMIN_ARGS_MAX];
    size_t n = gather(o, password, args);
    int fd = dial(o), result;

    if (fd >= 0)
        result = ask_server(o, fd, args, n, a);
    else if (errno == EACCES || errno == EPERM)
        result = say(EX_NOPERM, o->store, strerror(errno));
    else if (o->verb.where == CTL_BOTH)
        result = do_here(o, args, n, a);
    else
        result = say(EX_UNAVAILABLE, o->store, "no server runs on this store");
    os_net_close(fd);
    return result;
}

/* Drained is a server whose answer is 0, or that has gone meanwhile. */
static int drain(const struct options *o, struct admin_answer *a)
{
    const struct timespec pause = {0, DRAIN_MS * 1000000L};
    struct buf none;
    int result;

    buf_init(&none, 1);
    while ((result = run_once(o, &none, a)) == EX_OK && a->code == EX_OK &&
           !span_eq(buf_span(&a->text), SPAN("0\n")))
        nanosleep(&pause, NULL);
    return result;
}

/* From the terminal, twice and unseen, or the first line of standard input. */
static int ask_password(struct buf *password)
{
    bool terminal = os_tty_is_terminal(0), same = true;
    struct buf again;

    buf_init(&again, password->limit);
    if (terminal)
        fputs("Password: ", stderr);
    if (!os_tty_line(password, !terminal))
        return say(EX_DATAERR, "no password came", "");
    if (terminal) {
        fputs("Password again: ", stderr);
        same = os_tty_line(&again, false) && span_eq(buf_span(password), buf_span(&again));
        if (again.p)
            os_crypt_wipe(again.p, again.n);
    }
    buf_free(&again);
    return same ? EX_OK : say(EX_DATAERR, "the two passwords differ", "");
}

static int run(const struct options *o)
{
    struct admin_answer a = {.code = EX_OK};
    struct buf password;
    int result = EX_OK;

    if (strcmp(o->verb.verb->name, "fsck") == 0)
        return run_fsck(o);
    buf_init(&a.text, SIZE_MAX / 4);
    buf_init(&password, 1024);
    if (o->verb.verb->flags & ADMIN_PASSWORD)
        result = ask_password(&password);
    if (result == EX_OK)
        result =
            strcmp(o->verb.verb->name, "drain") == 0 ? drain(o, &a) : run_once(o, &password, &a);
    if (result == EX_OK)
        result = print_answer(o, &a);
    if (password.p)
        os_crypt_wipe(password.p, password.n);
    buf_free(&password);
    buf_free(&a.text);
    return result;
}

/* --- the command line --- */

static int print_help(void)
{
    struct ctl_verb v;

    puts("usage: pochtactl [--store DIR] [--json] COMMAND [ARGUMENT]...\n");
    for (size_t i = 0; ctl_table_verb(i, &v); i++)
        printf("  %-14s %-21s %s\n", v.verb->name, v.verb->args, v.verb->help);
    puts(
        "\nWords of a command may be cut short. Columns are set off by tabs, see pochtactl(8).\n\n"
        "  --store DIR    the store (mailstore)\n"
        "  --json         rows as JSON objects\n"
        "  --prometheus   stats for Prometheus\n"
        "  --repair       fsck: set aside what is damaged; nothing is ever deleted\n"
        "  --help, --version\n\n"
        "Exit codes: 0 done, 1 fsck has findings, and those of sysexits.h: 64 wrong command line,\n"
        "65 no name or password, 67 no such user or invite, 69 no server runs, 73 the store cannot "
        "be "
        "opened\n"
        "or the name is taken, 74 storage failed, 75 try again later, 77 not allowed,\n"
        "78 the configuration file is wrong.");
    return EX_OK;
}

static int usage_error(const char *what, const char *word)
{
    fprintf(stderr, "pochtactl: %s %s; see pochtactl --help\n", what, word);
    return EX_USAGE;
}

/* words: the command and its arguments. */
static int choose(struct options *o, char **words, int n)
{
    int used = 0;
    unsigned found = ctl_table_find(words, n, &o->verb, &used);
    unsigned password;

    if (n == 0)
        return usage_error("no command", "was given");
    if (found != 1)
        return usage_error(
            found ? "not clear, more than one command begins so:" : "no such command:", words[0]);
    o->args = words + used;
    o->nargs = n - used;
    password = o->verb.verb->flags & ADMIN_PASSWORD ? 1 : 0;
    if ((unsigned)o->nargs + password < o->verb.verb->min ||
        (unsigned)o->nargs + password > o->verb.verb->max)
        return usage_error(o->verb.verb->name,
                           *o->verb.verb->args ? o->verb.verb->args : "takes no arguments");
    if (o->prometheus && strcmp(o->verb.verb->name, "stats") != 0)
        return usage_error("--prometheus goes with", "stats");
    return EX_OK;
}

int main(int argc, char **argv)
{
    struct options o = {.store = "mailstore"};
    char **words = argv;
    int n = 0, result;

    (void)argc;
    /* What is opened next would stand in its place: rows would be written into the lock file. */
    if (!os_file_standard_open())
        return say(EX_IOERR, "standard input, output or error is closed", "");
    for (char **at = argv + 1; *at; at++) {
        if (strcmp(*at, "--help") == 0)
            return print_help();
        if (strcmp(*at, "--version") == 0)
            return printf("pochtactl %s\n", POCHTA_VERSION) < 0 ? EX_IOERR : EX_OK;
        if (strcmp(*at, "--repair") == 0)
            o.repair = true;
        else if (strcmp(*at, "--json") == 0)
            o.json = true;
        else if (strcmp(*at, "--prometheus") == 0)
            o.prometheus = true;
        else if (strcmp(*at, "--store") == 0 && at[1])
            o.store = *++at;
        else if (strncmp(*at, "--", 2) == 0)
            return usage_error("unknown or incomplete option", *at);
        else
            words[n++] = *at;
    }
    os_net_wake_setup();
    result = choose(&o, words, n);
    if (result == EX_OK)
        result = run(&o);
    return fflush(stdout) == 0 ? result : say(EX_IOERR, "standard output", strerror(errno));
}
