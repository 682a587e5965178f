/* SPDX-License-Identifier: ISC */
/*
 * Each call that the menu makes fails: in one run only this call, in another run also all later
 * ones. Letters are written, kept, sent and copied, messages are shown and searched. What the menu
 * says of a letter is true afterwards, and nothing leaks. With STRIDE=1 the test does all runs,
 * otherwise a part of them.
 */
#include "each_call.h"

#include "client_menu.h"

#include "client/draft_edit.h"

#define LOGIN "4\nann\npw\n\n"
#define TEXT  "Subject: Subject\ntext"

/* --- what came of a letter --- */

static bool says(const char *words)
{
    return strstr(shown, words);
}

/* How many copies the server was given. Lines that were not taken are missing. */
static int count_sent(void)
{
    static const char whole[] = "3|bob|0^^^0^0^" TEXT "^|";
    int n = 0;

    for (const char *at = peer.asked.p; (at = strstr(at, "Send mes|")); n++) {
        at += strlen("Send mes|");
        if (strncmp(at, whole, strlen(whole)) != 0 && !says("this line was not taken"))
            is_wrong("the server was given a part of the letter");
    }
    return n;
}

/* Whether there is a draft with the letter, or with its beginning. */
static bool is_kept(void)
{
    struct state_dir dir;
    struct draft d;
    bool kept = state_dir_find(&dir, DRAFT_DIR) && draft_open(&d, &dir, 1) == DRAFT_OPENED;

    if (kept) {
        kept = d.text.n > 0;
        if (!span_starts(SPAN(TEXT), buf_span(&d.text)) && !says("this line was not taken"))
            is_wrong("the draft is not what was written");
        draft_close(&d);
    }
    state_dir_close(&dir);
    return kept;
}

static void check_letter(void)
{
    int sent = count_sent();

    if (says("Message sent successfully.") && sent == 0)
        is_wrong("the letter is said to be sent, and is not");
    if (says("The letter is kept as draft") && !is_kept())
        is_wrong("the letter is said to be kept, and is not");
    if (!says("Enter the message") || says("is lost") || says("is empty") || says("discarded"))
        return;
    if (sent == 0 && !is_kept())
        is_wrong("the letter is neither sent nor kept, and nothing is said of it");
}

/* --- the parts --- */

static void leave_draft(void)
{
    struct state_dir dir;
    struct draft d;

    if (!state_dir_open(&dir, DRAFT_DIR))
        abort();
    draft_begin(&d, &dir, "127.0.0.1:5555", "ann");
    draft_add_to(&d, "bob");
    buf_add_str(&d.text, TEXT);
    if (!draft_finish(&d))
        abort();
    draft_close(&d);
    state_dir_close(&dir);
}

static void check_nothing(void)
{
}

static const struct part {
    const char *what;
    /* cppcheck-suppress unusedStructMember ; run reads it */
    struct play play;
    /* cppcheck-suppress unusedStructMember ; run calls it */
    void (*check)(void);
} parts[] = {
    {"a letter", {.typed = LOGIN "1\nbob\nSubject\ntext\n.\ns\n"}, check_letter},
    {"a letter without a connection",
     {.typed = LOGIN "1\nbob\nSubject\ntext\n.\ns\nk\n",
      .says = {{CONNECTED, YES}, {"Send mes", NOOP("no such user")}}},
     check_letter},
    {"a draft", {.typed = LOGIN "18\n1\ns\n", .first = leave_draft}, check_letter},
    {"a draft that is discarded",
     {.typed = LOGIN "18\n1\nd\n\n18\n", .first = leave_draft},
     check_letter},
    {"a draft that is edited",
     {.typed = LOGIN "18\n1\ne\ns\n", .first = leave_draft},
     check_letter},
    {"messages", {.typed = LOGIN "7\n\n8\n1\n\n11\n\n17\nhi\n\n16\n\n19\n\n"}, check_nothing},
    {"answers", {.typed = LOGIN "10\n1\ncarl\n\n12\n1\nthanks\n.\ns\n"}, check_nothing},
};

/* --- all of them --- */

/* Returns whether the call was made, and so failed. */
static bool run(const void *ctx, int nth, int error, bool ever)
{
    const struct part *part = ctx;
    struct each_held held = each_hold();
    int out = memfd_create("shown", MFD_CLOEXEC);
    struct options o;

    play_begin(&part->play, &o);
    faults_arm(nth, error, ever);
    menu_play(&o, part->play.typed, out);
    bool failed = faults_disarm();
    settings_free(&o.set);
    shown[pread(out, shown, sizeof shown - 1, 0)] = '\0';
    close(out);
    buf_add_char(&peer.asked, '\0');
    part->check();
    each_check_held(&held);
    return failed;
}

int main(void)
{
    play_init();
    draft_edit_set("true");
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        /* These runs are short. */
        const struct each_call each = {parts[i].what, run, &parts[i], 50,
                                       (faults_stride() + 4) / 5};
        each_call_fails(&each, 1, EIO, false);
        each_call_fails(&each, 2, EIO, true);
        each_call_fails(&each, 3, ENOSPC, true);
        each_call_fails(&each, 4, ENOMEM, false);
    }
    return done_testing();
}
