# shellcheck shell=sh disable=SC2154 # common.sh sets what is in lower case
# SPDX-License-Identifier: ISC
# sends: durable sends of many clients, against the bare loop of as many threads.

SENDERS=64

make_senders() {
    for mailboxes in $SENDERS 1; do
        "$B/bench/fill" "$T/mnt/sends" "m$mailboxes-$round-" "$SENDERS" 0 0 n ||
            fail 'cannot make the senders'
    done
}

run_limit() { # MAILBOXES
    settle
    limit=$("$B/bench/limit" "$T/mnt/limit$1-$round" "$SENDERS" "$1" "$SECONDS_EACH" 1024) ||
        fail 'the bare loop'
    note "limit$1" "$limit"
}

run_load() { # MAILBOXES
    settle
    load=$("$B/bench/load" "127.0.0.1:$port" "m$1-$round-" "$SENDERS" "$1" "$SECONDS_EACH" 1024) ||
        fail 'the clients'
    # shellcheck disable=SC2086
    set -- "$1" $load
    load=$2
    note "load$1" "$2"
    note "median_ms$1" "$(calculate "$3 / 1000")"
    note "p99_ms$1" "$(calculate "$4 / 1000")"
}

run_sender() { "run_$1" "$mailboxes"; } # limit | load

send_round() {
    for mailboxes in $SENDERS 1; do
        in_turns run_sender limit load
        note "send$mailboxes" "$(calculate "$load / $limit")"
    done
}

measure_sends() {
    each_round make_senders
    start_server "$T/mnt/sends"
    quiet
    each_round send_round
    stop_server
}

print_sends() {
    heading "Durable Send of 1 KiB from $SENDERS clients, $ROUNDS rounds of $SECONDS_EACH s"
    for mailboxes in $SENDERS 1; do
        row "send$mailboxes" 2 'least 0.80' "To mailboxes: $mailboxes, against as many directories"
        row "load$mailboxes" 0 - '  sends a second'
        row "limit$mailboxes" 0 - "  bare loop of $SENDERS threads, deliveries a second"
        row "median_ms$mailboxes" 1 - '  an answer took, ms: median'
        row "p99_ms$mailboxes" 1 - '  an answer took, ms: 99th percentile'
    done
}
