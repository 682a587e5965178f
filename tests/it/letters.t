#!/bin/sh
# SPDX-License-Identifier: ISC
# pochtactl mailbox: an administrator lists, reads, deletes and restores single letters of a user.
. "$(dirname "$0")/lib.sh"
tab=$(printf '\t')

ctl() { "$B/pochtactl" --store "$T/store" "$@"; }
rows() { ctl mailbox "$@" 2>&1 | sed 's/[0-9-]*T[0-9:]*Z/DATE/'; } # NAME ACTION [ID]
mime='MIME-Version: 1.0
Subject: =?UTF-8?B?w4RwZmVs?=
Content-Type: text/plain

Fruit.'

start_server
for name in ann bob; do echo secret | ctl user add $name; done

is "$(code ctl mailbox ann list) $(cat "$T/out")" '0 ' 'an empty mailbox has no rows'
as bob 'Send mes|2|ann|one|' 'Send mes|2|ann|to be deleted|' >/dev/null
send_bob() { # BODY
    frame 'Start|1|2|' 'Login|2|bob|secret|' "Send mes|2|ann|$1|" | exchange >/dev/null
}
send_bob "$(printf 'tab\there \033[1m bell\007\nsecond line')"
send_bob "$mime"
as ann 'Show exact|1|1|' 'Delete mes|1|2|' >/dev/null

