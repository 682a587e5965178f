# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared with common.sh
# SPDX-License-Identifier: ISC
# watch: what watching clients cost those that send, and when they hear of mail.

WATCHERS=1000 # of other accounts
DELAYS=500    # letters a round

make_watched() { # in $at
    for what in free full; do
        "$B/bench/fill" "$at" "$what$round-" 8 0 0 n >/dev/null || fail 'cannot make the senders'
    done
}

# Two servers with as many clients each, of which only the second's watch.
hold_clients() { # idle | watch: in $T/mnt/$1; sets server, port
    "$B/bench/fill" "$T/mnt/$1" other- "$WATCHERS" 0 0 n >/dev/null || fail 'cannot make the watchers'
    at=$T/mnt/$1
    each_round make_watched
    start_server "$T/mnt/$1" --clients-per-address 0 --connections-per-minute 0
    "$B/bench/watch" "127.0.0.1:$port" "$1" "$WATCHERS" other- <"$T/hold" >"$T/held$1" 3>&- &
    until [ -s "$T/held$1" ]; do
        kill -0 $! || fail 'the watchers'
        sleep 0.05
    done
}

load_watched() { # NAME PORT PREFIX: eight clients send to one mailbox as fast as they can
    settle
    load=$("$B/bench/load" "127.0.0.1:$2" "$3$round-" 8 1 "$SECONDS_EACH" 1024) ||
        fail 'the clients'
    note "$1" "${load%% *}"
    eval "$1=\${load%% *}"
}

load_one() { # idle_rate | watched_rate
    case $1 in
    idle_rate) load_watched "$1" "$idle_port" free ;;
    watched_rate) load_watched "$1" "$port" free ;;
    esac
}

watch_round() {
    in_turns load_one idle_rate watched_rate
    "$B/bench/watch" "127.0.0.1:$port" full 1 "full$round-" <"$T/hold" >"$T/full$round" 3>&- &
    until [ -s "$T/full$round" ]; do sleep 0.05; done
    load_watched full_rate "$port" full
    note watch_ratio "$(calculate "$watched_rate / $idle_rate")"
    note full_ratio "$(calculate "$full_rate / $watched_rate")"
    delay=$("$B/bench/watch" "127.0.0.1:$port" delay "$DELAYS" other-0 "free$round-0") ||
        fail 'the delay'
    note delay_us "${delay% *}"
    note delay_most_us "${delay#* }"
}

measure_watch() {
    [ -p "$T/hold" ] || mkfifo "$T/hold"
    exec 3<>"$T/hold" # until it is closed the clients stay
    hold_clients idle
    idle_server=$server idle_port=$port
    hold_clients watch
    quiet
    each_round watch_round
    exec 3>&-
    stop_server
    server=$idle_server
    stop_server
}

print_watch() {
    heading "Watchers, $ROUNDS rounds: 8 clients send 1 KiB to one mailbox"
    row watch_ratio 2 'least 0.95' "Sends, $WATCHERS other clients watch, against that none does"
    row full_ratio 2 'least 0.95' 'Sends, one who watches it reads nothing, against none'
    row idle_rate 0 - '  sends a second without a watcher'
    row delay_us 0 - 'From Yes until Mail is there, us: median'
    row delay_most_us 0 'most 100000' "From Yes until Mail is there, the longest of $DELAYS, us"
}
