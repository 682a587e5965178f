#include "client/output.h"

#include <errno.h>
#include <stdio.h>

#include "client/error.h"
#include "os/error.h"
#include "os/file.h"

#define STDOUT_FD 1

bool output_write(struct span s)
{
    return fwrite(s.p, 1, s.n, stdout) == s.n;
}

bool output_flush(void)
{
    return fflush(stdout) == 0;
}

enum error_code output_finish(void)
{
    bool ok = fflush(stdout) == 0 && !ferror(stdout);
    /* Pipes and terminals answer that they have nothing to sync: EINVAL, or EROFS. */
    if (ok && !os_file_sync(STDOUT_FD))
        ok = errno == EINVAL || errno == EROFS;
    if (ok)
        return ERROR_NONE;
    return error_say(ERROR_IO, "cannot write standard output: %s", os_error_text(errno));
}
