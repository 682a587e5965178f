#!/bin/sh
# SPDX-License-Identifier: ISC
# menu_more.t: the items of the menu beyond the report's listing, and ways out of questions.
# shellcheck source=tests/it/lib.sh
. "$(dirname "$0")/lib.sh"

PASSWORD=secret
# shellcheck source=tests/it/terminal.sh
. "$here/terminal.sh"
# shellcheck source=tests/it/fake_server.sh
. "$here/fake_server.sh"

start_server --idle 600
register ann bob
as ann 'Send mes|2|ann|Subject: first|' 'Send mes|2|ann|second|' >/dev/null
start_menu --server "127.0.0.1:$PORT"
sign_in ann
option 11
at ' Press any key.'
see 'ID STATE   DATE             FROM          SIZE SUBJECT' 'list: has a heading'
ok 'list: has the subjects' shows ' first'
key
option 16
at ' Press any key.'
ok 'status: counts the unread messages, which listing leaves so' shows 'Unread messages: 2'
key
option 17
at 'You are about to search all messages. Enter the <text>:'
enter SECOND
at ' Press any key.'
see ' 2 Unread' 'search: lists what is found, whatever the case'
ok 'search: ... and nothing else' test "$(screen | grep -c '[12] Unread ')" = 3 # with the list before
key
option 17
at 'You are about to search all messages. Enter the <text>:'
enter third
at 'No message contains this text. Press any key.'
key
option 17
at 'You are about to search all messages. Enter the <text>:'
enter ''
at 'Enter your option:'
option 16
at ' Press any key.'
ok 'search: changes no state' shows 'Unread messages: 2'
key
option 19
at ' Press any key.'
see "server: 127.0.0.1:$PORT (option)" 'settings: each with its value'
ok '... and where it comes from' shows 'idle: 1m (default)'
ok '... or that it has none' shows 'user: none (default)'
key
option 9
at 'You are about to delete a message. Enter the <message ID>:'
enter 2
at 'Message deleted successfully. Press any key.'
key
option 14
at ' Press any key.'
see '2 Deleted' 'trash: shows what was deleted'
key
option 13
at 'You are about to restore a message. Enter the <message ID>:'
enter 7
see 'Message was not restored: ' "restore: shows the server's reason for refusing"
key
option 13
at 'You are about to restore a message. Enter the <message ID>:'
enter 2
at 'Message restored successfully. Press any key.'
key
option 14
at 'There are no messages. Press any key.'
key
option 20
at ' Press any key.'
see 'Ctrl-C leads back to this menu from every question' 'help'
key

# --- the password ---

option 15
at 'Enter the <password>:'
enter wrong
see 'Now the new one.' 'password: asks for the new one'
enter changed
at 'Enter the <password> again:'
enter chagned
see 'The passwords are not the same.' 'password: must be typed the same twice'
at 'Enter the <password>:'
enter ''
at 'Enter your option:'
ok 'password: an empty line leads back to the menu' true
option 15
at 'Enter the <password>:'
enter wrong
at 'Enter the <password>:'
enter changed
at 'Enter the <password> again:'
enter changed
see 'Password was not changed: ' 'password: the old one must be right'
key
option 15
at 'Enter the <password>:'
enter secret
at 'Enter the <password>:'
enter changed
at 'Enter the <password> again:'
enter changed
at 'Password changed successfully. Press any key.'
key
is "$(talk 'Login|2|ann|changed|')" 'Answer|1|Yes|' 'password: the new one works'

# --- a name that is taken ---

option 3
at 'You are about to register. Enter the <username>:'
enter bob
at 'User was not registered: the name is taken. Press any key.'
key
option 3
at 'You are about to register. Enter the <username>:'
enter ''
at 'Enter your option:'

# --- news of a letter with a file ---

echo data >"$T/file"
printf 'Subject: a plan\n\nHi\n' | POCHTA_PASSWORD=secret "$B/pochta" --server "127.0.0.1:$PORT" --user bob \
    send ann --attach "$T/file"
see 'New mail from bob: Subject: a plan' 'news: a letter with a file is announced by its text'
option 11
at ' Press any key.'
ok 'list: ... and listed by its subject' eval "screen | grep -q 'Unread .* bob .*[0-9] a plan$'"
key

option 4
at 'User signed out successfully. Press any key.'
key
at 'Enter your option:'
enter 3
at 'You are about to register. Enter the <username>:'
enter bob
at 'User was not registered: the name is taken. Press any key.'
key
at 'Enter your option:'
enter 3
at 'You are about to register. Enter the <username>:'
enter carl
at 'Enter the <password>:'
enter one
at 'Enter the <password> again:'
enter another
see 'The passwords are not the same.' 'register: the password must be typed the same twice'
at 'Enter the <password>:'
enter ''
at 'Enter your option:'
is "$(talk 'Login|2|carl|another|')" 'Answer|2|Noop|wrong name or password|' 'register: an empty line leaves it'
PASSWORD=changed
sign_in ann

# --- Ctrl-C leads back to the menu from each question ---

