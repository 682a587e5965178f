#!/bin/sh
# SPDX-License-Identifier: ISC
# A letter to a name that does not exist, or exists no more, is not lost.
# shellcheck source=tests/it/lib.sh
. "$(dirname "$0")/../it/lib.sh"
here=$here/../it
PASSWORD=secret
# shellcheck source=tests/it/terminal.sh
. "$here/terminal.sh"
POCHTA_PASSWORD=$PASSWORD && export POCHTA_PASSWORD
client() { # NAME COMMAND...
    who=$1
    shift
    "$B/pochta" --server "127.0.0.1:$PORT" --user "$who" "$@"
}
letters() { client bob list | cut -f 6 | tr '\n' ' '; }

start_server
register ann bob carl
start_menu --server "127.0.0.1:$PORT"
sign_in ann
option 1
at 'You are about to send a message. Enter the <username>:'
enter bobb
at 'Enter the <username>, or an empty line to go back:'
see 'There is no user bobb.' 'the menu: says so before the letter is written'
enter '../bob'
see 'This is not a name: ' '... and so it does of what is no name'
enter ''
at 'Enter your option:'
end_menu

echo 'an hour of work' | client ann send bobb 2>"$T/err"
is "$?" 67 'send: there is no such user'
like "$(cat "$T/err")" 'pochta: *no such user*1*' '... which it says'
is "$(client ann drafts show --raw 1)" 'an hour of work' '... the letter is a draft'
is "$(code client ann drafts send 1)" 67 '... which still cannot be sent'
is "$(client ann drafts show --raw 1)" 'an hour of work' '... and stays one'
client bobb register
is "$(code client ann drafts send 1)" 0 '... until there is such a user'
is "$(client bobb read --raw 1)$(client ann drafts)" 'an hour of work' '... who then has it'

echo 'for two' | client ann send bob dave >"$T/out" 2>/dev/null
is "$?" 67 'send to two: there is only one of them'
is "$(letters)" 'for two ' '... who has the letter'
is "$(client ann drafts | cut -f 5)" 'dave' '... and a draft waits for the other'
client dave register
is "$(code client ann drafts send 1)" 0 '... who gets it later'
is "$(letters)$(client dave read --raw 1)" 'for two for two' '... and the first one not again'
echo 'in a file' >"$T/letter"
is "$(client ann send nobody <"$T/letter" 2>/dev/null; echo $?)$(client ann drafts)" 67 'a letter in a file stays where it is'
is "$(cat "$T/letter")" 'in a file' '... unchanged'
done_testing
