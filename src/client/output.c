/* SPDX-License-Identifier: ISC */
#include "client/output.h"

#include <errno.h>
#include <stdio.h>

#include "client/language.h"
#include "os/environment.h"
#include "os/error.h"
#include "os/file.h"
#include "os/pager.h"
#include "os/pipe.h"
#include "os/tty.h"

#define STDOUT_FD   1
#define PATIENCE_MS 5000 /* a program may read only when this one has ended */

static int write_error; /* errno of the first write that failed, or 0 */

static bool note(bool ok)
{
    if (!ok && write_error == 0)
        write_error = errno;
    return ok;
}

static bool note_stdio(bool ok)
{
    if (!ok)
        errno = os_error_of_stdio();
    return note(ok);
}

/* What is held back until it is known whether it fits on the screen. */
static struct {
    const char *command; /* as for os_pager_start */
    bool holds;          /* held has all that was written */
    bool started;        /* the pager has it */
    struct buf held;
} page;

/* A pager that was left early has no error: the user has seen enough. */
static bool put(struct span s)
{
    bool ok =
        s.n == 0 || fwrite(s.p, 1, s.n, stdout) == s.n; /* an empty span may have no pointer */
    return page.started ? true : note_stdio(ok);
}

static bool release(void)
{
    page.holds = false;
    bool ok = put(buf_span(&page.held));
    buf_free(&page.held);
    return ok;
}

void output_set_pager(const char *command)
{
    page.command = command;
}

void output_page(void)
{
    if (!os_tty_is_terminal(STDOUT_FD))
        return;
    page.holds = true;
    buf_init(&page.held, SIZE_MAX / 2);
}

/* Whether the text is longer than the screen, which needs one more row for the next prompt. */
static bool is_long(const struct buf *text)
{
    unsigned columns, rows;
    os_tty_size(&columns, &rows);
    return span_count(buf_span(text), '\n') >= rows;
}

bool output_write(struct span s)
{
    if (!page.holds)
        return put(s);
    if (!buf_add(&page.held, s)) {
        release();
        return put(s);
    }
    if (!is_long(&page.held))
        return true;
    fflush(stdout);
    page.started = os_pager_start(page.command);
    return release();
}

bool output_coloured(void)
{
    const char *no = os_environment("NO_COLOR");
    return os_tty_has_sequences(STDOUT_FD) && !(no && *no);
}

unsigned output_columns(void)
{
    return os_tty_columns(STDOUT_FD);
}

bool output_flush(void)
{
    bool ok = note_stdio(fflush(stdout) == 0);
    if (ok && ferror(stdout)) { /* a write failed at once and left nothing to flush */
        errno = EIO;
        ok = note(false);
    }
    clearerr(stdout);
    return ok;
}

bool output_taken(void)
{
    static int64_t patience_ms = PATIENCE_MS;
    enum os_pipe_state state = os_pipe_wait(STDOUT_FD, patience_ms);
    if (state == OS_PIPE_WAITING)
        patience_ms = 0;
    errno = EPIPE;
    return note(state != OS_PIPE_LEFT);
}

bool output_sync(void)
{
    if (page.holds)
        release();
    if (page.started) {
        fflush(stdout);
        os_pager_end();
        clearerr(stdout); /* it may have been left early */
        page.started = false;
        return true;
    }
    /* Pipes and terminals answer that they have nothing to sync: EINVAL, or EROFS. */
    if (output_flush() && write_error == 0 && !os_file_sync(STDOUT_FD))
        note(errno == EINVAL || errno == EROFS);
    return write_error == 0;
}

enum error_code output_finish(void)
{
    if (output_sync())
        return ERROR_NONE;
    if (write_error == EPIPE)
        return ERROR_IO;
    return error_say(ERROR_IO, _("cannot write standard output: %s"),
                     _(os_error_text(write_error)));
}

enum error_code output_text(const struct buf *text)
{
    if (!buf_ok(text))
        return error_say(ERROR_SOFTWARE, _("out of memory"));
    output_write(buf_span(text));
    return output_finish();
}
