/* SPDX-License-Identifier: ISC */
#include "client/prompt.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "client/language.h"
#include "client/line_editor.h"
#include "client/output.h"
#include "client/wrap.h"
#include "os/clock.h"
#include "os/crypt.h"
#include "os/tty.h"

/* Longer lines may have been cut by a terminal in line mode, without a sign. */
#define TERMINAL_LINE_BYTES 4094

#define INPUT_BYTES 16384
#define BURST_MS    30 /* what is pasted comes in pieces that are closer together than this */

static enum prompt_end end;
static struct prompt_meanwhile *meanwhile;

static struct {
    struct line_editor editor;
    bool ready;   /* the editor is initialized */
    bool editing; /* the terminal is in raw mode, and the editor shows a line */
} raw;

enum prompt_end prompt_end(void)
{
    return end;
}

void prompt_meanwhile(struct prompt_meanwhile *m)
{
    meanwhile = m;
}

static void show(const char *text)
{
    fputs(text, stdout);
    fflush(stdout);
}

static void show_bytes(struct span bytes)
{
    if (bytes.n > 0) /* an empty buffer has no pointer that fwrite may be given */
        fwrite(bytes.p, 1, bytes.n, stdout);
    fflush(stdout);
}

/* The column where the last text was left, so that the next one goes on there. */
static size_t column;

/* Shows a text whose rows are broken at spaces, if this is a terminal. */
static void show_wrapped(struct span text)
{
    struct buf out;
    buf_init(&out, SIZE_MAX / 2);
    wrap_text(&out, text, output_columns(), &column);
    show_bytes(buf_ok(&out) ? buf_span(&out) : text);
    buf_free(&out);
}

void prompt_say(const char *format, ...)
{
    struct buf text;
    va_list args;
    buf_init(&text, SIZE_MAX / 2);
    va_start(args, format);
    bool made = buf_vprintf(&text, format, args);
    va_end(args);
    if (made) {
        show_wrapped(buf_span(&text));
    } else { /* what is said when memory is short must not be lost */
        va_start(args, format);
        vprintf(format, args);
        va_end(args);
        fflush(stdout);
    }
    buf_free(&text);
}

/* Shows a question. */
static void ask(const char *text)
{
    column = 0;
    show_wrapped(span_str(text));
}

/* Shows what the editor has to show. */
static void show_line(void)
{
    struct buf *out = &raw.editor.screen.out;
    fflush(stdout);
    os_tty_draw(buf_span(out));
    buf_clear(out);
}

void prompt_above(struct span lines)
{
    struct buf out;
    size_t at = 0;
    buf_init(&out, SIZE_MAX / 2);
    wrap_text(&out, lines, output_columns(), &at);
    if (raw.editing && out.n > 0) {
        line_editor_above(&raw.editor, buf_span(&out));
        show_line();
    } else {
        show_bytes(buf_span(&out));
    }
    buf_free(&out);
}

/* Returns whether the question was answered. */
static bool ends(enum prompt_end how)
{
    column = 0;
    end = how;
    return how == PROMPT_ANSWERED;
}

/* --- in raw mode --- */

static void redraw(void)
{
    unsigned columns, rows;
    os_tty_size(&columns, &rows);
    if (raw.editing)
        line_editor_redraw(&raw.editor, columns, rows);
    show_line();
}

static bool begin_raw(void)
{
    fflush(stdout);
    if (!os_tty_raw_begin())
        return false;
    if (!raw.ready)
        line_editor_init(&raw.editor);
    raw.ready = true;
    return true;
}

/* Waits for input, and does the other things meanwhile. PROMPT_ANSWERED: there is some. */
static enum prompt_end next_input(char *bytes, size_t size, size_t *n)
{
    for (;;) {
        int fd = meanwhile ? meanwhile->fd : -1;
        int64_t until_ms = meanwhile ? meanwhile->at_ms : INT64_MAX;
        switch (os_tty_raw_wait(fd, until_ms, bytes, size, n)) {
        case OS_TTY_INPUT:
            return PROMPT_ANSWERED;
        case OS_TTY_ENDED:
            return PROMPT_ENDED;
        case OS_TTY_READY:
        case OS_TTY_TIME:
            if (meanwhile && !meanwhile->act(meanwhile))
                return PROMPT_STOPPED;
            break;
        case OS_TTY_REDRAW:
            redraw();
        }
    }
}

/* Adds what follows at once to input that has the end of a line: only then is a paste known. */
static size_t rest_of_burst(char *bytes, size_t size, size_t n)
{
    size_t more;
    while (n > 1 && n < size && (bytes[n - 1] == '\n' || bytes[n - 1] == '\r')) {
        switch (os_tty_raw_wait(-1, os_clock_ms() + BURST_MS, bytes + n, size - n, &more)) {
        case OS_TTY_INPUT:
            n += more;
            break;
        case OS_TTY_REDRAW:
            redraw();
            break;
        case OS_TTY_ENDED:
        case OS_TTY_READY:
        case OS_TTY_TIME:
            return n;
        }
    }
    return n;
}

