/* SPDX-License-Identifier: ISC */
/* Keys go in; the test looks at the lines that come out, and at what a terminal then shows. */
#include "client/line_editor.h"

#include <stdio.h>

#include "random.h"
#include "screen.h"
#include "tap.h"

#define LEFT    "\033[D"
#define RIGHT   "\033[C"
#define UP      "\033[A"
#define DOWN    "\033[B"
#define PASTE   "\033[200~"
#define ENDED   "\033[201~"
#define CTRL(c) ((const char[]){(c)&0x1f, 0})

static struct line_editor e;
static struct screen screen;
static int64_t now_ms;

static void show(void)
{
    screen_show(&screen, buf_span(&e.screen.out));
    buf_clear(&e.screen.out);
}

static void begin(enum line_editor_kind kind, const char *prompt, unsigned columns)
{
    screen_begin(&screen, columns, 10);
    line_editor_begin(&e, kind, prompt, 1000, columns, 10);
    show();
}

/* Gives one piece of input, later than those before it. The lines in it are put together. */
static enum line_editor_event type(const char *keys)
{
    enum line_editor_event event;
    struct span in = exact(span_str(keys)), rest = in;
    now_ms += 1000;
    line_editor_input(&e, in, now_ms);
    do
        event = line_editor_next(&e, &rest);
    while (event == LINE_EDITOR_LINE && e.kind == LINE_TEXT && rest.n > 0);
    show();
    exact_free(in);
    return event;
}

/* Every single byte by itself, as a person types. */
static enum line_editor_event type_slowly(const char *keys)
{
    enum line_editor_event event = LINE_EDITOR_MORE;
    for (; *keys; keys++) {
        event = type((const char[]){*keys, 0});
        now_ms -= 990; /* the keys of a sequence come at once */
    }
    return event;
}

