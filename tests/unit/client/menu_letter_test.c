/* SPDX-License-Identifier: ISC */
/*
 * Letters in the menu, with servers that refuse or hang up, and drafts that cannot be kept, read or
 * removed. tests/it/drafts.t and tests/it/editor.t show the same on a terminal.
 */
#include "client_menu.h"

#include "client/draft.h"
#include "client/sent.h"

#define LOGIN   "4\nann\npw\n\n"
#define AGAIN   "Select the following items:"
#define LETTER  LOGIN "1\nbob\nSubject\ntext\n.\n"
#define KEPT(n) "The letter is kept as draft " n "."

/* A server that can be reached no more. */
#define GONE                                                             \
    {CONNECTED, HANGS_UP}, {CONNECTED, HANGS_UP}, {CONNECTED, HANGS_UP}, \
    {                                                                    \
        CONNECTED, HANGS_UP                                              \
    }

static const struct play letters[] = {
    {.name = "a letter is sent",
     .typed = LETTER "s\n",
     .shows = {"Message sent successfully."},
     .asks = "Send mes|3|bob|0^^^0^0^Subject: Subject\ntext^|"},
    {.name = "an empty line goes back", .typed = LOGIN "1\n\n", .shows = {AGAIN, "1 - ", AGAIN}},
    {.name = "there is no such user; then there is",
     .typed = LOGIN "1\na b\nbob\ncarl\n",
     .says = {{"Check user", NOOP("no such user")}},
     .shows = {"This is not a name", "Enter the <username>, or an empty line to go back: ",
               "There is no user bob.", "Enter the message"},
     .asks = "Check user|1|carl|\n"},
    {.name = "nobody is in the group; then another name",
     .typed = LOGIN "1\nstaff\ncarl\n",
     .says = {{"Check user", NOOP("the group has no members")}},
     .shows = {"The group staff has no members.", "Enter the message"},
     .asks = "Check user|1|carl|\n"},
    {.name = "a full mailbox is named",
     .typed = LOGIN "1\nbob\n",
     .says = {{"Check user", NOOP("the mailbox is full")}},
     .shows = {"The mailbox of bob is full now.", "Enter the message"}},
    {.name = "another reason lets the user go on",
     .typed = LOGIN "1\nbob\n",
     .says = {{"Check user", UNKNOWN}},
     .shows = {"Enter the message"}},
    {.name = "the input ends in a letter, which is kept",
     .typed = LOGIN "1\nbob\nSubject\ntext\n",
     .shows = {KEPT("1")},
     .never = "sent"},
    {.name = "an empty letter is not kept",
     .typed = LOGIN "1\nbob\n\n.\nk\n",
     .shows = {"The letter is empty and is not kept."}},
    {.name = "a letter is kept",
     .typed = LETTER "x\nk\n",
     .shows = {"Enter one of these letters.", KEPT("1")}},
    {.name = "a letter is discarded",
     .typed = LETTER "d\n",
     .shows = {"The letter was discarded."}},
    {.name = "the input ends after a letter, which is kept", .typed = LETTER, .shows = {KEPT("1")}},
    {.name = "a line is added to a letter",
     .typed = LETTER "a\nmore\n.\ns\n",
     .shows = {"Message sent successfully."},
     .asks = "Subject: Subject\ntext\nmore^|"},
    {.name = "the server refuses a letter, and another name is taken",
     .typed = LETTER "s\nn\nCARL\ns\n",
     .says = {{"Send mes", NOOP("no such user")}},
     .shows = {"Message was not sent: no such user.", "n - another name",
               "Enter the <username>: ", "Message sent successfully."},
     .asks = "Send mes|3|carl|"},
    {.name = "no other name: the letter is kept",
     .typed = LETTER "s\nn\n\n",
     .says = {{"Send mes", NOOP("no such user")}},
     .shows = {"n - another name", KEPT("1"), AGAIN}},
    {.name = "the server refuses a letter, which is discarded",
     .typed = LETTER "s\nd\n",
     .says = {{"Send mes", NOOP("no such user")}},
     .shows = {"Message was not sent: no such user.", "The letter was discarded."}},
    {.name = "the server hangs up instead of an answer: the letter is sent again",
     .typed = LETTER "s\n",
     .says = {{"Send mes", HANGS_UP}},
     .shows = {"Message sent successfully."}},
    {.name = "... with a new connection that cannot be made: the letter can be sent later",
     .typed = LETTER "s\ns\n",
     .says = {{CONNECTED, YES}, {"Send mes", HANGS_UP}, GONE},
     .shows = {"Message was not sent: connection refused.", "An earlier attempt may have arrived.",
               "s - send it again, k - keep it as a draft", "Message sent successfully."}},
    {.name = "a server of the report does not tell whether a letter has arrived",
     .typed = LETTER "s\nk\n",
     .old = true,
     .says = {{"Send mes", HANGS_UP}},
     .shows = {"No answer came when the message was sent. It may have arrived, or not",
               "s - send it (perhaps a second time)", KEPT("1")}},
    {.name = "... and the user sends it a second time",
     .typed = LETTER "s\ns\n",
     .old = true,
     .says = {{"Send mes", HANGS_UP}},
     .shows = {"s - send it (perhaps a second time)", "Message sent successfully."}},
    {.name = "the server hangs up while a letter is written, which is sent all the same",
     .typed = LETTER "s\n",
     .later = {.asked = 4, .hangs_up = true},
     .shows = {"(The connection is lost. It will be made again to send the letter.)",
               "Message sent successfully."}},
    {.name = "the connection is kept alive while a letter is written",
     .typed = LETTER "s\n",
     .later = {.asked = 4, .ms = 20000},
     .shows = {"Message sent successfully."},
     .asks = "Check user|1|bob|\nNoop|0|\nSend mes|"},
    {.name = "mail comes while a letter is written",
     .typed = LETTER "s\n",
     .later = {.asked = 4, .says = "Mail|1|7^bob^2017-12-03T12:51:33Z^3^2^new^|"},
     .shows = {"New mail from bob: new\n", "Message sent successfully."},
     .asks = "Subject: Subject\ntext^|"},
    {.name = "the same name again",
     .typed = LETTER "s\nn\nbob\ns\n",
     .says = {{"Send mes", NOOP("no such user")}},
     .shows = {"n - another name", "Message sent successfully."}},
};

