/* SPDX-License-Identifier: ISC */
#include "ctl/connect.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "admin/control_wire.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/local.h"
#include "os/net.h"
#include "os/process.h"
#include "store/lock_file.h"
#include "store/recovery.h"
#include "transport/socket_io.h"

#define GREETING_MS \
    10000 /* for the greeting: a full server takes up to half of this to make room */
#define WAIT_MS        60000 /* for each part of the answer */
#define TROUBLES_BYTES (1 << 20)

int ctl_connect_say(int code, const char *what, const char *why)
{
    fprintf(stderr, "pochtactl: %s%s%s\n", what, *why ? ": " : "", why);
    return code;
}

/*
 * What the store reports while a mailbox may be locked. Whoever reads standard error may be slow,
 * or stopped, so it is printed when no mailbox is locked.
 */
static struct buf troubles = {.limit = TROUBLES_BYTES};

static void keep_trouble(void *ctx, const char *text)
{
    (void)ctx;
    buf_printf(&troubles, "pochtactl: %s\n", text);
}

static void keep_died(void *ctx, const char *mailbox)
{
    (void)ctx;
    buf_printf(&troubles, "pochtactl: %s: a process died while it held the lock of this mailbox\n",
               mailbox);
}

void ctl_connect_print_troubles(void)
{
    if (troubles.n > 0)
        fwrite(troubles.p, 1, troubles.n, stderr);
    if (!buf_ok(&troubles))
        fputs("pochtactl: out of memory for more of what is wrong with the store\n", stderr);
    buf_clear(&troubles);
}

void ctl_connect_close_store(struct store *s)
{
    store_close(s);
    ctl_connect_print_troubles();
    buf_free(&troubles);
}

/* The reason is errno, unless that is 0. */
static void say_closed(const char *path, const char *what)
{
    fprintf(stderr, "pochtactl: store %s: %s%s%s%s\n", path, what, errno ? ": " : "",
            errno ? strerror(errno) : "",
            errno == ENOENT ? "; give its directory with --store" : "");
}

/*
 * As root, becomes the store's owner: the server could not read files that belong to root. Enters
 * the store first, since its owner may not be able to reach it by its path.
 */
static bool become_owner(const char *path)
{
    struct os_process_user owner;
    struct os_file_info info;
    int dir = os_file_open_dir(path);
    bool ok = dir >= 0 && os_file_look_at(dir, &info) && os_file_go_into(dir);
    if (ok && info.owner != 0) {
        os_process_user_name(info.owner, owner.name);
        owner.uid = info.owner;
        owner.gid = info.group;
        ok = os_process_become(&owner);
    }
    if (!ok)
        say_closed(path, dir < 0 ? "cannot open the directory" : "cannot become its owner");
    os_file_close(dir);
    return ok;
}

struct store *ctl_connect_store(const char *path)
{
    const struct store_events events = {.trouble = keep_trouble, .died = keep_died};
    bool root = os_process_is_root();
    const char *why;
    if (root && !become_owner(path))
        return NULL;
    errno = 0;
    struct store *s = store_open(root ? "." : path, false, events, &why);
    if (!s)
        say_closed(path, why);
    ctl_connect_print_troubles();
    return s;
}

bool ctl_connect_is_served(const char *path)
{
    int dir = os_file_reach_dir(path);
    bool served = dir >= 0 && lock_file_is_served(dir);
    os_file_close(dir);
    return served;
}

int ctl_connect_server(const char *path)
{
    int dir = os_file_reach_dir(path);
    int fd = dir >= 0 ? os_local_connect(dir, CONTROL_SOCKET) : -1;
    os_file_close(dir);
    return fd;
}

/* Reads one part of an answer into *a. False: nothing came, or no answer. */
static bool read_part(struct io *io, struct buf *in, int64_t wait_ms, struct admin_answer *a,
                      bool *more)
{
    struct span op, args[3];
    uint64_t code;
    size_t n;
    if (control_wire_read(io, in, os_clock_ms() + wait_ms, &op, args, 3, &n) != IO_OK ||
        !span_eq(op, SPAN("Answer")) || n < 2)
        return false;
    a->code = EX_OK;
    *more = n == 2 && span_eq(args[0], SPAN("More"));
    if (n == 3) {
        if (!span_u64(args[1], 255, &code) || code == 0)
            return false;
        a->code = (int)code;
    }
    buf_clear(&a->text);
    return buf_add(&a->text, args[n - 1]);
}

/* Reads the answer to the end. Returns what ctl_connect_try does. */
static int read_answer(struct io *io, struct buf *in, struct admin_answer *a)
{
    bool more = true;
    while (more) {
        if (!read_part(io, in, WAIT_MS, a, &more))
            return EX_UNAVAILABLE;
        if (more && !admin_answer_pass_on(a))
            return EX_IOERR;
    }
    return EX_OK;
}

int ctl_connect_try(int fd, const struct verb *verb, const struct span *args, size_t n,
                    struct admin_answer *a)
{
    struct socket_io net;
    struct buf in;
    int result = EX_UNAVAILABLE;
    bool more;
    buf_init(&in, CONTROL_LIMIT);
    socket_io_init(&net, fd);
    if (read_part(&net.io, &in, GREETING_MS, a, &more)) {
        bool greeted = span_eq(buf_span(&a->text), SPAN(CONTROL_GREETING));

        if (a->code != EX_OK)
            result = EX_OK; /* the server rejects this user */
        else if (!greeted)
            result = EX_PROTOCOL;
        else if (control_wire_write(&net.io, verb->name, args, n, os_clock_ms() + WAIT_MS) == IO_OK)
            result = read_answer(&net.io, &in, a);
    }
    buf_free(&in);
    return result;
}

int ctl_connect_ask(int fd, const struct verb *verb, const struct span *args, size_t n,
                    struct admin_answer *a)
{
    int result = ctl_connect_try(fd, verb, args, n, a);
    if (result == EX_PROTOCOL)
        ctl_connect_say(result, "the server has a different version of the control protocol", "");
    else if (result == EX_UNAVAILABLE)
        ctl_connect_say(result, a->taken_ms ? CTL_CONNECT_CUT : CTL_CONNECT_SILENT, "");
    return result;
}
