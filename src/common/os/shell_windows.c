/* SPDX-License-Identifier: ISC */
#include "shell_private.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"

/*
 * With /s, cmd.exe runs the text between the first and the last quote unchanged. With /d, it runs
 * no command from the registry first.
 */
static WCHAR *line_of(const char *text)
{
    struct buf line;
    buf_init(&line, SIZE_MAX / 2);
    buf_printf(&line, "cmd.exe /d /s /c \"%s\"", text);
    buf_add_char(&line, '\0');
    errno = ENOMEM;
    WCHAR *wide = buf_ok(&line) ? os_windows_wide(line.p) : NULL;
    buf_free(&line);
    return wide;
}

static HANDLE make_job(void)
{
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limit = {.BasicLimitInformation.LimitFlags =
                                                      JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE};
    HANDLE job = CreateJobObjectW(NULL, NULL);
    SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limit, sizeof limit);
    return job;
}

/* Lets the next command inherit these handles, or not; later commands must not get them. */
static void hand_down(const STARTUPINFOW *startup, bool yes)
{
    const HANDLE handles[] = {startup->hStdInput, startup->hStdOutput, startup->hStdError};
    for (size_t i = 0; i < sizeof handles / sizeof handles[0]; i++)
        SetHandleInformation(handles[i], HANDLE_FLAG_INHERIT, yes ? HANDLE_FLAG_INHERIT : 0);
}

bool os_shell_start(struct os_shell *s, const char *text, HANDLE in, HANDLE out)
{
    STARTUPINFOW startup = {.cb = sizeof startup,
                            .dwFlags = STARTF_USESTDHANDLES,
                            .hStdInput = in,
                            .hStdOutput = out,
                            .hStdError = os_windows_handle(2)};
    PROCESS_INFORMATION made = {.hProcess = NULL};
    WCHAR *line = line_of(text);
    if (!line)
        return false;
    hand_down(&startup, true);
    bool ok = CreateProcessW(NULL, line, NULL, NULL, TRUE, CREATE_SUSPENDED, NULL, NULL, &startup,
                             &made) ||
              os_windows_failed();
    hand_down(&startup, false);
    free(line);
    if (!ok)
        return false;
    *s = (struct os_shell){made.hProcess, make_job()};
    AssignProcessToJobObject(s->job, s->process);
    ResumeThread(made.hThread);
    CloseHandle(made.hThread);
    return true;
}

static void free_shell(struct os_shell *s)
{
    CloseHandle(s->process);
    if (s->job)
        CloseHandle(s->job);
    *s = (struct os_shell){NULL, NULL};
}

bool os_shell_wait(struct os_shell *s, DWORD most_ms, struct os_end *end)
{
    DWORD code = 0;
    if (WaitForSingleObject(s->process, most_ms) != WAIT_OBJECT_0)
        return false;
    GetExitCodeProcess(s->process, &code);
    *end = os_end_of((int)code);
    free_shell(s);
    return true;
}

void os_shell_kill(struct os_shell *s)
{
    TerminateJobObject(s->job, 1);
    free_shell(s);
}

static BOOL WINAPI ignore_keys(DWORD event)
{
    return event == CTRL_C_EVENT || event == CTRL_BREAK_EVENT;
}

void os_shell_takes_keys(bool yes)
{
    SetConsoleCtrlHandler(ignore_keys, yes);
}

HANDLE os_shell_nothing(void)
{
    HANDLE nothing = CreateFileW(L"NUL", GENERIC_READ | GENERIC_WRITE,
                                 FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
    if (nothing == INVALID_HANDLE_VALUE)
        os_windows_failed();
    return nothing;
}
