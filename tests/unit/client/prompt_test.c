/* SPDX-License-Identifier: ISC */
/*
 * Questions on a terminal in raw mode. What the terminal does is a script: the linker gives us the
 * calls of os_tty. tests/it/typing.t asks on a real one.
 */
#include "client/prompt.h"

#include <fcntl.h>
#include <unistd.h>

#include "os/tty.h"
#include "tap.h"

#define PASTE "\033[200~"
#define ENDED "\033[201~"
#define STEPS 10
#define INPUT(keys)        \
    {                      \
        OS_TTY_INPUT, keys \
    }

/* What the terminal does, one after the other; then it is gone. */
static struct step {
    enum os_tty_event event;
    const char *keys;
} steps[STEPS];
static size_t next_step;
static bool raw, stopped;
static int draws, sizes;
static void (*at_end)(void *ctx);
static void *at_end_ctx;

bool here_raw_begin(void) __asm__("__wrap_os_tty_raw_begin");
void here_raw_end(void) __asm__("__wrap_os_tty_raw_end");
void here_raw_stop(void) __asm__("__wrap_os_tty_raw_stop");
void here_raw_at_end(void (*act)(void *ctx), void *ctx) __asm__("__wrap_os_tty_raw_at_end");
void here_draw(struct span text) __asm__("__wrap_os_tty_draw");
void here_size(unsigned *columns, unsigned *rows) __asm__("__wrap_os_tty_size");
enum os_tty_event here_raw_wait(int fd, int64_t until_ms, char *bytes, size_t size,
                                size_t *n) __asm__("__wrap_os_tty_raw_wait");
int64_t here_clock_ms(void) __asm__("__wrap_os_clock_ms");

static int64_t now_ms;

int64_t here_clock_ms(void)
{
    return now_ms;
}

bool here_raw_begin(void)
{
    raw = true;
    return true;
}

void here_raw_end(void)
{
    raw = false;
}

void here_raw_stop(void)
{
    stopped = true;
}

void here_raw_at_end(void (*act)(void *ctx), void *ctx)
{
    at_end = act;
    at_end_ctx = ctx;
}

void here_draw(struct span text)
{
    draws += text.n > 0;
}

void here_size(unsigned *columns, unsigned *rows)
{
    *columns = 80;
    *rows = 24;
    sizes++;
}

enum os_tty_event here_raw_wait(int fd, int64_t until_ms, char *bytes, size_t size, size_t *n)
{
    const struct step *step = &steps[next_step];
    (void)fd;
    now_ms += until_ms == INT64_MAX ? 1000 : 1; /* a person is slow, a paste is not */
    if (next_step == STEPS || (step->event == OS_TTY_INPUT && !step->keys)) {
        if (at_end)
            at_end(at_end_ctx);
        return OS_TTY_ENDED;
    }
    next_step++;
    if (step->event != OS_TTY_INPUT)
        return step->event;
    *n = strlen(step->keys) < size ? strlen(step->keys) : size;
    memcpy(bytes, step->keys, *n);
    return OS_TTY_INPUT;
}

static void begin(const struct step *script)
{
    memcpy(steps, script, sizeof steps);
    next_step = 0;
    stopped = false;
    draws = sizes = 0;
}

#define BEGIN(...) begin((const struct step[STEPS]){__VA_ARGS__})

/* What is shown would stand between the lines of this test. */
static int null, before;

static void begin_quiet(void)
{
    fflush(stdout);
    before = fcntl(1, F_DUPFD_CLOEXEC, 10);
    dup2(null, 1);
}

static bool end_quiet(bool result)
{
    fflush(stdout);
    dup2(before, 1);
    close(before);
    return result;
}

static struct buf line;

static bool asks_line(void)
{
    begin_quiet();
    return end_quiet(prompt_line(&line, "? "));
}

static bool waits_for_key(void)
{
    begin_quiet();
    return end_quiet(prompt_key("Press any key."));
}

static bool asks_password(struct secret *s)
{
    begin_quiet();
    return end_quiet(prompt_password(s, "? "));
}

static bool is_line(const char *text)
{
    return span_eq(buf_span(&line), span_str(text));
}

static void test_answers(void)
{
    BEGIN(INPUT("an"), INPUT("swer\r"));
    ok(asks_line() && is_line("answer"), "an answer comes in pieces");
    ok(!raw, "... and the terminal is put back");
    BEGIN(INPUT("x\003"));
    ok(!asks_line() && prompt_end() == PROMPT_CANCELLED, "Ctrl-C cancels");
    BEGIN(INPUT("\004"));
    ok(!asks_line() && prompt_end() == PROMPT_ENDED, "Ctrl-D ends the input");
    BEGIN(INPUT("half"));
    ok(!asks_line() && prompt_end() == PROMPT_ENDED, "so does a terminal that goes");
    BEGIN(INPUT("an"), {OS_TTY_REDRAW, NULL}, INPUT("swer\r"));
    ok(asks_line() && is_line("answer"), "a new size of the screen changes no answer");
    is_int(sizes, 2, "... and is asked for");
    BEGIN(INPUT("an\032"), INPUT("swer\r"));
    ok(asks_line() && is_line("answer") && stopped, "Ctrl-Z stops; then it goes on");
    BEGIN({OS_TTY_READY, NULL}, {OS_TTY_TIME, NULL}, INPUT("answer\r"));
    ok(asks_line() && is_line("answer"), "nothing to do meanwhile is no error");
}

