/* SPDX-License-Identifier: ISC */
/*
 * os_console_private: the parts of os_tty on Windows. A console uses UTF-16; the program sees
 * UTF-8, and the same bytes that a terminal on Linux sends and understands. For one thread.
 */
#ifndef OS_CONSOLE_PRIVATE_H
#define OS_CONSOLE_PRIVATE_H

#include "base/span.h"
#include "windows_private.h"

/*
 * Call this once, before anything is written. If standard output or error is a console, it becomes
 * UTF-8, and output is buffered until it is flushed, since a console shows a character wrong if its
 * bytes arrive in pieces. If the console can act on sequences such as ESC[1m, this is turned on. At
 * the end of the process the console is as before.
 */
void os_console_begin(void);

/* Whether this is a console that acts on sequences, after os_console_begin. */
bool os_console_obeys(HANDLE screen);

/* Writes UTF-8 text to a console. Errors are not reported. */
void os_console_write(HANDLE screen, struct span text);

/* Writes text with the sequences that os_tty_draw allows, to any console. */
void os_console_draw(HANDLE screen, struct span text);

#define OS_CONSOLE_ROOM    8192 /* bytes */
#define OS_CONSOLE_RECORDS 64   /* records for whose bytes there is room, if no key is repeated */

/* Typed input, as bytes. */
struct os_console_typed {
    char bytes[OS_CONSOLE_ROOM];
    size_t n;
    WCHAR high; /* the first half of a character whose second half comes next, or 0 */
};

/* Adds a UTF-16 unit. Drops half a character without its other half, and input without room. */
void os_console_type(struct os_console_typed *t, WCHAR unit);

/*
 * Adds the bytes that a terminal sends for a key: UTF-8, with ESC before it if Alt is held, or a
 * sequence for an arrow and similar keys; as often as the key is repeated. Ctrl-Z, which ends the
 * input on Windows, becomes Ctrl-D.
 */
void os_console_press(struct os_console_typed *t, const KEY_EVENT_RECORD *key);

/*
 * Turns these modes of the console at descriptor 0 off and on, until os_console_modes_end or the
 * end of the process. raw: they are those of raw mode.
 */
void os_console_modes(DWORD off, DWORD on, bool raw);
void os_console_modes_end(void);

#endif
