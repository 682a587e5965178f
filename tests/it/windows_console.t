#!/bin/sh
# SPDX-License-Identifier: ISC
# windows_console.t: pochta.exe on a console, which wine draws on a terminal: the menu's keys, pastes and
# news, passwords, the end of input, and line mode. docs/windows.md says what wine cannot try.
CLIENT=wine
# shellcheck source=tests/it/lib.sh
. "$(dirname "$0")/lib.sh"

PASSWORD=secret
# shellcheck source=tests/it/terminal.sh
. "$here/terminal.sh"

here_too=$(dirname "$(readlink "$B/pochtad")") # the client for Linux is there
start_server --idle 600
register ann bob
as_bob() { POCHTA_PASSWORD=$PASSWORD "$here_too/pochta" --server "127.0.0.1:$PORT" --user bob "$@"; }
body() { as_bob read --raw "$1"; }
home() { keys -H 1b 5b 48; } # tmux sends another sequence for this key, which wine does not know
not_shown() { ! everything | grep -qF -e "$1"; } # TEXT

# --- keys ---

start_menu --server "127.0.0.1:$PORT"
sign_in ann
at 'Enter your option:'
ok 'the password is not shown' not_shown "$PASSWORD"
keys -l 'abc def'
keys C-w Left Left x
line 'abxc' 'Ctrl-W, and arrow keys'
home
keys y
line 'yabxc' 'Home'
keys Right DC
line 'yaxc' 'Right and Delete'
keys C-e C-u 9 9 Enter
see 'There is no such item.' 'Ctrl-E, Ctrl-U, and an answer that is not in the menu'
keys 1 Up
line '99' 'Up shows the answer before'
keys Down
line '1' 'Down shows what was typed'
keys C-c
at 'Enter your option:'
enter 8
at 'You are about to see a message. Enter the <message ID>:'
keys 1 2 C-c
at 'Enter your option:'
ok 'Ctrl-C leads back to the menu' true

# --- letters ---

begin_letter bob
within_line() { ! at_margin; }
keys -l 'Привет мир'
line 'Привет мир' 'Cyrillic is shown'
keys Left Left Left BSpace
keys -l ', '
line 'Привет, мир' '... and edited with arrow keys'
enter ''
compose '中文'
keys -l '文中 a'
line '文中 a' 'wide characters are shown'
keys Left Left Left BSpace
line '中 a' '... and deleted'
keys End # or else the end of the line could not be seen
wait_for 20 within_line
enter ''
wait_for 20 at_margin
keys C-z
at "$what"
enter s
sent 'Ctrl-Z on an empty line ends a letter'
is "$(body 1)" 'Привет, мир
中文
中 a' '... which arrives with Cyrillic and wide characters, less what was deleted'

shopping=$(printf 'Shopping:\n.\n5 apples\n5\ny\nann\nthanks')
begin_letter bob
paste "$shopping
"
line thanks 'a paste in one burst is shown'
end_letter
sent '... and sent after a typed dot'
is "$(body 2)" "$shopping" '... with all its lines'
begin_letter bob
long=$(seq 1000)
paste "$long
"
line 1000 'a paste of a thousand lines'
end_letter
sent '... is sent'
is "$(body 3)" "$long" '... and arrives whole'

# --- news ---

at 'Enter your option:'
keys -l 'typed before'
line 'typed before' 'a line'
echo news | as_bob send ann
see 'New mail from bob: news' 'news is shown while the prompt waits'
line 'typed before' '... above what is typed'
keys C-u C-z
see 'exit code 0' 'Ctrl-Z leaves the menu'
end_menu

# --- a command ---

start_menu --server "127.0.0.1:$PORT" --user ann send bob
at 'Password of ann:'
enter "$PASSWORD"
no_subject
ok 'a command asks for the password, which is not shown' not_shown "$PASSWORD"
compose 'Строка'
keys C-z
at "$what"
enter s
see 'exit code 0' 'Ctrl-Z ends its letter'
is "$(body 4)" 'Строка' '... which arrives'
end_menu

terminal new-session -d -s menu -x 100 -y 40 'PS1="> " exec sh -i'
at '>'
enter "$B/pochta --server 127.0.0.1:$PORT --user ann send bob >'$T/shown'; echo exit code \$?"
at 'Password of ann:'
enter "$PASSWORD"
see 'Type the message to bob.' 'where the output is a file, the console edits the letter'
compose 'Строка'
keys -l 'the end'
wait_for 20 shows 'the end'
keys C-z
see 'exit code 0' 'Ctrl-Z ends it wherever it is typed'
is "$(body 5)" 'Строка
the end' '... and it arrives'
end_menu

# --- line mode ---

MENU_TERM=dumb
start_menu --server "127.0.0.1:$PORT"
sign_in ann
begin_letter bob
enter 'Line mode'
enter .
at "$what"
enter s
sent 'TERM=dumb: a dot ends a letter'
is "$(body 6)" 'Line mode' 'TERM=dumb: it arrives'
at 'Enter your option:'
ok 'TERM=dumb: the password is not shown' not_shown "$PASSWORD"
end_menu

done_testing
