/* SPDX-License-Identifier: ISC */
#include "client/output.h"

#include <errno.h>
#include <stdio.h>

#include "os/error.h"
#include "os/file.h"
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

bool output_write(struct span s)
{
    return note(fwrite(s.p, 1, s.n, stdout) == s.n);
}

unsigned output_columns(void)
{
    return os_tty_columns(STDOUT_FD);
}

bool output_flush(void)
{
    return note(fflush(stdout) == 0);
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
    return error_say(ERROR_IO, "cannot write standard output: %s", os_error_text(write_error));
}

enum error_code output_text(const struct buf *text)
{
    if (!buf_ok(text))
        return error_say(ERROR_SOFTWARE, "out of memory");
    output_write(buf_span(text));
    return output_finish();
}
