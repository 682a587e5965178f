#!/bin/sh
# SPDX-License-Identifier: ISC
# menu.t: the menu of pochta on a real terminal, against the listing of the report.
# shellcheck source=tests/it/lib.sh
. "$(dirname "$0")/lib.sh"

PASSWORD=hush-hush
# shellcheck source=tests/it/terminal.sh
. "$here/terminal.sh"

fill_in() { # NAME: answers what the menu asks of a new user
    at 'Enter your option:'
    enter 3
    at 'You are about to register. Enter the <username>:'
    enter "$1"
    at 'Enter the <password>:'
    enter "$PASSWORD"
    at 'Enter the <password> again:'
    enter "$PASSWORD"
}

register() { # NAME
    fill_in "$1"
    at 'User registered successfully. Press any key.'
    key
}

start_server --idle 600

# --- two users, a message of one line, and wrong answers to each prompt ---

start_menu
at 'Enter <host>:<port> of Mail Server:'
enter nowhere:
see 'This is not a server: <host> or <host>:<port>' 'server: asks again after a malformed name'
enter 127.0.0.1:1
see 'Could not connect to server:' 'server: asks again if no server listens there'
enter "127.0.0.1:$PORT"
register qwe
register 123
at 'Enter your option:'
enter 1
see 'There is no such item. Enter one of the numbers above.' 'items: one for signed-in users is refused before'
enter fly
at 'Enter your option:'
enter 4
at 'You are about to sign in. Enter the <username>:'
enter '../qwe'
see 'This is not a name: a name has 1 to 32 of' 'login: asks again after a malformed name'
enter qwe
at 'Enter the <password>:'
enter 'not it'
see 'User was not signed in: ' 'login: says that the password is wrong'
key
sign_in 123
option 99
see 'There is no such item. Enter one of the numbers above.' 'items: asks again after an unknown number'
enter 1
at 'You are about to send a message. Enter the <username>:'
enter nobody
if over udp1; then # in version 1 the server cannot be asked before
    no_subject
    end_letter
    see 'Message was not sent: no such user.' "send: shows the server's reason for refusing"
    at 's - send it again, n - another name, k - keep it as a draft, d - discard it:'
    enter d
    at 'The letter was discarded. Press any key.'
    key
else
    at 'Enter the <username>, or an empty line to go back:'
    see 'There is no user nobody.' 'send: a user who does not exist is named before the letter is written'
    enter ''
fi
begin_letter qwe
compose jklaskldhakjshdkajdsh
end_letter
at 'Message sent successfully. Press any key.'
key
option 2
see 'Disconnected from server successfully.' 'exit: says that it has disconnected'
see 'exit code 0' 'exit: exit code 0'
see 'echo is on' 'exit: the terminal is as before'
everything >"$T/seen"
ok 'the screen is recorded from the beginning' grep -q 'Enter <host>:<port> of Mail Server: nowhere' "$T/seen"
is "$(grep -c -e "$PASSWORD" -e 'not it' "$T/seen")" 0 'no password was ever shown'
end_menu
POCHTA_PASSWORD=$PASSWORD "$B/pochta" --server "127.0.0.1:$PORT" --user qwe read 1 >/dev/null

# --- the listing ---

start_menu
at 'Enter <host>:<port> of Mail Server:'
enter "127.0.0.1:$PORT"
sign_in qwe
option 7
at 'Press any key.'
key
at 'Enter your option:'
screen | sed -e 's/  */ /g' -e 's/^TIME: ... ... [ 0-9]* ..:..:.. 20..$/TIME: X/' >"$T/seen"
cat >"$T/listing" <<END
Enter <host>:<port> of Mail Server: 127.0.0.1:$PORT
Connected to server successfully.

* MAIL *
Select the following items:
2 - Exit
3 - Register
4 - Login
19 - Settings
20 - Help
Enter your option:
4

You are about to sign in. Enter the <username>: qwe
Enter the <password>:

User signed in successfully. Press any key.

* MAIL *
Select the following items:
1 - Send message
2 - Exit
3 - Register
4 - Logout
5 - Delete user
6 - Show unread messages
7 - Show all messages
8 - Show the exact message
9 - Delete message
10 - Resend message
11 - List messages
12 - Reply to message
13 - Restore message
14 - Show trash
15 - Change password
16 - Show status
17 - Search messages
18 - Drafts
19 - Settings
20 - Help
Enter your option:
7

Showing all messages.

Message with ID = 1
ID: 1
TIME: X
FROM: 123
LEN: 21
STATE: Normal
BODY: jklaskldhakjshdkajdsh



Press any key.
* MAIL *
Select the following items:
1 - Send message
2 - Exit
3 - Register
4 - Logout
5 - Delete user
6 - Show unread messages
7 - Show all messages
8 - Show the exact message
9 - Delete message
10 - Resend message
11 - List messages
12 - Reply to message
13 - Restore message
14 - Show trash
15 - Change password
16 - Show status
17 - Search messages
18 - Drafts
19 - Settings
20 - Help
Enter your option:
END
sed -e '/./,$!d' "$T/seen" | sed -e ':a' -e '/^\n*$/{$d;N;ba' -e '}' >"$T/seen.trimmed"
ok 'the screen is the listing of the report, with more items' diff "$T/listing" "$T/seen.trimmed"

# --- the other items ---

