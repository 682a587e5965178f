/* SPDX-License-Identifier: ISC */
#include "client/line_editor.h"

#include <string.h>

#include "client/language.h"
#include "os/crypt.h"

#define LEAST_COLUMNS 16

void line_editor_init(struct line_editor *e)
{
    memset(e, 0, sizeof *e);
    line_keys_init(&e->keys);
    buf_init(&e->line, 0);
    buf_init(&e->killed, SIZE_MAX / 2);
    buf_init(&e->unfinished, SIZE_MAX / 2);
    buf_init(&e->screen.out, SIZE_MAX / 2);
}

void line_editor_free(struct line_editor *e)
{
    line_editor_wipe(e);
    buf_free(&e->line);
    buf_free(&e->killed);
    buf_free(&e->unfinished);
    buf_free(&e->screen.out);
    for (size_t i = 0; i < e->remembered; i++)
        buf_free(&e->history[i]);
}

void line_editor_wipe(struct line_editor *e)
{
    if (e->kind == LINE_SECRET && e->line.p)
        os_crypt_wipe(e->line.p, e->line.cap);
    buf_clear(&e->line);
    e->cursor = 0;
}

struct span line_editor_line(const struct line_editor *e)
{
    return buf_span(&e->line);
}

static void empty_line(struct line_editor *e)
{
    buf_clear(&e->line);
    e->cursor = 0;
    e->pasted = e->newline = e->done = false;
    e->recalled = e->remembered;
}

/* A terminal that is very narrow is not told apart from one that does not know its size. */
static void set_size(struct line_editor *e, unsigned columns, unsigned rows)
{
    e->screen.columns = columns < LEAST_COLUMNS ? LEAST_COLUMNS : columns;
    e->screen.rows = rows;
}

static void draw(struct line_editor *e)
{
    line_screen_draw(&e->screen, buf_span(&e->line), e->cursor);
}

void line_editor_begin(struct line_editor *e, enum line_editor_kind kind, const char *prompt,
                       size_t limit, unsigned columns, unsigned rows)
{
    buf_free(&e->line);
    buf_init(&e->line, limit);
    /* A buffer that grows leaves copies of a secret in memory. */
    if (kind == LINE_SECRET)
        buf_reserve(&e->line, limit);
    e->kind = kind;
    e->screen.prompt = prompt;
    e->screen.hidden = kind == LINE_SECRET;
    set_size(e, columns, rows);
    empty_line(e);
    line_screen_prompt(&e->screen);
}

void line_editor_redraw(struct line_editor *e, unsigned columns, unsigned rows)
{
    set_size(e, columns, rows);
    line_screen_again(&e->screen, false);
    draw(e);
}

void line_editor_above(struct line_editor *e, struct span lines)
{
    line_screen_above(&e->screen, lines);
    draw(e);
}

/* Puts text where the cursor is. What does not fit is not taken. */
static void insert(struct line_editor *e, struct span text)
{
    struct buf words;
    if (text.n <= e->line.limit - e->line.n && buf_insert(&e->line, e->cursor, text)) {
        e->cursor += text.n;
        return;
    }
    buf_init(&words, SIZE_MAX / 2);
    buf_printf(&words, _("This line is full: at most %zu bytes.\n"), e->line.limit);
    line_screen_above(&e->screen, buf_span(&words));
    buf_free(&words);
}

/* Inserts text as it came; before it, the newlines of a paste become one space. */
static void take_text(struct line_editor *e, struct span text)
{
    if (e->newline && e->line.n > 0)
        insert(e, SPAN(" "));
    e->newline = false;
    e->pasted = e->pasted || line_keys_pasted(&e->keys);
    insert(e, text);
}

/* Removes what lies between the cursor and another place in the line. */
static void cut(struct line_editor *e, size_t to, bool keep)
{
    size_t from = e->cursor < to ? e->cursor : to, n = (e->cursor < to ? to : e->cursor) - from;
    if (keep && n > 0 && e->kind != LINE_SECRET) {
        buf_clear(&e->killed);
        buf_add(&e->killed, span_of(e->line.p + from, n));
    }
    buf_erase(&e->line, from, n);
    e->cursor = from;
}

