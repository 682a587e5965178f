/* SPDX-License-Identifier: ISC */
/*
 * Each call that a verb makes fails, for memory or a file: in one run only this call, in another
 * run also all later ones. A verb that says that all is well has printed all; any other one says
 * why it failed. Nothing leaks, and no message is deleted before its copy is there. With STRIDE=1
 * the test does all runs, otherwise one or two for each verb.
 */
#include <limits.h>

#include "verbs_fixture.h"

#define STRIDE 61 /* each run is a process */

#define LETTER PLAY(L("send", "bob"), L(NULL), .input = "text")

/* NOLINTBEGIN(bugprone-suspicious-missing-comma): macros put the answers together. */
static const struct verb {
    const char *what;
    struct play play;
    struct play before; /* prepares it, if it has words */
    bool marks;         /* it may show that something cannot be read */
} verbs[] = {
    {.what = "help", .play = PLAY(L("help"), L(NULL))},
    {.what = "list", .play = PLAY(L("list"), L(LOGIN, TWO(FILES SECOND), ONE(FILES)))},
    {.what = "status", .play = PLAY(L("status"), L(LOGIN, "Answer|6|Yes|1|2|3|4|5|"))},
    {.what = "show",
     .play = PLAY(L("show"), L(LOGIN, TWO(FILES SECOND), ONE(FILES), ONE(SECOND), YES))},
    {.what = "unread, version 1", .play = PLAY(L("unread"), L(LOGIN_1, TWO(SECOND THIRD)))},
    {.what = "take",
     .play =
         PLAY(L("take", "1-2"), L(LOGIN, TWO(FIRST SECOND), ONE(FIRST), YES, ONE(SECOND), YES))},
    {.what = "save", .play = PLAY(L("save", "1", "1", "saved"), L(LOGIN, ONE(FILES)))},
    {.what = "delete", .play = PLAY(L("delete", "1-9"), L(LOGIN, TWO(FIRST SECOND), YES, YES))},
    {.what = "search",
     .play = PLAY(L("search", "he"), L(LOGIN, TWO(HELLO(1) SECOND), ONE(HELLO(1)), ONE(SECOND)))},
    {.what = "send", .play = PLAY(L("send", "bob", "carl"), L(LOGIN, YES, YES), .input = "text")},
    {.what = "send, typed",
     .play = PLAY(L("send", "bob"), L(LOGIN, YES, YES), .input = "one\ntwo\n\004", .typed = true)},
    {.what = "send, with the editor",
     .play = PLAY(L("send", "bob", "--edit", "--editor=cp mbox"), L(LOGIN, YES), .input = "text")},
    {.what = "send, refused",
     .play = PLAY(L("send", "bob"), L(LOGIN, NOOP("no such user")), .input = "text")},
    {.what = "send, a file",
     .play = PLAY(L("send", "bob", "--attach=mbox"), L(LOGIN, YES), .input = "text")},
    {.what = "drafts", .play = PLAY(L("drafts"), L(NULL)), .before = LETTER, .marks = true},
    {.what = "drafts show", .play = PLAY(L("drafts", "show", "1"), L(NULL)), .before = LETTER},
    {.what = "drafts send",
     .play = PLAY(L("drafts", "send", "1"), L(LOGIN, YES)),
     .before = LETTER},
    {.what = "drafts discard",
     .play = PLAY(L("drafts", "discard", "1"), L(NULL)),
     .before = LETTER},
    {.what = "reply",
     .play = PLAY(L("reply", "1"), L(LOGIN, ONE(FIRST), YES), .input = "answer\n")},
    {.what = "forward", .play = PLAY(L("forward", "1", "bob"), L(LOGIN, ONE(FIRST), YES))},
    {.what = "register", .play = PLAY(L("register", "--invite-file=invite"), L(YES_2, YES))},
    {.what = "password", .play = PLAY(L("password", "--new-password-file=invite"), L(LOGIN, YES))},
    {.what = "export to an mbox",
     .play = PLAY(L("export", "copy", "1-2", "--format=mbox", "--delete"),
                  L(LOGIN, TWO(FIRST SECOND), ONE(FIRST), YES, ONE(SECOND), YES)),
     .before = PLAY(L("export", "copy", "3", "--format=mbox"), L(LOGIN, ONE(THIRD)))},
    {.what = "export to a Maildir",
     .play = PLAY(L("export", "copy", "1-2", "--format=maildir", "--delete"),
                  L(LOGIN, TWO(FIRST SECOND), ONE(FIRST), YES, ONE(SECOND), YES))},
    {.what = "import of an mbox",
     .play = PLAY(L("import", "mbox"), L(LOGIN, ONE(HELLO(1)), ONE(HELLO(1)), ONE(SECOND), YES))},
    {.what = "import of a Maildir",
     .play = PLAY(L("import", "copy"), L(LOGIN, YES, NOOP("no such message"), ONE(FIRST), YES)),
     .before = PLAY(L("export", "copy", "3", "--format=maildir"), L(LOGIN, ONE(THIRD)))},
    {.what = "watch",
     .play = PLAY(L("watch"), L(LOGIN, YES, YES, ONE(FILES), ONE(FILES), HANG_UP, AWAY))},
    {.what = "watch, with a command",
     .play =
         PLAY(L("watch", "--exec=echo $POCHTA_ID"), L(LOGIN, YES, YES, ONE(FIRST), HANG_UP, AWAY))},
};
/* NOLINTEND(bugprone-suspicious-missing-comma) */

