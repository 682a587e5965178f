# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared with common.sh
# SPDX-License-Identifier: ISC
# slow: clients at work among many that send and read a byte at a time.

DRIPPERS=2000
SLOW_ROUNDS=${SLOW_ROUNDS:-3}
SLOW_SECONDS=${SLOW_SECONDS:-20}

# Cut twice as soon as by default, so that many are cut, and come again, in each run.
measure_slow() {
    "$B/bench/fill" "$T/mnt/slow" good 16 0 0 n && "$B/bench/fill" "$T/mnt/slow" box 1 2000 10000 n \
        >/dev/null || fail 'cannot make the mailboxes'
    start_server "$T/mnt/slow" --frame-timeout 15 --write-timeout 15 --clients-per-address 0 \
        --connections-per-minute 0
    quiet
    "$B/bench/slowloris" "127.0.0.1:$port" good 16 box0 "$DRIPPERS" "$SLOW_SECONDS" "$SLOW_ROUNDS" \
        >"$T/slow" || fail 'the clients'
    while read -r alone among cut; do
        note alone "$alone"
        note among "$among"
        note cut "$cut"
        note compare_slow "$(calculate "$among / $alone")"
    done <"$T/slow"
    stop_server
}

print_slow() {
    heading "16 clients send and show among $DRIPPERS that drip, $SLOW_ROUNDS rounds of $SLOW_SECONDS s"
    row compare_slow 2 'least 0.80' 'Requests a second among slow clients, against without them'
    row alone 0 - '  requests a second, without'
    row among 0 - '  requests a second, among them'
    row cut 0 - '  drippers cut, who came again'
}
