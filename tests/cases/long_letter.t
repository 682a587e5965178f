#!/bin/sh
# SPDX-License-Identifier: ISC
# Who writes a letter for longer than the server waits for a client does not lose it: the client keeps the
# connection alive, and if it is lost all the same, the letter is there.
# shellcheck source=tests/it/lib.sh
. "$(dirname "$0")/../it/lib.sh"
here=$here/../it
PASSWORD=secret
# shellcheck source=tests/it/terminal.sh
. "$here/terminal.sh"
# shellcheck source=tests/it/fake_server.sh
. "$here/fake_server.sh"
write() { # LINE
    begin_letter bob
    compose "$1"
    terminal send-keys -t menu -l 'and half a line'
    wait_for 20 shows 'and half a line'
}
keep() { # DRAFT TEXT: leaves the letter by Ctrl-C
    terminal send-keys -t menu C-c
    see "The letter is kept as draft $1." '... the letter is kept'
    is "$("$B/pochta" drafts show --raw "$1")" "$2
and half a line" '... all of it'
}

# --- the client keeps the connection alive ---

yes='Answer|1|Yes|'
fake_server 'Answer|2|Yes|2|' $yes $yes $yes $yes $yes $yes $yes $yes $yes $yes $yes $yes
start_menu --server "$FAKE"
sign_in ann
write 'written for long'
has_heard_noop() { grep -qx 'Noop|0|' "$T/fake.log"; }
ok 'the client says Noop while a letter is written' wait_for 120 has_heard_noop
ok '... which leaves alone what is typed' test "$(last_line)" = 'and half a line'
keep 1 'written for long'
end_menu

# --- a server that does not wait as long ---

start_server --idle 15s # the client says Noop every 20
register ann bob
start_menu --server "127.0.0.1:$PORT"
sign_in ann
write 'longer than the server waits'
ok 'a lost connection is told while the letter is written' \
    wait_for 120 shows 'The connection is lost. It will be made again to send the letter.'
ok '... above what is typed' test "$(last_line)" = 'and half a line'
keep 2 'longer than the server waits'
end_menu
POCHTA_PASSWORD=$PASSWORD && export POCHTA_PASSWORD
is "$(code "$B/pochta" --server "127.0.0.1:$PORT" --user ann drafts send 2)" 0 '... it can be sent later'
is "$(as bob 'Show list|0|' | tr '|' '\n' | grep -c '\^longer than the server waits\^')" 1 '... and arrives once'
done_testing
