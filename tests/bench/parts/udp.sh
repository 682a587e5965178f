# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared with common.sh
# SPDX-License-Identifier: ISC
# udp: one client over UDP against one over TCP, and where datagrams are lost.

carry() { # NAME USER TIMES [BYTES]: notes what is carried in a second by each
    "$B/bench/carry" "127.0.0.1:$port" "127.0.0.1:$udp_port" "$2" "$3" "$ROUNDS" ${4:+"$4"} \
        >"$T/carried" || fail "carry $1"
    while read -r by_tcp by_udp; do
        note "$1_tcp" "$by_tcp"
        note "$1_udp" "$by_udp"
        note "$1_ratio" "$(calculate "$by_udp / $by_tcp")"
    done <"$T/carried"
}

measure_udp() {
    "$B/bench/fill" "$T/mnt/udp" short 1 1 1024 n >/dev/null && "$B/bench/fill" "$T/mnt/udp" long 1 1 10485760 n \
        >/dev/null || fail 'cannot make the mailboxes'
    start_server "$T/mnt/udp" --udp 127.0.0.1:0
    udp_port=$(sed -n 's/^udp .* //p' "$T/port")
    quiet
    carry short short0 5000
    carry long long0 5
    carry sent short0 3 10485760
    stop_server
    measure_loss
}

lossy() { # PERCENT: sets lossy_port and lossy_pid
    rm -f "$T/lossy"
    "$B/udp/lossy" "$T/lossy" "127.0.0.1:$udp_port" loss="$1" &
    lossy_pid=$!
    has_started "$lossy_pid"
    until [ -s "$T/lossy" ]; do sleep 0.02; done
    lossy_port=$(cat "$T/lossy")
}

measure_loss() {
    "$B/bench/fill" "$T/mnt/loss" mib 1 1 1048576 n >/dev/null || fail 'cannot make the mailbox'
    start_server "$T/mnt/loss" --udp 127.0.0.1:0
    udp_port=$(sed -n 's/^udp .* //p' "$T/port")
    lossy 0
    whole_port=$lossy_port whole_pid=$lossy_pid
    lossy 5
    "$B/bench/carry" "udp:127.0.0.1:$whole_port" "127.0.0.1:$lossy_port" mib0 20 "$ROUNDS" >"$T/carried" ||
        fail 'carry where datagrams are lost'
    while read -r whole lossy; do
        note whole_rate "$whole"
        note lossy_rate "$lossy"
        note lossy_times "$(calculate "$whole / $lossy")"
    done <"$T/carried"
    "$B/bench/carry" "udp:127.0.0.1:$whole_port" "127.0.0.1:$lossy_port" mib0 10 "$ROUNDS" 1048576 >"$T/carried" ||
        fail 'send where datagrams are lost'
    while read -r whole lossy; do
        note lossy_sent_times "$(calculate "$whole / $lossy")"
    done <"$T/carried"
    for relay in "$whole_pid" "$lossy_pid"; do end "$relay"; done
    stop_server
}

print_udp() {
    heading "One client over UDP, version 2, against TCP, $ROUNDS rounds"
    row short_ratio 2 'least 0.60' 'Show exact, 1 KiB'
    row short_tcp 0 - '  a second over TCP'
    row short_udp 0 - '  a second over UDP'
    row long_ratio 2 'least 0.30' 'Show exact, 10 MiB'
    row long_tcp 1 - '  a second over TCP'
    row long_udp 1 - '  a second over UDP'
    row sent_ratio 2 'least 0.30' 'Send, 10 MiB, durable'
    row lossy_times 2 'most 4.00' 'Show exact, 1 MiB, 5 % of the datagrams lost: times as long as with none lost'
    row lossy_sent_times 2 'most 4.00' 'Send, 1 MiB, durable, likewise'
    row whole_rate 1 - '  a second with none lost'
    row lossy_rate 1 - '  a second'
}
