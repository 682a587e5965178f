/* SPDX-License-Identifier: ISC */
/* The line editor: any keys, in pieces, with other sizes and lines above in between. */
#include "client/line_editor.h"
#include "fuzz.h"
#include "screen.h"

static struct screen screen;

/* What it writes is harmless to the terminal, and leaves the cursor on the row of the line. */
static void show(struct line_editor *e)
{
    must(buf_ok(&e->screen.out));
    screen_show(&screen, buf_span(&e->screen.out));
    buf_clear(&e->screen.out);
    must(!screen.unknown && screen.column <= screen.columns);
}

static void test_pieces(struct line_editor *e, struct span in, bool text)
{
    int64_t now_ms = 0;
    while (in.n > 0) {
        unsigned how = fuzz_byte(&in);
        struct span piece = exact(fuzz_bytes(&in, 1 + how % 64)), rest = piece;
        enum line_editor_event event = LINE_EDITOR_MORE;
        now_ms += how % 3 * 40;
        line_editor_input(e, piece, now_ms);
        do {
            event = line_editor_next(e, &rest);
            must(e->cursor <= e->line.n && e->line.n <= e->line.limit && buf_ok(&e->line));
            must(fuzz_within(rest, piece) || rest.n == 0);
            show(e);
            must(text || event != LINE_EDITOR_LINE || !line_keys_pasted(&e->keys));
        } while (event != LINE_EDITOR_MORE);
        if (how & 64) {
            line_editor_above(e, SPAN("above\n"));
            show(e);
        }
        if (how & 128) {
            screen_begin(&screen, 16 + how % 50, 10);
            line_editor_redraw(e, (unsigned)screen.columns, 10);
            show(e);
        }
        exact_free(piece);
    }
}

/* A Ctrl-C that comes alone means the user wants out of a paste; ESC may end it. */
static bool is_plain(char c)
{
    return c != '\033' && c != '\r' && c != '\003';
}

/* Between marks everything else is text: it comes out as lines, byte for byte. */
static void test_paste(struct line_editor *e, struct span in, size_t size)
{
    struct buf got, want;
    buf_init(&got, SIZE_MAX / 2);
    buf_init(&want, SIZE_MAX / 2);
    line_editor_begin(e, LINE_TEXT, "", 100000, 80, 24);
    buf_add_str(&want, "\033[200~");
    for (size_t i = 0; i < in.n; i++)
        buf_add_char(&want, is_plain(in.p[i]) ? in.p[i] : ' ');
    for (struct span s = buf_span(&want); s.n > 0; s = span_skip(s, size)) {
        struct span piece = span_first(s, size);
        line_editor_input(e, piece, 0);
        while (line_editor_next(e, &piece) == LINE_EDITOR_LINE) {
            must(e->pasted);
            buf_add(&got, line_editor_line(e));
            buf_add_char(&got, '\n');
        }
    }
    buf_add(&got, line_editor_line(e));
    must(span_eq(buf_span(&got), span_skip(buf_span(&want), 6)));
    buf_free(&got);
    buf_free(&want);
}

void fuzz_one(struct span in)
{
    static const char *const prompts[] = {"", "? ", "Enter your option:\n",
                                          "one\n two \xe4\xb8\xad: "};
    struct line_editor e;
    unsigned how = fuzz_byte(&in);
    size_t columns = 16 + fuzz_below(&in, 100);
    bool text = how & 1;

    screen_begin(&screen, columns, 10);
    line_editor_init(&e);
    line_editor_begin(&e,
                      text      ? LINE_TEXT
                      : how & 2 ? LINE_SECRET
                                : LINE_ANSWER,
                      prompts[how >> 2 & 3], 200, (unsigned)columns, 10);
    show(&e);
    test_pieces(&e, in, text);
    line_editor_free(&e);
    line_editor_init(&e);
    test_paste(&e, in, 2 + how % 60);
    line_editor_free(&e);
}
