/* SPDX-License-Identifier: ISC */
#include "client/line_keys.h"

#define ESC      '\033'
#define DEL      '\177'
#define CTRL(c)  ((c)&0x1f)
#define QUIET_MS 25 /* ends a burst, and makes an ESC a key of its own */

static const char paste_begins[] = "\033[200~", paste_ends[] = "\033[201~";

void line_keys_init(struct line_keys *k)
{
    *k = (struct line_keys){.n = 0};
}

static bool is_line_end(char c)
{
    return c == '\r' || c == '\n';
}

/* Whether the input goes on after the end of a line. */
static bool goes_on(struct span in)
{
    size_t n = 0;
    while (n < in.n && !is_line_end(in.p[n]))
        n++;
    if (n + 1 < in.n && in.p[n] == '\r' && in.p[n + 1] == '\n')
        n++;
    return n + 1 < in.n;
}

static bool has_marks(struct span in)
{
    struct span mark = span_str(paste_begins);
    for (; in.n >= mark.n; in = span_skip(in, 1))
        if (span_starts(in, mark))
            return true;
    return false;
}

void line_keys_input(struct line_keys *k, struct span in, int64_t now_ms)
{
    /* The mark at the end of a paste may get lost: then this is the way out. */
    if (k->marked && in.n == 1 && in.p[0] == CTRL('C'))
        k->marked = false;
    if (k->n == 1 && !k->marked && now_ms - k->escape_ms > QUIET_MS)
        k->n = 0;
    k->escape_ms = now_ms;
    bool key = in.n == 1 && !is_line_end(in.p[0]) && (unsigned char)in.p[0] < ' ';
    k->burst = !k->marked && !has_marks(in) && !key && (goes_on(in) || now_ms < k->burst_until_ms);
    if (k->burst)
        k->burst_until_ms = now_ms + QUIET_MS;
}

void line_keys_calm(struct line_keys *k)
{
    k->burst_until_ms = 0;
}

bool line_keys_pasted(const struct line_keys *k)
{
    return k->marked || k->burst;
}

/* The keys of one byte. */
static enum line_key control_key(char c)
{
    static const enum line_key keys[] = {
        [CTRL('A')] = KEY_HOME,       [CTRL('B')] = KEY_LEFT,      [CTRL('C')] = KEY_CANCEL,
        [CTRL('D')] = KEY_EOF,        [CTRL('E')] = KEY_END,       [CTRL('F')] = KEY_RIGHT,
        [CTRL('H')] = KEY_BACKSPACE,  [CTRL('I')] = KEY_TAB,       [CTRL('J')] = KEY_ENTER,
        [CTRL('K')] = KEY_KILL_RIGHT, [CTRL('L')] = KEY_CLEAR,     [CTRL('M')] = KEY_ENTER,
        [CTRL('N')] = KEY_DOWN,       [CTRL('P')] = KEY_UP,        [CTRL('T')] = KEY_SWAP,
        [CTRL('U')] = KEY_KILL_LEFT,  [CTRL('W')] = KEY_KILL_WORD, [CTRL('Y')] = KEY_YANK,
        [CTRL('Z')] = KEY_STOP,
    };
    if (c == DEL)
        return KEY_BACKSPACE;
    size_t i = (unsigned char)c;
    return i < sizeof keys / sizeof keys[0] && keys[i] ? keys[i] : KEY_OTHER;
}

