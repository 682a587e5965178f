/* SPDX-License-Identifier: ISC */
/*
 * Our end of the connection must be a socket that can be used like any other. So the connection is
 * a pair of sockets through the loopback address. One thread copies the bytes that we send from the
 * second socket to the command's standard input, another copies its standard output back. Standard
 * input and output are pipes: if both were one socket, a thread of the command could not write to
 * it, as a file, while another thread waits to read from it.
 */
#include "os/command.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "net_private.h"
#include "os/error.h"
#include "os/file.h"
#include "os/net.h"
#include "shell_private.h"

#define GRACE_MS    500
#define PIECE_BYTES 65536

struct connected {
    struct os_shell shell;
    SOCKET end;  /* the second socket of the pair */
    HANDLE to;   /* the command's standard input; the thread that writes closes it */
    HANDLE from; /* its standard output; the thread that reads closes it */
    HANDLE threads[2];
};

static bool is_same(const struct sockaddr_in *a, const struct sockaddr_in *b)
{
    return a->sin_port == b->sin_port && a->sin_addr.s_addr == b->sin_addr.s_addr;
}

/* Another process may connect first: accepts only the connection from our own socket. */
static SOCKET take_own(SOCKET listener, SOCKET theirs)
{
    struct sockaddr_in own, from;
    int size = sizeof own;
    if (getsockname(theirs, (struct sockaddr *)&own, &size) != 0)
        return INVALID_SOCKET;
    for (;;) {
        size = sizeof from;
        SOCKET ours = accept(listener, (struct sockaddr *)&from, &size);
        if (ours == INVALID_SOCKET || is_same(&own, &from))
            return ours;
        closesocket(ours);
    }
}

