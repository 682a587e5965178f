#!/bin/sh
# SPDX-License-Identifier: ISC
# A name that is deleted and registered again belongs to somebody else: a session of the old account, in the midst
# of an answer and with more to ask, never sees the new one's mail.
. "$(dirname "$0")/lib.sh"
start_server
register ann bob
send_large ann ann 9000000 3 >/dev/null

mkfifo "$T/late"
exec 5<>"$T/late"
frame 'Login|2|ann|secret|' 'Show all|0|' 'Show all|0|' 'Show list|0|' 'Status|0|' \
    'Send mes|2|bob|from the old ann|' >"$T/requests"
stay_connected <"$T/requests" >"$T/late" 5>&- &
children="$children $!"
old=$!
head -c 1000 <&5 >"$T/start" # the first answer has begun, and the rest of the requests is there

is "$(as ann 'Delete user|0|')" 'Answer|1|Yes|' 'ann is deleted elsewhere'
register ann
is "$(as bob 'Send mes|2|ann|for the new ann|')" 'Answer|2|Yes|1^bob^DATE^15^2^^|' \
    'the new owner of the name has mail'
exec 6<"$T/late" 5>&- # for reading alone, so that it can end
cat <&6 >"$T/rest"
exec 6<&-
wait "$old"
cat "$T/start" "$T/rest" >"$T/heard"
is "$(grep -c 'for the new ann' "$T/heard")" 0 'the old session does not see that mail'
is "$(as bob 'Show all|0|')" 'Answer|1|Yes|' '... and cannot write as the new user'
is "$(as ann 'Show all|0|')" 'Answer|2|Yes|1^bob^DATE^15^2^for the new ann^|' 'the new ann still has it'
done_testing
