# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared with common.sh
# SPDX-License-Identifier: ISC
# idle: what clients that are logged in and idle take of memory, and of the throughput of others.

IDLE=${IDLE:-1000 2500 5000 10000} # so many clients, one after the other; each has an account of its own
IDLE_ROUNDS=${IDLE_ROUNDS:-3}      # of memory
BUSY=16
enough=''

# shellcheck source=tests/bench/accounts.sh
. "$here/accounts.sh"

most_idle() { echo "${IDLE##* }"; }

# An idle client needs one descriptor, but the server plans with some three for each that it lets in.
allow_descriptors() {
    want=$(($(most_idle) * 4))
    if [ "$(ulimit -H -n)" != unlimited ] && [ "$(ulimit -H -n)" -lt "$want" ]; then
        (ulimit -n "$want") 2>/dev/null && ulimit -n "$want" || enough=$B/more_descriptors.so
    fi
    ulimit -n "$(ulimit -H -n)"
}

make_clients() {
    make_accounts "$T/mnt/alone" reader "$BUSY" 1 1024
    for round in $(seq 0 $((ROUNDS - 1))); do
        make_accounts "$T/mnt/alone" "sender$round-" "$BUSY" 0 0
    done
    cp -a "$T/mnt/alone" "$T/mnt/idle" || fail 'cannot copy the store'
    before=0
    for count in $IDLE; do
        make_accounts "$T/mnt/idle" "upto$count-" $((count - before)) 0 0
        before=$count
    done
}

start_roomy() { # STORE
    LD_PRELOAD=$enough start_server "$T/mnt/$1" --clients $((2 * $(most_idle))) --clients-per-address 0 \
        --connections-per-minute 0 3>&- # which would keep the clients
    quiet
}

hold_idle() { # COUNT PREFIX
    "$B/bench/watch" "127.0.0.1:$port" idle "$1" "$2" <"$T/hold" >"$T/held$2" 3>&- &
    has_started $!
    holders="$holders $!"
    until [ -s "$T/held$2" ]; do
        kill -0 $! || fail 'the idle clients'
        sleep 0.05
    done
    rm "$T/held$2"
}

# When it has been the same for 2 s: sessions give memory back some time after they became idle.
memory_at_rest() {
    at_rest=0 memory=0
    until [ "$at_rest" = 20 ]; do
        at_rest=$((at_rest + 1)) memory_before=$memory
        sleep 0.1
        memory=$(memory_kb VmRSS)
        [ "$memory" = "$memory_before" ] || at_rest=0
    done
}

note_memory() { # CLIENTS
    memory_at_rest
    work=memory
    note "memory_$1" "$(calculate "$memory / 1024")" MiB "$1" pochta
    work=idle
}

hold_all() { # sets server, port
    holders=''
    exec 3<>"$T/hold" # until it is closed the clients stay
    start_roomy idle
    note_memory 0
    without=$memory before=0
    for count in $IDLE; do
        hold_idle $((count - before)) "upto$count-"
        note_memory "$count"
        before=$count
    done
    note idle_kib "$(calculate "($memory - $without) / $count")" KiB "$count"
}

let_go() {
    exec 3>&-
    for holder in $holders; do
        wait "$holder" || fail 'the idle clients'
        has_ended "$holder"
    done
    stop_server
}

idle_round() {
    hold_all
    [ $((round + 1)) = "$IDLE_ROUNDS" ] || let_go
}

use_busy() { # alone | among: sends, then reads, of one of the two servers
    port_pochta=$port
    [ "$1" = among ] || port_pochta=$alone_port
    settle
    generate pochta send "user=sender$round-" "connections=$BUSY" "mailboxes=$BUSY" "seconds=$SECONDS_EACH"
    note "send_$1" "$rate" /s
    eval "send_$1=\$rate"
    generate pochta show user=reader "connections=$BUSY" "seconds=$SECONDS_EACH"
    note "read_$1" "$rate" /s
    eval "read_$1=\$rate"
}

busy_round() {
    in_turns use_busy alone among
    note send_kept "$(calculate "$send_among / $send_alone")"
    note read_kept "$(calculate "$read_among / $read_alone")"
}

measure_idle() {
    allow_descriptors
    [ -p "$T/hold" ] || mkfifo "$T/hold"
    make_clients
    start_roomy alone
    alone_server=$server alone_port=$port
    each_round idle_round "$IDLE_ROUNDS"
    each_round busy_round
    let_go
    server=$alone_server
    stop_server
}

print_idle() {
    heading "$(most_idle) clients logged in and idle, $BUSY busy ones, $ROUNDS rounds"
    row idle_kib 1 'most 15' 'Resident memory of an idle client, KiB'
    for count in 0 $IDLE; do
        row "memory_$count" 1 - "  of the server with $count, MiB"
    done
    row send_kept 2 'least 0.90' 'Durable sends among the idle, against without them'
    row send_alone 0 - '  a second, without'
    row send_among 0 - '  a second, among them'
    row read_kept 2 'least 0.90' 'Show exact, 1 KiB, among the idle, against without them'
    row read_alone 0 - '  a second, without'
    row read_among 0 - '  a second, among them'
}
