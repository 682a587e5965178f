/* SPDX-License-Identifier: ISC */
/* Records of keys go in, as consoles make them; the bytes of a terminal come out. */
#include "common/os/console_private.h"

#include "tap.h"

#define RELEASED FALSE
#define PRESSED  TRUE

static struct os_console_typed typed;

static void press(WCHAR unit, WORD key, DWORD held)
{
    KEY_EVENT_RECORD record = {.bKeyDown = PRESSED,
                               .wRepeatCount = 1,
                               .wVirtualKeyCode = key,
                               .uChar.UnicodeChar = unit,
                               .dwControlKeyState = held};
    os_console_press(&typed, &record);
    record.bKeyDown = RELEASED;
    os_console_press(&typed, &record);
}

/* What was typed since the last call. */
static const char *bytes(void)
{
    static char text[OS_CONSOLE_ROOM + 1];
    memcpy(text, typed.bytes, typed.n);
    text[typed.n] = '\0';
    typed.n = 0;
    return text;
}

static void test_keys(void)
{
    static const struct {
        WCHAR unit;
        WORD key;
        DWORD held;
        const char *bytes, *name;
    } rows[] = {
        {'a', 'A', 0, "a", "a letter"},
        {L'\u0416', 0, 0, "\xd0\x96", "Cyrillic"},
        {L'\u4e2d', 0, 0, "\xe4\xb8\xad", "a wide character"},
        {'\r', VK_RETURN, 0, "\r", "Enter"},
        {'\b', VK_BACK, 0, "\b", "Backspace"},
        {3, 'C', LEFT_CTRL_PRESSED, "\003", "Ctrl-C"},
        {4, 'D', LEFT_CTRL_PRESSED, "\004", "Ctrl-D"},
        {26, 'Z', LEFT_CTRL_PRESSED, "\004", "Ctrl-Z ends the input as Ctrl-D does"},
        {'b', 'B', LEFT_ALT_PRESSED, "\033b", "Alt-B"},
        {'@', 'Q', RIGHT_ALT_PRESSED | LEFT_CTRL_PRESSED, "@", "AltGr makes a character"},
        {'@', 'Q', LEFT_ALT_PRESSED | LEFT_CTRL_PRESSED, "@", "... as do Ctrl and Alt"},
        {0, VK_LEFT, ENHANCED_KEY, "\033[D", "Left"},
        {0, VK_RIGHT, 0, "\033[C", "Right"},
        {0, VK_LEFT, LEFT_CTRL_PRESSED, "\033[1;5D", "Ctrl-Left"},
        {0, VK_RIGHT, LEFT_ALT_PRESSED, "\033[1;5C", "Alt-Right"},
        {0, VK_UP, 0, "\033[A", "Up"},
        {0, VK_DOWN, 0, "\033[B", "Down"},
        {0, VK_HOME, 0, "\033[H", "Home"},
        {0, VK_END, 0, "\033[F", "End"},
        {0, VK_DELETE, 0, "\033[3~", "Delete"},
        {0, VK_SHIFT, SHIFT_PRESSED, "", "Shift alone"},
        {0, VK_F5, 0, "", "a key that means nothing here"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        press(rows[i].unit, rows[i].key, rows[i].held);
        is_str(bytes(), rows[i].bytes, "%s", rows[i].name);
    }
}

static void test_halves(void)
{
    press(0xd83d, 0, 0);
    is_str(bytes(), "", "half a character gives nothing yet");
    press(0xde00, 0, 0);
    is_str(bytes(), "\xf0\x9f\x98\x80", "... and its second half all of it");
    press(0xd83d, 0, 0);
    press('x', 'X', 0);
    press(0xde00, 0, 0);
    is_str(bytes(), "x", "halves that are alone are dropped");
}

static void test_repeat(void)
{
    KEY_EVENT_RECORD record = {.bKeyDown = PRESSED, .wRepeatCount = 3, .wVirtualKeyCode = VK_UP};
    os_console_press(&typed, &record);
    is_str(bytes(), "\033[A\033[A\033[A", "a key that was repeated");
    record = (KEY_EVENT_RECORD){.bKeyDown = PRESSED,
                                .wRepeatCount = 0xffff,
                                .wVirtualKeyCode = 'X',
                                .uChar.UnicodeChar = 'x'};
    os_console_press(&typed, &record);
    is_int(typed.n, OS_CONSOLE_ROOM, "what finds no room is dropped");
    bytes();
}

/* Alt, and digits of the number block. */
static void test_number(void)
{
    KEY_EVENT_RECORD record = {.wVirtualKeyCode = VK_MENU, .uChar.UnicodeChar = 0x2014};
    os_console_press(&typed, &record);
    is_str(bytes(), "\xe2\x80\x94", "a character by its number comes when Alt is released");
}

int main(void)
{
    test_keys();
    test_halves();
    test_repeat();
    test_number();
    return done_testing();
}
