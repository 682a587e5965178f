/* SPDX-License-Identifier: ISC */
/*
 * The verbs of pochta that read or write files: with files that are odd, and with servers that
 * answer wrong, refuse, or break off meanwhile.
 */
#include "verbs_fixture.h"

#define LONG                                                                       \
    "0123456789012345678901234567890123456789012345678901234567890123456789012345" \
    "0123456789012345678901234567890123456789012345678901234567890123456789012345"

/* NOLINTBEGIN(bugprone-suspicious-missing-comma): macros put the answers together. */
static const struct play_row rows[] = {
    {"save: part 0", PLAY(L("save", "1", "0"), L(LOGIN)), 64, "",
     "pochta: save: 0 is not a part: the first one is 1\n"},
    {"save: too many arguments", PLAY(L("save", "1", "2", ".", "x"), L(LOGIN)), 64, "",
     "pochta: save: too many arguments: pochta save IDS [N] [DIR]\n"},
    {"save: no such directory", PLAY(L("save", "1", "none"), L(LOGIN)), 74, "",
     "pochta: cannot open none: No such file or directory\n"},
    {"save: no such message", PLAY(L("save", "1"), L(LOGIN, NOOP("no such message"))), 65, "",
     "pochta: 1: no such message\n"},
    {"save: a message without files", PLAY(L("save", "1"), L(LOGIN, ONE(FIRST))), 65, "",
     "pochta: message 1 has no files\n"},
    {"save: all messages, one of them without files",
     PLAY(L("save", "all", "saved"), L(LOGIN, ONE(FIRST), ONE(FIRST))), 0, "", ""},
    {"save: all files, one of them damaged", PLAY(L("save", "1", "saved"), L(LOGIN, ONE(FILES))),
     65,
     "saved/one\n"
     "saved/part-2\n"
     "saved/three\n",
     "pochta: part 2 of 1 is damaged: only what could be read was saved\n"},
    {"save: a name that is taken", PLAY(L("save", "1", "1", "saved"), L(LOGIN, ONE(FILES))), 0,
     "saved/one.1\n", ""},
    {"save: no such part", PLAY(L("save", "1", "9"), L(LOGIN, ONE(FILES))), 65, "",
     "pochta: 1 has no part 9: read shows those it has\n"},

    {"send: no name", PLAY(L("send", "no name"), L(NULL)), 65, "",
     "pochta: no name: a name has 1 to 32 of a-z 0-9 . _ -, begins with a letter or a digit and "
     "does not end in a dot\n"},
    {"send: nobody answers",
     PLAY(L("send", "bob"), L(LOGIN, SILENCE, HANG_UP, LOGIN, SILENCE, HANG_UP, LOGIN, YES),
          .input = "text"),
     0, "", ""},
    {"send: the server stops for good",
     PLAY(L("send", "bob", "carl"), L(LOGIN, EXIT), .input = "text"), 75, "",
     "pochta: bob: Connection refused\n"
     "pochta: bob: the message may have arrived, or not: to find out, send the draft again; "
     "nothing is sent twice\n"
     "pochta: carl: Connection refused\n"
     "pochta: the letter is kept as draft 1: send it with: pochta drafts send 1\n"},
    {"send: a server of the report does not answer",
     PLAY(L("send", "bob"), L(LOGIN_1, SILENCE), .input = "text"), 75, "",
     "pochta: bob: the connection was lost\n"
     "pochta: bob: no answer came: the message may have been sent, or not, and this server cannot "
     "tell\n"
     "pochta: the letter is kept as draft 2: send it with: pochta drafts send 2\n"},
    {"send: the second of two does not exist",
     PLAY(L("send", "bob", "carl", "bob"), L(LOGIN, YES, NOOP("no such user")), .input = "text"),
     67, "bob: sent\n",
     "pochta: carl: no such user\n"
     "pochta: the letter is kept as draft 3: send it with: pochta drafts send 3\n"},
    {"send: a file that is not there", PLAY(L("send", "bob", "--attach=none"), L(NULL)), 66, "",
     "pochta: cannot attach none: No such file or directory\n"},
    {"send: a file that is a directory", PLAY(L("send", "bob", "--attach=saved"), L(NULL)), 66, "",
     "pochta: cannot attach saved: Is a directory\n"},
    {"send: a file that is too large",
     PLAY(L("send", "bob", "--attach=text", "--message-limit=10"), L(NULL)), 65, "",
     "pochta: cannot attach text: the message would have 337 bytes, at most 10 are allowed: see "
     "--message-limit\n"},
    {"send: files that are too large together",
     PLAY(L("send", "bob", "--attach=text", "--attach=text", "--message-limit=300"), L(NULL)), 65,
     "",
     "pochta: cannot attach text: the message would have 337 bytes, at most 300 are allowed: see "
     "--message-limit\n"},
    {"send: files that are too large with the text",
     PLAY(L("send", "bob", "--attach=text", "--message-limit=210"), L(LOGIN),
          .input = "0123456789012345678901234567890123456789012345678901234567890123456789012345678"
                   "901234567890123456789"),
     65, "",
     "pochta: cannot attach text: the message would have 337 bytes, at most 210 are allowed: see "
     "--message-limit\n"},
    {"send: a file",
     PLAY(L("send", "bob", "--attach=/proc/self/../../etc/passwd"), L(LOGIN, YES), .input = "text"),
     0, "", ""},
    {"send: another login is refused",
     PLAY(L("send", "bob"), L(LOGIN, SILENCE, HANG_UP, AWAY), .input = "text"), 75, "",
     "pochta: bob: wrong name or password\n"
     "pochta: bob: the message may have arrived, or not: to find out, send the draft again; "
     "nothing is sent twice\n"
     "pochta: the letter is kept as draft 4: send it with: pochta drafts send 4\n"},
    {"send: a file that is too large with the text, which is read first",
     PLAY(L("send", "bob", "--attach=text", "--message-limit=400"), L(LOGIN), .input = LONG), 65,
     "",
     "pochta: the message with its files has 578 bytes, at most 400 are allowed: see "
     "--message-limit\n"
     "pochta: the letter is kept as draft 5: send it with: pochta drafts send 5\n"},
    {"send: a letter that is typed",
     PLAY(L("send", "bob", "carl"), L(LOGIN, YES, YES, YES, YES), .input = "one\ntwo\004",
          .typed = true),
     0,
     "bob: sent\n"
     "carl: sent\n",
     "Type the message to bob and others. Ctrl-D ends it.\n"},
    {"send: nothing is typed",
     PLAY(L("send", "bob"), L(LOGIN, YES, YES), .input = "\004", .typed = true), 0, "",
     "Type the message to bob. Ctrl-D ends it.\n"},
    {"send: typed, to nobody",
     PLAY(L("send", "bob"), L(LOGIN, NOOP("no such user")), .input = "\004", .typed = true), 67, "",
     "pochta: bob: no such user\n"},
    {"send: typed, to a group without members",
     PLAY(L("send", "staff"), L(LOGIN, NOOP("the group has no members")), .input = "\004",
          .typed = true),
     67, "", "pochta: staff: the group has no members\n"},
    {"send: typed, to a full mailbox",
     PLAY(L("send", "bob"), L(LOGIN, NOOP("the mailbox is full"), NOOP("the mailbox is full")),
          .input = "one\n\004", .typed = true),
     75, "",
     "The mailbox of bob is full now. The letter can be kept as a draft.\n"
     "Type the message to bob. Ctrl-D ends it.\n"
     "pochta: bob: the mailbox is full\n"
     "pochta: the letter is kept as draft 6: send it with: pochta drafts send 6\n"},
    {"send: with the editor",
     PLAY(L("send", "bob", "--edit", "--editor=cp text"), L(LOGIN, YES, YES), .typed = true), 0, "",
     ""},
    {"send: what comes from the editor is empty",
     PLAY(L("send", "bob", "--edit", "--editor=cp empty"), L(LOGIN), .input = "text"), 65, "",
     "pochta: the message is empty and is not sent\n"},
    {"send: the editor fails",
     PLAY(L("send", "bob", "--edit", "--editor=false"), L(LOGIN), .input = "text"), 74, "",
     "pochta: cannot edit the message: false: the command ended with exit code 1; the variable "
     "VISUAL or EDITOR names another editor\n"
     "pochta: the letter is kept as draft 7: send it with: pochta drafts send 7\n"},
    {"drafts: one that may have arrived, version 1",
     PLAY(L("drafts", "send", "2"), L(LOGIN_1, YES)), 75, "",
     "pochta: bob: no answer came: the message may have been sent, or not, and this server cannot "
     "tell\n"},
    {"drafts: those that were not sent", PLAY(L("drafts"), L(NULL)), 0, NULL, ""},
    {"drafts: no number", PLAY(L("drafts", "show"), L(NULL)), 64, "",
     "pochta: drafts show: give the number of a draft; pochta drafts lists them\n"},
    {"drafts: not a number", PLAY(L("drafts", "show", "x"), L(NULL)), 64, "",
     "pochta: x: this is not the number of a draft\n"},
    {"drafts: no such action", PLAY(L("drafts", "lose", "1"), L(NULL)), 64, "",
     "pochta: drafts: the action is list, show NUMBER, send NUMBER or discard NUMBER\n"},
    {"drafts: too many words", PLAY(L("drafts", "list", "1"), L(NULL)), 64, "",
     "pochta: drafts: the action is list, show NUMBER, send NUMBER or discard NUMBER\n"},
    {"drafts: no such draft", PLAY(L("drafts", "show", "99"), L(NULL)), 65, "",
     "pochta: draft 99 in DIR/.local/state/pochta/drafts: there is no such draft\n"},
    {"drafts: shows one", PLAY(L("drafts", "show", "1"), L(NULL)), 0, NULL, ""},
    {"drafts: shows its text", PLAY(L("drafts", "show", "1", "--raw"), L(NULL)), 0, "text", ""},
    {"drafts: sends one, and the second is refused",
     PLAY(L("drafts", "send", "1"), L(LOGIN, YES, NOOP("no such user"))), 67, "bob: sent\n",
     "pochta: carl: no such user\n"},
    {"drafts: discards it", PLAY(L("drafts", "discard", "1", "1"), L(NULL)), 65, "",
     "pochta: draft 1 in DIR/.local/state/pochta/drafts: there is no such draft\n"},

    {"register: with an invite", PLAY(L("register", "--invite-file=invite"), L(YES_2, YES)), 0, "",
     ""},
    {"password: the new one is malformed",
     PLAY(L("password", "--new-password-file=empty"), L(LOGIN)), 65, "",
     "pochta: the first line of empty is not a valid password: a password has 1 to 255 bytes, none "
     "of them NUL, CR, LF or a vertical bar\n"},
    {"password: not known to the server",
     PLAY(L("password", "--new-password-file=text"), L(LOGIN_1)), 65, "",
     "pochta: cannot change the password: this server does not know Password\n"},
    {"password", PLAY(L("password", "--new-password-file=text"), L(LOGIN, YES)), 0, "", ""},
    {"export: too many arguments", PLAY(L("export", "x", "1", "2"), L(LOGIN)), 64, "",
     "pochta: export: too many arguments: pochta export PATH [IDS]\n"},
    {"export: no format", PLAY(L("export", "x"), L(LOGIN)), 64, "",
     "pochta: export: give --format maildir or --format mbox\n"},
    {"export: no such format", PLAY(L("export", "x", "--format=mh"), L(LOGIN)), 64, "",
     "pochta: export: give --format maildir or --format mbox\n"},
    {"export: version 1", PLAY(L("export", "x", "--format=mbox"), L(LOGIN_1)), 65, "",
     "pochta: export: this server does not know Peek mes\n"},
    {"export: not an mbox", PLAY(L("export", "text", "--format=mbox"), L(LOGIN)), 74, "",
     "pochta: cannot write text: this file is not an mbox\n"},
    {"export: not a Maildir", PLAY(L("export", "text", "--format=maildir"), L(LOGIN)), 74, "",
     "pochta: cannot write text: this is not a Maildir\n"},
    {"export: a directory with other things",
     PLAY(L("export", "saved", "--format=maildir"), L(LOGIN)), 74, "",
     "pochta: cannot write saved: this is not a Maildir\n"},
    {"export: to a new mbox",
     PLAY(L("export", "new", "--format=mbox"),
          L(LOGIN, TWO(FIRST SECOND), ONE(FIRST), ONE(SECOND))),
     0, "2 exported, 0 there already\n", ""},
    {"export: ... what is there is not copied again, but deleted",
     PLAY(L("export", "new", "1,2", "--format=mbox", "--delete"),
          L(LOGIN, ONE(FIRST), YES, ONE(SECOND), NOOP("the mailbox is busy, try again later"))),
     75, "0 exported, 2 there already\n", "pochta: 2: the mailbox is busy, try again later\n"},
    {"export: odd names in an mbox",
     PLAY(L("export", "odd", "1", "--format=mbox"), L(LOGIN, ONE(FIRST))), 0,
     "1 exported, 0 there already\n", ""},
    {"export: to a new Maildir",
     PLAY(L("export", "maildir", "--format=maildir"),
          L(LOGIN, TWO(FIRST SECOND), ONE(FIRST), ONE(SECOND))),
     0, "2 exported, 0 there already\n", ""},
    {"export: ... the rest, after the server broke off",
     PLAY(L("export", "maildir", "1-3", "--format=maildir"),
          L(LOGIN, TWO(FIRST SECOND), ONE(FIRST), HALF)),
     75, "0 exported, 1 there already\n", "pochta: 2: the connection was lost\n"},
    {"export: no message", PLAY(L("export", "maildir", "7-9", "--format=maildir"), L(LOGIN, YES)),
     1, "0 exported, 0 there already\n", ""},
    {"export: no message at all", PLAY(L("export", "maildir", "--format=maildir"), L(LOGIN, YES)),
     0, "0 exported, 0 there already\n", ""},
    {"export: a date that is malformed",
     PLAY(L("export", "maildir", "3", "--format=maildir"),
          L(LOGIN, ONE("3^bob^yesterday^5^0^hello^|"))),
     0, "1 exported, 0 there already\n", ""},

    {"import: version 1", PLAY(L("import", "mbox"), L(LOGIN_1)), 65, "",
     "pochta: import: this server does not know Import mes\n"},
    {"import: no such format", PLAY(L("import", "mbox", "--format=mh"), L(LOGIN)), 64, "",
     "pochta: import: --format is maildir or mbox\n"},
    {"import: no such file", PLAY(L("import", "none"), L(LOGIN, YES)), 66,
     "0 imported, 0 there already\n", "pochta: cannot read none: No such file or directory\n"},
    {"import: not an mbox", PLAY(L("import", "text"), L(LOGIN, YES)), 66,
     "0 imported, 0 there already\n", "pochta: cannot read text: this file is not an mbox\n"},
    {"import: not a Maildir", PLAY(L("import", "saved"), L(LOGIN, YES)), 66,
     "0 imported, 0 there already\n", "pochta: cannot read saved: this is not a Maildir\n"},
    {"import: the list breaks off", PLAY(L("import", "mbox"), L(LOGIN, HALF)), 75, "",
     "pochta: import: the connection was lost\n"},
    {"import: an mbox", PLAY(L("import", "mbox"), L(LOGIN, YES, ONE(FIRST), YES, ONE(SECOND), YES)),
     0, "2 imported, 0 there already, 1 marked as deleted and left out\n",
     "pochta: import: only the flag \"read\" is kept; messages with others: 1 answered, 1 "
     "flagged\n"},
    {"import: ... what is there already",
     PLAY(L("import", "mbox"), L(LOGIN, TWO(HELLO(1) HELLO(2)), NOOP("no such message"),
                                 ONE(HELLO(2)), ONE(SECOND), YES)),
     0, "1 imported, 1 there already, 1 marked as deleted and left out\n", ""},
    {"import: the server breaks off while it shows what is there",
     PLAY(L("import", "mbox"), L(LOGIN, ONE(HELLO(1)), HALF)), 75, "0 imported, 0 there already\n",
     "pochta: the message at byte 0: the connection was lost\n"},
    {"import: the server wants to wait",
     PLAY(L("import", "mbox"),
          L(LOGIN, YES, NOOP("too often, wait 1 second"), ONE(FIRST), YES, ONE(SECOND), YES)),
     0, "2 imported, 0 there already, 1 marked as deleted and left out\n",
     "pochta: import: only the flag \"read\" is kept; messages with others: 1 answered, 1 "
     "flagged\n"},
    {"import: what was deleted since",
     PLAY(L("import", "mbox"), L(LOGIN, YES, ONE(FIRST), NOOP("no such message"), ONE(SECOND),
                                 NOOP("no"), ONE(SECOND), YES)),
     0, "2 imported, 0 there already, 1 marked as deleted and left out\n",
     "pochta: import: only the flag \"read\" is kept; messages with others: 1 answered, 1 "
     "flagged\n"},
    {"import: what was deleted since, and is refused now",
     PLAY(L("import", "mbox"),
          L(LOGIN, YES, ONE(FIRST), NOOP("no such message"), NOOP("no"), ONE(SECOND), YES)),
     65, "1 imported, 0 there already, 1 marked as deleted and left out\n",
     "pochta: the message at byte 0: no\n"},
    {"import: refused", PLAY(L("import", "mbox"), L(LOGIN, YES, NOOP("no"), ONE(SECOND), YES)), 65,
     "1 imported, 0 there already, 1 marked as deleted and left out\n",
     "pochta: the message at byte 0: no\n"},
    {"import: no room", PLAY(L("import", "mbox"), L(LOGIN, YES, NOOP("the mailbox is full"))), 75,
     "0 imported, 0 there already\n", "pochta: the message at byte 0: the mailbox is full\n"},
    {"import: Yes without a message", PLAY(L("import", "mbox"), L(LOGIN, YES, YES)), 69,
     "0 imported, 0 there already\n", "pochta: the message at byte 0: Connection refused\n"},
    {"import: too large", PLAY(L("import", "mbox", "--message-limit=1"), L(LOGIN, YES)), 65,
     "0 imported, 0 there already, 1 marked as deleted and left out\n",
     "pochta: the message at byte 0: the message has 25 bytes, at most 1 are allowed: see "
     "--message-limit\n"
     "pochta: the message at byte 111: the message has 26 bytes, at most 1 are allowed: see "
     "--message-limit\n"},
    {"import: a Maildir",
     PLAY(L("import", "mails"), L(LOGIN, YES, ONE(FIRST), YES, ONE(FIRST), YES, ONE(FIRST), YES,
                                  ONE(FIRST), YES, ONE(FIRST), YES, ONE(FIRST))),
     66, "5 imported, 0 there already\n",
     "pochta: cannot read cur/999999999999999999999.d: Is a directory\n"
     "pochta: mails/.Sent is a Maildir of its own: import it by its name\n"
     "pochta: import: only the flag \"read\" is kept; messages with others: 1 answered, 1 flagged, "
     "1 forwarded, 1 marked as draft\n"},

    {"import: a Maildir, no room",
     PLAY(L("import", "mails"), L(LOGIN, YES, NOOP("the mailbox is full"))), 75,
     "0 imported, 0 there already\n",
     "pochta: cur/name:2,DP: the mailbox is full\n"
     "pochta: mails/.Sent is a Maildir of its own: import it by its name\n"},
    {"import: what an export has made, and is gone",
     PLAY(L("import", "new"), L(LOGIN, YES, NOOP("no such message"), ONE(FIRST), YES,
                                NOOP("no such message"), ONE(FIRST), YES)),
     0, "2 imported, 0 there already\n", ""},
    {"import: what an export has made, and is there",
     PLAY(L("import", "new"), L(LOGIN, YES, ONE(FIRST), ONE(SECOND))), 0,
     "0 imported, 2 there already\n", ""},
    {"import: the server breaks off while it shows it",
     PLAY(L("import", "new"), L(LOGIN, YES, HALF)), 75, "0 imported, 0 there already\n",
     "pochta: the message at byte 0: the connection was lost\n"},
};
/* NOLINTEND(bugprone-suspicious-missing-comma) */

