/* SPDX-License-Identifier: ISC */
#include "os/pager.h"

#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <stdint.h>

#include "shell_private.h"

#define SCREEN 1

static struct {
    struct os_shell shell;
    int screen; /* the former descriptor 1 */
} pager;

bool os_pager_start(const char *command)
{
    HANDLE in, out;
    if (!CreatePipe(&in, &out, NULL, 0))
        return os_windows_failed();
    bool started =
        os_shell_start(&pager.shell, command ? command : "more", in, os_windows_handle(SCREEN));
    CloseHandle(in);
    if (!started) {
        CloseHandle(out);
        return false;
    }
    int end = _open_osfhandle((intptr_t)out, _O_BINARY);
    pager.screen = _dup(SCREEN);
    _dup2(end, SCREEN);
    _close(end);
    os_shell_takes_keys(true);
    return true;
}

void os_pager_end(void)
{
    struct os_end end;
    _dup2(pager.screen, SCREEN);
    _close(pager.screen);
    os_shell_wait(&pager.shell, INFINITE, &end);
    os_shell_takes_keys(false);
}
