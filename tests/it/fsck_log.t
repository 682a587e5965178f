#!/bin/sh
# SPDX-License-Identifier: ISC
# pochtactl fsck and doctor look at the delivery log: each message in it must be in its mailbox, and no
# recovery may have left it unfinished.
. "$(dirname "$0")/lib.sh"
tab=$(printf '\t')
S=$T/store
ann=$S/users/ann

fsck() { "$B/pochtactl" --store "$S" fsck "$@" 2>"$T/err"; }
doctor() { # TEXT: findings with it
    printf '%s\n' "store = $S" 'listen = 127.0.0.1:0' >"$T/conf"
    "$B/pochtactl" doctor --config "$T/conf" 2>&1 | grep -F "$1"
}
kill_server() {
    kill_child KILL "$SERVER_PID"
    wait "$SERVER_PID" 2>/dev/null
    SERVER_PID=''
}
clean='2 mailboxes, 4 messages, 0 findings
exit 0'
unused='without the delivery log'

start_server --trash-days 0
if [ -z "$(find "$S/log" -name 'segment-*')" ]; then
    skip 'the directory of the test is on a file system without a delivery log' 'fsck and the log'
    done_testing
fi
is "$(doctor "$unused")" '' 'doctor: a server that uses its delivery log is well'
register ann bob carol
as2 ann 'Send mes|3|bob|one|0123456789abcdef|' >/dev/null
as ann 'Send mes|2|ann|one|' 'Send mes|2|ann|two|' 'Send mes|2|ann|three|' 'Send mes|2|ann|four|' \
    'Delete mes|1|4|' 'Send mes|2|carol|lost with its account|' >/dev/null
as carol 'Delete user|0|' >/dev/null
is "$(fsck; echo "exit $?")" "$clean" 'the log and the mailboxes agree; a purged message and a deleted account are not missed'

two=$(find "$ann" -name '0000000002-*')
mv "$two" "$T/two"
is "$(fsck; echo "exit $?")" "ann/${two##*/}: the delivery log has this message, but the mailbox lacks it
2 mailboxes, 3 messages, 1 findings
exit 1" 'a file that is gone is found, because the log has its message'
is "$(fsck bob | tail -n 1)" '1 mailboxes, 1 messages, 0 findings' "... it is not bob's"
is "$(fsck ann | tail -n 1)" '1 mailboxes, 2 messages, 1 findings' "... but ann's"
mv "$T/two" "$two"
is "$(fsck; echo "exit $?")" "$clean" '... and no finding once it is back'

rm "$two"
stop_server
is "$(fsck; echo "exit $?")" "$clean" 'a server that stops has written the message again'

start_server
as ann 'Send mes|2|bob|shall be damaged|' >/dev/null
damaged=$(find "$S/users/bob" -name '0000000002-*')
perl -e 'open F, "+<", $ARGV[0]; seek F, -3, 2; print F "\0\0\0"' "$damaged"
is "$(as bob 'Show exact|1|2|' | grep -c Yes) $(find "$S/users/bob" -name '0000000002-b,*' | wc -l)" '0 1' \
    'a damaged message is set aside, although it is still in the log'
stop_server
like "$(tail -n 1 "$T/log")" '*the disk may have lost messages: written again from the delivery log: 1*' \
    'a server that stops writes it again'
is "$(tail -n 1 "$damaged")" 'shall be damaged' '... whole'
is "$(find "$S/users/bob" -name '0000000002-b,*')" '' '... and in place of the broken file'
rm "$damaged"

start_server
as ann 'Send mes|2|ann|five|' >/dev/null
five=$(find "$ann" -name '0000000005-*')
rm "$five"
clean=$(echo "$clean" | sed 's/4 messages/5 messages/')
kill_server
is "$(fsck; echo "exit $?")" "$clean" 'after a crash the tool recovers the log first: the message is there again'
like "$(cat "$T/err")" '*the delivery log was not closed: of its * messages * were written again*' '... it says so'
is "$(find "$S/log" -type f)" '' '... and the log is empty'

start_server
as ann 'Send mes|2|bob|elsewhere|' >/dev/null
kill_server
file=$(grep -rlF elsewhere "$S/users/bob")
rm "$file" && mkdir -m 0700 "$file"
start_server
like "$(as bob 'Show list|0|')" '*^elsewhere^*' 'a directory in place of a message: it is recovered under another id'
stop_server
rmdir "$file"

# A recovery that cannot finish: an account that cannot be looked at.
start_server
as ann 'Send mes|2|bob|two|' 'Send mes|2|ann|six|' >/dev/null
kill_server
mv "$S/users/bob/account" "$T/account" && mkdir -m 0700 "$S/users/bob/account"
start_server
old=$(find "$S/log" -name 'old-*' -printf '%f\n' | head -n 1)
like "$old" 'old-segment-*' 'a recovery that cannot finish leaves the segments'
like "$(fsck)" "*log/old-segment-*: messages may be in the delivery log alone, because its recovery could not finish; *
*" 'fsck says what is left'
is "$(fsck | grep -c '^log/')" 1 '... in one finding'
like "$(doctor 'delivery log')" \
    "warning$tab$S${tab}parts of the delivery log that could not be recovered, *: [1-9]*, such as log/old-segment-*" 'so does doctor, and nothing else of the log'
rmdir "$S/users/bob/account" && mv "$T/account" "$S/users/bob/account"
stop_server
start_server
is "$(fsck; echo "exit $?")" '2 mailboxes, 8 messages, 0 findings
exit 0' 'once the cause is removed and the server was started again: no finding'
is "$(doctor 'delivery log')" '' '... of doctor neither'
like "$(as bob 'Show list|0|')" '*^two^*' '... and the message is there'
stop_server

start_server --log-size 0
is "$(doctor "$unused" | cut -f 1-3)" \
    "warning$tab$S${tab}mail is received without the delivery log, which is slower: the server does not use it" \
    'doctor: a server that does not use the log, although its configuration says so'
stop_server
is "$(doctor "$unused")" '' '... without a server, nothing is known of that'
elsewhere='mount -t tmpfs tmpfs "$1/log" && "$2/pochtactl" doctor --config "$3"'
if unshare -m mount -t tmpfs tmpfs "$S/log" 2>/dev/null; then
    is "$(unshare -m sh -c "$elsewhere" - "$S" "$B" "$T/conf" | grep -F "$unused" | cut -f 3)" \
        'mail is received without the delivery log, which is slower: log/ is on another file system' \
        'doctor: log/ on another file system'
else
    skip 'nothing can be mounted' 'doctor: log/ on another file system'
fi
done_testing