static void make_files(void)
{
    play_put("text", "some text\n");
    play_put("empty", "");
    play_put("invite", "0123456789abcdef0123456789abcdef\n");
    play_put("mbox", "From bob Sun Dec  3 12:51:33 2017\nX-Status: AF\n\nhello\n\n"
                     "From bob Sun Dec  3 12:51:33 2017\nX-Status: D\n\ndeleted\n\n"
                     "From bob 1:2:345\n\nworld\n");
    play_put("odd", "From bob Sun Dec  3 12:51:33 2017\nX-Pochta-Export:  \n\nhello\n\n"
                    "From bob Sun Dec  3 12:51:33 2017\nX-Pochta-Export:   1.x  \n\nhello\n\n");
    static const char *const dirs[] = {"saved",
                                       "mails",
                                       "mails/new",
                                       "mails/cur",
                                       "mails/cur/999999999999999999999.d",
                                       "mails/.Sent",
                                       "mails/.Sent/cur",
                                       "mails/.empty"};
    for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++)
        os_file_make_dir(OS_FILE_CWD, dirs[i]);
    play_put("mails/new/1512305493.a", "From: a\n\n1\n");
    play_put("mails/cur/0.b:2,FRS", "From: a\nDate: Thu, 1 Jan 1960 00:00:00 +0000\n\n2\n");
    play_put("mails/cur/99999999999999999999.c:2,", "From: a\nDate: never\n\n3\n");
    play_put("mails/cur/name:2,DP", "From: a\n\n4\n");
    play_put("mails/cur/5", "From: a\n\n5\n");
    play_put("mails/.Sent/.file", "");
    play_put("mails/.empty/cur", "");
}

int main(void)
{
    if (!play_begin())
        return 1;
    make_files();
    play_rows(rows, sizeof rows / sizeof *rows);
    play_end();
    return done_testing();
}
