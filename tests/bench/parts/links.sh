# shellcheck shell=sh disable=SC2154 # common.sh sets what is in lower case
# SPDX-License-Identifier: ISC
# links: UDP, version 2, against TCP of the kernel across long links, in network namespaces of their own
# (tests/bench/link.c). Nothing else uses a link while a figure is taken; links with different losses are
# measured at the same time, since each takes next to nothing of the machine.

LINK_KBITS=${LINK_KBITS:-10000}
LINK_TCP=${LINK_TCP:-cubic} # the congestion control of TCP: the default of most kernels
LINK_DELAYS=${LINK_DELAYS:-15 300} # each way, ms
LINK_LOSSES=${LINK_LOSSES:-0 1 5 10 30} # of the packets, in each direction, %
LINK_SECONDS=${LINK_SECONDS:-20} # at most, for a message of LINK_BYTES
LINK_BYTES=${LINK_BYTES:-8388608}
LINK_BIG=${LINK_BIG:-33554432} # the message of the target
LINK_BIG_ROUNDS=${LINK_BIG_ROUNDS:-1}
LINK_CLIENTS=20 LINK_TIMES=10 # 1 KiB, for the 99th percentile, ...
LINK_TIMES_SECONDS=${LINK_TIMES_SECONDS:-40} # ... in this time at most

# The queue holds what the link carries in a round trip, as routers' queues were long advised to; 64 KiB
# at least.
queue_bytes() { # DELAY
    calculate "int($LINK_KBITS / 8 * 2 * $1 > 65536 ? $LINK_KBITS / 8 * 2 * $1 : 65536)"
}

# SPACE: a kernel may let only its first namespace have another default than its own; a route may have it.
set_tcp() {
    nsenter --net="$1" sh -c 'echo "$1" >/proc/sys/net/ipv4/tcp_congestion_control' - "$LINK_TCP" 2>/dev/null ||
        nsenter --net="$1" ip route replace 10.77.0.0/24 dev link congctl "$LINK_TCP" ||
        fail "TCP cannot be told to use $LINK_TCP here; LINK_TCP=NAME chooses another"
}

fill_link() { # LOSS PREFIX BYTES
    LD_PRELOAD=$B/cheap_hashes.so "$B/bench/fill" "$T/mnt/link-$1" "$2" 1 1 "$3" n >/dev/null ||
        fail 'cannot make the mailboxes'
}

# DELAY LOSS BYTES: starts a link and a server at one end of it, with a message of BYTES for `long0` and one
# of 1 KiB for `short0`. $T/link-LOSS/is has the link's pid, the server's, the client's namespace, and the
# ports for TCP and UDP.
open_link() {
    dir=$T/link-$2
    mkdir -p "$dir"
    rm -f "$dir/spaces" "$dir/port"
    rm -rf "$T/mnt/link-$2"
    fill_link "$2" long "$3"
    fill_link "$2" short 1024
    "$B/bench/link" "$LINK_KBITS" "$1" "$2" "$(queue_bytes "$1")" $((round + 1)) >"$dir/spaces" 2>>"$T/log" &
    link=$!
    has_started "$link"
    until [ -s "$dir/spaces" ]; do
        kill -0 "$link" 2>/dev/null || skip "no network namespaces or tun devices here: $(tail -n 1 "$T/log")"
        sleep 0.01
    done
    read -r server_space client_space <"$dir/spaces"
    set_tcp "$server_space"
    set_tcp "$client_space"
    LD_PRELOAD=$B/cheap_hashes.so nsenter --net="$server_space" "$B/pochtad" --store "$T/mnt/link-$2" \
        --listen 10.77.0.1:0 --udp 10.77.0.1:0 --udp-versions 2 --port-file "$dir/port" \
        --recipients-per-minute 0 --message-max 64M --minimum-rate 1 --write-timeout 10m \
        --frame-timeout 10m >>"$T/log" 2>&1 &
    server=$!
    has_started "$server"
    until grep -q '^udp' "$dir/port" 2>/dev/null; do
        kill -0 "$server" 2>/dev/null || fail 'the server does not start'
        sleep 0.01
    done
    echo "$link $server $client_space $(sed -n 's/^tcp .* //p' "$dir/port") $(sed -n 's/^udp .* //p' "$dir/port")" \
        >"$dir/is"
}

close_link() { # LOSS
    read -r link server _ <"$T/link-$1/is"
    end "$server" KILL || :
    end "$link" KILL || :
    rm -rf "$T/mnt/link-$1"
}

