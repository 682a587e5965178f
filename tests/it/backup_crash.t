#!/bin/sh
# SPDX-License-Identifier: ISC
# A short run of the campaign in which tools that back up and restore are killed, as is the server.
. "$(dirname "$0")/lib.sh"

"$here/../crash/backup" "$B" --seconds 6 >"$T/out" 2>&1
code=$?
if [ $code = 77 ]; then
    skip 'there is no strace' 'all that was answered Yes comes back from each backup'
else
    result $code 'all that was answered Yes comes back from each backup' || diag "$(tail -n 5 "$T/out")"
    note "$(tail -n 1 "$T/out" | sed 's/^# //')"
fi
done_testing
