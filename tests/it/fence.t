#!/bin/sh
# SPDX-License-Identifier: ISC
# A server that has lost the lock of its store, because its host was cut off or paused while another server took over,
# or whose store does not answer, ends before it answers anything. See lose_locks.c.
. "$(dirname "$0")/lib.sh"

if [ -z "$cheap_hashes" ]; then
    skip 'nothing can be preloaded here' 'a server whose host is cut off'
    done_testing
fi
LOSE_LOCKS=$T/cut-off
export LOSE_LOCKS
cheap_hashes="$cheap_hashes $B/lose_locks.so"

take_over() { # the server becomes the zombie, and another one, whose host is not cut off, the server
    zombie=$SERVER_PID
    children="$children $zombie"
    mv "$T/log" "$T/zombie.log"
    unset LOSE_LOCKS
    start_server --standby yes
    export LOSE_LOCKS="$T/cut-off"
}
ends() { # CODE NAME: the zombie
    wait_for 20 gone "$zombie"
    wait "$zombie"
    is $? "$1" "$2"
}

start_server
register ann ben
open_conn 3
send 3 "$(frame 'Login|2|ann|secret|')"
is "$(heard 3 1)" 'Answer|1|Yes|' 'a client is logged in'

# A pause alone
kill_child STOP "$SERVER_PID"
send 3 "$(frame 'Send mes|2|ann|after a pause|')"
sleep 2 # longer than a look at the lock counts
kill_child CONT "$SERVER_PID"
like "$(heard 3 2)" 'Answer|2|Yes|1^ann^DATE^13^2^^|' 'a server that was paused and has its lock goes on'

# Cut off for less than store-timeout, and nobody has taken over
is "$(lines Health)" 'Answer|1|Yes|' 'Health: the server has its store'
: >"$LOSE_LOCKS"
is "$(lines Health)" 'Exit|1|the store does not answer|' 'Health: the host is cut off from its store'
send 3 "$(frame 'Send mes|2|ann|cut off|')" # no look is recent enough any more
lines Health >/dev/null # time for an answer
is "$(has_heard 3 3)" '' '... and other requests are not answered'
rm "$LOSE_LOCKS"
is "$(lines Health)" 'Answer|1|Yes|' 'Health: the host has its store again'
like "$(heard 3 3)" 'Answer|2|Yes|2^ann^DATE^7^2^^|' '... until the server has its lock again'

# Cut off, and another server has taken over
open_conn 4
send 4 "$(frame 'Login|2|ben|secret|')"
is "$(heard 4 1)" 'Answer|1|Yes|' 'another client is logged in'
: >"$LOSE_LOCKS"
lines Health >/dev/null # until no look is recent enough
take_over
is "$(as ann 'Send mes|2|ann|to the other|' | cut -d '|' -f 3)" Yes 'another server takes over'
kill_child STOP "$zombie"
send 3 "$(frame 'Send mes|2|ben|of the zombie|')"
rm "$LOSE_LOCKS"
kill_child CONT "$zombie"
like "$(heard 3 4)" 'Exit|1|*|' 'the first one, when its host is back, answers Exit to a request'
like "$(heard 4 2)" 'Exit|1|the server has lost its store*|' '... tells clients that wait'
ends 79 '... and ends with exit code 79'
like "$(grep event=fence "$T/zombie.log")" \
    '*reason="the lock of the store is lost: another server may have it" * level=error' '... after it has logged why'
is "$(as ben 'Show all|0|')" 'Answer|1|Yes|' '... and has stored nothing'
is "$(as ann 'Send mes|2|ben|kept|' | cut -d '|' -f 3)" Yes 'the other server serves'
close_conn 3
close_conn 4
ok '... and is stopped in order' stop_server

# Without anything to answer
start_server
: >"$LOSE_LOCKS"
take_over
rm "$LOSE_LOCKS"
ends 79 'an idle server that has lost its lock ends, too'
ok 'the other server is stopped in order' stop_server

# The control socket of a server that is cut off: the tool gets no answer
start_server
: >"$LOSE_LOCKS"
kill_child STOP "$SERVER_PID"
"$B/pochtactl" --store "$T/store" who >"$T/who" 2>&1 &
tool=$!
children="$children $tool"
sleep 2 # longer than a look at the lock counts
kill_child CONT "$SERVER_PID"
sleep 1 # time for an answer
ok 'the tool of a server whose host is cut off waits' kill -0 "$tool"
rm "$LOSE_LOCKS"
wait "$tool"
is "$? $(cat "$T/who")" '0 ' '... and is answered when the host is back'

# A store that does not answer
stop_server
relaunch "$B/pochtad" --listen 127.0.0.1:0 --store "$T/store" --store-timeout 1s
open_conn 5
send 5 "$(frame 'Login|2|ann|secret|')"
is "$(heard 5 1)" 'Answer|1|Yes|' 'a client is logged in'
: >"$LOSE_LOCKS"
like "$(heard 5 2)" 'Exit|1|the server has lost its store*|' 'store-timeout: clients are told'
zombie=$SERVER_PID SERVER_PID=''
ends 79 '... and the server ends with exit code 79'
like "$(grep event=fence "$T/log")" '*reason="the store has not answered within store-timeout" *' '... and logs why'
rm "$LOSE_LOCKS"
close_conn 5

# ... also while the server stops
relaunch "$B/pochtad" --listen 127.0.0.1:0 --store "$T/store" --store-timeout 1s
: >"$LOSE_LOCKS"
kill_child TERM "$SERVER_PID"
zombie=$SERVER_PID SERVER_PID=''
ends 79 'a server that loses its store while it stops ends with exit code 79, too'
rm "$LOSE_LOCKS"

# A process that was paused for longer has not waited for its store
relaunch "$B/pochtad" --listen 127.0.0.1:0 --store "$T/store" --store-timeout 1s
kill_child STOP "$SERVER_PID"
sleep 3
kill_child CONT "$SERVER_PID"
is "$(as ann 'Status|0|' | cut -d '|' -f 3)" Yes '... but a pause of the process does not count'
done_testing