enter 1
at 'You are about to send a message. Enter the <username>:'
enter qwe
no_subject
compose 'one |' '..'
enter ''
compose 'four ^'
end_letter
at 'Message sent successfully. Press any key.'
key
is "$(POCHTA_PASSWORD=$PASSWORD "$B/pochta" --server "127.0.0.1:$PORT" --user qwe read --raw 2 |
    od -c)" "$(printf 'one |\n..\n\nfour ^' | as_told | od -c)" 'send: several lines arrive as typed'
option 10
at 'You are about to resend a message. Enter the <message ID>:'
enter one
see 'This is not a message ID: it is a decimal number.' 'resend: asks again after a malformed ID'
enter 0001
at 'Enter the <username>:'
enter 123
at 'Message resent successfully. Press any key.'
key
option 9
at 'You are about to delete a message. Enter the <message ID>:'
enter 1
at 'Message deleted successfully. Press any key.'
key
option 8
at 'You are about to see a message. Enter the <message ID>:'
enter ''
at 'Enter your option:'
ok 'an empty answer leads back to the menu' true
option 8
at 'You are about to see a message. Enter the <message ID>:'
enter 1
see 'Messages were not shown: no such message. Press any key.' 'show: a deleted message does not exist'
key
at 'Enter your option:'
terminal send-keys -t menu -R \; clear-history -t menu
enter 6
see 'There are no messages.' 'unread: says that there are none'
key
at 'Enter your option:'
post() { # TEXT...: messages to the user at the menu
    for text; do
        printf %s "$text" | POCHTA_PASSWORD=$PASSWORD "$B/pochta" --server "127.0.0.1:$PORT" \
            --user 123 send qwe
    done
}
post "$(printf 'while you wait\033')"
news() { # TEXT NAME
    if over udp1; then skip 'version 1 of the protocol has no news' "$2"; else see "$1" "$2"; fi
}
news 'New mail from 123: while you wait\x1b' 'news: shown while the menu waits'
enter 9
at 'You are about to delete a message. Enter the <message ID>:'
post 'meanwhile'
enter 3
at 'Message deleted successfully. Press any key.'
key
news 'New mail from 123: meanwhile' 'news: mail that arrived during an action is shown after it'

# A letter that tries to look like a second one: with lines of its own, and with a line that the
# terminal, which has 100 columns, would continue at the left margin.
at 'Enter your option:'
post "$(printf 'Hi\nFROM: admin\n%094dFROM: root' 0)"
enter 8
at 'You are about to see a message. Enter the <message ID>:'
enter 5
at 'Press any key.'
screen >"$T/seen"
is "$(grep -c '^FROM: ' "$T/seen")" 1 'show: the text of a letter cannot look like its header'
is "$(grep -c '^      FROM: [ar]' "$T/seen")" 2 'show: ... all its lines are indented'
key
option 4
at 'User signed out successfully. Press any key.'
key
sign_in 123
option 6
see 'FROM: qwe' 'unread: shows the resent message'
see 'Showing unread messages.' 'unread: has its title'
key
option 5
at 'Enter the <username> to delete it:'
see 'You are about to delete the user 123 with all messages.' 'delete user: says which one'
enter y
at 'User was not deleted. Press any key.'
key
option 5
at 'Enter the <username> to delete it:'
enter 123
at 'User deleted successfully. Press any key.'
key

# --- the server stops ---

at 'Enter your option:'
ok 'the server ends while the menu waits' stop_server
see 'Disconnected from server: server is shutting down.' "lost connection: shows the server's reason at once"
at 'Connect again? (y/n):'
enter maybe
see 'Enter y or n.' 'lost connection: asks again unless the answer is y or n'
enter y
see 'Could not connect to server:' 'lost connection: says that it cannot connect'
at 'Connect again? (y/n):'
old=$PORT
start_server "$(door)" "127.0.0.1:$old"
enter y
sign_in qwe
at 'Enter your option:'
ok 'the server ends while a user is signed in' stop_server
at 'Connect again? (y/n):'
enter n
see 'exit code 0' 'lost connection: leaves after n'
end_menu

# --- the end of input ---

start_server
start_menu --server "127.0.0.1:$PORT" --user qwe
at 'Enter your option:'
enter 4
at 'You are about to sign in. Enter the <username> [qwe]:'
enter ''
at 'Enter the <password>:'
terminal send-keys -t menu C-d
see 'exit code 0' 'end of input: leaves at the password'
see 'echo is on' 'end of input: the terminal is as before'
end_menu
start_menu --server "127.0.0.1:$PORT"
at 'Enter your option:'
terminal send-keys -t menu C-d
see 'exit code 0' 'end of input: leaves at the items'
end_menu

# --- a server that takes invites ---

stop_server
start_server --registration invite
register_invited() { # NAME INVITE
    fill_in "$1"
    at 'Enter the <invite>:'
    enter "$2"
}
start_menu --server "127.0.0.1:$PORT"
register_invited ann ''
at 'User was not registered: registration here takes an invite. Press any key.'
key
register_invited ann 0123456789abcdef
at 'User was not registered: this invite is unknown, was used or has expired. Press any key.'
key
register_invited ann "$("$B/pochtactl" --store "$T/store" invite add)"
see 'User registered successfully. Press any key.' 'register: asks for an invite and accepts it'
key
sign_in ann
end_menu

done_testing