/* Sets both ends, or neither and errno. */
static bool open_ends(SOCKET *ours, SOCKET *theirs)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int size = sizeof at;
    u_long on = 1;
    SOCKET listener = WSASocketW(AF_INET, SOCK_STREAM, 0, NULL, 0,
                                 WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
    *theirs = WSASocketW(AF_INET, SOCK_STREAM, 0, NULL, 0,
                         WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
    *ours = INVALID_SOCKET;
    if (bind(listener, (struct sockaddr *)&at, size) == 0 && listen(listener, 1) == 0 &&
        getsockname(listener, (struct sockaddr *)&at, &size) == 0 &&
        connect(*theirs, (struct sockaddr *)&at, size) == 0)
        *ours = take_own(listener, *theirs);
    bool ok = *ours != INVALID_SOCKET || os_windows_failed();
    if (ok) {
        ioctlsocket(*ours, FIONBIO, &on);
        os_net_no_delay((int)*ours);
        os_net_no_delay((int)*theirs);
    } else {
        closesocket(*theirs);
    }
    closesocket(listener);
    return ok;
}

/* Goes on receiving when the command no longer reads: the sender must not wait for ever. */
static DWORD WINAPI carry_there(void *arg)
{
    struct connected *c = arg;
    char bytes[PIECE_BYTES];
    bool reads = true;
    int n;
    while ((n = recv(c->end, bytes, sizeof bytes, 0)) > 0)
        reads = reads && os_file_write(os_windows_fd(c->to), bytes, (size_t)n);
    CloseHandle(c->to);
    return 0;
}

static bool send_all(SOCKET to, const char *bytes, int size)
{
    int n;
    for (; size > 0; size -= n, bytes += n)
        if ((n = send(to, bytes, size, 0)) <= 0)
            return false;
    return true;
}

static DWORD WINAPI carry_back(void *arg)
{
    struct connected *c = arg;
    char bytes[PIECE_BYTES];
    DWORD n;
    while (ReadFile(c->from, bytes, sizeof bytes, &n, NULL) && send_all(c->end, bytes, (int)n))
        ;
    shutdown(c->end, SD_SEND);
    CloseHandle(c->from);
    return 0;
}

static void wait_for_threads(struct connected *c)
{
    for (size_t i = 0; i < sizeof c->threads / sizeof *c->threads; i++)
        if (c->threads[i]) {
            WaitForSingleObject(c->threads[i], INFINITE);
            CloseHandle(c->threads[i]);
        }
}

/* Starts the command and the threads. False: nothing is left running, and errno is set. */
static bool start_carried(struct connected *c, const char *text)
{
    HANDLE in = NULL, out = NULL;
    bool ok = (CreatePipe(&in, &c->to, NULL, PIECE_BYTES) &&
               CreatePipe(&c->from, &out, NULL, PIECE_BYTES)) ||
              os_windows_failed();
    ok = ok && os_shell_start(&c->shell, text, in, out);
    int saved = errno;
    const HANDLE useless[] = {in, out, ok ? NULL : c->to, ok ? NULL : c->from};
    for (size_t i = 0; i < sizeof useless / sizeof *useless; i++)
        if (useless[i])
            CloseHandle(useless[i]);
    errno = saved;
    if (!ok)
        return false;
    c->threads[0] = CreateThread(NULL, 0, carry_there, c, 0, NULL);
    c->threads[1] = CreateThread(NULL, 0, carry_back, c, 0, NULL);
    if (c->threads[0] && c->threads[1])
        return true;
    os_windows_failed();
    saved = errno;
    os_shell_kill(&c->shell);
    shutdown(c->end, SD_BOTH);
    wait_for_threads(c);
    errno = saved;
    return false;
}

static bool start_connected(struct os_command *c, const char *text)
{
    SOCKET ours;
    struct connected *made = calloc(1, sizeof *made);
    if (!made || !open_ends(&ours, &made->end)) {
        free(made);
        return false;
    }
    if (start_carried(made, text)) {
        *c = (struct os_command){.fd = (int)ours, .process = (intptr_t)made};
        return true;
    }
    os_net_close((int)ours);
    os_net_close((int)made->end);
    free(made);
    return false;
}

bool os_command_start(struct os_command *c, struct span text, const char **why)
{
    struct buf line;
    bool started = false;
    buf_init(&line, SIZE_MAX / 2);
    buf_add(&line, text);
    buf_add_char(&line, '\0');
    errno = ENOMEM; /* the buffer can fail for no other reason */
    if (buf_ok(&line))
        started = start_connected(c, line.p);
    if (!started)
        *why = os_error_text(errno);
    buf_free(&line);
    return started;
}

void os_command_end(struct os_command *c, struct os_end *end)
{
    struct connected *made = (struct connected *)c->process;
    if (!made)
        return;
    os_net_close(c->fd);
    if (!os_shell_wait(&made->shell, GRACE_MS, end)) {
        *end = (struct os_end){OS_END_HANG_UP, 0};
        os_shell_kill(&made->shell);
    }
    wait_for_threads(made);
    os_net_close((int)made->end);
    free(made);
    *c = (struct os_command){.fd = -1};
}

/*
 * Reads until the end, so that the command can write everything. Returns the same as
 * os_command_first_line.
 */
static int64_t read_first_line(HANDLE from, char *bytes, size_t size)
{
    size_t n = 0;
    bool whole = false, fits = true;
    char c;
    DWORD got;
    while (ReadFile(from, &c, 1, &got, NULL) && got == 1) {
        whole = whole || c == '\n';
        fits = fits && (whole || n < size);
        if (!whole && fits)
            bytes[n++] = c;
    }
    errno = EFBIG;
    return fits ? (int64_t)n : -1;
}

int64_t os_command_first_line(const char *text, char *bytes, size_t size, struct os_end *end)
{
    HANDLE from, to, nothing = os_shell_nothing();
    struct os_shell shell;
    if (nothing == INVALID_HANDLE_VALUE || !CreatePipe(&from, &to, NULL, 0)) {
        *end = (struct os_end){OS_END_NOT_RUN, errno};
        return -1;
    }
    int64_t n = -1;
    bool started = os_shell_start(&shell, text, nothing, to);
    *end = (struct os_end){OS_END_NOT_RUN, errno};
    CloseHandle(nothing);
    CloseHandle(to);
    if (started)
        n = read_first_line(from, bytes, size);
    CloseHandle(from);
    if (!started)
        return -1;
    int saved = errno;
    os_shell_wait(&shell, INFINITE, end);
    errno = saved;
    if (end->kind == OS_END_EXIT && end->number == 0)
        return n;
    errno = EIO;
    return -1;
}

/* Sets "NAME=value" of this process, which the command inherits, or unsets it again. */
static void set_variables(char *const *variables, bool on)
{
    for (; *variables; variables++) {
        WCHAR *text = os_windows_wide(*variables), *value = text ? wcschr(text, L'=') : NULL;
        if (value) {
            *value = 0;
            SetEnvironmentVariableW(text, on ? value + 1 : NULL);
        }
        free(text);
    }
}

bool os_command_run(const char *text, char *const *variables,
                    const struct os_command_meanwhile *meanwhile, struct os_end *end)
{
    HANDLE nothing = os_shell_nothing();
    struct os_shell shell;
    set_variables(variables, true);
    bool started = nothing != INVALID_HANDLE_VALUE &&
                   os_shell_start(&shell, text, nothing, os_windows_handle(1));
    *end = (struct os_end){OS_END_NOT_RUN, errno};
    set_variables(variables, false);
    if (nothing != INVALID_HANDLE_VALUE)
        CloseHandle(nothing);
    if (!started)
        return false;
    while (!os_shell_wait(&shell, (DWORD)meanwhile->every_ms, end))
        meanwhile->act(meanwhile->ctx);
    return end->kind == OS_END_EXIT && end->number == 0;
}
