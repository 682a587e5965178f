#!/bin/sh
# SPDX-License-Identifier: ISC
# An address to listen on may come later than the server, as with DHCP when a machine starts: the
# server waits for it. The test has a network of its own.
if [ -z "${OWN_NETWORK-}" ]; then
    OWN_NETWORK=1 && export OWN_NETWORK
    unshare -n true 2>/dev/null && command -v ip >/dev/null && exec unshare -n "$0"
    OWN_NETWORK=no
fi
. "$(dirname "$0")/../it/lib.sh"
if [ "$OWN_NETWORK" = no ]; then
    skip 'no network may be made here' 'an address that comes later'
    done_testing
fi
ip link set lo up
waits() { grep -q "event=listen result=error reason=\"cannot listen on $1 .*text=\"trying again" "$T/log"; } # NAME
begin() { # ADDRESS: starts a server that has to wait for it
    : >"$T/log"
    "$B/pochtad" --listen "$1:0" --store "$T/store" --port-file "$port_file" >>"$T/log" 2>&1 &
    SERVER_PID=$!
    ok "$1 is not there: the server waits" wait_for 20 waits "$1"
}

begin 192.0.2.1
ip addr add 192.0.2.1/32 dev lo
ok '... and listens once it is there' wait_for 20 server_is_up
is "$(printf 'Noop\n' | nc -N -w 30 192.0.2.1 "$(port_of tcp)")" 'Answer|1|Yes|' '... and answers'
is "$(grep -c 'trying again' "$T/log")" 1 '... having said once that it waits'
ok '... and ends in order' stop_server
begin mail.invalid
ok '... but not for ever: it ends when it is told to' stop_server
like "$(tail -n 1 "$T/log")" '*event=stop signal=SIGTERM*' '... and says so'
begin mail.invalid
kill_child INT "$SERVER_PID"
wait "$SERVER_PID"
is "$? $(grep -c 'event=stop signal=SIGINT' "$T/log")" '0 1' '... in either way'
SERVER_PID=''
done_testing