check_letters() {
    is "$(rows ann list)" "1${tab}read${tab}DATE${tab}bob${tab}3${tab}one
2${tab}deleted${tab}DATE${tab}bob${tab}13${tab}to be deleted
3${tab}unread${tab}DATE${tab}bob${tab}31${tab}tab\\x09here \\x1b[1m bell\\x07
4${tab}unread${tab}DATE${tab}bob${tab}${#mime}${tab}Äpfel" "$how: list"
    is "$(rows ann show 3)" "id: 3
state: unread
date: DATE
from: bob
bytes: 31
subject: tab\\x09here \\x1b[1m bell\\x07

$(printf 'tab\there \033[1m bell\007\nsecond line')" "$how: show"
    is "$(ctl mailbox ann show 4 | sed '1,/^$/d' | od -c)" "$(printf %s "$mime" | od -c)" "$how: ... the text byte for byte"
    is "$(rows ann show 3 --json)" '[
{"id": 3, "state": "unread", "date": "DATE", "from": "bob", "bytes": 31, "subject": "tab\\x09here \\x1b[1m bell\\x07", "text": "tab\u0009here \u001b[1m bell\u0007\u000asecond line"}
]' "$how: ... as JSON"
    is "$(rows ann list --json | sed -n 2p)" \
        '{"id": 1, "state": "read", "date": "DATE", "from": "bob", "bytes": 3, "subject": "one"},' "$how: list as JSON"
    is "$(rows ann show 2 | sed -n '2p;$p')" 'state: deleted
to be deleted' "$how: a deleted letter can be read"
    is "$(rows ann list | cut -f 2 | tr '\n' ' ')" 'read deleted unread unread ' "$how: ... which marks nothing as read"
    is "$(code ctl mailbox ann restore 2; cat "$T/out")" 0 "$how: restore"
    is "$(rows ann list | sed -n 2p | cut -f 2)" read "$how: ... as one that was read"
    is "$(code ctl mailbox ann restore 2) $(cat "$T/err")" '67 pochtactl: ann: there is no message 2' "$how: ... not twice"
    is "$(code ctl mailbox ann delete 2)" 0 "$how: delete"
    is "$(code ctl mailbox ann delete 2) $(cat "$T/err")" '67 pochtactl: ann: there is no message 2' "$how: ... not twice"
    is "$(rows ann list | sed -n 2p | cut -f 2)" deleted "$how: ... it is in the trash"
    is "$(code ctl mailbox ann show 99) $(cat "$T/err")" '67 pochtactl: ann: there is no message 99' "$how: no such message"
    is "$(code ctl mailbox carl list) $(cat "$T/err")" '67 pochtactl: carl: no such user' "$how: no such user"
    is "$(code ctl mailbox 'A!' list)" 65 "$how: not a name"
    is "$(code ctl mailbox ann frob 1) $(cat "$T/err")" \
        '64 pochtactl: "frob" is not one of list, show, restore, delete' "$how: no such action"
    is "$(code ctl mailbox ann show) $(cat "$T/err")" \
        '64 pochtactl: show needs the id of a message, a number' "$how: show without an id"
    is "$(code ctl mailbox ann list 1) $(cat "$T/err")" '64 pochtactl: list takes no id' "$how: list with an id"
}

how=server
check_letters
is "$(as ann 'Show deleted|0|')" "Answer|2|Yes|2^bob^DATE^13^1^to be deleted^|" "the user's trash has it"
like "$(grep 'verb=mailbox' "$T/log" | grep 'action=show id=3')" \
    '*event=admin verb=mailbox on=ann action=show id=3 code=0 level=notice*' 'the log says that a letter was read'
like "$(grep 'verb=mailbox' "$T/log" | grep 'action=list' | head -n 1)" \
    '*verb=mailbox on=ann action=list code=0 level=notice*' '... or that the letters were listed'

# A letter longer than a part of the answer, with characters that are cut between two parts
long=$(printf 'ä%.0s' $(seq 1 40001))
send_bob "x$long"
is "$(ctl mailbox ann show 5 | sed '1,/^$/d')" "x$long" 'a long letter is the same'
is "$(ctl mailbox ann show 5 --json | sed -n 's/.*"text": "\(.*\)"}$/\1/p')" "x$long" '... as JSON'
printf '\377\303' >"$T/bytes"
send_bob "$(cat "$T/bytes")"
is "$(ctl mailbox ann show 6 --json | sed -n 's/.*"text": "\(.*\)"}$/\1/p')" '\ufffd\ufffd' '... what is not UTF-8 is U+FFFD there'
is "$(ctl mailbox ann show 6 | tail -c 2 | od -c)" "$(od -c "$T/bytes")" '... and unchanged without --json'
as ann 'Delete mes|1|5|' 'Delete mes|1|6|' >/dev/null

# More letters than are looked up at a time
i=0
while [ $i -lt 200 ]; do
    i=$((i + 1))
    echo "Send mes|2|bob|letter $i|"
done >"$T/many"
{ frame 'Login|2|bob|secret|'; while read -r line; do frame "$line"; done <"$T/many"; } | exchange >/dev/null
is "$(ctl mailbox bob list | cut -f 1,6)" "$(awk 'BEGIN { for (i = 1; i <= 200; i++) print i "\tletter " i }')" 'a long list'

# A damaged letter, and one that cannot be read
file=$(find "$T/store/users/bob" -name '0000000009-*')
printf x | dd of="$file" bs=1 seek=20 conv=notrunc 2>/dev/null
file=$(find "$T/store/users/bob" -name '0000000011-*')
rm "$file"
mkfifo "$file"
is "$(ctl mailbox bob list | sed -n '9p;11p' | cut -f 1,2,6)" "9${tab}broken$tab
11${tab}unreadable$tab" 'letters that are found damaged, or cannot be read'
rm "$file"
file=$(find "$T/store/users/bob" -name '0000000007-*')
printf x | dd of="$file" bs=1 seek="$(($(stat -c %s "$file") - 1))" conv=notrunc 2>/dev/null
is "$(code ctl mailbox bob show 7) $(cat "$T/err")" \
    '74 pochtactl: bob: the message is damaged and has been set aside' 'a damaged letter'
is "$(ctl mailbox bob list | sed -n 7p | cut -f 2,6)" "broken$tab" '... is broken in the list'
is "$(code ctl mailbox bob show 7)" 74 '... and is not shown'
is "$(code ctl mailbox bob delete 7)" 67 '... nor deleted'
frame 'Start|1|2|' 'Login|2|ann|secret|' "Send mes|2|bob|x$long|" | exchange >/dev/null
file=$(find "$T/store/users/bob" -name '0000000201-*')
printf y | dd of="$file" bs=1 seek="$(($(stat -c %s "$file") - 1))" conv=notrunc 2>/dev/null
is "$(code ctl mailbox bob show 201) $(cat "$T/err")" \
    '74 pochtactl: bob: the message is damaged and has been set aside' 'a long letter that is damaged at its end'
like "$(wc -c <"$T/out")" '[1-9]*' '... of which the beginning was printed'

# On a terminal
like "$(script -qec "'$B/pochtactl' --store '$T/store' mailbox ann show 3" /dev/null </dev/null | tr -d '\r')" '*
subject: tab\\x09here \\x1b\[1m bell\\x07

tab	here \\x1b\[1m bell\\x07
second line*' 'a terminal gets nothing that it could obey'
stop_server
how='without a server'
for id in 5 6; do rm "$T/store/users/ann/000000000$id"*; done
check_letters
done_testing