static enum prompt_line_kind kind_of(const struct line_editor *e)
{
    if (e->typed)
        return PROMPT_TYPED;
    return e->pasted_end ? PROMPT_PASTED : PROMPT_PART_PASTED;
}

/* Gives input to the editor, and lines to the writer. LINE_EDITOR_MORE: all of it was taken. */
static enum line_editor_event edit(struct span in, struct prompt_writer *w)
{
    struct line_editor *e = &raw.editor;
    enum line_editor_event event;
    line_editor_input(e, in, os_clock_ms());
    for (;;) {
        event = line_editor_next(e, &in);
        show_line();
        if (event == LINE_EDITOR_STOP) {
            os_tty_raw_stop();
            redraw();
        } else if (event != LINE_EDITOR_LINE || !w) {
            break;
        } else if (!w->line(w, line_editor_line(e), kind_of(e))) {
            return LINE_EDITOR_LINE;
        }
    }
    if (event == LINE_EDITOR_MORE && w && w->typing)
        w->typing(w, line_editor_line(e));
    return event;
}

/* Lets the user edit one line, or with a writer many, until the editor says how it ended. */
static enum prompt_end edit_lines(enum line_editor_kind kind, const char *text, size_t limit,
                                  struct prompt_writer *w)
{
    char bytes[INPUT_BYTES];
    size_t n = 0;
    unsigned columns, rows;
    enum prompt_end how = PROMPT_ENDED;
    enum line_editor_event event = LINE_EDITOR_MORE;
    os_tty_size(&columns, &rows);
    line_editor_begin(&raw.editor, kind, text, limit, columns, rows);
    raw.editing = true;
    show_line();
    while (event == LINE_EDITOR_MORE &&
           (how = next_input(bytes, sizeof bytes, &n)) == PROMPT_ANSWERED) {
        if (w)
            n = rest_of_burst(bytes, sizeof bytes, n);
        event = edit(span_of(bytes, n), w);
    }
    raw.editing = false;
    if (kind == LINE_SECRET)
        os_crypt_wipe(bytes, sizeof bytes);
    switch (event) {
    case LINE_EDITOR_LINE:
        return w ? PROMPT_STOPPED : PROMPT_ANSWERED;
    case LINE_EDITOR_CANCEL:
        return PROMPT_CANCELLED;
    case LINE_EDITOR_ENDED:
        return w ? PROMPT_ANSWERED : PROMPT_ENDED;
    case LINE_EDITOR_MORE:
    case LINE_EDITOR_STOP:
        break;
    }
    show("\n");
    return how;
}

/* --- in line mode --- */

/* Does the other things until there is input. Returns false if they stop the prompt. */
static bool await_input(void)
{
    while (meanwhile && !os_tty_wait(meanwhile->fd, meanwhile->at_ms))
        if (!meanwhile->act(meanwhile))
            return ends(PROMPT_STOPPED);
    return true;
}

static bool read_line(struct buf *line, const char *text)
{
    for (;;) {
        ask(text);
        if (!await_input())
            return false;
        bool whole = os_tty_line(line, true);
        size_t most = line->limit;
        if (os_tty_is_terminal(0) && most > TERMINAL_LINE_BYTES)
            most = TERMINAL_LINE_BYTES;
        if (whole && line->n <= most)
            return ends(PROMPT_ANSWERED);
        if (!whole && buf_ok(line))
            break;
        if (!buf_ok(line) && line->n < line->limit)
            prompt_say(_("Out of memory: this line was not taken.\n"));
        else
            prompt_say(_("This line is too long, and was not taken: at most %zu bytes.\n"), most);
    }
    show("\n");
    return ends(PROMPT_ENDED);
}

/* --- questions --- */

void prompt_drop_typed(void)
{
    os_tty_forget();
}

bool prompt_line(struct buf *line, const char *text)
{
    if (!begin_raw())
        return read_line(line, text);
    enum prompt_end how = edit_lines(LINE_ANSWER, text, line->limit, NULL);
    os_tty_raw_end();
    buf_clear(line);
    buf_add(line, line_editor_line(&raw.editor));
    return ends(buf_ok(line) ? how : PROMPT_ENDED);
}

bool prompt_name(struct buf *line, const char *text, const char *preset)
{
    char folded[NAME_BYTES + 1];
    while (prompt_line(line, text)) {
        if (line->n == 0 && !preset)
            return ends(PROMPT_CANCELLED);
        if (line->n == 0)
            buf_add_str(line, preset);
        if (name_fold(buf_span(line), folded))
            return true;
        prompt_say(_("This is not a name: %s.\n"), _(NAME_RULE));
    }
    return false;
}

bool prompt_id(struct buf *line, const char *text)
{
    uint64_t id;
    while (prompt_line(line, text)) {
        if (line->n == 0)
            return ends(PROMPT_CANCELLED);
        if (span_u64(buf_span(line), UINT64_MAX, &id)) {
            buf_clear(line);
            return buf_add_u64(line, id, 0);
        }
        prompt_say(_("This is not a message ID: it is a decimal number.\n"));
    }
    return false;
}

