#!/bin/sh
# SPDX-License-Identifier: ISC
# drafts.t: no letter is lost in the menu: whatever ends the client, the server or the connection while
# it is written, it is sent once, or is a draft that is sent once.
# shellcheck source=tests/it/lib.sh
. "$(dirname "$0")/lib.sh"

PASSWORD=secret
# shellcheck source=tests/it/terminal.sh
. "$here/terminal.sh"

ann() { POCHTA_PASSWORD=secret "$B/pochta" --server "127.0.0.1:$PORT" --user ann "$@"; }
bob() { POCHTA_PASSWORD=secret "$B/pochta" --server "127.0.0.1:$PORT" --user bob "$@"; }
received() { bob list | grep -c "	$1\$"; } # LINE: how many messages begin with it
drafts() { "$B/pochta" drafts | cut -f "${1:-1-3,5,6}"; }
client() { ps -o pid= --ppid "$(terminal display-message -p -t menu '#{pane_pid}')" | tr -d ' '; }
files() { find "$T/state/pochta/drafts" -type f ! -name '.*' | wc -l; } # one with a dot is what a killed client has left

begin() { # starts a menu, and signs in
    start_menu --server "127.0.0.1:$door"
    sign_in ann
}

write_to() { # NAME LINE...: begins a letter
    begin_letter "$1"
    shift
    compose "$@"
}

is_kept() { grep -qx "$1" "$T"/state/pochta/drafts/[0-9]* 2>/dev/null; } # LINE: in a draft

sent() {
    at 'Message sent successfully. Press any key.'
    key
}

choose_draft() { # NUMBER
    option 18
    at 'Enter the number of a draft, or an empty line to go back:'
    enter "$1"
}

start_server
register ann bob
door=$PORT # where the server is again after it was away

# --- a letter as usual ---

begin
write_to bob 'the first' 'and its end'
ok 'writing: each line is in the draft at once' wait_for 20 is_kept 'and its end'
ok 'writing: nobody else can read the draft' is_private "$T/state/pochta"
like "$(drafts)" '1	writing	21	bob	the first' 'writing: another client sees that it is being written'
is "$("$B/pochta" drafts discard 1 2>&1)" \
    "pochta: draft 1 in $named_state/pochta/drafts: another process is working on it" \
    'writing: another client cannot discard it'
end_letter
sent
is "$(files)" 0 'sent: the draft goes away'
is "$(received 'the first')" 1 'sent: the letter is there'

write_to bob '' '' 'after empty lines'
end_letter
sent
is "$(bob read --raw 2 | od -c)" "$(printf '\n\nafter empty lines' | od -c)" 'sent: empty lines at its beginning, too'

# --- the client is killed ---

write_to bob 'killed' 'twice'
wait_for 20 is_kept twice
kill -9 "$(client)"
see 'exit code 137' 'killed: the client is gone'
end_menu
is "$(drafts)" '1	unfinished	12	bob	killed' 'killed: the letter is a draft'
start_menu --server "127.0.0.1:$door"
see 'There is a letter that was not sent: choose Drafts in the menu.' 'killed: the next start says so'
sign_in ann
choose_draft 1
at "$what"
enter x
see 'Enter one of these letters.' 'drafts: asks again after another answer'
enter a
at 'Enter the message, many lines if you like. A line with a single dot ends it:'
compose three
end_letter
sent
is "$(bob read --raw 3)" 'killed
twice
three' 'drafts: a letter goes on where it ended'
is "$(files)" 0 'drafts: it goes away when it was sent'

# --- ends of the client that it notices, or not ---

write_to bob 'by Ctrl-C'
wait_for 20 is_kept 'by Ctrl-C'
terminal send-keys -t menu -l 'and half a line'
wait_for 20 shows 'and half a line'
terminal send-keys -t menu C-c
see 'The letter is kept as draft 1.' 'Ctrl-C: the client says where the letter is'
at 'Enter your option:'
end_menu
is "$("$B/pochta" drafts show --raw 1)" 'by Ctrl-C
and half a line' 'Ctrl-C: with the line that was not finished'
is "$("$B/pochta" drafts show 1 | sed -n '/^LEN/,$p')" 'LEN: 25
BODY: by Ctrl-C
      and half a line' 'drafts show: the lines of the text are indented'
