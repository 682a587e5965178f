/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>

#include "console_private.h"

#define ESC          '\033'
#define UNITS        1024
#define STREAM_BYTES 65536

static UINT page_before;

/*
 * Whether the console acts on sequences. Wine's console accepts the mode but does not, so this
 * tries a sequence on a screen buffer that is not shown.
 */
static bool are_obeyed(void)
{
    CONSOLE_SCREEN_BUFFER_INFO info = {.dwCursorPosition = {1, 0}};
    DWORD mode = ENABLE_PROCESSED_OUTPUT | ENABLE_VIRTUAL_TERMINAL_PROCESSING;
    HANDLE screen = CreateConsoleScreenBuffer(GENERIC_READ | GENERIC_WRITE, 0, NULL,
                                              CONSOLE_TEXTMODE_BUFFER, NULL);
    if (SetConsoleMode(screen, mode)) {
        os_console_write(screen, SPAN("\033[m"));
        GetConsoleScreenBufferInfo(screen, &info);
    }
    CloseHandle(screen);
    return info.dwCursorPosition.X == 0;
}

static void put_back(void)
{
    fflush(NULL);
    SetConsoleOutputCP(page_before);
}

/* Called when the process is about to end at once, without put_back. */
static BOOL WINAPI on_end(DWORD event)
{
    (void)event;
    SetConsoleOutputCP(page_before);
    return FALSE;
}

void os_console_begin(void)
{
    FILE *const streams[] = {stdout, stderr};
    for (int i = 0; i < 2; i++) {
        HANDLE screen = os_windows_handle(i + 1);
        DWORD mode;
        if (!GetConsoleMode(screen, &mode))
            continue;
        setvbuf(streams[i], NULL, _IOFBF, STREAM_BYTES);
        if (!page_before) {
            page_before = GetConsoleOutputCP();
            SetConsoleOutputCP(CP_UTF8);
            atexit(put_back);
            SetConsoleCtrlHandler(on_end, TRUE);
        }
        if (are_obeyed())
            SetConsoleMode(screen, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING);
    }
}

bool os_console_obeys(HANDLE screen)
{
    DWORD mode;
    return GetConsoleMode(screen, &mode) && (mode & ENABLE_VIRTUAL_TERMINAL_PROCESSING);
}

/* As much of a text as fits; a character that does not fit whole is left out. */
static struct span piece_of(struct span text)
{
    /* cppcheck-suppress knownConditionTrueFalse ; UNITS is larger */
    size_t n = text.n < UNITS ? text.n : UNITS, least = n < 3 ? 0 : n - 3;
    while (n < text.n && n > least && ((unsigned char)text.p[n] & 0xc0) == 0x80)
        n--;
    return span_first(text, n);
}

void os_console_write(HANDLE screen, struct span text)
{
    WCHAR units[UNITS];
    DWORD written;
    while (text.n > 0) {
        struct span piece = piece_of(text);
        int n = MultiByteToWideChar(CP_UTF8, 0, piece.p, (int)piece.n, units, UNITS);
        WriteConsoleW(screen, units, (DWORD)n, &written, NULL);
        text = span_skip(text, piece.n);
    }
}

/* Clears this number of cells. */
static void clear(HANDLE screen, const CONSOLE_SCREEN_BUFFER_INFO *info, COORD from, int cells)
{
    DWORD n;
    FillConsoleOutputCharacterW(screen, L' ', (DWORD)cells, from, &n);
    FillConsoleOutputAttribute(screen, info->wAttributes, (DWORD)cells, from, &n);
}

static void obey(HANDLE screen, char what, int n)
{
    CONSOLE_SCREEN_BUFFER_INFO info;
    if (!GetConsoleScreenBufferInfo(screen, &info))
        return;
    const COORD at = info.dwCursorPosition, home = {info.srWindow.Left, info.srWindow.Top};
    const int wide = info.dwSize.X, below = info.srWindow.Bottom + 1;
    COORD to = at;
    switch (what) {
    case 'A':
        to.Y = (SHORT)(at.Y - n > home.Y ? at.Y - n : home.Y);
        break;
    case 'C':
        to.X = (SHORT)(at.X + n < wide ? at.X + n : wide - 1);
        break;
    case 'H':
        to = home;
        break;
    case 'J': /* 2: everything */
        to = n == 2 ? home : at;
        clear(screen, &info, to, (below - to.Y) * wide - to.X);
        to = at;
        break;
    case 'K':
        clear(screen, &info, at, wide - at.X);
        break;
    default:
        break;
    }
    SetConsoleCursorPosition(screen, to);
}

/* Obeys the sequence at the beginning of a text, and returns what follows it. */
static struct span obey_first(HANDLE screen, struct span text)
{
    size_t i = 2; /* ESC and [ */
    int n = 0;
    for (; i < text.n && text.p[i] >= '0' && text.p[i] <= '9'; i++)
        n = n < SHRT_MAX / 10 ? 10 * n + text.p[i] - '0' : SHRT_MAX;
    if (i >= text.n)
        return span_skip(text, text.n);
    obey(screen, text.p[i], n);
    return span_skip(text, i + 1);
}

void os_console_draw(HANDLE screen, struct span text)
{
    while (text.n > 0) {
        size_t n = 0;
        while (n < text.n && text.p[n] != ESC)
            n++;
        os_console_write(screen, span_first(text, n));
        text = span_skip(text, n);
        if (text.n > 0)
            text = obey_first(screen, text);
    }
}