static int acts, acts_most;

static bool act(struct prompt_meanwhile *m)
{
    m->at_ms = INT64_MAX;
    prompt_above(SPAN("news\n"));
    return ++acts < acts_most;
}

static void test_meanwhile(void)
{
    struct prompt_meanwhile m = {-1, 0, act};
    prompt_meanwhile(&m);
    acts = 0;
    acts_most = 10;
    BEGIN(INPUT("an"), {OS_TTY_READY, NULL}, {OS_TTY_TIME, NULL}, INPUT("swer\r"));
    ok(asks_line() && is_line("answer"), "meanwhile something is done");
    is_int(acts, 2, "... each time that it is due");
    acts_most = acts + 1;
    BEGIN(INPUT("an"), {OS_TTY_READY, NULL}, INPUT("swer\r"));
    ok(!asks_line() && prompt_end() == PROMPT_STOPPED, "... which may stop it");
    BEGIN({OS_TTY_TIME, NULL}, INPUT("x"));
    ok(!waits_for_key() && prompt_end() == PROMPT_STOPPED, "... or the wait for a key");
    prompt_meanwhile(NULL);
}

static void test_keys(void)
{
    BEGIN(INPUT("x"), INPUT("y"));
    ok(waits_for_key() && next_step == 1, "one key is one key");
    BEGIN(INPUT("\033["), INPUT("A"), INPUT("y"));
    ok(waits_for_key() && next_step == 2, "a key of many bytes is one, too");
    BEGIN(INPUT(PASTE "many words\n"), INPUT("and lines\n" ENDED), INPUT("y"));
    ok(waits_for_key() && next_step == 2, "so is a paste");
    BEGIN(INPUT("two keys"), INPUT("y"));
    ok(waits_for_key() && next_step == 1, "what comes at once is one");
    BEGIN(INPUT("\004"));
    ok(!waits_for_key() && prompt_end() == PROMPT_ENDED, "Ctrl-D ends the input");
    BEGIN(INPUT("\032"));
    ok(waits_for_key() && stopped, "Ctrl-Z stops, and is a key");
    BEGIN({OS_TTY_REDRAW, NULL}, INPUT("x"));
    ok(waits_for_key() && draws == 0, "no line is drawn where none is edited");
    BEGIN({OS_TTY_ENDED, NULL});
    ok(!waits_for_key() && prompt_end() == PROMPT_ENDED, "the terminal is gone");
}

static void test_passwords(void)
{
    struct secret s = {.n = 0};
    BEGIN(INPUT("pw\r"));
    ok(asks_password(&s) && span_eq(secret_span(&s), SPAN("pw")), "a password");
    BEGIN(INPUT("p|w\r"), INPUT("pw\r"));
    ok(asks_password(&s) && next_step == 2, "what is not a password is asked for again");
    BEGIN(INPUT("\r"));
    ok(!asks_password(&s) && prompt_end() == PROMPT_CANCELLED, "an empty one cancels");
    BEGIN(INPUT("p\003"));
    ok(!asks_password(&s) && prompt_end() == PROMPT_CANCELLED, "so does Ctrl-C");
    BEGIN(INPUT("p"));
    ok(!asks_password(&s) && prompt_end() == PROMPT_ENDED, "the terminal is gone");
}

/* --- texts --- */

static struct {
    struct prompt_writer writer;
    struct buf lines, typing;
    int most; /* lines that are taken */
    bool ended;
} text;

static bool take_line(struct prompt_writer *w, struct span s, enum prompt_line_kind kind)
{
    static const char kinds[] = {[PROMPT_TYPED] = 't',
                                 [PROMPT_PART_PASTED] = 'h',
                                 [PROMPT_PASTED] = 'p',
                                 [PROMPT_PLAIN] = '?'};
    (void)w;
    buf_printf(&text.lines, "%c:%.*s;", kinds[kind], SPAN_PRINTF(s));
    return --text.most > 0;
}

static void take_typing(struct prompt_writer *w, struct span so_far)
{
    (void)w;
    buf_clear(&text.typing);
    buf_add(&text.typing, so_far);
}

static void take_end(struct prompt_writer *w)
{
    (void)w;
    text.ended = true;
}