like "$(drafts)" '1	unfinished	25	bob	by Ctrl-C' 'Ctrl-C: the letter is a draft'
begin
write_to bob 'by Ctrl-D'
terminal send-keys -t menu C-d
at "$what"
enter s
sent
is "$(received 'by Ctrl-D')" 1 'Ctrl-D: ends the letter, which is sent'
write_to bob 'by a closed terminal'
wait_for 20 is_kept 'by a closed terminal'
terminal send-keys -t menu -l 'and half a line'
wait_for 20 shows 'and half a line'
end_menu
ok 'closed terminal: the line that was not finished is in the draft, too' wait_for 20 is_kept 'and half a line'
none_is_written() { ! drafts 2 | grep -q writing; }
wait_for 20 none_is_written
is "$(drafts 1,5)" '1	bob
2	bob' 'closed terminal: the letter is a draft, too'
begin
choose_draft 1
at "$what"
enter k
choose_draft ''
choose_draft 77
see 'Draft 77: there is no such draft.' 'drafts: a number that no draft has'
key
choose_draft 2
at "$what"
enter s
sent
is "$(drafts 1,6) $(received 'by a closed terminal')" '1	by Ctrl-C 1' 'drafts: one is kept, one is sent'
choose_draft 1
at "$what"
enter d
at 'The letter was discarded. Press any key.'
key
is "$(files)" 0 'drafts: one is discarded'

# --- the server ends while a letter is written ---

write_to bob 'server killed'
stop_server KILL
compose more
wait_for 20 is_kept more
start_server "$(door)" "127.0.0.1:$door"
end_letter
sent
is "$(received 'server killed')" 1 'server killed: the client connects and signs in again'
write_to bob 'kicked'
"$B/pochtactl" --store "$T/store" kick ann >/dev/null
compose more
end_letter
sent
is "$(received kicked)" 1 'kicked: the client connects and signs in again'
write_to bob 'server away'
stop_server
end_letter
see 'Message was not sent:' 'server away: says so'
at 's - send it again, n - another name, k - keep it as a draft, d - discard it:'
start_server "$(door)" "127.0.0.1:$door"
enter s
sent
is "$(received 'server away')" 1 'server away: another attempt sends it once'
write_to bob 'server away longer'
stop_server
end_letter
at 's - send it again, n - another name, k - keep it as a draft, d - discard it:'
enter k
see 'The letter is kept as draft 1. Press any key.' 'server away: the letter can be kept'
key
see 'Disconnected from server:' 'server away: then the menu says that it is'
end_menu
start_server "$(door)" "127.0.0.1:$door"
is "$(drafts)" '1	ready	18	bob	server away longer' 'server away: the draft is ready'
ok 'server away: and is sent by its number' ann drafts send 1
is "$(received 'server away longer') $(files)" '1 0' '... once'

# --- the server refuses ---

register carol
begin
write_to carol 'refused'
talk 'Login|2|carol|secret|' 'Delete user|0|' >/dev/null
end_letter
see 'Message was not sent: no such user.' 'refused: shows why'
at 's - send it again, n - another name, k - keep it as a draft, d - discard it:'
enter n
at 'Enter the <username>:'
enter bob
sent
is "$(received refused)" 1 'refused: sent to another user'
"$B/pochtactl" --store "$T/store" user quota bob - 1 >/dev/null
option 1
at 'You are about to send a message. Enter the <username>:'
enter bob
see 'The mailbox of bob is full now.' 'full mailbox: told before the letter is written'
no_subject
compose 'too much'
end_letter
see 'Message was not sent: the mailbox is full.' 'full mailbox: told again when it is sent'
"$B/pochtactl" --store "$T/store" user quota bob - - >/dev/null
enter s
sent
is "$(received 'too much') $(files)" '1 0' 'full mailbox: another attempt sends it once'
end_menu

# --- the drafts cannot be kept ---

rm -rf "$T/state"
: >"$T/state"
begin
write_to bob 'in memory'
see '(This letter is not kept on disk: ' 'no directory: said when the letter begins'
end_letter
sent
is "$(received 'in memory')" 1 'no directory: the letter is sent all the same'
end_menu
rm "$T/state"

done_testing