/* --- a state directory that cannot be used --- */

static void no_state(void)
{
    unsetenv("XDG_STATE_HOME");
    unsetenv("HOME");
}

/* A file where the directory should be. */
static void file_as_state(void)
{
    os_file_make(OS_FILE_CWD, getenv("XDG_STATE_HOME"), SPAN(""));
}

static const struct play unkept[] = {
    {.name = "a letter that cannot be kept is sent",
     .typed = LETTER "s\n",
     .first = no_state,
     .shows = {"(This letter is not kept on disk: ",
               ": it is not set to an absolute path. It can "
               "still be sent.)",
               "Message sent successfully."}},
    {.name = "... or is lost, which is said",
     .typed = LETTER "k\n",
     .first = no_state,
     .shows = {"The letter is lost: it cannot be kept: ", "it is not set to an absolute path."}},
    {.name = "... with the system's reason",
     .typed = LETTER "k\n",
     .first = file_as_state,
     .shows = {"(This letter is not kept on disk: ", "Not a directory. It can still be sent.",
               "The letter is lost: it cannot be kept: ", "Not a directory."}},
    {.name = "drafts that nobody can read",
     .typed = LOGIN "18\n",
     .first = file_as_state,
     .shows = {"The drafts cannot be read: ", "drafts: Not a directory."}},
};

/* --- drafts that are there --- */

static struct state_dir drafts;

static void begin_drafts(void)
{
    if (!state_dir_open(&drafts, DRAFT_DIR))
        abort();
}

static void no_draft(void)
{
    begin_drafts();
    state_dir_close(&drafts);
}

static void leave_draft(const char *user, const char *text, enum draft_mark mark)
{
    struct draft d;
    draft_begin(&d, &drafts, "127.0.0.1:5555", user);
    draft_add_to(&d, "bob");
    buf_add_str(&d.text, text);
    if (!draft_finish(&d) || !draft_mark(&d, 0, mark))
        abort();
    draft_close(&d);
}

static void one_draft(void)
{
    begin_drafts();
    leave_draft("ann", "text", DRAFT_NEW);
    state_dir_close(&drafts);
}

static void tried_draft(void)
{
    begin_drafts();
    leave_draft("ann", "text", DRAFT_TRIED);
    state_dir_close(&drafts);
}

/* Another user's, one that is damaged, and one that all recipients have. */
static void three_drafts(void)
{
    begin_drafts();
    leave_draft("bob", "text", DRAFT_NEW);
    os_file_make(drafts.fd, "2", SPAN("damaged"));
    leave_draft("ann", "all have it", DRAFT_SENT);
    state_dir_close(&drafts);
}

/* What a client that was killed may leave. */
static void empty_draft(void)
{
    begin_drafts();
    os_file_make(drafts.fd, "1",
                 SPAN("pochta draft 1\nready: 0\nserver: h:1\nuser: ann\n"
                      "to: - 000000000000 0123456789abcdef0123456789abcdef bob\n\n"));
    state_dir_close(&drafts);
}

