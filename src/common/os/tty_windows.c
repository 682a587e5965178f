/* SPDX-License-Identifier: ISC */
/*
 * In raw mode keys are read as records, which every console has. A console that understands
 * sequences is told to send them, too, because only then it marks pasted text.
 *
 * At Ctrl-C, and when the window is closed, the system calls a function in a thread of its own.
 */
#include "os/tty.h"

#include <signal.h>
#include <string.h>

#include "console_private.h"
#include "os/clock.h"
#include "os/crypt.h"
#include "os/environment.h"

#define TTY     0
#define SCREEN  1
#define CTRL_C  0x03
#define KEEP_MS 4000 /* for os_tty_raw_at_end: after 5 seconds the system ends the process */

#define LINE_MODES (ENABLE_LINE_INPUT | ENABLE_ECHO_INPUT | ENABLE_PROCESSED_INPUT)

static const struct os_tty_aside *aside;

/* Typed input that was not returned yet. */
static struct os_console_typed typed;

/* The one console: the function that is called at Ctrl-C must know its modes from before. */
static struct {
    bool on;    /* the modes are changed now */
    bool raw;   /* they are those of raw mode */
    bool sized; /* the size has changed */
    DWORD before;
    HANDLE closing; /* the process is about to end */
    HANDLE kept;    /* at_end was called */
    void (*at_end)(void *ctx);
    void *ctx;
} guard;

static HANDLE console(void)
{
    return os_windows_handle(TTY);
}

static bool size_of(int fd, unsigned *columns, unsigned *rows)
{
    CONSOLE_SCREEN_BUFFER_INFO info;
    if (!GetConsoleScreenBufferInfo(os_windows_handle(fd), &info))
        return false;
    *columns = (unsigned)(info.srWindow.Right - info.srWindow.Left + 1);
    *rows = (unsigned)(info.srWindow.Bottom - info.srWindow.Top + 1);
    return true;
}

bool os_tty_is_terminal(int fd)
{
    DWORD mode;
    return GetConsoleMode(os_windows_handle(fd), &mode);
}

unsigned os_tty_columns(int fd)
{
    unsigned columns = 0, rows;
    size_of(fd, &columns, &rows);
    return columns;
}

void os_tty_size(unsigned *columns, unsigned *rows)
{
    *columns = 80;
    *rows = 24;
    size_of(SCREEN, columns, rows);
}

bool os_tty_has_sequences(int fd)
{
    return os_console_obeys(os_windows_handle(fd));
}

void os_tty_meanwhile(const struct os_tty_aside *what)
{
    aside = what;
}

/* --- what was typed --- */

void os_tty_forget(void)
{
    FlushConsoleInputBuffer(console());
    os_crypt_wipe(&typed, sizeof typed);
}

/* Takes all records that have arrived. Returns false if the console is gone. */
static bool take_records(void)
{
    INPUT_RECORD records[OS_CONSOLE_RECORDS];
    DWORD n = 0;
    while (sizeof typed.bytes - typed.n >= OS_CONSOLE_ROOM / 2) {
        if (!GetNumberOfConsoleInputEvents(console(), &n))
            return false;
        if (n == 0 || !ReadConsoleInputW(console(), records, OS_CONSOLE_RECORDS, &n))
            return n == 0;
        for (DWORD i = 0; i < n; i++) {
            if (records[i].EventType == KEY_EVENT)
                os_console_press(&typed, &records[i].Event.KeyEvent);
            guard.sized = guard.sized || records[i].EventType == WINDOW_BUFFER_SIZE_EVENT;
        }
    }
    return true;
}

/*
 * Whether a key that produces input was pressed. Drops the records before it, such as the release
 * of the last key.
 */
static bool is_key_pressed(void)
{
    static struct os_console_typed unused;
    INPUT_RECORD record;
    DWORD n;
    while (PeekConsoleInputW(console(), &record, 1, &n) && n > 0) {
        unused.n = 0;
        if (record.EventType == KEY_EVENT)
            os_console_press(&unused, &record.Event.KeyEvent);
        if (unused.n > 0)
            return true;
        ReadConsoleInputW(console(), &record, 1, &n);
    }
    return false;
}

/* --- waiting --- */

static bool can_read(int fd)
{
    WSAPOLLFD p = {.fd = (SOCKET)fd, .events = POLLRDNORM};
    return fd >= 0 && WSAPoll(&p, 1, 0) != 0;
}

static DWORD ms_until(int64_t until_ms)
{
    int64_t left = until_ms - os_clock_ms();
    if (until_ms == INT64_MAX)
        return INFINITE;
    return left < 0 ? 0 : left < INFINITE ? (DWORD)left : INFINITE - 1;
}

/*
 * Waits once, for a record, fd, aside or the deadline. A wait for a socket and a console together
 * needs an event. The event tells neither which socket is meant, nor whether it still has input.
 */
static void wait_once(int fd, int64_t until_ms)
{
    const int fds[] = {fd, aside ? aside->fd : -1};
    HANDLE handles[] = {console(), CreateEventW(NULL, TRUE, FALSE, NULL), guard.closing};
    for (size_t i = 0; i < 2; i++)
        if (fds[i] >= 0)
            WSAEventSelect((SOCKET)fds[i], handles[1], FD_READ | FD_CLOSE);
    WaitForMultipleObjects(guard.closing ? 3 : 2, handles, FALSE, ms_until(until_ms));
    for (size_t i = 0; i < 2; i++)
        if (fds[i] >= 0)
            WSAEventSelect((SOCKET)fds[i], NULL, 0);
    CloseHandle(handles[1]);
    if (can_read(fd)) /* aside may read from the same socket, and leave no input for fd */
        return;
    if (aside && can_read(aside->fd) && !aside->act(aside->ctx))
        aside = NULL;
}

