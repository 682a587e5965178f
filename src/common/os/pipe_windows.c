/* SPDX-License-Identifier: ISC */
#include "os/pipe.h"

#include "windows_private.h"

static DWORD WINAPI flush(void *pipe)
{
    return FlushFileBuffers(pipe) ? ERROR_SUCCESS : GetLastError();
}

/* The system may wait for readers for ever, so a thread does that. It ends with the process. */
enum os_pipe_state os_pipe_wait(int fd, int64_t most_ms)
{
    HANDLE pipe = os_windows_handle(fd);
    DWORD error = ERROR_SUCCESS;
    if (GetFileType(pipe) != FILE_TYPE_PIPE)
        return OS_PIPE_TAKEN;
    HANDLE thread = CreateThread(NULL, 0, flush, pipe, 0, NULL);
    if (!thread)
        return OS_PIPE_TAKEN;
    bool ended = WaitForSingleObject(thread, (DWORD)most_ms) == WAIT_OBJECT_0;
    GetExitCodeThread(thread, &error);
    CloseHandle(thread);
    if (!ended)
        return OS_PIPE_WAITING;
    return error == ERROR_BROKEN_PIPE || error == ERROR_NO_DATA ? OS_PIPE_LEFT : OS_PIPE_TAKEN;
}
