#!/bin/sh
# SPDX-License-Identifier: ISC
# Standard streams that are closed, or take nothing: no program writes into the file or connection
# that stands in their place, and a failed write never passes for a success.
. "$(dirname "$0")/lib.sh"

# The server opens /dev/null in their place: fd 2 would be the store, or its lock file.
without_streams() { exec "$@" <&- >&- 2>&-; }
launch without_streams "$B/pochtad" --listen 127.0.0.1:0 --store "$T/store"
is "$(readlink "/proc/$SERVER_PID/fd/0" "/proc/$SERVER_PID/fd/1" "/proc/$SERVER_PID/fd/2" |
    tr '\n' ' ')" '/dev/null /dev/null /dev/null ' 'a server without standard streams gets /dev/null'
register ann
as ann 'Send mes|2|ann|hello|' >/dev/null
is "$(as ann 'Show list|0|')" 'Answer|2|Yes|1^ann^DATE^5^2^hello^|' '... and serves'

POCHTA_SERVER=127.0.0.1:$PORT POCHTA_USER=ann POCHTA_PASSWORD=secret
export POCHTA_SERVER POCHTA_USER POCHTA_PASSWORD
ctl() { "$B/pochtactl" --store "$T/store" "$@"; }

for verb in list show status; do
    over udp1 && [ "$verb" != show ] && continue # version 1 has no others
    "$B/pochta" "$verb" >&- 2>"$T/err"
    is "$? $(cat "$T/err")" '74 pochta: standard input, output or error is closed' \
        "pochta $verb without a standard output"
    "$B/pochta" "$verb" >/dev/full 2>"$T/err"
    is "$?" 74 '... and with one that is full'
done
"$B/pochta" list <&- >/dev/null 2>&1
is "$?" 74 'pochta without a standard input'
"$B/pochta" list >"$T/out" 2>&-
is "$? $(wc -c <"$T/out")" '74 0' 'pochta without a standard error'

lock=$(head -c 64 "$T/store/lock" | cksum)
for verb in who stats 'user list' fsck; do
    # shellcheck disable=SC2086 # several words
    ctl $verb >&- 2>"$T/err"
    is "$? $(cat "$T/err")" '74 pochtactl: standard input, output or error is closed' \
        "pochtactl $verb without a standard output"
done
ctl user list >/dev/full 2>"$T/err"
is "$? $(cat "$T/err")" '74 pochtactl: cannot write standard output: No space left on device' \
    'pochtactl with one that is full'
is "$(head -c 64 "$T/store/lock" | cksum)" "$lock" 'nothing was written into the lock file'
done_testing