static bool is_space_at(const struct line_editor *e, size_t at)
{
    return e->line.p[at] == ' ' || e->line.p[at] == '\t';
}

static size_t word_left(const struct line_editor *e)
{
    size_t at = e->cursor;
    while (at > 0 && is_space_at(e, at - 1))
        at--;
    while (at > 0 && !is_space_at(e, at - 1))
        at--;
    return at;
}

static size_t word_right(const struct line_editor *e)
{
    size_t at = e->cursor;
    while (at < e->line.n && is_space_at(e, at))
        at++;
    while (at < e->line.n && !is_space_at(e, at))
        at++;
    return at;
}

/* Swaps the character at the cursor with the one before it; at the end, the last two. */
static void swap(struct line_editor *e)
{
    struct span line = buf_span(&e->line);
    size_t middle = e->cursor < line.n ? e->cursor : line_screen_left(line, line.n);
    size_t left = line_screen_left(line, middle), right = line_screen_right(line, middle);
    struct buf moved;
    buf_init(&moved, line.n);
    if (left < middle && buf_add(&moved, span_of(line.p + left, middle - left))) {
        buf_erase(&e->line, left, moved.n);
        buf_insert(&e->line, right - moved.n, buf_span(&moved));
        e->cursor = right;
    }
    buf_free(&moved);
}

/*
 * Shows another line of the history, or, if which is e->remembered, the unfinished one that came
 * after them.
 */
static void recall(struct line_editor *e, size_t which)
{
    if (e->kind != LINE_ANSWER)
        return;
    if (e->recalled == e->remembered) {
        buf_clear(&e->unfinished);
        buf_add(&e->unfinished, buf_span(&e->line));
    }
    struct span text = buf_span(which == e->remembered ? &e->unfinished : &e->history[which]);
    e->recalled = which;
    e->cursor = 0;
    buf_erase(&e->line, 0, e->line.n);
    insert(e, span_first(text, e->line.limit));
}

static void remember(struct line_editor *e)
{
    struct span line = buf_span(&e->line);
    if (e->kind != LINE_ANSWER || line.n == 0 ||
        (e->remembered > 0 && span_eq(line, buf_span(&e->history[e->remembered - 1]))))
        return;
    if (e->remembered == LINE_EDITOR_HISTORY) {
        buf_free(&e->history[0]);
        e->remembered--;
        memmove(e->history, e->history + 1, e->remembered * sizeof e->history[0]);
    }
    buf_init(&e->history[e->remembered], line.n);
    if (buf_add(&e->history[e->remembered], line))
        e->remembered++;
}

/* The keys that remove something. Returns false for another key. */
static bool erase(struct line_editor *e, enum line_key key)
{
    struct span line = buf_span(&e->line);
    switch (key) {
    case KEY_DELETE:
    case KEY_EOF:
        cut(e, line_screen_right(line, e->cursor), false);
        return true;
    case KEY_BACKSPACE:
        cut(e, line_screen_left(line, e->cursor), false);
        return true;
    case KEY_KILL_LEFT:
        cut(e, 0, true);
        return true;
    case KEY_KILL_RIGHT:
        cut(e, line.n, true);
        return true;
    case KEY_KILL_WORD:
        cut(e, word_left(e), true);
        return true;
    case KEY_KILL_NEXT_WORD:
        cut(e, word_right(e), true);
        return true;
    default:
        return false;
    }
}

/* The keys that move the cursor. Returns false for another key. */
static bool move(struct line_editor *e, enum line_key key)
{
    struct span line = buf_span(&e->line);
    switch (key) {
    case KEY_LEFT:
        e->cursor = line_screen_left(line, e->cursor);
        return true;
    case KEY_RIGHT:
        e->cursor = line_screen_right(line, e->cursor);
        return true;
    case KEY_WORD_LEFT:
        e->cursor = word_left(e);
        return true;
    case KEY_WORD_RIGHT:
        e->cursor = word_right(e);
        return true;
    case KEY_HOME:
        e->cursor = 0;
        return true;
    case KEY_END:
        e->cursor = line.n;
        return true;
    default:
        return false;
    }
}

