/* SPDX-License-Identifier: ISC */
/*
 * os_tty on Windows in line mode: the console edits a line itself, with echo and history, and gives
 * all of it at once.
 */
#include <errno.h>
#include <fcntl.h>
#include <io.h>

#include "console_private.h"
#include "os/crypt.h"
#include "os/tty.h"

#define TTY     0
#define CTRL_D  0x04
#define CTRL_Z  0x1a
#define UNITS   2048 /* that one read of a line may return */
#define ENDS_MS 5000 /* a process ends within this time after Ctrl-C */

/* Input that was read and not returned yet. */
static struct os_console_typed typed;

static HANDLE console(void)
{
    return os_windows_handle(TTY);
}

/*
 * Appends the input that one read of the console returns: a line with its LF, a part of a long
 * line, or the text before Ctrl-D or Ctrl-Z. Returns the last character, CTRL_D for both of these
 * keys, or -1 if the console cannot be read.
 */
static int read_console(struct buf *text)
{
    CONSOLE_READCONSOLE_CONTROL control = {.nLength = sizeof control,
                                           .dwCtrlWakeupMask = 1u << CTRL_D | 1u << CTRL_Z};
    WCHAR units[UNITS];
    DWORD n = 0, i = 0;
    os_tty_wait(-1, INT64_MAX);
    SetLastError(0);
    bool ok = ReadConsoleW(console(), units, UNITS, &n, &control);
    if (GetLastError() == ERROR_OPERATION_ABORTED) { /* Ctrl-C: the process is about to end */
        Sleep(ENDS_MS);
        ok = false;
    }
    for (; i < n && units[i] != CTRL_D && units[i] != CTRL_Z; i++)
        if (units[i] != '\r')
            os_console_type(&typed, units[i]);
    int last = !ok ? -1 : i < n || n == 0 ? CTRL_D : units[n - 1];
    buf_add(text, span_of(typed.bytes, typed.n));
    os_crypt_wipe(units, sizeof units);
    os_crypt_wipe(typed.bytes, typed.n);
    typed.n = 0;
    return last;
}

/* Reads to the end of the line even if the buffer is full: the next call reads the next line. */
static bool read_console_line(struct buf *line)
{
    int last;
    do
        last = read_console(line);
    while (last >= 0 && last != '\n' && last != CTRL_D);
    if (last == '\n' && buf_ok(line))
        buf_erase(line, line->n - 1, 1);
    return buf_ok(line) && (last == '\n' || (last == CTRL_D && line->n > 0));
}

/* Reads a pipe or a file byte by byte, so that the rest stays for the next reader. */
static bool read_bytes_of_line(struct buf *line)
{
    char c;
    int n = _read(TTY, &c, 1);
    if (n <= 0)
        return false;
    for (; n > 0 && c != '\n'; n = _read(TTY, &c, 1))
        buf_add_char(line, c);
    return buf_ok(line);
}

bool os_tty_line(struct buf *line, bool echo)
{
    buf_clear(line);
    if (!os_tty_is_terminal(TTY))
        return read_bytes_of_line(line);
    if (!echo)
        os_console_modes(ENABLE_ECHO_INPUT, ENABLE_LINE_INPUT | ENABLE_PROCESSED_INPUT, false);
    bool ok = read_console_line(line);
    if (!echo) {
        os_console_modes_end();
        os_tty_say("\n");
    }
    return ok;
}

bool os_tty_part(struct buf *text, bool *end)
{
    if (os_tty_is_terminal(TTY)) {
        int last = read_console(text);
        *end = last == CTRL_D;
        errno = last < 0 ? EIO : ENOMEM;
        return last >= 0 && buf_ok(text);
    }
    char *room = buf_space(text, OS_CONSOLE_ROOM);
    errno = ENOMEM;
    if (!room)
        return false;
    int n = _read(TTY, room, OS_CONSOLE_ROOM);
    if (n < 0)
        return false;
    *end = n == 0;
    buf_added(text, (size_t)n);
    return true;
}

bool os_tty_key(void)
{
    struct buf line;
    INPUT_RECORD record;
    DWORD n;
    if (!os_tty_is_terminal(TTY)) {
        buf_init(&line, 0);
        return read_bytes_of_line(&line) || !buf_ok(&line);
    }
    os_tty_wait(-1, INT64_MAX);
    if (!ReadConsoleInputW(console(), &record, 1, &n) || n == 0)
        return false;
    os_console_press(&typed, &record.Event.KeyEvent);
    bool end = typed.bytes[0] == CTRL_D;
    typed.n = 0;
    return !end;
}

static HANDLE own_console(const WCHAR *name)
{
    return CreateFileW(name, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                       OPEN_EXISTING, 0, NULL);
}

bool os_tty_enter(int *before)
{
    HANDLE keys = own_console(L"CONIN$");
    int fd = keys == INVALID_HANDLE_VALUE ? -1 : _open_osfhandle((intptr_t)keys, _O_BINARY);
    if (fd < 0)
        return false;
    *before = _dup(TTY);
    bool is_there = _dup2(fd, TTY) == 0;
    _close(fd);
    if (!is_there)
        _close(*before);
    return is_there;
}

void os_tty_leave(int before)
{
    if (before < 0) {
        _close(TTY);
        return;
    }
    _dup2(before, TTY);
    _close(before);
}

void os_tty_say(const char *text)
{
    HANDLE screen = own_console(L"CONOUT$");
    os_console_write(screen, span_str(text));
    CloseHandle(screen);
}
