#!/bin/sh
# SPDX-License-Identifier: ISC
# send_terminal.t: pochta send on a terminal asks, writes and keeps as the menu does.
# shellcheck source=tests/it/lib.sh
. "$(dirname "$0")/lib.sh"

PASSWORD=secret
# shellcheck source=tests/it/terminal.sh
. "$here/terminal.sh"

start_server --idle 600
register ann bob carol
export XDG_DATA_HOME="$T/data"
echo $PASSWORD >"$T/password"
ann() { "$B/pochta" --server "127.0.0.1:$PORT" --user ann --password-file "$T/password" "$@"; }
body() { # ID
    "$B/pochta" --server "127.0.0.1:$PORT" --user bob --password-file "$T/password" read --raw "$1"
}
messages() { as bob 'Status|0|' | sed -n 's/^Answer|6|Yes|\([0-9]*\).*/\1/p'; }
send_on_terminal() { # NAME...
    start_menu --server "127.0.0.1:$PORT" --user ann send "$@"
    at 'Password of ann:'
    enter $PASSWORD
}
begin='Enter the message, many lines if you like. A line with a single dot ends it:'
subject='Subject (empty: none):'

send_on_terminal bob
see "$begin" 'it says what it expects'
at "$subject"
enter lunch
compose 'At noon?'
enter .
at "$what"
see 'TO: bob' 'the letter is shown before it is sent'
enter a
at "$begin"
compose 'Or later.'
terminal send-keys -t menu C-d
at "$what"
enter s
see 'exit code 0' 'sent: exit code 0'
is "$(body 1)" 'Subject: lunch
At noon?
Or later.' '... with its subject and what was added'
is "$(ann drafts)" '' '... no draft is left'
end_menu

send_on_terminal bob nobody
see 'pochta: nobody: no such user' 'a name that does not exist is told before anything is written'
see 'exit code 67' '... exit code 67'
is "$(ann drafts)" '' '... and nothing is kept'
end_menu

send_on_terminal bob
at "$subject"
enter ''
compose 'Never mind.'
enter .
at "$what"
enter d
see 'exit code 1' 'discarded: exit code 1'
is "$(ann drafts)" '' '... nothing is kept'
end_menu

send_on_terminal bob
at "$subject"
enter ''
compose 'First line.'
terminal send-keys -t menu -l 'Second'
wait_for 20 stands_at 'Second'
terminal send-keys -t menu C-c
see 'pochta: the letter is kept as draft 1: send it with: pochta drafts send 1' 'Ctrl-C: says where the letter is'
see 'exit code 1' '... exit code 1'
is "$(ann drafts show --raw 1 | tail -n 2)" 'First line.
Second' '... with the line that was not finished'
end_menu
is "$(ann drafts send 1; echo $?) $(messages)" '0 2' 'a draft: is sent once'

send_on_terminal bob
at "$subject"
enter ''
compose 'Undecided.'
enter .
at "$what"
terminal send-keys -t menu C-c
see 'pochta: the letter is kept as draft 1: send it with: pochta drafts send 1' 'Ctrl-C at the question: the letter is kept'
see 'exit code 1' '... exit code 1'
end_menu
ann drafts discard 1

start_menu --server "127.0.0.1:$PORT" --user ann send bob
at 'Password of ann:'
terminal send-keys -t menu C-c
see 'exit code ' 'Ctrl-C at the password: ends it'
see 'echo is on' '... and the terminal is as it was'
is "$(ann drafts)" '' '... nothing is kept'
end_menu

send_on_terminal bob
at "$subject"
enter ''
compose 'Before the end.'
terminal send-keys -t menu -l 'half a line'
wait_for 20 stands_at 'half a line'
end_menu
has_draft() { [ "$(ann drafts show --raw 1 2>/dev/null | tail -n 2)" = 'Before the end.
half a line' ]; }
ok 'the terminal is closed: all of it is kept, the unfinished line too' wait_for 20 has_draft
ann drafts discard 1

send_on_terminal bob
at "$subject"
enter ''
compose 'Kept line.'
is_kept() { grep -qx 'Kept line.' "$T"/state/pochta/drafts/[0-9]* 2>/dev/null; }
wait_for 20 is_kept # the line is shown before it is kept
pid=$(pgrep -f "^$B/pochta --server 127.0.0.1:$PORT --user ann send")
kill -KILL "$pid"
see 'exit code 137' 'SIGKILL ends it'
is "$(ann drafts show --raw 1 | tail -n 1)" 'Kept line.' '... what was written is a draft'
end_menu
ann drafts discard 1

send_on_terminal bob
at "$subject"
enter ''
enter .
at "$what"
enter s
see 'pochta: the message is empty and is not sent' 'an empty message is not sent'
end_menu

quota() { "$B/pochtactl" --store "$T/store" user quota bob - "$1" >/dev/null; }
offers='s - send it again, n - another name, k - keep it as a draft, d - discard it:'
quota 1
send_on_terminal bob ann
see 'The mailbox of bob is full now. The letter can be kept as a draft.' 'a full mailbox is told before the letter is written'
at "$subject"
enter ''
compose 'For both.'
enter .
at "$what"
enter s
at "$offers"
see 'ann: sent' 'one has it'
see 'bob: Message was not sent: the mailbox is full.' '... and why the other does not is told'
enter n
at 'Enter the <username>:'
enter Ann
see 'ann is already among the recipients.' '... nobody gets it twice'
at 'Enter the <username>:'
enter carol
see 'carol: sent' '... who can be replaced'
see 'exit code 0' '... exit code 0'
is "$(ann drafts)" '' '... no draft is left'
is "$(sed -n '/^To:/,/^[^ T]/s/^T*o* *:* *\([a-z]*\)@.*/\1/p' "$(grep -l 'For both' "$T/data/pochta/sent/cur"/*)")" 'carol
ann' '... one copy is kept, for those who have it'
end_menu

send_on_terminal bob
at "$subject"
enter ''
compose 'Too much.'
enter .
at "$what"
enter s
at "$offers"
enter k
see 'pochta: the letter is kept as draft 1: send it with: pochta drafts send 1' 'what is refused is kept'
see 'exit code 75' '... exit code 75'
end_menu
quota -
is "$(ann drafts send 1; echo $?)" 0 '... and can be sent later'

quota 1
send_on_terminal bob
at "$subject"
enter ''
compose 'Not at all.'
enter .
at "$what"
enter s
at "$offers"
enter d
see 'pochta: the message was discarded' 'what is refused can be discarded'
see 'exit code 75' '... exit code 75'
is "$(ann drafts)" '' '... no draft is left'
end_menu
quota -

export EDITOR=false
send_on_terminal -e bob
see 'The editor failed: false: the command ended with exit code 1' 'the editor fails: says so'
see 'pochta: the message is empty and is not sent' '... nothing is sent'
see 'exit code 65' '... exit code 65'
end_menu
unset EDITOR

MENU_TERM=dumb send_on_terminal bob
see "$begin" 'a dumb terminal: says what it expects, too'
enter ''
enter 'By Ctrl-D.'
terminal send-keys -t menu C-d
at "$what"
enter s
see 'exit code 0' '... Ctrl-D ends the letter'
end_menu

MENU_TERM=dumb send_on_terminal bob
at "$subject"
enter ''
enter 'Plain.'
enter .
at "$what"
enter s
see 'exit code 0' 'a dumb terminal: a dot ends it'
is "$(body 5 | tail -n 1)" 'Plain.' '... and it is sent'
end_menu
done_testing