/* What prompt_text returns for this script, and the lines that it gives. */
static bool text_is(bool ended, enum prompt_end end, const char *lines)
{
    buf_clear(&text.lines);
    buf_clear(&text.typing);
    text.ended = false;
    text.most = 100;
    begin_quiet();
    bool good = end_quiet(prompt_text(&text.writer, "")) == ended && prompt_end() == end &&
                span_eq(buf_span(&text.lines), span_str(lines));
    if (!good)
        diag("end %d, lines %.*s", (int)prompt_end(), SPAN_PRINTF(buf_span(&text.lines)));
    return good;
}

static void test_texts(void)
{
    text.writer = (struct prompt_writer){take_line, take_typing, take_end};
    BEGIN(INPUT("one"), INPUT("\r"), INPUT("two"), INPUT("\r"), INPUT("."), INPUT("\r"));
    ok(text_is(true, PROMPT_ANSWERED, "t:one;t:two;"), "lines are typed until a dot");
    BEGIN(INPUT(PASTE "one\n.\n" ENDED), INPUT("\004"));
    ok(text_is(true, PROMPT_ANSWERED, "p:one;p:.;"), "a pasted dot does not end a text");
    BEGIN(INPUT(PASTE "one" ENDED), INPUT("\r"), INPUT("\004"));
    ok(text_is(true, PROMPT_ANSWERED, "h:one;"), "the end of a pasted line may be typed");
    BEGIN(INPUT("one"), INPUT("\r"), INPUT("tw"));
    ok(text_is(false, PROMPT_ENDED, "t:one;") && text.ended, "the terminal goes in a line");
    ok(span_eq(buf_span(&text.typing), SPAN("tw")), "... which is known so far");
    BEGIN(INPUT("one"), INPUT("\003"));
    ok(text_is(false, PROMPT_CANCELLED, ""), "Ctrl-C cancels a text");
    BEGIN(INPUT("one"), INPUT("\032"), INPUT("\r"), INPUT("\004"));
    ok(text_is(true, PROMPT_ANSWERED, "t:one;") && stopped, "Ctrl-Z stops in a text");
    text.writer = (struct prompt_writer){take_line, NULL, NULL};
    BEGIN(INPUT("one"), INPUT("\r"), INPUT("two"));
    ok(text_is(false, PROMPT_ENDED, "t:one;") && !text.ended, "nobody needs to know of it");
    buf_clear(&text.lines);
    text.most = 1;
    BEGIN(INPUT("one"), INPUT("\r"), INPUT("two"));
    begin_quiet();
    bool answered = end_quiet(prompt_text(&text.writer, ""));
    ok(!answered && prompt_end() == PROMPT_STOPPED, "the writer may stop");
    is_int(next_step, 2, "... and then nothing more is read");
    ok(!at_end, "... nor is anything told at the end");
}

/* What is pasted without marks comes in pieces. Only what follows at once shows that it is. */
static void test_bursts(void)
{
    static char much[20000];
    struct buf want;
    text.writer = (struct prompt_writer){take_line, take_typing, take_end};
    BEGIN(INPUT("one\n"), INPUT("two\n"), {OS_TTY_TIME, NULL}, INPUT("\004"));
    ok(text_is(true, PROMPT_ANSWERED, "p:one;t:two;"), "two pieces; the last line may be typed");
    BEGIN(INPUT("one\n"), {OS_TTY_REDRAW, NULL}, INPUT("two"), INPUT("\r"), INPUT("\004"));
    ok(text_is(true, PROMPT_ANSWERED, "p:one;h:two;"), "... with a new size between them");
    BEGIN(INPUT("one\r"), {OS_TTY_READY, NULL}, INPUT("\004"));
    ok(text_is(true, PROMPT_ANSWERED, "t:one;"), "a line that was typed ahead");
    BEGIN(INPUT("one\ntwo\n"), {OS_TTY_ENDED, NULL});
    ok(text_is(false, PROMPT_ENDED, "p:one;t:two;") && text.ended, "... and the terminal goes");
    /* Input that fills all the room there is, and ends with the end of a line. */
    buf_init(&want, SIZE_MAX / 2);
    memset(much, 'x', 16383);
    much[16383] = '\r';
    buf_printf(&want, "t:%.16383s;", much);
    buf_add_char(&want, '\0');
    BEGIN(INPUT(much), INPUT("\004"));
    ok(text_is(true, PROMPT_ANSWERED, want.p), "a line that fills the room for input");
    buf_free(&want);
}

int main(void)
{
    null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    buf_init(&line, PROMPT_LINE_BYTES);
    buf_init(&text.lines, SIZE_MAX / 2);
    buf_init(&text.typing, SIZE_MAX / 2);
    test_answers();
    test_meanwhile();
    test_keys();
    test_passwords();
    test_texts();
    test_bursts();
    buf_free(&line);
    buf_free(&text.lines);
    buf_free(&text.typing);
    return done_testing();
}
