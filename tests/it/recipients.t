#!/bin/sh
# SPDX-License-Identifier: ISC
# recipients.t: a letter to several users, some of whom cannot get it: each of the others gets it once, and
# the draft is for those who have not got it.
# shellcheck source=tests/it/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/it/fake_server.sh
. "$here/fake_server.sh"

unset POCHTA_SERVER POCHTA_USER POCHTA_PROXY_COMMAND
POCHTA_PASSWORD=secret
export POCHTA_PASSWORD
start_server
register ann bob carol

client() { # NAME COMMAND...
    who=$1
    shift
    "$B/pochta" --server "127.0.0.1:$PORT" --user "$who" "$@"
}
ann() { client ann "$@"; }
drafts() { "$B/pochta" drafts | cut -f 1,2,5; }
mail() { client "$1" list | wc -l; } # NAME: how many messages

# --- one of two is refused ---

printf 'to both' | ann send nobody bob >"$T/out" 2>"$T/err"
is "$?" 67 'send: one of two does not exist: exit code 67'
is "$(cat "$T/out")" 'bob: sent' '... a line says who has the letter'
is "$(cat "$T/err")" 'pochta: nobody: no such user
pochta: the letter is kept as draft 1: send it with: pochta drafts send 1' '... another, who has not, and why'
is "$(client bob read --raw 1) $(mail bob)" 'to both 1' '... the other one has it, once'
is "$(drafts)" '1	ready	nobody' '... the draft is for the one who has not'
is "$(code ann drafts send 1) $(mail bob)" '67 1' 'drafts send: is refused again; who has it gets it no second time'
is "$(drafts)" '1	ready	nobody' '... and the draft stays'
register nobody
is "$(code ann drafts send 1) $(mail bob) $(client nobody read --raw 1)" '0 1 to both' 'drafts send: when there is such a user, the letter goes to him alone'
is "$(drafts)" '' '... and the draft goes away'

"$B/pochtactl" --store "$T/store" user quota carol - 1 >/dev/null
as ann 'Send mes|2|carol|first|' >/dev/null
printf 'to three' | ann send bob carol nobody bob >"$T/out" 2>"$T/err"
is "$? $(tr '\n' ' ' <"$T/out")" '75 bob: sent nobody: sent ' 'send: the mailbox of one of three is full; a name given twice counts once'
is "$(mail bob) $(mail nobody) $(drafts)" '2 2 1	ready	carol' '... the others have the letter, once'
"$B/pochtactl" --store "$T/store" user quota carol - - >/dev/null
is "$(code ann drafts send 1) $(mail bob) $(mail nobody) $(mail carol)" '0 2 2 2' '... sent again, it goes to that one alone'

printf 'in a file' >"$T/file"
ann send bob noone <"$T/file" >"$T/out" 2>"$T/err"
is "$? $(cat "$T/out" "$T/err")" '67 bob: sent
pochta: noone: no such user' 'send: from a file, which is still there, no draft is made'
is "$(drafts) $(code ann send bob not:a:name <"$T/file") $(mail bob)" ' 65 3' 'send: if one is no name, nobody gets the letter'

# --- the connection is lost between the two ---

fake_server 'Answer|2|Yes|2|' 'Answer|1|Yes|' 'Answer|2|Yes|1^ann^2017-12-03T12:51:33Z^7^2^^|' raw:
printf 'to both' | POCHTA_UDP='' "$B/pochta" --server "$FAKE" --user ann send bob carol >"$T/out" 2>"$T/err"
is "$? $(cat "$T/out")" '75 bob: sent' 'send: no answer comes for the second'
is "$(drafts)" '1	unsure	carol' '... the draft is for this one, who may have it'
is "$(code ann drafts send 1) $(mail bob) $(client carol read --raw 3)" '0 3 to both' 'drafts send: finds out, and sends it'

done_testing
