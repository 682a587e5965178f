#!/bin/sh
# SPDX-License-Identifier: ISC
# What lies in the store: passwords as hashes, modes, a file for each message; and damage.
. "$(dirname "$0")/lib.sh"
start_server
talk 'Register|2|ann|a-very-secret-word|' 'Register|2|bob|secret|' 'Login|2|ann|a-very-secret-word|' \
    'Send mes|2|bob|first letter|' 'Send mes|2|bob|second letter|' 'Send mes|2|bob|third letter|' \
    'Login|2|ann|another-secret-word|' 'Password|2|a-very-secret-word|a-new-secret-word|' \
    'Login|2|ann|a-new-secret-word|' >/dev/null
users=$T/store/users

is "$(grep -rlE '\$y\$[./A-Za-z0-9$]{40,}' "$users" | wc -l)" 2 'each account has a yescrypt hash'
is "$(grep -rlF -e secret-word "$T/store" "$T/log")" '' 'no password stands in the store or the log'
is "$(find "$T/store" -type f ! -perm 0600)" '' "only the server's user can read the files"
is "$(find "$T/store" -type d ! -perm 0700)" '' "only the server's user can read the directories"

file_of() { grep -rlF "$1" "$users/bob"; } # BODY
is "$(find "$users/bob" -type f -exec grep -l letter {} + | wc -l)" 3 'a file for each message'
first=$(file_of 'first letter')
like "$(basename "$first")" '*1*' "the id is in the file's name"
like "$(cat "$first")" '*ann*20[0-9][0-9]-[01][0-9]-*12*

first letter' 'sender, date and length are readable, the body stands behind an empty line'
as bob 'Show exact|1|1|' >/dev/null
is "$(test -e "$first" || echo renamed)" renamed "the state is in the file's name"
stop_server

# Damage: what is not true is never told; what is left is.
listed() { as bob 'Show list|0|' | tr '|' '\n' | sed -n 's/\^.*\^\(.*\)\^$/:\1/p' | tr '\n' ' '; }
truncate -s -1 "$(file_of 'second letter')"
start_server --log-size 0 # from the log a server would make damaged messages whole again
is "$(listed)" '1:first letter 3:third letter ' 'a truncated file is set aside'
is "$(grep -rlF 'second lette' "$T/store" | wc -l)" 1 '... not deleted'
ok '... and logged' grep -q bob "$T/log"

third=$(file_of 'third letter')
perl -pi -e 's/third letter/third ladder/' "$third"
is "$(as bob 'Show all|0|')" 'Answer|2|Yes|1^ann^DATE^12^0^first letter^|' \
    'a body that changed is left out of the answer'
is "$(grep -rlF 'third ladder' "$T/store" | wc -l)" 1 '... the damaged file is set aside, too'
send_large bob bob 50000 2 >/dev/null
perl -pi -e 's/xx$/xy/' "$users/bob/0000000005"*
is "$(talk 'Login|2|bob|secret|' 'Noop|0|' 'Show all|0|' 'Noop|0|' | cut -c -40 |
    sed '/^CUT SHORT: Answer|4|Yes|1^ann/d')" 'Answer|1|Yes|
Answer|1|Yes|' 'one in a long answer: the connection closes before the end of its frame'
is "$(as bob 'Show list|0|' | tr '|' '\n' | cut -d '^' -f 1,6 | cut -c -9 | tr '\n' ' ')" 'Answer 3 Yes 1^first l 4^xxxxxxx  ' \
    '... and the next one gets the rest'
as bob 'Delete mes|1|4|' >/dev/null
rm -f "$(file_of 'first letter')"
got=$(as bob 'Show exact|1|1|' 'Noop|0|')
got=$(as bob 'Show exact|1|1|' 'Noop|0|')
like "$got" 'Answer|2|Noop|*
Answer|1|Yes|' 'a missing file'

touch "$users/bob/0000000001" "$users/bob/note" "$users/stranger"
mkdir "$users/bob/0000000009" "$users/Upper"
stop_server
ok 'foreign files do not prevent the start' start_server
is "$(talk 'Login|2|bob|secret|' 'Show list|0|' | cut -c 1-12)" 'Answer|1|Yes
Answer|1|Yes' 'foreign files do not prevent answers from the mailbox'

# Somebody empties the lock file under way.
as bob 'Status|0|' >/dev/null
: >"$T/store/lock"
like "$(as bob 'Send mes|2|bob|later|' 'Status|0|')" 'Answer|2|Yes|*
Answer|6|Yes|*' 'an empty lock file: the server goes on'
ok '... and ends in order' stop_server
start_server
like "$(as bob 'Status|0|')" 'Answer|6|Yes|*' '... and starts again'
done_testing
