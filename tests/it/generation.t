#!/bin/sh
# SPDX-License-Identifier: ISC
# A name that is deleted and registered anew is a stranger's: a session of the old account, in the midst
# of an answer and with more to ask, never sees the new one's mail.
. "$(dirname "$0")/lib.sh"
start_server
register ann bob
send_large ann ann 9000000 3 >/dev/null

mkfifo "$T/late"
exec 5<>"$T/late"
frame 'Login|2|ann|secret|' 'Show all|0|' 'Show all|0|' 'Show list|0|' 'Status|0|' \
    'Send mes|2|bob|from the old ann|' >"$T/requests"
stay_connected <"$T/requests" >"$T/late" &
children="$children $!"
old=$!
head -c 1000 <&5 >"$T/start" # the first answer has begun, and the rest of the requests is there

is "$(as ann 'Delete user|0|')" 'Answer|1|Yes|' 'ann is deleted elsewhere'
register ann
is "$(as bob 'Send mes|2|ann|for the new ann|')" 'Answer|2|Yes|1^bob^DATE^15^2^^|' \
    'and is another now, who has mail'
cat <&5 >"$T/rest" 5>&- &
children="$children $!"
exec 5>&-
wait "$old"
cat "$T/start" "$T/rest" >"$T/heard"
is "$(grep -c 'for the new ann' "$T/heard")" 0 'the old session has not seen it'
is "$(grep -c 'Exit|1|the account was deleted|' "$T/heard")" 1 '... and was sent away'
is "$(as bob 'Show all|0|')" 'Answer|1|Yes|' '... before it could write as the new one'
is "$(as ann 'Show all|0|')" 'Answer|2|Yes|1^bob^DATE^15^2^for the new ann^|' 'the new ann has it'
done_testing
