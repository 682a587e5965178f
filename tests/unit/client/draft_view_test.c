/* SPDX-License-Identifier: ISC */
/* What the user sees of drafts, in a state directory of the test's own. */
#include "client/draft_view.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

static char root[] = "/dev/shm/pochta-draft-view.XXXXXX";
static struct state_dir dir;

static void keep(const char *to, const char *text, enum draft_mark mark)
{
    struct draft d;
    draft_begin(&d, &dir, "127.0.0.1:5555", "ann");
    draft_add_to(&d, to);
    buf_add_str(&d.text, text);
    if (!draft_finish(&d) || !draft_mark(&d, 0, mark))
        exit(1);
    draft_close(&d);
}

/* Replaces the date of today, YYYY-MM-DD hh:mm, which stands in this column of each row. */
static void hide_date(struct buf *out, size_t column)
{
    for (char *row = out->p; row && *row; row = strchr(row, '\n') + 1)
        if (strcspn(row, "\n") > column && row[column] == '2')
            memcpy(row + column, "DATE            ", 16);
}

static void test_list(void)
{
    struct buf out;
    buf_init(&out, 10000);
    ok(draft_view_list(&out, &dir, 70) && out.n == 0, "there are no drafts");
    keep("bob", "Subject: the plan\n\nIs it on?", DRAFT_NEW);
    keep("carl", "sent", DRAFT_SENT);
    keep("dora", "tried", DRAFT_TRIED);
    os_file_make(dir.fd, "4", SPAN("damaged"));
    os_file_make_dir(dir.fd, "5");
    ok(draft_view_list(&out, &dir, 70), "there are five drafts");
    buf_add_char(&out, '\0');
    hide_date(&out, 17);
    is_str(out.p,
           "   ID STATE      DATE             TO            SIZE SUBJECT\n"
           "    1 ready      DATE             bob             28 the plan\n"
           "    2 sent       DATE             carl             4 sent\n"
           "    3 unsure     DATE             dora             5 tried\n"
           "    4 damaged\n"
           "    5 unreadable\n",
           "... in columns");
    buf_clear(&out);
    draft_view_list(&out, &dir, 0);
    ok(span_starts(buf_span(&out), SPAN("1\tready\t28\t")) &&
           span_ends(buf_span(&out),
                     SPAN("\tdora\ttried\n4\tdamaged\t\t\t\t\n5\tunreadable\t\t\t\t\n")),
       "... or with tabs for a program");
    buf_free(&out);
}

/* A part of the text before it is sent. */
static void test_short(void)
{
    static char much[600];
    static const struct {
        const char *text, *want, *name;
    } rows[] = {
        {"text", "TO: bob\nLEN: 4\nBODY: text\n", "a short text is whole"},
        {"1\n2\n3\n4\n5\n6\n7\n",
         "TO: bob\nLEN: 14\nBODY: 1\n      2\n      3\n      4\n      5\n      6\n(3 more bytes)\n",
         "six lines of many"},
        {"1\n2\n3\n4\n5\n6\n",
         "TO: bob\nLEN: 12\nBODY: 1\n      2\n      3\n      4\n      5\n      6\n",
         "all of six lines"},
        {"MIME-Version: 1.0\nContent-Type: text/plain\n\nparts\n",
         "TO: bob\nLEN: 50\nBODY: parts\n\n", "a MIME text is whole"},
    };
    struct draft d;
    struct buf out;
    buf_init(&out, 10000);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        draft_begin(&d, &dir, "h:1", "ann");
        draft_add_to(&d, "bob");
        buf_add_str(&d.text, rows[i].text);
        buf_clear(&out);
        draft_view_short(&out, &d, 0);
        buf_add_char(&out, '\0');
        is_str(out.p, rows[i].want, "draft_view_short: %s", rows[i].name);
        draft_discard(&d);
    }
    /* Byte 500 is the second one of a character. */
    memset(much, 'x', 499);
    for (size_t i = 499; i + 1 < sizeof much; i += 2)
        memcpy(much + i, "\xd0\x96", 2);
    draft_begin(&d, &dir, "h:1", "ann");
    draft_add_to(&d, "bob");
    buf_add(&d.text, span_of(much, 599));
    buf_clear(&out);
    draft_view_short(&out, &d, 0);
    ok(span_ends(buf_span(&out), SPAN("xxx\n(100 more bytes)\n")),
       "draft_view_short: no character is cut");
    draft_discard(&d);
    buf_free(&out);
}

static void test_why(void)
{
    errno = EACCES;
    is_str(draft_view_why(DRAFT_DAMAGED), "Permission denied", "why: the system's reason");
    errno = 0;
    is_str(draft_view_why(DRAFT_DAMAGED), "this file is not a draft, or it is damaged",
           "why: what is in it");
    is_str(draft_view_why(DRAFT_BUSY), "another process is working on it", "why: another process");
    is_str(draft_view_why(DRAFT_NONE), "there is no such draft", "why: no such draft");
    is_str(draft_view_why(DRAFT_OPENED), "", "why: nothing");
}

int main(void)
{
    if (!mkdtemp(root))
        return 1;
    setenv("XDG_STATE_HOME", root, 1);
    setenv("TZ", "UTC", 1);
    tzset();
    if (!state_dir_open(&dir, DRAFT_DIR))
        return 1;
    test_list();
    test_short();
    test_why();
    state_dir_close(&dir);
    os_file_remove_tree(OS_FILE_CWD, root);
    return done_testing();
}
