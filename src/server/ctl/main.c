/*
 * pochtactl: the administrator's tool. What it does it asks of the server that runs on the store;
 * when none does, it does it on the store itself, under the same locks.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "ctl/connect.h"
#include "ctl/ctl_doctor.h"
#include "ctl/ctl_fsck.h"
#include "ctl/options.h"
#include "os/clock.h"
#include "os/crypt.h"
#include "os/file.h"
#include "os/net.h"
#include "os/tty.h"
#include "os/wait.h"
#include "store/recovery.h"

#define STORE          "mailstore"
#define DRAIN_MS       200 /* between two looks at a server that is being drained */
#define DRAIN_SILENCES 3   /* one that ends may close a connection that it has taken */
#define DRAINED        SPAN("0\n")

static int print_answer(const struct ctl_options *o, const struct admin_answer *a)
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
    return whole ? EX_OK : ctl_connect_say(EX_OSERR, "out of memory", "");
}

/* The arguments, with the password where the verb takes one. */
static size_t gather(const struct ctl_options *o, const struct buf *password,
                     struct span args[ADMIN_ARGS_MAX])
{
    size_t n = 0;

    for (; n < (size_t)o->nargs; n++)
        args[n] = span_str(o->args[n]);
    if ((o->verb.verb->flags & ADMIN_PASSWORD))
        args[n++] = buf_span(password);
    return n;
}

static int do_here(const struct ctl_options *o, const struct span *args, size_t n,
                   struct admin_answer *a)
{
    struct admin admin = {.store = ctl_connect_store(o->store)};

    if (!admin.store)
        return EX_CANTCREAT;
    buf_free(&a->text);
    admin_run(&admin, o->verb.verb, args, n, a);
    store_close(admin.store);
    return EX_OK;
}

static int run_once(const struct ctl_options *o, const struct buf *password, struct admin_answer *a)
{
    struct span args[ADMIN_ARGS_MAX];
    size_t n = gather(o, password, args);
    int fd = ctl_connect_server(o->store), result;

    if (fd >= 0)
        result = ctl_connect_ask(fd, o->verb.verb, args, n, a);
    else if (errno == EACCES || errno == EPERM)
        result = ctl_connect_say(EX_NOPERM, o->store, strerror(errno));
    else if (errno == EAGAIN) /* it has more to do than it can: nothing is done behind its back */
        result = ctl_connect_say(EX_UNAVAILABLE, CTL_CONNECT_SILENT, "");
    else if (o->verb.where == CTL_BOTH)
        result = do_here(o, args, n, a);
    else
        result = ctl_connect_say(EX_UNAVAILABLE, o->store, "no server runs on this store");
    os_net_close(fd);
    return result;
}

/* False: there is a server, but it says nothing. One that has gone meanwhile is as good as its 0.
 */
static bool ask_again(const struct ctl_options *o, struct admin_answer *a)
{
    int fd = ctl_connect_server(o->store);
    bool ok = fd >= 0 && ctl_connect_try(fd, o->verb.verb, NULL, 0, a) == EX_OK;

    if (fd < 0 && (errno == ENOENT || errno == ECONNREFUSED)) {
        buf_clear(&a->text);
        ok = buf_add(&a->text, DRAINED);
    }
    os_net_close(fd);
    return ok;
}

static int drain(const struct ctl_options *o, struct admin_answer *a)
{
    struct buf none;
    int result, silences = 0;

    buf_init(&none, 1);
    result = run_once(o, &none, a);
    while (result == EX_OK && a->code == EX_OK && !span_eq(buf_span(&a->text), DRAINED)) {
        os_clock_sleep(DRAIN_MS);
        silences = ask_again(o, a) ? 0 : silences + 1;
        if (silences == DRAIN_SILENCES)
            result = ctl_connect_say(EX_UNAVAILABLE, CTL_CONNECT_SILENT, "");
    }
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
        return ctl_connect_say(EX_DATAERR, "no password came", "");
    if (terminal) {
        fputs("Password again: ", stderr);
        same = os_tty_line(&again, false) && span_eq(buf_span(password), buf_span(&again));
        if (again.p)
            os_crypt_wipe(again.p, again.n);
    }
    buf_free(&again);
    return same ? EX_OK : ctl_connect_say(EX_DATAERR, "the two passwords differ", "");
}

static int run(const struct ctl_options *o)
{
    struct admin_answer a = {.code = EX_OK};
    struct buf password;
    int result = EX_OK;

    if (strcmp(o->verb.verb->name, "fsck") == 0)
        return ctl_fsck_run(o);
    if (strcmp(o->verb.verb->name, "doctor") == 0)
        return ctl_doctor_run(o);
    buf_init(&a.text, SIZE_MAX / 4);
    buf_init(&password, 1024);
    if ((o->verb.verb->flags & ADMIN_PASSWORD))
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
    puts("\nWords of a command may be cut short. Columns are set off by tabs, see pochtactl(8).\n\n"
         "  --store DIR    the store (" STORE ")\n"
         "  --json         rows as JSON objects, of the commands that print any\n"
         "  --prometheus   stats for Prometheus\n"
         "  --repair       fsck: set aside what is damaged; nothing is ever deleted\n"
         "  --config FILE  doctor: the configuration of the server\n"
         "  --help, --version\n\n"
         "Exit codes: 0 done, 1 there are findings, and those of sysexits.h: 64 wrong command "
         "line,\n"
         "65 no name or password, 67 no such user, session or invite, 69 no server runs, or it "
         "does\n"
         "not answer, 71 the system gives too little, 73 the store cannot be opened or the name "
         "is\n"
         "taken, 74 storage or output failed, 75 try again later, 76 the server speaks another "
         "version,\n"
         "77 not allowed, 78 the configuration file is wrong.");
    return EX_OK;
}

static int parse_and_run(char **argv)
{
    struct ctl_options o;
    struct buf why;
    int result = EX_OK;

    buf_init(&why, 4096);
    if (!ctl_options_parse(&o, argv, &why))
        result = ctl_connect_say(EX_USAGE, buf_add_char(&why, '\0') ? why.p : "bad usage", "");
    buf_free(&why);
    if (result != EX_OK)
        return result;
    if (o.help)
        return print_help();
    if (o.version)
        return printf("pochtactl %s\n", POCHTA_VERSION) < 0 ? EX_IOERR : EX_OK;
    if (!o.store && !ctl_table_takes(o.verb.verb, ADMIN_CONFIG))
        o.store = STORE; /* else the configuration says which */
    return run(&o);
}

int main(int argc, char **argv)
{
    int result;

    (void)argc;
    /* What is opened next would stand in its place: rows would be written into the lock file. */
    if (!os_file_standard_open())
        return ctl_connect_say(EX_IOERR, "standard input, output or error is closed", "");
    os_wake_setup();
    result = parse_and_run(argv);
    return fflush(stdout) == 0 ? result
                               : ctl_connect_say(EX_IOERR, "standard output", strerror(errno));
}
