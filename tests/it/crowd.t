#!/bin/sh
# SPDX-License-Identifier: ISC
# Five thousand clients at once; and two thousand that connect quickly delay nobody.
. "$(dirname "$0")/lib.sh"
clients=5000
[ -n "$cheap_hashes" ] || clients=200 # under a sanitizer each takes a megabyte, and a whole hash
yes='Answer|1|Yes|'
memory_kb() { awk '$1 == "VmRSS:" { print $2 }' "/proc/$SERVER_PID/status"; }
crowd() { perl "$here/crowd.pl" "$PORT" "$@" 3>&- 4>&-; }
ctl() { timeout 20 "$B/pochtactl" --store "$T/store" "$@"; }
are_left() { ctl stats | grep -q "^sessions[[:space:]]$1\$"; } # COUNT

ulimit -n "$(ulimit -Hn)"
start_server --clients-per-address 0 --connections-per-minute 0
register ann bob
open_conn 3
send 3 "$(frame 'Login|2|bob|secret|')"
is "$(heard 3 1)" "$yes" 'a client connects first'

room=$(sed -n 's/.* clients=\([0-9]*\) .*/\1/p' "$T/log")
if [ "$room" -le "$clients" ]; then
    skip "$(ulimit -n) descriptors are enough for $room clients only" "$clients clients at once"
else
    before=$(memory_kb)
    LOGIN=ann crowd "$clients" "$T/go" >"$T/crowd" &
    children="$children $!"
    ok "$clients clients at once" wait_for 240 test -s "$T/crowd"
    is "$(cat "$T/crowd")" "$clients 0 0 0" '... each is answered'
    is "$(ctl who | grep -c '')" "$((clients + 1))" '... and who lists all'
    send 3 "$(frame 'Noop|0|')"
    is "$(heard 3 2)" "$yes" '... the first client goes on'
    note "memory of the server: $(((($(memory_kb) - before) * 10 / clients + 5) / 10)) KiB a client"
    : >"$T/crowd"
    touch "$T/go"
    ok '... all say something again' wait_for 240 test -s "$T/crowd"
    is "$(cat "$T/crowd")" "$clients 0 0 0" '... and each is answered'
    ok '... they leave' wait_for 60 are_left 1
fi

# Who connects as fast as can be keeps neither other clients nor the administrator out.
perl -MSocket -e '
    for (1 .. 2000) {
        socket(my $c, PF_INET, SOCK_STREAM, 0) or die "socket: $!";
        connect($c, pack_sockaddr_in($ARGV[0], INADDR_LOOPBACK)) or die "connect: $!";
    }
    open my $end, ">", $ARGV[1] or die' "$PORT" "$T/end" 3>&- &
children="$children $!"
rounds=0
while :; do
    [ "$(talk 'Noop|0|')" = "$yes" ] || note 'no answer'
    open_conn 4
    send 4 "$(frame 'Login|2|ann|secret|')"
    [ "$(heard 4 1)" = "$yes" ] || note 'no answer to Login'
    ctl who | grep -q ann || note 'who does not name ann'
    [ "$(ctl kick ann)" = 1 ] || note 'kick finds nobody'
    like "$(heard 4 2)" 'Exit|1|kicked*' 'while two thousand connect: one is served, seen, and kicked'
    close_conn 4
    rounds=$((rounds + 1))
    [ ! -e "$T/end" ] || break
done
note "$rounds rounds"
ok '... all are disconnected in the end' wait_for 60 are_left 1
close_conn 3
done_testing
