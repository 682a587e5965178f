#!/bin/sh
# SPDX-License-Identifier: ISC
# A disk that does not answer: the server ends when it is told to, though a session waits for a sync.
. "$(dirname "$0")/../it/lib.sh"
ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0 # which a traced process cannot look for
export ASAN_OPTIONS

start_server
register ann
is "$(as ann 'Send mes|2|ann|kept|' | cut -d '|' -f 3)" Yes 'a message is sent'
if ! trace -e trace=fsync,fdatasync -e inject=fsync,fdatasync:delay_enter=120000000; then
    skip 'no process may be traced here' 'a disk that does not answer'
    done_testing
fi
open_conn 3
send 3 "$(frame 'Login|2|ann|secret|')"
is "$(heard 3 1)" 'Answer|1|Yes|' 'a client is logged in'
send 3 "$(frame 'Send mes|2|ann|under way|')"
is_under_way() { [ -n "$(find "$T/store/users/ann" -name 'new-*')" ]; }
ok '... and its message waits for the disk' wait_for 20 is_under_way
began=$(date +%s)
kill_child TERM "$SERVER_PID"
has_given_up() { grep -q 'not stopped within 15 s: a thread still waits' "$T/log"; }
ok 'the server ends when it is told to, and the log says why' wait_for 40 has_given_up
took=$(($(date +%s) - began))
ok "... after $took s" test "$took" -ge 14
kill_child KILL "$STRACE" # which keeps the thread for as long as its disk does not answer
wait "$SERVER_PID"
is $? 75 '... with its exit code'
SERVER_PID=''
close_conn 3

start_server
is "$(as ann 'Peek mes|1|1|' | cut -d ^ -f 6)" kept 'a new server has what was sent before'
done_testing