static const struct play kept[] = {
    {.name = "there are no drafts",
     .typed = LOGIN "18\n",
     .first = no_draft,
     .shows = {"There are no drafts."}},
    {.name = "a draft is announced, shown and sent",
     .typed = LOGIN "18\n1\ns\n",
     .first = one_draft,
     .shows = {"There is a letter that was not sent", "1\tready\t4\t", "DRAFT: 1\nSTATE: ready\n",
               "BODY: text", "Message sent successfully."}},
    {.name = "a draft is written on",
     .typed = LOGIN "18\n1\na\nmore\n.\ns\n",
     .first = one_draft,
     .shows = {"Message sent successfully."},
     .asks = "text\nmore^|"},
    {.name = "a draft is discarded",
     .typed = LOGIN "18\n1\nd\n\n18\n",
     .first = one_draft,
     .shows = {"The letter was discarded.", "There are no drafts."}},
    {.name = "a draft stays as it is",
     .typed = LOGIN "18\n1\nk\n18\n",
     .first = one_draft,
     .shows = {"k - keep it: ", AGAIN, "1\tready\t4\t"}},
    {.name = "the input ends where it is asked what to do with a draft",
     .typed = LOGIN "18\n1\n",
     .first = one_draft,
     .shows = {"k - keep it: "}},
    {.name = "the input ends where a number is asked for",
     .typed = LOGIN "18\n",
     .first = one_draft,
     .shows = {"Enter the number of a draft, or an empty line to go back: "}},
    {.name = "an empty line goes back from the drafts",
     .typed = LOGIN "18\n\n",
     .first = one_draft,
     .shows = {"Enter the number of a draft", AGAIN}},
    {.name = "what is no number is no draft",
     .typed = LOGIN "18\none\n",
     .first = one_draft,
     .shows = {"There is no such draft."}},
    {.name = "there is no draft with this number",
     .typed = LOGIN "18\n7\n",
     .first = one_draft,
     .shows = {"Draft 7: there is no such draft."}},
    {.name = "a draft that may have arrived cannot be changed",
     .typed = LOGIN "18\n1\ne\ns\n",
     .first = tried_draft,
     .shows = {"1\tunsure\t", "s - send it, d - discard it, k - keep it: ",
               "Enter one of these letters.", "Message sent successfully."}},
    {.name = "another user's draft is only shown",
     .typed = LOGIN "18\n1\n",
     .first = three_drafts,
     .shows = {"There are 3 letters that were not sent", "1\tready\t", "2\tdamaged\t",
               "3\tsent\t11\t", "Only the user who wrote it can send it."}},
    {.name = "a damaged draft cannot be opened",
     .typed = LOGIN "18\n2\n",
     .first = three_drafts,
     .shows = {"Draft 2: this file is not a draft, or it is damaged."}},
    {.name = "a draft that all have is not sent again",
     .typed = LOGIN "18\n3\ns\n",
     .first = three_drafts,
     .says = {{"Send mes", NOOP("again")}},
     .shows = {"TO: bob", "Message sent successfully."}},
    {.name = "an empty draft is removed",
     .typed = LOGIN "18\n1\n\n18\n",
     .first = empty_draft,
     .shows = {"The letter is empty and is not kept.", "There are no drafts."}},
};

/* --- copies --- */

static bool count_copy(void *ctx, const char *name)
{
    int *n = ctx;
    (void)name;
    ++*n;
    return true;
}

/* How many copies there are in a Maildir below the user's directory. */
static int copies_in(const char *place)
{
    char path[OS_FILE_PATH_BYTES];
    int n = 0;
    snprintf(path, sizeof path, "%s/%s/cur", play_root, place);
    int dir = os_file_open_dir(path);
    if (dir >= 0)
        os_file_each(dir, count_copy, &n);
    os_file_close(dir);
    return n;
}

static void file_as_copies(void)
{
    char path[OS_FILE_PATH_BYTES];
    snprintf(path, sizeof path, "%s/mail", play_root);
    os_file_make(OS_FILE_CWD, path, SPAN(""));
}

static void test_copies(void)
{
    const struct play sent = {.name = "a letter is sent, and a copy kept",
                              .typed = LETTER "s\n",
                              .shows = {"Message sent successfully."},
                              .never = "no copy is kept"};
    struct play odd = sent;
    sent_set_place(NULL);
    play(&sent);
    is_int(copies_in("data/pochta/sent"), 1, "... among the user's data");
    sent_set_place("~/mail");
    play(&sent);
    is_int(copies_in("mail"), 1, "... or where the settings say");
    odd.name = "a copy that cannot be kept is no reason to say that the letter was not sent";
    odd.never = NULL;
    odd.shows[0] = "the letter was sent, but no copy is kept: ";
    odd.shows[1] = "/mail: this is not a Maildir";
    odd.shows[2] = "Message sent successfully.";
    odd.first = file_as_copies;
    play(&odd);
    sent_set_place("no");
    play(&sent);
    is_int(copies_in("mail"), 0, "... and no copy is made if the user does not want one");
}

int main(void)
{
    play_init();
    test_copies();
    PLAY_ALL(letters);
    PLAY_ALL(unkept);
    PLAY_ALL(kept);
    return done_testing();
}