leaves() { # NUMBER QUESTION [ANSWER QUESTION]...: chooses the item, answers, and leaves the last question
    option "$1"
    item=$1
    shift
    at "$1"
    while [ $# -gt 2 ]; do
        enter "$2"
        shift 2
        at "$1"
    done
    terminal send-keys -t menu C-c
    at 'Enter your option:'
    ok "item $item: Ctrl-C at: $1" true
}
password='Enter the <password>:'
leaves 1 'You are about to send a message. Enter the <username>:'
leaves 3 'You are about to register. Enter the <username>:'
leaves 3 'You are about to register. Enter the <username>:' carl "$password"
leaves 3 'You are about to register. Enter the <username>:' carl "$password" secret 'Enter the <password> again:'
leaves 5 'Enter the <username> to delete it:'
leaves 6 'Press any key.'
leaves 8 'You are about to see a message. Enter the <message ID>:'
leaves 9 'You are about to delete a message. Enter the <message ID>:'
leaves 10 'You are about to resend a message. Enter the <message ID>:'
leaves 10 'You are about to resend a message. Enter the <message ID>:' 1 'Enter the <username>:'
leaves 13 'You are about to restore a message. Enter the <message ID>:'
leaves 15 "$password"
leaves 15 "$password" changed "$password"
leaves 15 "$password" changed "$password" secret 'Enter the <password> again:'
leaves 17 'You are about to search all messages. Enter the <text>:'

leaves 19 ' Press any key.'

begin_letter bob
compose 'not sent'
terminal send-keys -t menu C-c
see 'The letter is kept as draft 1.' 'a letter is left'
drafts='Enter the number of a draft, or an empty line to go back:'
choices='s - send it again, n - another name, k - keep it as a draft, d - discard it:'
leaves 18 "$drafts"
leaves 18 "$drafts" 1 "$what"
as bob 'Delete user|0|' >/dev/null
leaves 18 "$drafts" 1 "$what" s "$choices"
leaves 18 "$drafts" 1 "$what" s "$choices" n 'Enter the <username>:'
ok '... which keeps the draft each time' test "$(screen | grep -c 'The letter is kept as draft 1\.')" -ge 2
is "$("$B/pochta" drafts | cut -f 5)" bob '... with its recipient'
register bob

# --- nothing pasted or typed ahead deletes the account ---

paste "$(printf '5\nann\nann\n')
"
at '5 ann ann'
after_paste
terminal send-keys -t menu C-c
at 'Enter your option:'
enter 5
at 'Enter the <username> to delete it:'
terminal send-keys -t menu C-c
at 'Enter your option:'
is "$(talk 'Login|2|ann|changed|')" 'Answer|1|Yes|' 'delete user: Ctrl-C leads back to the menu'
terminal send-keys -t menu C-d
see 'exit code 0' 'Ctrl-D leaves the menu'
end_menu

# --- with a password from the settings ---

echo changed >"$T/password"
start_menu --server "127.0.0.1:$PORT" --user Ann --password-file "$T/password"
see 'User signed in successfully.' 'with a password file the menu signs in at once'
option 4
at 'User signed out successfully. Press any key.'
key
at 'Enter your option:'
terminal send-keys -t menu C-d
see 'exit code 0' '... and out, as always'
end_menu
start_menu --server "127.0.0.1:$PORT" --user ann --password-file -
see 'standard input is for the menu: it cannot also be the password file' 'standard input is no password file'
see 'exit code 64' '... exit code 64'
end_menu
start_menu --server "127.0.0.1:$PORT" --user ann --password-command 'echo wrong'
see 'User was not signed in: wrong name or password.' 'a wrong one is told'
at 'Enter your option:'
enter 4
at 'You are about to sign in. Enter the <username> [ann]:'
enter ''
at "$password"
enter changed
at 'User signed in successfully. Press any key.'
key
at 'Enter your option:'
enter 2
see 'exit code 0' '... and the user can sign in by hand'
end_menu

# --- Ctrl-C where there is no menu, or it is reached only sometimes ---

leave() { # QUESTION: Ctrl-C leads back to the menu
    at "$1"
    terminal send-keys -t menu C-c
    at 'Enter your option:'
    ok "Ctrl-C at: $1" true
}
stop_server
start_server --idle 600 --registration invite
start_menu --server "127.0.0.1:$PORT"
at 'Enter your option:'
leaves 3 'You are about to register. Enter the <username>:' carl "$password" secret \
    'Enter the <password> again:' secret 'Enter the <invite>:'
enter 3
at 'You are about to register. Enter the <username>:'
enter carl
at "$password"
enter secret
at 'Enter the <password> again:'
enter secret
at 'Enter the <invite>:'
terminal send-keys -t menu C-d
see 'exit code 0' 'Ctrl-D at: Enter the <invite>:'
end_menu
is "$(talk 'Login|2|carl|secret|')" 'Answer|2|Noop|wrong name or password|' '... and there is no such user'
start_menu
at 'Enter <host>:<port> of Mail Server:'
terminal send-keys -t menu C-c
see 'exit code 0' 'Ctrl-C at the question for the server leaves the client'
end_menu

# A server that can only copy a message itself, does not answer to that, and then refuses it.
if over tcp; then
    yes='Answer|1|Yes|'
    fake_server 'Answer|2|Yes|2|' $yes $yes 'Answer|2|Noop|unknown command|' raw: '' \
        'Answer|2|Yes|2|' $yes $yes 'Answer|2|Noop|the mailbox is full|' $yes
    start_menu --server "$FAKE"
    sign_in ann
    option 10
    at 'You are about to resend a message. Enter the <message ID>:'
    enter 1
    at 'Enter the <username>:'
    enter bob
    leave 'Try again? (y/n):'
    is "$(grep -c '^Resend|3|bob|1|' "$T/fake.log") $(grep '^Resend' "$T/fake.log" | sort -u | wc -l)" '2 1' \
        '... after an attempt and a repeat of it'
    end_menu
fi
done_testing