/* The keys of more than one byte, as xterm, the Linux console, rxvt and tmux send them. */
static enum line_key sequence_key(struct span s)
{
    static const struct {
        const char *bytes;
        enum line_key key;
    } keys[] = {
        {"[A", KEY_UP},           {"[B", KEY_DOWN},          {"[C", KEY_RIGHT},
        {"[D", KEY_LEFT},         {"[H", KEY_HOME},          {"[F", KEY_END},
        {"OA", KEY_UP},           {"OB", KEY_DOWN},          {"OC", KEY_RIGHT},
        {"OD", KEY_LEFT},         {"OH", KEY_HOME},          {"OF", KEY_END},
        {"[1~", KEY_HOME},        {"[7~", KEY_HOME},         {"[4~", KEY_END},
        {"[8~", KEY_END},         {"[3~", KEY_DELETE},       {"[1;5D", KEY_WORD_LEFT},
        {"[1;3D", KEY_WORD_LEFT}, {"[1;5C", KEY_WORD_RIGHT}, {"[1;3C", KEY_WORD_RIGHT},
        {"b", KEY_WORD_LEFT},     {"f", KEY_WORD_RIGHT},     {"d", KEY_KILL_NEXT_WORD},
        {"\177", KEY_KILL_WORD},
    };
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (span_eq(s, span_str(keys[i].bytes)))
            return keys[i].key;
    return KEY_OTHER;
}

/* Whether a sequence, which begins with ESC, is whole. */
static bool is_whole(const char *s, size_t n)
{
    if (n < 2)
        return false;
    if (s[1] == 'O')
        return n == 3;
    return s[1] != '[' || (n > 2 && s[n - 1] >= '@' && s[n - 1] <= '~');
}

/* Takes a byte of a sequence. What is too long to be known is dropped. */
static enum line_key take_sequence(struct line_keys *k, struct span *in)
{
    char c = in->p[0];
    if (c == ESC && k->n > 0) /* another one begins */
        k->n = 0;
    *in = span_skip(*in, 1);
    if (k->n < sizeof k->sequence)
        k->sequence[k->n++] = c;
    else if (c >= '@' && c <= '~')
        k->n = 0;
    if (k->n == 0 || !is_whole(k->sequence, k->n))
        return k->n == 0 ? KEY_OTHER : KEY_MORE;
    struct span whole = span_of(k->sequence, k->n);
    k->n = 0;
    if (span_eq(whole, span_str(paste_begins))) {
        k->marked = true;
        k->after_cr = false;
        return KEY_OTHER;
    }
    return sequence_key(span_skip(whole, 1));
}

/* Takes a byte of what may be the end of a paste. If it is not, all of it is text. */
static enum line_key take_paste_end(struct line_keys *k, struct span *in, struct span *text)
{
    char c = in->p[0];
    if (c == paste_ends[k->n]) {
        k->sequence[k->n++] = c;
        *in = span_skip(*in, 1);
        if (k->n < sizeof paste_ends - 1)
            return KEY_MORE;
        k->n = 0;
        k->marked = false;
        return KEY_OTHER;
    }
    *text = span_of(k->sequence, k->n);
    k->n = 0;
    return KEY_TEXT;
}

/* The end of a line in pasted text: CR, LF or CR LF. */
static enum line_key take_newline(struct line_keys *k, struct span *in)
{
    bool second = in->p[0] == '\n' && k->after_cr;
    k->after_cr = in->p[0] == '\r';
    *in = span_skip(*in, 1);
    return second ? KEY_OTHER : KEY_NEWLINE;
}

static bool is_text(const struct line_keys *k, char c)
{
    if (is_line_end(c) || (c == ESC && !(k->burst && !k->marked)))
        return false;
    return line_keys_pasted(k) || ((unsigned char)c >= ' ' && c != DEL);
}

enum line_key line_keys_next(struct line_keys *k, struct span *in, struct span *text)
{
    enum line_key key = KEY_MORE;
    while (in->n > 0 && key == KEY_MORE) {
        char c = in->p[0];
        if (k->marked && (k->n > 0 || c == ESC)) {
            key = take_paste_end(k, in, text);
        } else if (k->n > 0 || (c == ESC && !k->burst)) {
            key = take_sequence(k, in);
        } else if (line_keys_pasted(k) && is_line_end(c)) {
            key = take_newline(k, in);
        } else if (is_text(k, c)) {
            size_t n = 1;
            while (n < in->n && is_text(k, in->p[n]))
                n++;
            *text = span_first(*in, n);
            *in = span_skip(*in, n);
            k->after_cr = false;
            key = KEY_TEXT;
        } else {
            *in = span_skip(*in, 1);
            key = control_key(c);
        }
    }
    return key;
}