# TRANSPORT LOSSES USER WHAT...: runs across.c on the links with these losses at once. Then
# $T/link-LOSS/TRANSPORT-WHAT has what it printed, and how many bytes the server's end has sent.
across() {
    transport=$1 losses=$2 user=$3 waiting=''
    shift 3
    for loss in $losses; do
        read -r _ server space tcp udp <"$T/link-$loss/is"
        [ "$transport" = tcp ] && at=$tcp || at=$udp
        sent_bytes "$server" >"$T/link-$loss/before"
        nsenter --net="$space" "$B/bench/across" "$transport" "10.77.0.1:$at" "$user" "$@" \
            >"$T/link-$loss/got" &
        has_started $!
        waiting="$waiting $!"
    done
    for pid in $waiting; do
        wait "$pid" || fail 'a client across the link'
        has_ended "$pid"
    done
    for loss in $losses; do
        read -r _ server _ <"$T/link-$loss/is"
        echo "$(cat "$T/link-$loss/got") $(($(sent_bytes "$server") - $(cat "$T/link-$loss/before")))" \
            >"$T/link-$loss/$transport-$1"
    done
}

sent_bytes() { awk '$1 == "link:" { print $10 }' "/proc/$1/net/dev"; }

note_loss_of() { # DELAY LOSS
    for transport in tcp udp; do
        read -r bytes seconds sent <"$T/link-$2/$transport-show"
        note "link-$1-$2-$transport-rate" "$(calculate "$bytes * 8 / 1000000 / $seconds")" Mbit/s "$2" \
            "$transport-$1"
        note "link-$1-$2-$transport-cost" "$(calculate "($bytes > 0 ? $sent / $bytes : 0)")" bytes/byte "$2" \
            "$transport-$1"
        read -r median p99 answers _ <"$T/link-$2/$transport-times"
        note "link-$1-$2-$transport-median" "$median" ms "$2" "$transport-$1"
        note "link-$1-$2-$transport-p99" "$p99" 'p99 ms' "$2" "$transport-$1"
        note "link-$1-$2-$transport-answers" "$answers" answers "$2" "$transport-$1"
    done
}

measure_delay() { # DELAY
    for loss in $LINK_LOSSES; do open_link "$1" "$loss" "$LINK_BYTES"; done
    for transport in tcp udp; do
        across "$transport" "$LINK_LOSSES" long0 show "$LINK_SECONDS"
        across "$transport" "$LINK_LOSSES" short0 times "$LINK_CLIENTS" "$LINK_TIMES" "$LINK_TIMES_SECONDS"
    done
    for loss in $LINK_LOSSES; do
        note_loss_of "$1" "$loss"
        close_link "$loss"
    done
}

# TRANSPORT WHAT...: what part of the link one message of LINK_BIG used, or as much of it as came in time.
note_big() {
    big=$1
    shift
    across "$big" 0 long0 "$@"
    read -r bytes seconds _ <"$T/link-0/$big-$1"
    note "link-big-$big-$1" "$(calculate "$bytes * 8 / 1000 / $seconds / $LINK_KBITS")" 'of the link' - "$big-$1"
}

measure_big() {
    open_link 300 0 "$LINK_BIG"
    note_big udp show 60
    note_big udp send "$LINK_BIG" 60
    note_big tcp show 60
    close_link 0
}

measure_links() {
    each_round measure_big "$LINK_BIG_ROUNDS"
    round=0
    for delay in $LINK_DELAYS; do measure_delay "$delay"; done
}

print_link() { # DELAY LOSS
    for transport in udp tcp; do
        for what in rate cost median p99 answers; do
            cat "$T/notes/link-$1-$2-$transport-$what"
        done | tr '\n' ' ' | awk -v link="$transport $1 $2" '{
            split(link, l)
            printf "%-8s %4s %4s %10.2f %10.2f %10.0f %10.0f %8d\n", l[1], l[2], l[3], $1, $2, $3, $4, $5
        }'
    done
}

print_links() {
    heading "A message of $((LINK_BIG >> 20)) MiB, $LINK_KBITS kbit/s, 300 ms each way, $LINK_BIG_ROUNDS rounds: part of the link"
    row link-big-udp-show 2 'least 0.80' 'UDP, version 2: Show exact'
    row link-big-udp-send 2 - '  Send'
    row link-big-tcp-show 2 - "  TCP of the kernel, $LINK_TCP: Show exact"
    printf '\n%-8s %4s %4s %10s %10s %10s %10s %8s\n' '' ms % Mbit/s bytes/byte 'median ms' 'p99 ms' answers
    for delay in $LINK_DELAYS; do
        for loss in $LINK_LOSSES; do print_link "$delay" "$loss"; done
    done
    echo "Show exact of $((LINK_BYTES >> 20)) MiB, $LINK_SECONDS s at most: Mbit/s of the message, bytes sent for each of it."
    echo "Show exact of 1 KiB by $LINK_CLIENTS clients at once, $LINK_TIMES times each, $LINK_TIMES_SECONDS s at most: an"
    echo "answer that does not come by then counts with all of that time."
}
