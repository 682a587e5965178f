/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "console_private.h"

#define ESC    0x1b
#define CTRL_D 0x04
#define CTRL_Z 0x1a

#define HELD_ALT  LEFT_ALT_PRESSED /* the right one is AltGr, which makes characters */
#define HELD_CTRL (LEFT_CTRL_PRESSED | RIGHT_CTRL_PRESSED)

static void add(struct os_console_typed *t, const char *bytes, size_t n)
{
    if (n > sizeof t->bytes - t->n)
        return;
    memcpy(t->bytes + t->n, bytes, n);
    t->n += n;
}

void os_console_type(struct os_console_typed *t, WCHAR unit)
{
    const WCHAR both[2] = {t->high, unit};
    bool second = IS_LOW_SURROGATE(unit), whole = !second || t->high;
    char bytes[4];
    t->high = 0;
    if (IS_HIGH_SURROGATE(unit)) {
        t->high = unit;
    } else if (whole) {
        int n = WideCharToMultiByte(CP_UTF8, 0, second ? both : both + 1, second ? 2 : 1, bytes,
                                    sizeof bytes, NULL, NULL);
        add(t, bytes, (size_t)n);
    }
}

/* The sequence of a key that has no character; with: Ctrl or Alt is held. NULL: another key. */
static const char *sequence_of(WORD key, bool with)
{
    switch (key) {
    case VK_UP:
        return "\033[A";
    case VK_DOWN:
        return "\033[B";
    case VK_RIGHT:
        return with ? "\033[1;5C" : "\033[C";
    case VK_LEFT:
        return with ? "\033[1;5D" : "\033[D";
    case VK_HOME:
        return "\033[H";
    case VK_END:
        return "\033[F";
    case VK_DELETE:
        return "\033[3~";
    default:
        return NULL;
    }
}

/* Alt with digits of the number pad makes a character, which arrives when Alt is released. */
void os_console_press(struct os_console_typed *t, const KEY_EVENT_RECORD *key)
{
    WCHAR unit = key->uChar.UnicodeChar;
    bool alt = key->dwControlKeyState & HELD_ALT, ctrl = key->dwControlKeyState & HELD_CTRL;
    const char *sequence = unit ? NULL : sequence_of(key->wVirtualKeyCode, alt || ctrl);
    if (!key->bKeyDown && key->wVirtualKeyCode != VK_MENU)
        return;
    for (unsigned i = 0; i < key->wRepeatCount || i == 0; i++) {
        if (unit && alt && !ctrl && key->bKeyDown)
            os_console_type(t, ESC);
        if (unit)
            os_console_type(t, unit == CTRL_Z ? CTRL_D : unit);
        else if (sequence)
            add(t, sequence, strlen(sequence));
    }
}