static void edit(struct line_editor *e, enum line_key key)
{
    if (move(e, key) || erase(e, key))
        return;
    switch (key) {
    case KEY_UP:
        if (e->recalled > 0)
            recall(e, e->recalled - 1);
        break;
    case KEY_DOWN:
        if (e->recalled < e->remembered)
            recall(e, e->recalled + 1);
        break;
    case KEY_YANK:
        insert(e, buf_span(&e->killed));
        break;
    case KEY_SWAP:
        swap(e);
        break;
    case KEY_TAB:
        if (e->kind == LINE_TEXT)
            insert(e, SPAN("\t"));
        break;
    case KEY_CLEAR:
        line_screen_again(&e->screen, true);
        break;
    default:
        break;
    }
}

/*
 * The end of a line, typed or pasted. last: nothing follows at once. A pasted dot does not end a
 * text, unless it is the last thing in a burst without marks: that may as well be typed ahead, and
 * nothing comes after it.
 */
static enum line_editor_event end_line(struct line_editor *e, bool pasted, bool last)
{
    if (pasted && e->kind != LINE_TEXT) {
        e->newline = true;
        return LINE_EDITOR_MORE;
    }
    e->pasted = e->pasted || pasted;
    e->typed = !e->pasted || (e->keys.burst && last);
    e->pasted_end = pasted && !e->typed;
    bool dot = e->kind == LINE_TEXT && span_eq(buf_span(&e->line), SPAN("."));
    if (dot && e->typed)
        line_keys_calm(&e->keys);
    remember(e);
    line_screen_done(&e->screen, buf_span(&e->line), "");
    if (dot && !e->typed && last)
        buf_add_str(&e->screen.out, _("(This dot was pasted: it is text.)\r\n"));
    e->done = true;
    return dot && e->typed ? LINE_EDITOR_ENDED : LINE_EDITOR_LINE;
}

static enum line_editor_event leave(struct line_editor *e, enum line_editor_event how,
                                    const char *sign)
{
    line_screen_done(&e->screen, buf_span(&e->line), sign);
    line_keys_calm(&e->keys);
    e->done = how != LINE_EDITOR_STOP;
    return how;
}

static enum line_editor_event take_key(struct line_editor *e, enum line_key key, bool last)
{
    switch (key) {
    case KEY_ENTER:
        return end_line(e, false, last);
    case KEY_NEWLINE:
        return end_line(e, true, last);
    case KEY_CANCEL:
        return leave(e, LINE_EDITOR_CANCEL, "^C");
    case KEY_STOP:
        return leave(e, LINE_EDITOR_STOP, "^Z");
    case KEY_EOF:
        if (e->line.n == 0)
            return leave(e, LINE_EDITOR_ENDED, "");
        break;
    default:
        break;
    }
    edit(e, key);
    return LINE_EDITOR_MORE;
}

void line_editor_input(struct line_editor *e, struct span in, int64_t now_ms)
{
    line_keys_input(&e->keys, in, now_ms);
}

enum line_editor_event line_editor_next(struct line_editor *e, struct span *in)
{
    enum line_editor_event event = LINE_EDITOR_MORE;
    enum line_key key;
    struct span text = {NULL, 0};
    if (e->done) {
        empty_line(e);
        line_screen_next(&e->screen);
    }
    while ((key = line_keys_next(&e->keys, in, &text)) != KEY_MORE) {
        if (key == KEY_TEXT)
            take_text(e, text);
        else
            event = take_key(e, key, in->n == 0);
        if (event != LINE_EDITOR_MORE)
            return event;
    }
    draw(e);
    return event;
}
