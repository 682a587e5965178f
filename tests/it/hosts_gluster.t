#!/bin/sh
# SPDX-License-Identifier: ISC
# Two servers on two hosts, one of which stands by, have a store on GlusterFS. The host of the active one is cut off,
# all disks lose power, or the server is killed. See tests/hosts/gluster.sh. The clients can still reach a server
# whose host is cut off from the store: that is the worst case. At last, they reach both through HAProxy.
. "$(dirname "$0")/../hosts/gluster.sh"
gluster_alone "$0" "$@"
. "$(dirname "$0")/lib.sh"

# --- the clients: see tests/hosts/load.c ---

BALANCER='' # where the users send, instead of to the servers
EACH=0 # of the letters that each of 8 users has sent
both() { echo "127.0.0.1:$TCP_PORT,127.0.0.2:$TCP_PORT"; }
load() { # VERB SERVERS OPTION...
    verb=$1 servers=$2
    shift 2
    "$B/hosts/load" "$verb" --servers "$servers" --users 8 --patience 3000 --ledger "$T/ledger" "$@"
}
start_load() { # COUNT: that many letters of each user
    load send "${BALANCER:-$(both)}" --first "$EACH" --each $((EACH + $1)) >"$T/sent" 2>&1 &
    LOAD=$!
    children="$children $LOAD"
    EACH=$((EACH + $1))
}
said() { wc -l <"$T/ledger"; } # how many were answered Yes
has_said() { [ "$(said)" -ge "$1" ]; }
goes_on() { wait_for 60 has_said $(($(said) + 20)); }
end_load() {
    wait "$LOAD"
    result $? '... all letters are answered Yes, none by a server after another one had taken its place' || diag "$(cat "$T/sent")"
    note "$(cat "$T/sent")"
}
check() { # N: the server of that host shows what was answered Yes, and its store is in order
    load compare "$(both)" --each "$EACH" >"$T/out" 2>&1
    result $? '... all that was answered Yes is there, once' || diag "$(cat "$T/out")"
    note "$(cat "$T/out")"
    nsenter --mount --target "$(pid "$1")" "$B/pochtactl" --store "$T/host$1/store" fsck >"$T/out" 2>&1
    like "$? $(cat "$T/out")" '0 8 mailboxes, * 0 findings' '... and fsck finds nothing'
}

# --- the servers ---

HOST1='' HOST2='' # their processes

# Each host has its own semaphores: they are not on the file system that the hosts share.
start_host() { # N [OPTION...]: starts a server there; its log is $T/logN
    n=$1
    shift
    rm -f "$T/port$n"
    LD_PRELOAD=$cheap_hashes unshare --mount sh -c 'mount -t tmpfs none /dev/shm && exec "$@"' sh \
        "$B/pochtad" --store "$T/host$n/store" --listen "127.0.0.$n:${TCP_PORT:-0}" --port-file "$T/port$n" \
        --recipients-per-minute 0 --proxy-from 127.0.0.4 "$@" >>"$T/log$n" 2>&1 &
    eval "HOST$n=$!"
    children="$children $!"
}
stand_by() { # N
    start_host "$1" --standby yes --store-timeout 20s
    ok "host $1 stands by" wait_for 30 stands_by "$1"
}
pid() { eval "echo \$HOST$1"; }  # N
serves() { [ -s "$T/port$1" ]; } # N
stands_by() { tail -n 1 "$T/log$1" 2>/dev/null | grep -q 'event=standby .*text=waiting'; }
why() { sed -n 's/.*event=fence .*reason="\([^"]*\)".*/\1/p' "$T/log$1" | tail -n 1; } # N
is_fenced() { # N
    code='it runs'
    wait_for 30 gone "$(pid "$1")" || note 'calls on the mount hang'
    gluster_unmount "$1"
    ! wait_for 10 gone "$(pid "$1")" || { wait "$(pid "$1")"; code=$?; }
    is "$code" 79 '... the first one ends with exit code 79'
    like "$(why "$1")" 'the *store*' '... and says why'
    note "$(why "$1")"
    gluster_mount "$1" "$T/host$1"
}

# With contrib/haproxy.cfg, at 127.0.0.3. It connects to the servers from 127.0.0.4.
behind_haproxy() {
    sed "s|log /dev/log local0|log stderr format raw local0|; /^ *user /d; /^ *group /d
        s|bind :5555|bind 127.0.0.3:$TCP_PORT|; s|192\.0\.2\.1\([12]\):5555|127.0.0.\1:$TCP_PORT|
        s|default-server |&source 127.0.0.4 |" "$here/../../contrib/haproxy.cfg" >"$T/haproxy.cfg"
    haproxy -db -f "$T/haproxy.cfg" >"$T/haproxy.log" 2>&1 &
    children="$children $!"
    BALANCER=127.0.0.3:$TCP_PORT
}
is_balanced() { [ "$(echo Health | nc -N -w 60 127.0.0.3 "$TCP_PORT")" = 'Answer|1|Yes|' ]; }

gluster_begin
gluster_mount 1 "$T/host1"
gluster_mount 2 "$T/host2"
start_host 1 --store-timeout 20s
wait_for 30 serves 1 || { diag "the server does not start: $(cat "$T/log1")"; exit 1; }
TCP_PORT=$(awk '{ print $3 }' "$T/port1")
"$B/hosts/load" register --servers "127.0.0.1:$TCP_PORT" --users 8 || exit 1
: >"$T/ledger"

# --- the active server's host is cut off ---

stand_by 2
start_load 20
goes_on
gluster_cut 1
ok 'the host of the active server is cut off from the store: the other one takes over' wait_for 60 serves 2
end_load
gluster_heal 1
is_fenced 1 # at the latest now
check 2

# --- its host is cut off while it is paused, and it goes on when all is over ---

stand_by 1
start_load 40
goes_on
kill_child STOP "$HOST2"
gluster_cut 2
ok 'the active server is paused, and its host is cut off: the other one takes over' wait_for 60 serves 1
goes_on
gluster_heal 2
kill_child CONT "$HOST2"
is_fenced 2
end_load
check 1

# --- all disks lose power, right after the last Yes ---

start_load 5
wait "$LOAD"
gluster_power_off "$HOST1"
gluster_power_on
gluster_mount 1 "$T/host1"
gluster_mount 2 "$T/host2"
start_host 1
ok 'all bricks and hosts have lost power: a server starts again' wait_for 30 serves 1
check 1

# --- the active server is killed, and the clients find the other one through HAProxy ---

stand_by 2
if PATH=$PATH:/usr/sbin && command -v haproxy >/dev/null; then
    behind_haproxy
    ok 'HAProxy has found the active server' wait_for 30 is_balanced
else
    skip 'there is no haproxy' 'HAProxy has found the active server'
fi
before=$(said)
start_load 125
wait_for 60 has_said $((before + 300))
kill_child KILL "$HOST1"
wait "$HOST1" 2>/dev/null
ok 'the active server is killed: the other one takes over' wait_for 30 serves 2
end_load
is "$(said)" $((before + 1000)) '... and all 1,000 letters are answered Yes'
check 2

done_testing