bool os_tty_wait(int fd, int64_t until_ms)
{
    while (os_tty_is_terminal(TTY) && !is_key_pressed()) {
        if (can_read(fd) || os_clock_ms() >= until_ms)
            return false;
        wait_once(fd, until_ms);
    }
    return true;
}

/* --- other modes --- */

static void mark_pastes(bool on)
{
    HANDLE screen = os_windows_handle(SCREEN);
    if (os_console_obeys(screen))
        os_console_write(screen, on ? SPAN("\033[?2004h") : SPAN("\033[?2004l"));
}

void os_console_modes_end(void)
{
    if (guard.raw)
        mark_pastes(false);
    SetConsoleMode(console(), guard.before);
    guard.on = guard.raw = false;
}

/* Adds the record of the key, since in raw mode Ctrl-C is a key; wine's console needs this. */
static void press_ctrl_c(void)
{
    INPUT_RECORD record = {.EventType = KEY_EVENT};
    DWORD n;
    record.Event.KeyEvent = (KEY_EVENT_RECORD){
        .bKeyDown = TRUE, .wRepeatCount = 1, .wVirtualKeyCode = 'C', .uChar.UnicodeChar = CTRL_C};
    WriteConsoleInputW(console(), &record, 1, &n);
}

/* Runs in a thread of its own. FALSE: the process ends. */
static BOOL WINAPI on_control(DWORD event)
{
    if (guard.raw && event == CTRL_C_EVENT) {
        press_ctrl_c();
        return TRUE;
    }
    if (guard.raw) {
        SetEvent(guard.closing);
        WaitForSingleObject(guard.kept, KEEP_MS);
    }
    if (guard.on)
        os_console_modes_end();
    return FALSE;
}

void os_console_modes(DWORD off, DWORD on, bool raw)
{
    if (!guard.closing) {
        guard.closing = CreateEventW(NULL, TRUE, FALSE, NULL);
        guard.kept = CreateEventW(NULL, TRUE, FALSE, NULL);
        SetConsoleCtrlHandler(on_control, TRUE);
    }
    GetConsoleMode(console(), &guard.before);
    guard.on = true;
    guard.raw = raw;
    SetConsoleMode(console(), (guard.before & ~off) | on);
    if (raw)
        mark_pastes(true);
}

/* --- raw mode --- */

static const int crashes[] = {SIGABRT, SIGFPE, SIGILL, SIGSEGV};

#define CRASHES (sizeof crashes / sizeof crashes[0])

static void on_crashes(void (*act)(int number))
{
    for (size_t i = 0; i < CRASHES; i++)
        signal(crashes[i], act);
}

static void put_back(int number)
{
    os_console_modes_end();
    on_crashes(SIG_DFL);
    raise(number);
}

bool os_tty_raw_begin(void)
{
    const char *term = os_environment("TERM");
    DWORD on = ENABLE_WINDOW_INPUT;
    if ((term && strcmp(term, "dumb") == 0) || !os_tty_is_terminal(TTY) ||
        !os_tty_is_terminal(SCREEN))
        return false;
    if (os_tty_has_sequences(SCREEN))
        on |= ENABLE_VIRTUAL_TERMINAL_INPUT;
    os_console_modes(LINE_MODES | ENABLE_MOUSE_INPUT, on, true);
    on_crashes(put_back);
    return true;
}

void os_tty_raw_end(void)
{
    os_console_modes_end();
    on_crashes(SIG_DFL);
}

void os_tty_raw_stop(void)
{
}

void os_tty_raw_at_end(void (*act)(void *ctx), void *ctx)
{
    guard.at_end = act;
    guard.ctx = ctx;
}

/* The console is gone, or will be as soon as on_control returns. */
static enum os_tty_event end_now(void)
{
    if (guard.at_end)
        guard.at_end(guard.ctx);
    SetEvent(guard.kept);
    return OS_TTY_ENDED;
}

static void take_typed(char *bytes, size_t size, size_t *n)
{
    *n = typed.n < size ? typed.n : size;
    memcpy(bytes, typed.bytes, *n);
    typed.n -= *n;
    memmove(typed.bytes, typed.bytes + *n, typed.n);
    os_crypt_wipe(typed.bytes + typed.n, *n);
}

enum os_tty_event os_tty_raw_wait(int fd, int64_t until_ms, char *bytes, size_t size, size_t *n)
{
    for (;;) {
        if (!take_records() || WaitForSingleObject(guard.closing, 0) == WAIT_OBJECT_0)
            return end_now();
        take_typed(bytes, size, n);
        if (*n > 0)
            return OS_TTY_INPUT;
        if (guard.sized) {
            guard.sized = false;
            return OS_TTY_REDRAW;
        }
        if (can_read(fd))
            return OS_TTY_READY;
        if (os_clock_ms() >= until_ms)
            return OS_TTY_TIME;
        wait_once(fd, until_ms);
    }
}

void os_tty_draw(struct span text)
{
    os_console_draw(os_windows_handle(SCREEN), text);
}
