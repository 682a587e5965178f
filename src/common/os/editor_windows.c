/* SPDX-License-Identifier: ISC */
#include "os/editor.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "shell_private.h"

/* The console, or the standard handle fd if there is no console. */
static HANDLE own_console(const WCHAR *name, int fd)
{
    HANDLE console = CreateFileW(name, GENERIC_READ | GENERIC_WRITE,
                                 FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
    return console == INVALID_HANDLE_VALUE ? os_windows_handle(fd) : console;
}

static void give_back(HANDLE console, int fd)
{
    if (console != os_windows_handle(fd))
        CloseHandle(console);
}

static bool run(const char *line, struct os_end *end)
{
    DWORD modes = 0;
    struct os_shell shell;
    HANDLE in = own_console(L"CONIN$", 0), out = own_console(L"CONOUT$", 1);
    bool console = GetConsoleMode(in, &modes);
    os_shell_takes_keys(true);
    bool started = os_shell_start(&shell, line, in, out);
    *end = (struct os_end){OS_END_NOT_RUN, errno};
    if (started)
        os_shell_wait(&shell, INFINITE, end);
    os_shell_takes_keys(false);
    if (console)
        SetConsoleMode(in, modes);
    give_back(in, 0);
    give_back(out, 1);
    return started && end->kind == OS_END_EXIT && end->number == 0;
}

/* Some programs treat an argument with / as an option. */
bool os_editor_run(const char *command, const char *path, struct os_end *end)
{
    struct buf line;
    buf_init(&line, SIZE_MAX / 2);
    buf_printf(&line, "%s \"", command);
    for (const char *c = path; *c; c++)
        buf_add_char(&line, *c == '/' ? '\\' : *c);
    buf_add(&line, span_of("\"", 2)); /* and its NUL */
    *end = (struct os_end){OS_END_NOT_RUN, ENOMEM};
    bool ok = buf_ok(&line) && run(line.p, end);
    buf_free(&line);
    return ok;
}
