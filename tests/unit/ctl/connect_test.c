/* SPDX-License-Identifier: ISC */
/* What pochtactl makes of the answers of a server, also of one that is broken or of another
 * version. */
#include "ctl/connect.h"

#include <sys/socket.h>
#include <sysexits.h>

#include "admin/control_wire.h"
#include "os/clock.h"
#include "os/net.h"
#include "said.h"
#include "tap.h"
#include "transport/socket_io.h"

#define FRAMES 3
#define GREETS "Yes|" CONTROL_GREETING

#define ROWS_BYTES 64

static bool take_rows(void *ctx, const struct buf *rows)
{
    char *taken = ctx;
    size_t n = strlen(taken);

    snprintf(taken + n, ROWS_BYTES - n, "%.*s", SPAN_PRINTF(buf_span(rows)));
    return !span_eq(buf_span(rows), SPAN("unwanted\n"));
}

/* Writes a frame: op, and arguments that are separated by "|" in text. */
static void write_frame(int fd, const char *op, const char *text)
{
    struct span args[FRAMES + 1], rest = span_str(text);
    struct socket_io server;
    size_t n = 0;

    while (rest.n > 0)
        args[n++] = span_take(&rest, '|');
    socket_io_init(&server, fd);
    if (control_wire_write(&server.io, op, args, n, os_clock_ms() + 1000) != IO_OK)
        exit(1);
}

struct row {
    const char *name;
    const char *frames[FRAMES]; /* the arguments of answers, which are there already */
    int result, code;
    const char *text, *rows, *error;
};

static void try_row(const struct row *row)
{
    char taken[ROWS_BYTES] = "";
    struct admin_answer a = {.code = EX_OK, .take = take_rows, .ctx = taken};
    const struct span arg = SPAN("ann");
    int fds[2], result;

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0)
        exit(1);
    for (int i = 0; i < FRAMES && row->frames[i]; i++)
        write_frame(fds[1], "Answer", row->frames[i]);
    shutdown(fds[1], SHUT_WR);
    buf_init(&a.text, CONTROL_LIMIT);
    said_begin();
    result = ctl_connect_ask(fds[0], verb_get(VERB_user_list), &arg, 1, &a);
    said_end();
    is_int(result, row->result, "%s", row->name);
    is_int(a.code, row->code, "... the code");
    if (row->result == EX_OK)
        ok(span_eq(buf_span(&a.text), span_str(row->text)), "... the text");
    is_str(taken, row->rows, "... the rows before it");
    is_str(said.err, row->error, "... and what is printed");
    buf_free(&a.text);
    os_net_close(fds[0]);
    os_net_close(fds[1]);
}

static void test_answers(void)
{
#define SILENT "pochtactl: " CTL_CONNECT_SILENT "\n"
#define CUT    "pochtactl: " CTL_CONNECT_CUT "\n"
    static const struct row rows[] = {
        {"an answer in one part", {GREETS, "Yes|all"}, EX_OK, EX_OK, "all", "", ""},
        {"... in two",
         {GREETS, "More|first\n", "Yes|last\n"},
         EX_OK,
         EX_OK,
         "last\n",
         "first\n",
         ""},
        {"an error", {GREETS, "Noop|67|no such user"}, EX_OK, EX_NOUSER, "no such user", "", ""},
        {"a user who is rejected", {"Noop|77|no"}, EX_OK, EX_NOPERM, "no", "", ""},
        {"another version",
         {"Yes|pochta-control 1"},
         EX_PROTOCOL,
         EX_OK,
         "",
         "",
         "pochtactl: the server has a different version of the control protocol\n"},
        {"no greeting", {NULL}, EX_UNAVAILABLE, EX_OK, "", "", SILENT},
        {"no answer", {GREETS}, EX_UNAVAILABLE, EX_OK, "", "", SILENT},
        {"half of an answer", {GREETS, "More|first\n"}, EX_UNAVAILABLE, EX_OK, "", "first\n", CUT},
        {"rows that nobody reads",
         {GREETS, "More|unwanted\n"},
         EX_IOERR,
         EX_OK,
         "",
         "unwanted\n",
         ""},
        {"an answer without a text", {GREETS, "Yes"}, EX_UNAVAILABLE, EX_OK, "", "", SILENT},
        {"an error with code 0", {GREETS, "Noop|0|no"}, EX_UNAVAILABLE, EX_OK, "", "", SILENT},
        {"... with a code above 255",
         {GREETS, "Noop|256|no"},
         EX_UNAVAILABLE,
         EX_OK,
         "",
         "",
         SILENT},
        {"... with a code in words",
         {GREETS, "Noop|many|no"},
         EX_UNAVAILABLE,
         EX_OK,
         "",
         "",
         SILENT},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        try_row(&rows[i]);
}

/* The greeting of something else that listens there. */
static void test_stranger(void)
{
    struct admin_answer a = {.code = EX_OK};
    int fds[2];

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0)
        exit(1);
    write_frame(fds[1], "Exit", GREETS);
    buf_init(&a.text, CONTROL_LIMIT);
    is_int(ctl_connect_try(fds[0], verb_get(VERB_stats), NULL, 0, &a), EX_UNAVAILABLE,
           "what greets with another word than Answer is no server");
    buf_free(&a.text);
    os_net_close(fds[0]);
    os_net_close(fds[1]);
}

/* The server greets and ends: the request cannot be written. */
static void test_gone(void)
{
    struct admin_answer a = {.code = EX_OK};
    int fds[2];

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0)
        exit(1);
    write_frame(fds[1], "Answer", GREETS);
    os_net_close(fds[1]);
    buf_init(&a.text, CONTROL_LIMIT);
    is_int(ctl_connect_try(fds[0], verb_get(VERB_stats), NULL, 0, &a), EX_UNAVAILABLE,
           "a server that ends after its greeting");
    is_int(a.taken_ms, 0, "... no rows have come");
    buf_free(&a.text);
    os_net_close(fds[0]);
}

int main(void)
{
    test_answers();
    test_stranger();
    test_gone();
    return done_testing();
}
