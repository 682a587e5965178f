#!/bin/sh
# SPDX-License-Identifier: ISC
# typing.t: the line editor of the menu on a real terminal: keys, pastes, other sizes, signals, and a
# terminal that cannot do it.
# shellcheck source=tests/it/lib.sh
. "$(dirname "$0")/lib.sh"

PASSWORD=secret
# shellcheck source=tests/it/terminal.sh
. "$here/terminal.sh"

start_server --idle 600
register ann bob
body() { POCHTA_PASSWORD=$PASSWORD "$B/pochta" --server "127.0.0.1:$PORT" --user bob read --raw "$1"; }
ask_text() { # asks for a letter to bob
    begin_letter bob
}

# --- keys ---

start_menu --server "127.0.0.1:$PORT"
sign_in ann
at 'Enter your option:'
keys -l 'abc def'
keys C-w Left Left x Home y
line 'yabxc' 'keys: Ctrl-W, Left, Home'
keys C-e C-u 9 9 Enter
see 'There is no such item.' 'keys: Ctrl-U, and an answer that is not in the menu'
keys 1 Up
line '99' 'keys: Up shows the answer before'
keys Down
line '1' 'keys: Down shows what was typed'
keys C-c
at 'Enter your option:'
enter 8
at 'You are about to see a message. Enter the <message ID>:'
keys 1 2 C-c
at 'Enter your option:'
ok 'Ctrl-C leads back to the menu' true

# --- pastes: no line of them ends the letter or is a command ---

shopping=$(printf 'Shopping:\n.\n5 apples\n5\ny\nann\nthanks')
ask_text
paste -p "$shopping
"
line thanks 'a marked paste is shown'
end_letter
sent '... and sent after a typed dot'
is "$(body 1)" "$shopping" '... with all its lines'
ask_text
paste "$shopping
"
line thanks 'a paste without marks is shown'
end_letter
sent '... and sent after a typed dot'
is "$(body 2)" "$shopping" '... with all its lines'
at 'Enter your option:'
paste -p "$(printf '5\ny\nann\n')
"
line '5 y ann' 'a paste into the menu is one line'
keys Enter
at 'Enter your option:'
ok '... and no command' test "$(everything | grep -c 'There is no such item\.')" = 2
enter 1
at 'You are about to send a message. Enter the <username>:'
paste -p 'bob
'
at 'You are about to send a message. Enter the <username>: bob'
keys Enter
no_subject
long=$(printf %020000d 7)
paste -p "$long"
wait_for 20 shows 07
enter ''
see '(20000 bytes)' 'a long line is shown in short'
keys C-d
at "$what"
enter s
sent 'Ctrl-D ends a letter'
ok 'a line of 20,000 bytes arrives whole' test "$(body 3)" = "$long"
ask_text
words=$(printf '\320\237\321\200\320\270\320\262\320\265\321\202 \344\270\255\346\226\207e\314\201')
paste -p "$words"
keys BSpace x
line "${words%???}x" 'Cyrillic and wide characters are shown' # what comes at once counts as pasted
enter ''
wait_for 20 at_margin
keys C-d
at "$what"
enter s
sent 'Cyrillic, wide characters and marks'
is "$(body 4)" "$(printf '%sx' "${words%???}")" '... arrive, less what was deleted'

# --- the size, signals ---

at 'Enter your option:'
keys -l 'typed before'
line 'typed before' 'a line'
terminal resize-window -t menu -x 40 -y 12
line 'typed before' '... is there after a change of the size'
POCHTA_PASSWORD=$PASSWORD "$B/pochta" --server "127.0.0.1:$PORT" --user bob send ann <<END
news
END
see 'New mail from bob: news' 'news is shown'
line 'typed before' '... above what is typed'
client=$(pgrep -P "$(terminal display-message -p -t menu '#{pane_pid}')" pochta)
kill "$client"
see 'echo is on' 'SIGTERM: the terminal is as before'
end_menu
terminal new-session -d -s menu -x 100 -y 40 'PS1="> " exec sh -i'
at '>'
enter "$B/pochta --server 127.0.0.1:$PORT"
at 'Enter your option:'
keys -l 'typed'
line typed 'a line'
keys C-z
see Stopped 'Ctrl-Z stops the client'
enter "stty -a | grep -c ' echo '"
at '>'
ok '... with the terminal as before' test "$(screen | grep -cx 1)" = 1
enter fg
line typed '... and the line is there when it goes on'
keys C-u C-d
at '>'
end_menu

# --- a terminal that cannot do it ---

MENU_TERM=dumb
start_menu --server "127.0.0.1:$PORT"
sign_in ann
ask_text
paste "$(printf %05000d 7)
"
see 'This line is too long, and was not taken: at most 4094 bytes.' 'TERM=dumb: a line that may be cut is refused'
enter hello
end_letter
see 'Message sent successfully. Press any key.' 'TERM=dumb: a dot ends a letter'
key
everything >"$T/seen"
ok 'TERM=dumb: no sequences for other terminals' sh -c "! grep -q '\[?2004' '$T/seen'"
is "$(body 5)" hello '... which arrives'
end_menu

done_testing
