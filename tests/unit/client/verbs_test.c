/* SPDX-License-Identifier: ISC */
/*
 * The verbs of pochta with servers that answer wrong, refuse, or break off, and with command lines
 * that are odd. What they do with a server of this project is tested in tests/it.
 */
#include "verbs_fixture.h"

/* NOLINTBEGIN(bugprone-suspicious-missing-comma): macros put the answers together. */
static const struct play_row rows[] = {
    {"no server", PLAY(L("--server=a:b:c", "list"), L(NULL)), 64, "",
     "pochta: --server: \"a:b:c\" is not <host> or <host>:<port>, as in mail.example.org, "
     "192.168.0.200:5555 or [::1]:5555\n"},
    {"no user", PLAY(L("--user=", "list"), L(NULL)), 64, "",
     "pochta: no user: give --user NAME, or set POCHTA_USER or the key user\n"},
    {"two uses of standard input", PLAY(L("send", "bob", "--password-file=-"), L(NULL)), 64, "",
     "pochta: standard input is the message: it cannot also be the password file\n"},
    {"two uses of standard input for secrets",
     PLAY(L("register", "--invite-file=-", "--password-file=-"), L(NULL)), 64, "",
     "pochta: standard input cannot be both the password file and the invite file\n"},
    {"a name that is against the rule", PLAY(L("list"), L(YES_2, NOOP(NAME_RULE))), 65, "",
     "pochta: cannot log in: a name has 1 to 32 of a-z 0-9 . _ -, begins with a letter or a digit "
     "and does not end in a dot\n"},
    {"a password that is against the rule", PLAY(L("list"), L(YES_2, NOOP(PASSWORD_RULE))), 65, "",
     "pochta: cannot log in: a password has 1 to 255 bytes, none of them NUL, CR, LF or a vertical "
     "bar\n"},
    {"too many wrong passwords", PLAY(L("list"), L(YES_2, NOOP("too often, wait 5 seconds"))), 75,
     "", "pochta: cannot log in: too often, wait 5 seconds\n"},
    {"a wrong password", PLAY(L("list"), L(YES_2, NOOP("wrong name or password"))), 77, "",
     "pochta: cannot log in: wrong name or password\n"},
    {"a server that ends the session at once", PLAY(L("list"), L(EXIT)), 75, "",
     "pochta: SERVER: the server stops\n"},
    {"a server that speaks something else",
     PLAY(L("list"), L("raw:220 mail.example.org ESMTP\r\n")), 76, "",
     "pochta: SERVER: the answer does not begin with its length: 220 mail.example.org ESMTP\n"},
    {"a server that is silent", PLAY(L("list"), L(YES_2, SILENCE), .idle_ms = 20), 75, "",
     "pochta: SERVER: the server has been silent for too long\n"},
    {"a proxy for a host that it cannot be told",
     PLAY(L("--server=-x", "--proxy-command=cat", "list"), L(NULL)), 64, "",
     "pochta: not a server: -x: in a proxy command a host has only letters, digits and . _ : -, "
     "and does not begin with -\n"},
    {"a proxy that ends at once", PLAY(L("--proxy-command=sh -c \"exit 3\"", "list"), L(NULL)), 69,
     "", "pochta: SERVER: the command ended with exit code 3\n"},
    {"a proxy that ends later",
     PLAY(L("--proxy-command=sh -c 'head -c 20 >/dev/null; echo \"0000000013Answer|1|Yes|\"; exit "
            "4'",
            "list"),
          L(NULL)),
     75, "", "pochta: SERVER: the command ended with exit code 4\n"},

    {"list: a server that breaks off", PLAY(L("list"), L(LOGIN, HALF)), 75, "",
     "pochta: list: the connection was lost\n"},
    {"list: a disk that is full", PLAY(L("list"), L(LOGIN, ONE(FIRST)), .output = "/dev/full"), 74,
     "", "pochta: cannot write standard output: No space left on device\n"},
    {"list: a MIME text, a server that breaks off before its text",
     PLAY(L("list"), L(LOGIN, TWO(FILES SECOND))), 75, "",
     "pochta: list: the connection was lost\n"},
    {"list: a message that is malformed", PLAY(L("list"), L(LOGIN, "Answer|2|Yes|1^bob|")), 76, "",
     "pochta: list: the answer has a malformed message\n"},
    {"trash: the server does not know it", PLAY(L("trash"), L(LOGIN_1)), 65, "",
     "pochta: trash: this server does not know Show deleted\n"},
    {"status: too few numbers", PLAY(L("status"), L(LOGIN, "Answer|3|Yes|1|2|")), 76, "",
     "pochta: the server's status has too few numbers\n"},
    {"status: refused", PLAY(L("status"), L(LOGIN, NOOP("no"))), 65, "", "pochta: status: no\n"},

    {"show: another message than the one that was asked for",
     PLAY(L("show"), L(LOGIN, ONE(FIRST), ONE(SECOND))), 76, "",
     "pochta: 1: the server sent a different or incomplete message\n"},
    {"show: Yes without a message", PLAY(L("show"), L(LOGIN, ONE(FIRST), YES)), 76, "",
     "pochta: 1: the server said Yes and sent no message\n"},
    {"show: a message was deleted meanwhile",
     PLAY(L("show"), L(LOGIN, TWO(FIRST SECOND), NOOP("no such message"), ONE(SECOND), YES)), 65,
     "Message with ID = 2\n"
     "ID: 2\n"
     "TIME: Sun Dec  3 12:51:33 2017\n"
     "FROM: bob\n"
     "LEN: 5\n"
     "STATE: Unread\n"
     "BODY: world\n"
     "\n",
     "pochta: 1: no such message\n"},
    {"show: no answer to the mark", PLAY(L("show"), L(LOGIN, ONE(SECOND), ONE(SECOND))), 75,
     "Message with ID = 2\n"
     "ID: 2\n"
     "TIME: Sun Dec  3 12:51:33 2017\n"
     "FROM: bob\n"
     "LEN: 5\n"
     "STATE: Unread\n"
     "BODY: world\n"
     "\n",
     "pochta: 2: the connection was lost\n"},
    {"show: a disk that is full",
     PLAY(L("show"), L(LOGIN, TWO(FIRST SECOND), ONE(FIRST)), .output = "/dev/full"), 74, "",
     "pochta: cannot write standard output: No space left on device\n"},
    {"unread: there are none", PLAY(L("unread"), L(LOGIN, ONE(FIRST))), 1, "", ""},
    {"unread: version 1, the server breaks off", PLAY(L("unread"), L(LOGIN_1, HALF)), 75, "",
     "pochta: unread: the connection was lost\n"},
    {"unread: version 1, there are none", PLAY(L("unread"), L(LOGIN_1, YES)), 1, "", ""},
    {"unread: version 1", PLAY(L("unread"), L(LOGIN_1, ONE(SECOND))), 0,
     "Message with ID = 2\n"
     "ID: 2\n"
     "TIME: Sun Dec  3 12:51:33 2017\n"
     "FROM: bob\n"
     "LEN: 5\n"
     "STATE: Unread\n"
     "BODY: world\n"
     "\n",
     ""},
    {"show: version 1, a disk that is full",
     PLAY(L("show"), L(LOGIN_1, ONE(SECOND)), .output = "/dev/full"), 74, "",
     "pochta: cannot write standard output: No space left on device\n"},
    {"read: no ID", PLAY(L("read", "x"), L(LOGIN)), 64, "",
     "pochta: x is not a message ID: message IDs are written as 3 or 3,7-9, or as all or unread; "
     "see pochta list\n"},
    {"read: no message has such an ID", PLAY(L("read", "5-"), L(LOGIN, ONE(FIRST))), 64, "",
     "pochta: 5- is not a message ID: message IDs are written as 3 or 3,7-9, or as all or unread; "
     "see pochta list\n"},
    {"read: no message of those", PLAY(L("read", "5-9"), L(LOGIN, ONE(FIRST))), 1, "", ""},
    {"read: a list that breaks off", PLAY(L("read", "all"), L(LOGIN, HALF)), 75, "",
     "pochta: read: the connection was lost\n"},
    {"read: version 1", PLAY(L("read", "1"), L(LOGIN_1, ONE(FIRST))), 0,
     "Message with ID = 1\n"
     "ID: 1\n"
     "TIME: Sun Dec  3 12:51:33 2017\n"
     "FROM: bob\n"
     "LEN: 5\n"
     "STATE: Normal\n"
     "BODY: hello\n",
     ""},
    {"read: files", PLAY(L("read", "1"), L(LOGIN, ONE(FILES))), 0,
     "Message with ID = 1\n"
     "ID: 1\n"
     "TIME: Sun Dec  3 12:51:33 2017\n"
     "FROM: bob\n"
     "LEN: 243\n"
     "STATE: Normal\n"
     "BODY: \n"
     "NOTE: there is no text\n"
     "FILE: 1 one (text/plain, 1 bytes)\n"
     "FILE: 2 (image/png, 0 bytes, damaged)\n"
     "FILE: 3 three (text/plain, 1 bytes)\n",
     ""},
    {"take: files", PLAY(L("take", "1"), L(LOGIN, ONE(FILES))), 65,
     "Message with ID = 1\n"
     "ID: 1\n"
     "TIME: Sun Dec  3 12:51:33 2017\n"
     "FROM: bob\n"
     "LEN: 243\n"
     "STATE: Normal\n"
     "BODY: \n"
     "NOTE: there is no text\n"
     "FILE: 1 one (text/plain, 1 bytes)\n"
     "FILE: 2 (image/png, 0 bytes, damaged)\n"
     "FILE: 3 three (text/plain, 1 bytes)\n",
     "pochta: 1 is kept: its files were not written out (3): take it with --raw, or save the files "
     "and delete it\n"},
    {"take: a disk that is full",
     PLAY(L("take", "1,2"), L(LOGIN, ONE(FIRST)), .output = "/dev/full"), 74, "",
     "pochta: cannot write standard output: No space left on device\n"},
    {"take: the deletion is refused",
     PLAY(L("take", "1,2"), L(LOGIN, ONE(FIRST), NOOP("storage error, nothing was changed"))), 75,
     "Message with ID = 1\n"
     "ID: 1\n"
     "TIME: Sun Dec  3 12:51:33 2017\n"
     "FROM: bob\n"
     "LEN: 5\n"
     "STATE: Normal\n"
     "BODY: hello\n"
     "\n",
     "pochta: 1: storage error, nothing was changed\n"},
    {"take: no message", PLAY(L("take", "1"), L(LOGIN, NOOP("no such message"))), 65, "",
     "pochta: 1: no such message\n"},

    {"mark-unread: the server stops", PLAY(L("mark-unread", "1,2"), L(LOGIN, EXIT)), 75, "",
     "pochta: 1: the server stops\n"},
    {"delete: of the first one nothing is left",
     PLAY(L("delete", "1,2"), L(LOGIN, NOOP("no such message"), YES)), 65, "",
     "pochta: 1: no such message\n"},
    {"undelete: all that are listed", PLAY(L("undelete", "all"), L(LOGIN, ONE(FIRST), YES)), 0, "",
     ""},
    {"search: in two messages",
     PLAY(L("search", "WORLD"), L(LOGIN, TWO(FIRST SECOND), ONE(FIRST), ONE(SECOND))), 0,
     "2\tUnread\t5\tSun Dec  3 12:51:33 2017\tbob\tworld\n", ""},
    {"search: nothing", PLAY(L("search", "x"), L(LOGIN, ONE(FIRST), ONE(FIRST))), 1, "", ""},
    {"search: a message that is gone",
     PLAY(L("search", "l"), L(LOGIN, TWO(FIRST SECOND), NOOP("no such message"), ONE(SECOND))), 65,
     "2\tUnread\t5\tSun Dec  3 12:51:33 2017\tbob\tworld\n", "pochta: 1: no such message\n"},
    {"search: a disk that is full",
     PLAY(L("search", "l"), L(LOGIN, TWO(FIRST SECOND), ONE(FIRST)), .output = "/dev/full"), 74, "",
     "pochta: cannot write standard output: No space left on device\n"},
    {"search: the server does not know how", PLAY(L("search", "l"), L(LOGIN_1, TWO(FIRST SECOND))),
     65, "", "pochta: search: this server does not know Show list\n"},

    {"reply: no ID", PLAY(L("reply", "x"), L(NULL)), 64, "",
     "pochta: x is not a message ID: it is a decimal number; see pochta list\n"},
    {"reply: no such message", PLAY(L("reply", "1"), L(LOGIN, NOOP("no such message"))), 65, "",
     "pochta: 1: no such message\n"},
    {"reply: the server turns the user away",
     PLAY(L("reply", "1"), L(YES_2, NOOP("wrong name or password"))), 77, "",
     "pochta: cannot log in: wrong name or password\n"},
    {"reply: to one who has no name",
     PLAY(L("reply", "1"), L(LOGIN, ONE("1^^" DATE "^5^0^hello^|"))), 65, "",
     "pochta: not a user name: a name has 1 to 32 of a-z 0-9 . _ -, begins with a letter or a "
     "digit and does not end in a dot\n"},
    {"reply: to mail from outside",
     PLAY(L("reply", "1"), L(LOGIN, ONE("1^mail-outside^" DATE "^5^0^hello^|"))), 65, "",
     "pochta: no reply can be sent to 1: it came from outside, and letters go only to users of "
     "this "
     "server\n"},
    {"reply", PLAY(L("reply", "1"), L(LOGIN, ONE(FIRST), YES), .input = "answer\n"), 0, "", ""},
    {"forward: no ID", PLAY(L("forward", "x", "bob"), L(LOGIN)), 64, "",
     "pochta: x is not a message ID: it is a decimal number; see pochta list\n"},
    {"forward: to no name", PLAY(L("forward", "1", "no name"), L(LOGIN, ONE(FIRST))), 65, "",
     "pochta: not a user name: a name has 1 to 32 of a-z 0-9 . _ -, begins with a letter or a "
     "digit and does not end in a dot\n"},
    {"forward: no such message", PLAY(L("forward", "1", "bob"), L(LOGIN, NOOP("no such message"))),
     65, "", "pochta: 1: no such message\n"},
    {"forward", PLAY(L("forward", "1", "bob"), L(LOGIN, ONE(FIRST), YES)), 0, "", ""},
    {"forward: the server stops", PLAY(L("forward", "1", "bob"), L(LOGIN, ONE(FIRST), EXIT)), 75,
     "",
     "pochta: bob: Connection refused\n"
     "pochta: bob: the message may have arrived, or not: to find out, send the draft again; "
     "nothing is sent twice\n"
     "pochta: the letter is kept as draft 1: send it with: pochta drafts send 1\n"},
    {"forward: version 1", PLAY(L("forward", "1", "bob"), L(LOGIN_1, YES)), 0, "", ""},
    {"forward: version 1, no answer", PLAY(L("forward", "1", "bob"), L(LOGIN_1, SILENCE)), 75, "",
     "pochta: cannot forward: the connection was lost\n"
     "pochta: no answer came: the message may have been sent, or not\n"},
    {"forward: version 1, refused",
     PLAY(L("forward", "1", "bob"), L(LOGIN_1, NOOP("no such user"))), 67, "",
     "pochta: cannot forward: no such user\n"},
    {"register: refused", PLAY(L("register"), L(YES_2, NOOP("this name is taken"))), 65, "",
     "pochta: ann: this name is taken\n"},
    {"watch: news, and what came while the server was away",
     PLAY(L("watch"),
          L(LOGIN, ONE(FIRST), YES, YES, YES NEWS, HANG_UP, LOGIN, YES, ONE(THIRD), HANG_UP, AWAY)),
     77,
     "2\tUnread\t5\tSun Dec  3 12:51:33 2017\tbob\tworld\n"
     "3\tUnread\t5\tSun Dec  3 12:51:33 2017\tbob\tagain\n",
     "pochta: watch: the connection was lost\n"
     "pochta: watch: connecting again\n"
     "pochta: watch: connected again\n"
     "pochta: watch: the connection was lost\n"
     "pochta: watch: connecting again\n"
     "pochta: cannot log in: wrong name or password\n"},
    {"watch: a server that sends a message twice",
     PLAY(L("watch"), L(LOGIN, YES, YES, TWO(SECOND SECOND), HANG_UP, AWAY)), 77,
     "2\tUnread\t5\tSun Dec  3 12:51:33 2017\tbob\tworld\n",
     "pochta: watch: the connection was lost\n"
     "pochta: watch: connecting again\n"
     "pochta: cannot log in: wrong name or password\n"},
    {"watch: a command for each message",
     PLAY(L("watch", "--exec=echo $POCHTA_ID $POCHTA_FROM: $POCHTA_SUBJECT; exit 3"),
          L(LOGIN, YES, YES, ONE(SECOND), HANG_UP, AWAY)),
     77, "2 bob: world\n",
     "pochta: watch: message 2: the command ended with exit code 3\n"
     "pochta: watch: the connection was lost\n"
     "pochta: watch: connecting again\n"
     "pochta: cannot log in: wrong name or password\n"},
    {"watch: a disk that is full",
     PLAY(L("watch"), L(LOGIN, YES, YES, ONE(SECOND)), .output = "/dev/full"), 74, "",
     "pochta: cannot write standard output: No space left on device\n"},
    {"watch: a server that breaks off before it is asked to watch",
     PLAY(L("watch"), L(LOGIN, HALF)), 75, "", "pochta: watch: the connection was lost\n"},
    {"watch: a server without end",
     PLAY(L("watch"), L(LOGIN, ONE("18446744073709551615^bob^" DATE "^5^0^hello^|"), HALF)), 75, "",
     "pochta: watch: the connection was lost\n"},
    {"watch: a server that answers with another message",
     PLAY(L("watch"), L(LOGIN, ONE("0^bob^" DATE "^5^0^hello^|"), NOOP("no"))), 65, "",
     "pochta: watch: no\n"},
    {"watch: a server that is lost while it tells of new messages",
     PLAY(L("watch"), L(LOGIN, YES, YES, YES, HANG_UP, LOGIN, YES, HALF, HANG_UP, AWAY)), 77, "",
     "pochta: watch: the connection was lost\n"
     "pochta: watch: connecting again\n"
     "pochta: cannot log in: wrong name or password\n"},
    {"watch: not known to the server", PLAY(L("watch"), L(LOGIN_1)), 65, "",
     "pochta: watch: this server does not know Show list\n"},
    {"delete-account: nobody to ask", PLAY(L("delete-account"), L(LOGIN)), 64, "",
     "pochta: delete-account asks before it deletes anything: give --yes, or run on a terminal\n"},
    {"delete-account: refused", PLAY(L("delete-account", "--yes"), L(LOGIN, NOOP("no"))), 65, "",
     "pochta: cannot delete the account: no\n"},
};
/* NOLINTEND(bugprone-suspicious-missing-comma) */

int main(void)
{
    if (!play_begin())
        return 1;
    play_rows(rows, sizeof rows / sizeof *rows);
    play_end();
    return done_testing();
}
