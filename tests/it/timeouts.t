#!/bin/sh
# SPDX-License-Identifier: ISC
# Deadlines: half a frame, a drip, an answer that nobody reads, silence.
. "$(dirname "$0")/lib.sh"
threads() { find "/proc/$SERVER_PID/task" -mindepth 1 -maxdepth 1 | wc -l; }
has_threads() { [ "$(threads)" -eq "$1" ]; }
start_server --frame-timeout 1 --write-timeout 1
alone=$(threads)
register ann
drip() { # N: goes on with its frame byte by byte, until it is closed
    begun=$(date +%s)
    until connected 0 || [ $(($(date +%s) - begun)) -ge 30 ]; do
        send "$1" x
        sleep 0.1
    done
}
wait_for 10 connected 0

open_conn 3
send 3 "$(half_frame)"
like "$(heard 3 1)" 'Exit|1|*|' 'half a frame, then silence: Exit'
ok '... and closed' wait_for 10 connected 0
close_conn 3

open_conn 3 tcp # over UDP a length comes in one piece
send 3 '00000'
like "$(heard 3 1)" 'Exit|1|*|' 'half a length, then silence: Exit'
ok '... and closed' wait_for 10 connected 0
close_conn 3

open_conn 3
send 3 "$(half_frame)"
wait_for 10 connected 1
drip 3
ok 'half a frame, then a byte at a time: closed' wait_for 10 connected 0
like "$(heard 3 1)" 'Exit|1|*|' '... with Exit'
close_conn 3

# Five million bytes, twenty times: more than the network holds for one who reads nothing.
send_large ann ann 5000000 1 >/dev/null
wait_for 20 has_threads "$alone"
connections() { "$B/pochtactl" --store "$T/store" stats | sed -n 's/^connections[[:space:]]//p'; }
before=$(connections)
has_come() { [ "$(connections)" -gt "$before" ]; }
mkfifo "$T/unread"
exec 5<>"$T/unread"
{
    frame 'Login|2|ann|secret|'
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do frame 'Show exact|1|1|'; done
} >"$T/requests"
stay_in_version_2 <"$T/requests" >"$T/unread" &
children="$children $!"
ok 'a client that does not read its answer' wait_for 20 has_come
is "$(talk 'Noop|0|')" 'Answer|1|Yes|' '... holds nobody up'
ok '... and is dropped' wait_for 20 has_threads "$alone"
is "$(as ann 'Status|0|')" 'Answer|6|Yes|1|1|5000000|1073741824|0|' '... messages it did not get are still unread'
exec 5>&-
ok 'that server shuts down cleanly' stop_server

# Dropping a frame for which there is no memory does not take longer than taking it would.
start_server --memory 64K --frame-timeout 1s --message-max 1M
open_conn 3
{
    frame 'Login|2|ann|secret|'
    perl -e 'print "0001000000Send mes|2|ann|", "x" x 80000'
} >&3
like "$(heard 3 1)" 'Answer|1|Yes|' 'a frame that exceeds the memory'
drip 3
ok '... then a byte at a time: closed' wait_for 10 connected 0
like "$(heard 3 2)" 'Exit|1|*|' '... with Exit'
close_conn 3
ok 'that server shuts down cleanly, too' stop_server

# One says Noop far more often than it has to, in a process that does nothing else.
start_server --idle 8
open_conn 4
perl -e '
    $| = 1;
    until (-e $ARGV[0]) { print "0000000007Noop|0|"; select undef, undef, undef, 0.1 }' \
    "$T/enough" >&4 &
lively=$!
children="$children $lively"
open_conn 3
like "$(heard 3 1)" 'Exit|1|*|' 'silence: Exit'
ok '... and closed' wait_for 10 connected 1
: >"$T/enough"
wait "$lively"
send 4 "$(frame 'Exit|0|')"
ok '... while a client that says Noop stays' wait_for 10 connected 0
is "$(all_heard 4 | sort -u)" 'Answer|1|Yes|' '... and has received nothing else'
close_conn 3
close_conn 4
done_testing
