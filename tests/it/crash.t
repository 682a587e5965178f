#!/bin/sh
# SPDX-License-Identifier: ISC
# A short run of the campaigns: the server is killed, and the power of its file system cut, while clients
# use it. The long ones are make crash, powercut and replay.
. "$(dirname "$0")/lib.sh"
crash=$here/../crash

run() { # NAME COMMAND...
    name=$1
    shift
    "$@" >"$T/out" 2>&1
    code=$?
    if [ $code = 77 ]; then
        skip "$(sed 's/^# //' "$T/out")" "$name"
    else
        result $code "$name" || diag "$(cat "$T/out")"
        sed 's/^\(# \)*/# /' "$T/out"
    fi
}

# What a power cut leaves is the same whoever asked, and takes long.
if ! over tcp; then
    run 'what was answered Yes is there, once, after each kill' "$crash/kill" "$B" --udp --seconds 3
    done_testing
fi
run 'what was answered Yes is there, once, after each kill' "$crash/kill" "$B" --seconds 5
for type in ext4 xfs; do
    run "... and after each power cut on $type" "$crash/powercut" "$B" $type --seconds 3
    run "... and in states that a power cut may leave of $type" "$crash/replay" "$B" $type --states 50
done
done_testing
