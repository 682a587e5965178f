#!/bin/sh
# SPDX-License-Identifier: ISC
# The limits on clients, in all and per address; a server with few descriptors.
. "$(dirname "$0")/lib.sh"
yes='Answer|1|Yes|'

start_server --clients 2
register ann
wait_for 20 counts 0
open_conn 3
open_conn 4
send 3 "$(frame 'Login|2|ann|secret|')"
send 4 "$(frame 'Noop|0|')"
is "$(heard 3 1)$(heard 4 1)" "$yes$yes" 'as many clients as allowed'
is "$(talk)" 'Exit|1|too many clients (clients = 2)|' 'one more is rejected with the reason'
send 3 "$(frame 'Send mes|2|ann|x|')"
like "$(heard 3 2)" 'Answer|2|Yes|1^*' 'connected clients go on'
close_conn 4
ok 'one client disconnects' wait_for 20 connected 1
can_enter() { [ "$(talk 'Noop|0|')" = "$yes" ]; }
ok '... and another one may connect' wait_for 20 can_enter
close_conn 3
stop_server

# Of one address.
start_server --clients-per-address 2
open_conn 3
open_conn 4
send 3 "$(frame 'Noop|0|')"
send 4 "$(frame 'Noop|0|')"
is "$(heard 3 1)$(heard 4 1)" "$yes$yes" 'as many clients of one address as allowed'
too_many='Exit|1|too many connections from your address (clients-per-address = 2)|'
is "$(talk)" "$too_many" 'one more is rejected with the reason'
is "$(talk 'Noop|0|')" "$too_many" '... also when it has already sent a request'
echo secret >"$T/pw"
is "$("$B/pochta" --server "127.0.0.1:$PORT" --user ann --password-file "$T/pw" list 2>&1 |
    grep -o 'too many connections from your address')" \
    'too many connections from your address' 'pochta prints the reason'
send 3 "$(frame 'Noop|0|')"
is "$(heard 3 2)" "$yes" 'connected clients go on'
close_conn 4
ok 'one client disconnects' wait_for 20 connected 1
ok '... and another one may connect' wait_for 20 can_enter
close_conn 3
ok 'that server shuts down cleanly' stop_server

start_server --connections-per-minute 3
is "$(talk 'Noop|0|')$(talk 'Noop|0|')$(talk 'Noop|0|')" "$yes$yes$yes" 'three connections in a minute'
is "$(talk 'Noop|0|')" 'Exit|1|your address connects too often (connections-per-minute = 3)|' \
    'the fourth is rejected with the reason'
ok 'after a pause the address may connect again' wait_for 30 can_enter
"$B/pochtactl" --store "$T/store" stats >"$T/stats"
is "$(sed -n 's/^refused-connections-per-minute[[:space:]]//p' "$T/stats" | grep -c '[1-9]')" 1 \
    'rejected connections are counted'
is "$(grep -Ec '^refused-(clients|clients-per-address|draining|resources)[[:space:]]0$' "$T/stats")" 4 \
    '... under that limit only'
ok 'that server shuts down cleanly, too' stop_server

start_server --connections-per-minute 0 --clients-per-address 0
is "$(for _ in 1 2 3 4 5 6 7 8 9 10; do talk 'Noop|0|'; done | sort -u)" "$yes" '0: no limit'
ok 'the server without limits shuts down cleanly' stop_server

# Forty connections that say nothing, on a server with 64 descriptors.
ulimit -n 64
start_server --clients-per-address 0
open_conn 3
send 3 "$(frame 'Login|2|ann|secret|')"
is "$(heard 3 1)" "$yes" 'with 64 descriptors: a client'
n=0
while [ $n -lt 40 ]; do
    nc -d 127.0.0.1 "$PORT" >"$T/idle$n" 2>/dev/null 3>&- &
    idle="${idle-} $!"
    n=$((n + 1))
done
children="$children $idle"
are_full() { grep -l 'too many clients' "$T"/idle* >/dev/null 2>&1; }
ok 'too many clients: some are rejected' wait_for 20 are_full
send 3 "$(frame 'Send mes|2|ann|x|' 'Show all|0|' 'Register|2|bob|secret|' 'Login|2|bob|secret|')"
like "$(heard 3 2)" 'Answer|2|Yes|2^*' 'the connected client can send'
like "$(heard 3 3)" 'Answer|3|Yes|*' '... read'
is "$(heard 3 4)$(heard 3 5)" "$yes$yes" '... and use other accounts'
# shellcheck disable=SC2086 # several ids
kill_child TERM $idle
close_conn 3
ok 'the idle clients disconnect' wait_for 20 connected 0
ok '... and others may connect' wait_for 20 can_enter
ok 'the server with 64 descriptors shuts down cleanly' stop_server

# With 64 descriptors there is room for six clients.
start_server
for conn in 3 4 5; do
    open_conn $conn
    send $conn "$(frame 'Noop|0|')"
    is "$(heard $conn 1)" "$yes" 'with 64 descriptors and clients-per-address = 1000: a client'
done
is "$(talk 'Noop|0|')" 'Exit|1|too many connections from your address (clients-per-address = 3)|' \
    '... of one address half of those for whom there is room, and no more'
for conn in 3 4 5; do close_conn $conn; done
ok 'that server shuts down cleanly, too' stop_server

# With 46 descriptors there is room for one client beside what the server itself may need.
ulimit -n 46
start_server
open_conn 3
send 3 "$(frame 'Noop|0|')"
is "$(heard 3 1)" "$yes" 'with 46 descriptors: a client'
is "$(talk 'Noop|0|')" 'Exit|1|too many clients (clients = 1)|' '... and no more'
close_conn 3
done_testing