static void test_keys(void)
{
    static const struct {
        const char *keys, *line, *row, *name;
    } rows[] = {
        {"abc", "abc", "? abc|", "text"},
        {"abc" LEFT LEFT "x", "axbc", "? ax|bc", "left"},
        {"abc\033OD\033OD\033OCx", "abxc", "? abx|c", "left and right of the keypad mode"},
        {"abc\002\002\006x", "abxc", "? abx|c", "Ctrl-B, Ctrl-F"},
        {"abc\001x", "xabc", "? x|abc", "Ctrl-A"},
        {"abc\033[Hx\033[Fy", "xabcy", "? xabcy|", "Home, End"},
        {"abc\033[1~x\033[4~y", "xabcy", "? xabcy|", "Home, End of the console"},
        {"abc\001\005x", "abcx", "? abcx|", "Ctrl-E"},
        {"abc\177", "ab", "? ab|", "backspace"},
        {"abc\010", "ab", "? ab|", "Ctrl-H"},
        {"\177x", "x", "? x|", "backspace at the beginning"},
        {"abc\001\033[3~", "bc", "? |bc", "delete"},
        {"abc\001\004", "bc", "? |bc", "Ctrl-D in a line"},
        {"abc\033[3~", "abc", "? abc|", "delete at the end"},
        {"abc def\025x", "x", "? x|", "Ctrl-U"},
        {"abc def" LEFT LEFT LEFT "\013", "abc ", "? abc |", "Ctrl-K"},
        {"abc def  \027x", "abc x", "? abc x|", "Ctrl-W"},
        {"abc\001\027x", "xabc", "? x|abc", "Ctrl-W at the beginning"},
        {"abc def\027\001\031", "defabc ", "? def|abc ", "Ctrl-Y"},
        {"abc def\033b\033bx\033fy", "xabcy def", "? xabcy| def", "Alt-B, Alt-F"},
        {"abc def\033[1;5Dx\033[1;5Cy", "abc xdefy", "? abc xdefy|", "Ctrl-Left, Ctrl-Right"},
        {"abc def\001\033d", " def", "? | def", "Alt-D"},
        {"abc  def\001\033f\033fx\033fy", "abc  defxy", "? abc  defxy|",
         "Alt-F over spaces, at the end"},
        {"abc\024", "acb", "? acb|", "Ctrl-T at the end"},
        {"abc" LEFT LEFT "\024", "bac", "? ba|c", "Ctrl-T"},
        {"a\024", "a", "? a|", "Ctrl-T with one character"},
        {"a\tb", "ab", "? ab|", "TAB does nothing in an answer"},
        {"a\033[99;99;99;99;99;99;99Xb", "ab", "? ab|", "a sequence that is too long"},
        {"a\033[99;99;99;99;\177;99Xb", "ab", "? ab|", "... with DEL in it"},
        {"a\033[\177Ab", "ab", "? ab|", "DEL in a sequence"},
        {"a\007\034b", "ab", "? ab|", "control characters without a meaning"},
        {"a\033[5~\033[Zb", "ab", "? ab|", "unknown sequences"},
        {"a\033\033[Db", "ba", "? b|a", "ESC before a sequence"},
        {"\xd0\x96\xd0\xb8" LEFT "x", "\xd0\x96x\xd0\xb8", "? \xd0\x96x|\xd0\xb8", "Cyrillic"},
        {"\xe4\xb8\xad\xe6\x96\x87" LEFT "x", "\xe4\xb8\xadx\xe6\x96\x87",
         "? \xe4\xb8\xadx|\xe6\x96\x87", "wide"},
        {"e\xcc\x81z" LEFT LEFT "x", "xe\xcc\x81z", "? x|e\xcc\x81z",
         "a mark moves with its letter"},
        {"ae\xcc\x81\177", "a", "? a|", "a mark goes with its letter"},
        {"\xf0\x9f\x98\x80" LEFT "x", "x\xf0\x9f\x98\x80", "? x|\xf0\x9f\x98\x80", "emoji"},
        {"a\xff" LEFT LEFT "x", "xa\xff", "? x|a\\xff", "invalid UTF-8 is shown as an escape"},
        /* NOLINTNEXTLINE(misc-misleading-bidirectional): it is made harmless. */
        {"a\xe2\x80\xaez", "a\xe2\x80\xaez", "? a\\u202ez|", "a bidi override, too"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        begin(LINE_ANSWER, "? ", 60);
        is_int(type(rows[i].keys), LINE_EDITOR_MORE, "keys: %s: goes on", rows[i].name);
        ok(span_eq(line_editor_line(&e), span_str(rows[i].line)), "keys: %s: the line",
           rows[i].name);
        is_str(screen_row(&screen, 0), rows[i].row, "keys: %s: the screen", rows[i].name);
        begin(LINE_ANSWER, "? ", 60);
        type_slowly(rows[i].keys);
        ok(span_eq(line_editor_line(&e), span_str(rows[i].line)), "keys: %s: byte by byte",
           rows[i].name);
    }
    ok(!screen.unknown, "keys: the terminal gets nothing unusual");
}

static void test_events(void)
{
    begin(LINE_ANSWER, "? ", 60);
    is_int(type("yes\r"), LINE_EDITOR_LINE, "Enter ends the line");
    is_str(screen_row(&screen, 0), "? yes", "... which stays on the screen");
    is_str(screen_row(&screen, 1), "|", "... and the cursor goes to the next row");
    begin(LINE_ANSWER, "? ", 60);
    is_int(type("yes\003"), LINE_EDITOR_CANCEL, "Ctrl-C cancels");
    is_str(screen_row(&screen, 0), "? yes^C", "... and is shown");
    begin(LINE_ANSWER, "? ", 60);
    is_int(type("\004"), LINE_EDITOR_ENDED, "Ctrl-D ends on an empty line");
    begin(LINE_ANSWER, "? ", 60);
    is_int(type("ab\032"), LINE_EDITOR_STOP, "Ctrl-Z stops");
    screen_begin(&screen, 60, 10);
    line_editor_redraw(&e, 60, 10);
    show();
    is_str(screen_row(&screen, 0), "? ab|", "... and the line is there afterwards");
    type("\033");
    type("x");
    ok(span_eq(line_editor_line(&e), SPAN("abx")), "ESC alone is forgotten after a while");
}

static void test_history(void)
{
    begin(LINE_ANSWER, "? ", 60);
    type("one\r");
    begin(LINE_ANSWER, "? ", 60);
    type("two\r");
    begin(LINE_ANSWER, "? ", 60);
    type("two\r");
    begin(LINE_SECRET, "? ", 60);
    type("secret\r");
    line_editor_wipe(&e);
    begin(LINE_ANSWER, "? ", 60);
    type("thr" UP);
    is_str(screen_row(&screen, 0), "? two|", "up: the last line, and never a secret");
    type(UP);
    is_str(screen_row(&screen, 0), "? one|", "up: the one before, once");
    type(DOWN DOWN DOWN DOWN);
    is_str(screen_row(&screen, 0), "? thr|", "down: the unfinished line again");
    for (int i = 0; i < 2 * LINE_EDITOR_HISTORY; i++) {
        char line[20];
        snprintf(line, sizeof line, "line %d\r", i);
        begin(LINE_ANSWER, "? ", 60);
        type(line);
    }
    begin(LINE_ANSWER, "? ", 60);
    for (int i = 0; i < 2 * LINE_EDITOR_HISTORY; i++)
        type(UP);
    is_str(screen_row(&screen, 0), "? line 100|", "up: the oldest line that is remembered");
}

static void test_secret(void)
{
    begin(LINE_ANSWER, "? ", 60);
    type("zz\025");
    begin(LINE_SECRET, "Password: ", 60);
    type("hush" LEFT "x\005\025"
         "hunter2");
    is_str(screen_row(&screen, 0), "Password: |", "a secret is not shown");
    is_int(type("\r"), LINE_EDITOR_LINE, "a secret is read");
    ok(span_eq(line_editor_line(&e), SPAN("hunter2")), "... and can be edited");
    const char *where = e.line.p;
    line_editor_wipe(&e);
    ok(where[0] == 0 && where[6] == 0, "... and wiped");
    is_str(screen_row(&screen, 0), "Password: ", "... and not shown at its end either");
    begin(LINE_ANSWER, "? ", 60);
    type("\031");
    is_str(screen_row(&screen, 0), "? zz|", "what was removed from a secret does not come back");
}

/* Lines of a text and whether each counts as pasted, one after the other, for one piece of input.
 */
static enum line_editor_event text(const char *keys, struct buf *lines)
{
    enum line_editor_event event;
    struct span in = span_str(keys);
    now_ms += 1000;
    line_editor_input(&e, in, now_ms);
    while ((event = line_editor_next(&e, &in)) == LINE_EDITOR_LINE)
        buf_printf(lines, "%s%.*s;", e.pasted ? "P:" : "", SPAN_PRINTF(line_editor_line(&e)));
    show();
    return event;
}

static void test_paste(void)
{
    static const struct {
        const char *keys, *lines;
        enum line_editor_event event;
        const char *rest, *name;
    } rows[] = {
        {"a\r", "a;", LINE_EDITOR_MORE, "", "one line typed"},
        {".\r", "", LINE_EDITOR_ENDED, ".", "a typed dot ends"},
        {"\004", "", LINE_EDITOR_ENDED, "", "Ctrl-D ends"},
        {"a\004", "", LINE_EDITOR_MORE, "a", "Ctrl-D after text does not"},
        {"a\tb\r", "a\tb;", LINE_EDITOR_MORE, "", "TAB"},
        {"a\tb\027", "", LINE_EDITOR_MORE, "a\t", "Ctrl-W after a TAB"},
        {"a" UP "b", "", LINE_EDITOR_MORE, "ab", "up: a text brings back no answer"},
        {PASTE "a\n.\nb" ENDED, "P:a;P:.;", LINE_EDITOR_MORE, "b", "a marked paste"},
        {PASTE "a\r\n\r\nb\rc" ENDED, "P:a;P:;P:b;", LINE_EDITOR_MORE, "c", "its CR LF and CR"},
        {PASTE "a\n.\n" ENDED, "P:a;P:.;", LINE_EDITOR_MORE, "", "a dot at its end"},
        {PASTE "." ENDED "\r", "P:.;", LINE_EDITOR_MORE, "", "a pasted dot with Enter typed"},
        {PASTE "a" ENDED "b\r", "P:ab;", LINE_EDITOR_MORE, "", "a line half pasted"},
        {PASTE "a\003\004\032\033[A\b" ENDED, "", LINE_EDITOR_MORE, "a\003\004\032\033[A\b",
         "keys in a paste are text"},
        {PASTE "\033[20"
               "x\033[201" ENDED,
         "", LINE_EDITOR_MORE, "\033[20x\033[201", "what looks like its end is text"},
        {PASTE "a" ENDED PASTE "b" ENDED, "", LINE_EDITOR_MORE, "ab", "two pastes"},
        {"Shopping:\n.\n5 apples\n5\ny\nthanks\n", "P:Shopping:;P:.;P:5 apples;P:5;P:y;P:thanks;",
         LINE_EDITOR_MORE, "", "a paste without marks"},
        {"a\r.\r\003\004", "P:a;P:.;", LINE_EDITOR_MORE, "\003\004", "its keys are text, too"},
        {"a\n\033[200", "P:a;", LINE_EDITOR_MORE, "\033[200", "and its escapes"},
        {"hello\n.\n", "P:hello;", LINE_EDITOR_ENDED, ".",
         "a dot as the last thing typed ahead ends"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buf lines;
        buf_init(&lines, 1000);
        begin(LINE_TEXT, "", 60);
        is_int(text(rows[i].keys, &lines), rows[i].event, "text: %s: the event", rows[i].name);
        buf_add_char(&lines, '\0');
        is_str(lines.p, rows[i].lines, "text: %s: the lines", rows[i].name);
        ok(span_eq(line_editor_line(&e), span_str(rows[i].rest)), "text: %s: the rest",
           rows[i].name);
        type("\003"); /* a mark that was not closed */
        buf_free(&lines);
    }
}

/* The marks of a paste may come in pieces, and so does what is between them. */
static void test_paste_in_pieces(void)
{
    struct buf lines;
    buf_init(&lines, 1000);
    begin(LINE_ANSWER, "? ", 60);
    type(PASTE "a");
    type("b");
    type("cd\033");
    is_int(type("[201~\r"), LINE_EDITOR_LINE, "pieces: a paste ends, and Enter takes it");
    ok(span_eq(line_editor_line(&e), SPAN("abcd")), "pieces: ... all of it");
    begin(LINE_TEXT, "", 60);
    type("\033[20");
    is_int(text("0~a\nb\033[201~c\r", &lines), LINE_EDITOR_MORE, "pieces: a mark and two lines");
    ok(span_eq(buf_span(&lines), SPAN("P:a;P:bc;")), "pieces: ... the mark is no text");
    buf_free(&lines);
}

/* A machine that is busy reads keys soon after a paste, and soon after each other. */
static void test_soon_after_paste(void)
{
    begin(LINE_TEXT, "", 60);
    type("one\ntwo\n");
    now_ms -= 990;
    is_int(type(".\r"), LINE_EDITOR_ENDED, "soon: a dot ends a text");
    begin(LINE_ANSWER, "? ", 60);
    now_ms -= 990;
    type("s");
    now_ms -= 990;
    is_int(type("\r"), LINE_EDITOR_LINE, "soon: ... and Enter is heard at the next question");
    begin(LINE_ANSWER, "? ", 60);
    type("a\nb\n");
    now_ms -= 990;
    is_int(type("\003"), LINE_EDITOR_CANCEL, "soon: Ctrl-C is heard");
    begin(LINE_ANSWER, "? ", 60);
    now_ms -= 990;
    type("5");
    now_ms -= 990;
    is_int(type("\r"), LINE_EDITOR_LINE, "soon: ... and Enter is after it");
}

static void test_paste_into_answer(void)
{
    begin(LINE_ANSWER, "? ", 60);
    is_int(type("5\ny\nann\n"), LINE_EDITOR_MORE, "answer: a paste without marks runs nothing");
    ok(span_eq(line_editor_line(&e), SPAN("5 y ann")), "... its newlines become spaces");
    begin(LINE_ANSWER, "? ", 60);
    is_int(type(PASTE "bob\r\n" ENDED), LINE_EDITOR_MORE, "answer: a marked paste runs nothing");
    ok(span_eq(line_editor_line(&e), SPAN("bob")), "... the newline at its end is dropped");
    is_int(type("\r"), LINE_EDITOR_LINE, "... and Enter takes it");
    begin(LINE_ANSWER, "? ", 60);
    type("a\nb\n");
    now_ms -= 990;
    is_int(type("5\n"), LINE_EDITOR_MORE, "answer: what comes right after a paste belongs to it");
    now_ms -= 990;
    type("\025");
    ok(line_editor_line(&e).n == 0, "answer: but for a key alone");
    is_int(type("x\r"), LINE_EDITOR_LINE, "answer: what comes later does not");
    begin(LINE_ANSWER, "? ", 60);
    type(PASTE "never ends");
    is_int(type("\003"), LINE_EDITOR_CANCEL,
           "answer: Ctrl-C alone cancels even in a paste without an end");
}

static void test_screen(void)
{
    char row[100];
    begin(LINE_ANSWER, "a prompt of 29 columns, wide: ", 40);
    is_str(screen_row(&screen, 1), "|", "a prompt that leaves little room: the line is below");
    type("abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz");
    snprintf(row, sizeof row, "%s", screen_row(&screen, 1));
    ok(strlen(row) <= 40 && row[strlen(row) - 1] == '|', "a long line: its end is shown");
    is_str(screen_row(&screen, 2), "", "... on one row");
    type(CTRL('A'));
    is_str(screen_row(&screen, 1), "|abcdefghijklmnopqrstuvwxyzabcdefghijklm",
           "... then its beginning");
    type("\r");
    is_str(screen_row(&screen, 2), "opqrstuvwxyz", "... when it is done, all of it");
    begin(LINE_ANSWER, "first\nsecond: ", 40);
    type("typed");
    line_editor_above(&e, SPAN("New mail from ann\nand from bob\n"));
    show();
    is_str(screen_row(&screen, 0), "New mail from ann", "above: where the prompt began");
    is_str(screen_row(&screen, 1), "and from bob", "above: all lines");
    is_str(screen_row(&screen, 2), "first", "above: then the prompt");
    is_str(screen_row(&screen, 3), "second: typed|", "above: and what was typed");
    line_editor_redraw(&e, 30, 10);
    show();
    is_str(screen_row(&screen, 4), "second: typed|", "redraw: what was typed is there");
    type(CTRL('L'));
    is_str(screen_row(&screen, 1), "second: typed|", "Ctrl-L: an empty screen but for the prompt");
    ok(!screen.unknown, "the terminal gets nothing unusual");
}

/* The prompt's last row says where the line begins, how wide it may be and how far up the prompt
 * is. */
static void test_wrapped_prompt(void)
{
    const char *prompt = "You are about to see a message. Enter the <message ID>: ";
    begin(LINE_ANSWER, prompt, 40);
    is_str(screen_row(&screen, 0), "You are about to see a message. Enter", "wrap: at a space");
    is_str(screen_row(&screen, 1), "the <message ID>: |", "wrap: the line begins in the last row");
    type("abcdefghijklmnopqrstuvwxyz");
    ok(screen.row == 1 && screen.column < 40, "wrap: a long line stays in that row");
    type("\001x");
    is_str(screen_row(&screen, 1), "the <message ID>: x|abcdefghijklmnopqrst",
           "wrap: its beginning is there");
    type("\025\013"
         "12");
    line_editor_above(&e, SPAN("New mail\n"));
    show();
    is_str(screen_row(&screen, 0), "New mail", "wrap: news is above all rows of the prompt");
    is_str(screen_row(&screen, 2), "the <message ID>: 12|", "wrap: ... which follow");
    is_str(screen_row(&screen, 3), "", "wrap: ... once");
    screen_begin(&screen, 60, 10);
    line_editor_redraw(&e, 60, 10);
    show();
    is_str(screen_row(&screen, 0), "You are about to see a message. Enter the <message ID>: ",
           "wrap: a wider screen shows it in one row");
    is_str(screen_row(&screen, 1), "12|", "wrap: ... with the line below, for lack of room");
    screen_begin(&screen, 20, 10);
    line_editor_redraw(&e, 20, 10);
    show();
    is_str(screen_row(&screen, 2), "<message ID>: ", "wrap: a narrower one in three");
    is_str(screen_row(&screen, 3), "12|", "wrap: ... and the line below");
    begin(LINE_ANSWER, "twenty columns wide: ", 20);
    is_str(screen_row(&screen, 0), "twenty columns wide:", "wrap: a prompt that fills a row");
    is_str(screen_row(&screen, 1), "|", "wrap: ... has the line in the next one");
    line_editor_above(&e, SPAN("New mail\n"));
    show();
    is_str(screen_row(&screen, 1), "twenty columns wide:", "wrap: ... and news above both");
    is_str(screen_row(&screen, 2), "|", "wrap: ... and the line below");
    ok(!screen.unknown, "wrap: the terminal gets nothing unusual");
}

/* More marks at a letter than are shown with it. */
static void test_many_marks(void)
{
    char line[2 + 2 * 40 + 2] = "a";
    for (int i = 0; i < 40; i++)
        strcat(line, "\xcc\x81");
    begin(LINE_ANSWER, "? ", 60);
    type(line);
    type(LEFT);
    is_int(e.cursor, 1 + 2 * 40 - 64, "marks: the cursor goes over 64 bytes of them");
    type("\001" RIGHT);
    is_int(e.cursor, 1 + 64, "marks: ... and over as many to the right");
    type("\025");
    ok(span_eq(line_editor_line(&e), span_str(line + 1 + 64)), "marks: the others are there");
}

static void test_odd_screens(void)
{
    begin(LINE_ANSWER, "\nfirst: ", 60);
    is_str(screen_row(&screen, 1), "first: |", "an empty row of a prompt is a row");
    line_editor_above(&e, SPAN("New mail\n"));
    show();
    is_str(screen_row(&screen, 0), "New mail", "... that news stands above");
    is_str(screen_row(&screen, 2), "first: |", "... as above the other one");
    type("ab\r");
    begin(LINE_ANSWER, "? ", 20);
    type("abcdefghijklmnopqrstuvwxyz" UP);
    is_str(screen_row(&screen, 0), "? ab|", "a short answer is shown whole after a long one");
    screen_begin(&screen, 16, 10);
    line_editor_begin(&e, LINE_ANSWER, "? ", 1000, 5, 10);
    type("abcdefghijklm");
    is_str(screen_row(&screen, 0), "? abcdefghijklm|", "five columns count as sixteen");
}

static void test_limit(void)
{
    char much[1200] = "";
    memset(much, 'x', 990);
    begin(LINE_ANSWER, "? ", 60);
    type(much);
    type("0123456789");
    is_int(line_editor_line(&e).n, 1000, "limit: a line of just that length is taken");
    type("a");
    is_str(screen_row(&screen, 0), "This line is full: at most 1000 bytes.",
           "limit: one byte more is told");
    is_int(line_editor_line(&e).n, 1000, "limit: and not taken");
    type("\177"
         "b");
    is_int(line_editor_line(&e).p[999], 'b', "limit: after a deletion there is room again");
}

/* A megabyte in one line arrives whole. */
static void test_long(void)
{
    enum { PIECE = 4000, PIECES = 300 };
    char piece[PIECE + 1];
    size_t wrong = 0;
    screen_begin(&screen, 60, 10);
    line_editor_begin(&e, LINE_TEXT, "", 10000000, 60, 10);
    memset(piece, 0, sizeof piece);
    for (int i = 0; i < PIECES; i++) {
        memset(piece, 'a' + i % 26, PIECE);
        type(piece);
    }
    is_int(type("\r"), LINE_EDITOR_LINE, "a long line: is taken");
    for (size_t i = 0; i < line_editor_line(&e).n; i++)
        wrong += line_editor_line(&e).p[i] != (char)('a' + i / PIECE % 26);
    is_int(line_editor_line(&e).n, PIECE * PIECES, "a long line: whole");
    is_int(wrong, 0, "a long line: unchanged");
}

int main(void)
{
    random_begin();
    line_editor_init(&e);
    test_keys();
    test_events();
    test_secret();
    test_history();
    test_paste();
    test_paste_into_answer();
    test_paste_in_pieces();
    test_soon_after_paste();
    test_screen();
    test_wrapped_prompt();
    test_odd_screens();
    test_many_marks();
    test_limit();
    test_long();
    line_editor_free(&e);
    return done_testing();
}