static bool read_text(struct prompt_writer *w, const char *text)
{
    struct buf line;
    bool ended = false, more = true;
    buf_init(&line, PROMPT_TEXT_BYTES);
    for (; more && !ended && read_line(&line, text); text = "") {
        ended = span_eq(buf_span(&line), SPAN("."));
        more = ended || w->line(w, buf_span(&line), PROMPT_PLAIN);
    }
    buf_free(&line);
    return more ? ended : ends(PROMPT_STOPPED);
}

static void tell_ending(void *writer)
{
    struct prompt_writer *w = writer;
    if (w->ending)
        w->ending(w);
}

bool prompt_text(struct prompt_writer *w, const char *text)
{
    if (!begin_raw())
        return read_text(w, text);
    os_tty_raw_at_end(tell_ending, w);
    enum prompt_end how = edit_lines(LINE_TEXT, text, PROMPT_TEXT_BYTES, w);
    os_tty_raw_at_end(NULL, NULL);
    os_tty_raw_end();
    return ends(how);
}

/* In raw mode. *result as secret_ask returns it. */
static enum prompt_end edit_secret(struct secret *s, const char *text, enum secret_result *result)
{
    enum prompt_end how = edit_lines(LINE_SECRET, text, 2 * sizeof s->text, NULL);
    struct span typed = line_editor_line(&raw.editor);
    os_tty_raw_end();
    *result = SECRET_BAD;
    if (how == PROMPT_ANSWERED && name_password_ok(typed)) {
        memcpy(s->text, typed.p, typed.n);
        s->n = typed.n;
        *result = SECRET_OK;
    }
    if (how == PROMPT_ANSWERED && typed.n == 0)
        how = PROMPT_CANCELLED;
    line_editor_wipe(&raw.editor);
    return how;
}

bool prompt_password(struct secret *s, const char *text)
{
    enum secret_result result;
    enum prompt_end how = PROMPT_ANSWERED;
    for (;;) {
        if (begin_raw()) {
            how = edit_secret(s, text, &result);
        } else {
            ask(text);
            result = secret_ask(s);
            if (result == SECRET_NONE)
                show("\n");
        }
        if (how != PROMPT_ANSWERED || result == SECRET_NONE)
            return ends(how == PROMPT_ANSWERED ? PROMPT_ENDED : how);
        if (result == SECRET_OK)
            return ends(PROMPT_ANSWERED);
        prompt_say(_("This is not a password: %s.\n"), _(PASSWORD_RULE));
    }
}

/* The same for letters in one language. */
static size_t find_letter(struct span answer, const char *letters)
{
    struct span rest = span_str(letters);
    uint32_t c;
    for (size_t i = 0; rest.n > 0; i++) {
        struct span letter = span_first(rest, utf8_decode(rest, &c));
        if (span_eq(answer, letter))
            return i;
        rest = span_skip(rest, letter.n);
    }
    return PROMPT_NO_LETTER;
}

size_t prompt_letter(struct span answer, const char *letters)
{
    size_t at = find_letter(answer, letters);
    return at != PROMPT_NO_LETTER ? at : find_letter(answer, _(letters));
}

/* The same for words in one language, with a space between them. */
static bool is_one_of(struct span answer, const char *words)
{
    struct span rest = span_str(words), word;
    while (span_cut(&rest, ' ', &word))
        if (span_eq(answer, word))
            return true;
    return span_eq(answer, rest);
}

/* words: a text of the catalogue; those of the user's language count, too. */
static bool means(struct span answer, const char *words)
{
    return is_one_of(answer, words) || is_one_of(answer, _(words));
}

bool prompt_yes(struct buf *line, const char *text, bool *yes)
{
    while (prompt_line(line, text)) {
        struct span answer = buf_span(line);
        *yes = means(answer, N_("y Y yes Yes YES"));
        if (*yes || means(answer, N_("n N no No NO")))
            return true;
        if (line->n == 0)
            return ends(PROMPT_CANCELLED);
        prompt_say(_("Enter y or n.\n"));
    }
    return false;
}

/* In raw mode; a whole paste is one key. */
static enum prompt_end press_key(void)
{
    char bytes[INPUT_BYTES];
    size_t n;
    struct line_keys keys;
    line_keys_init(&keys);
    do {
        struct span text;
        enum prompt_end how = next_input(bytes, sizeof bytes, &n);
        if (how != PROMPT_ANSWERED)
            return how;
        struct span in = span_of(bytes, n);
        line_keys_input(&keys, in, os_clock_ms());
        enum line_key key = line_keys_next(&keys, &in, &text);
        if (key == KEY_EOF)
            return PROMPT_ENDED;
        if (key == KEY_STOP)
            os_tty_raw_stop();
        while (line_keys_next(&keys, &in, &text) != KEY_MORE)
            ;
    } while (keys.marked || keys.n > 1);
    return PROMPT_ANSWERED;
}

bool prompt_key(const char *text)
{
    enum prompt_end how = PROMPT_ENDED;
    show_wrapped(span_str(text));
    if (begin_raw()) {
        how = press_key();
        os_tty_raw_end();
    } else if (os_tty_key()) {
        how = PROMPT_ANSWERED;
    }
    show("\n");
    return ends(how);
}