static const struct verb *verb; /* under test */
static struct played whole;     /* what comes of it if no call fails */
static int first, stride;       /* which calls fail */

/* Each run finds the same. */
static void prepare(void)
{
    static const char *const left[] = {".local", "saved", "copy"};
    struct played d;
    for (size_t i = 0; i < sizeof left / sizeof *left; i++)
        if (!os_file_remove_tree(OS_FILE_CWD, left[i]) && !os_file_remove(OS_FILE_CWD, left[i]) &&
            errno != ENOENT)
            is_wrong("%s stays: %s", left[i], strerror(errno));
    os_file_make_dir(OS_FILE_CWD, "saved");
    if (!verb->before.words[0])
        return;
    play(&verb->before, &d);
    played_free(&d);
}

/* How often a text is in another one. */
static int count(const char *text, const char *word)
{
    int n = 0;
    for (; (text = strstr(text, word)); text++)
        n++;
    return n;
}

static bool count_file(void *ctx, const char *name)
{
    *(int *)ctx += strstr(name, ".P") != NULL;
    return true;
}

/* How many messages the copy has. */
static int count_copies(void)
{
    int n = 0, top = os_file_open_dir("copy");
    struct buf text;
    buf_init(&text, SIZE_MAX / 2);
    if (top < 0 && os_file_load(OS_FILE_CWD, "copy", &text) && buf_add_char(&text, '\0'))
        n = count(text.p, "From bob ") + count(text.p, "From pochta ");
    for (int i = 0; top >= 0 && i < 2; i++) {
        int dir = os_file_open_subdir(top, i == 0 ? "new" : "cur");
        os_file_each(dir, count_file, &n);
        os_file_close(dir);
    }
    os_file_close(top);
    buf_free(&text);
    return n;
}

static void check(const struct played *d)
{
    bool same = d->code == whole.code;
    if (d->code >= 255)
        is_wrong("it ended with %d", d->code);
    if (d->leaked)
        is_wrong("memory leaks");
    /* The time of a draft and the port of its server differ. */
    if (same && d->out.n != whole.out.n && !(verb->marks && strstr(d->out.p, "unreadable")))
        is_wrong("it says that all is well, but printed only \"%s\"", d->out.p);
    if (!same && !strstr(d->err.p, "pochta: "))
        is_wrong("it does not say why it ended with %d", d->code);
    if (strcmp(verb->play.words[0], "export") == 0 &&
        count(d->asked.p, "Delete mes|") > count_copies())
        is_wrong("a message was deleted that was not copied");
}

/* Lets one call after the other fail. Returns in how many runs something was wrong. */
static int fail_each(int error, bool ever)
{
    int bad = 0;
    for (int nth = first; nth <= whole.calls; nth += stride) {
        struct play p = verb->play;
        struct played d;
        wrong = 0;
        p.nth = nth;
        p.error = error;
        p.ever = ever;
        prepare();
        play(&p, &d);
        check(&d);
        if (wrong > 0 && ++bad > 0)
            diag("%s: call %d%s: %s: %s", verb->what, nth, ever ? " and all later ones" : "",
                 first_wrong, d.err.p);
        played_free(&d);
    }
    return bad;
}

int main(void)
{
    if (!play_begin())
        return 1;
    play_put("invite", "0123456789abcdef0123456789abcdef\n");
    play_put("mbox", "From bob Sun Dec  3 12:51:33 2017\nX-Status: AF\n\nhello\n\n"
                     "From bob Sun Dec  3 12:51:33 2017\n\nworld\n");
    stride = getenv("STRIDE") ? faults_stride() : STRIDE;
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        verb = &verbs[i];
        wrong = 0;
        prepare();
        struct play p = verb->play;
        p.nth = INT_MAX; /* counts the calls */
        play(&p, &whole);
        if (whole.leaked || whole.code > 100)
            is_wrong("it ends with %d: %s", whole.code, whole.err.p);
        is_int(wrong, 0, "%s: no call fails", verb->what);
        first = 1 + (int)i * 7 % (whole.calls < stride ? whole.calls : stride);
        if (stride < STRIDE || i % 2 == 0)
            is_int(fail_each(EIO, false), 0, "%s: a call fails", verb->what);
        if (stride < STRIDE || i % 2 == 1)
            is_int(fail_each(ENOSPC, true), 0, "%s: a call and all later ones fail", verb->what);
        played_free(&whole);
    }
    play_end();
    return done_testing();
}
