# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared with common.sh
# SPDX-License-Identifier: ISC
# connections: durable sends of Pochta, its peers and the bare loop by the number of clients, each to a
# mailbox of its own; and how long the answers took with 64 of them.

CONNECTED=${CONNECTED:-1 4 16 64 256}
CONNECTED_SECONDS=${CONNECTED_SECONDS:-1}
MIDDLE=64
BYTES=1024

# shellcheck source=tests/bench/accounts.sh
. "$here/accounts.sh"

connected_users() { echo "by$connections-$round-"; } # new ones each time: mailboxes begin empty

fill_connected() {
    for connections in $CONNECTED; do
        for name in pochta classic; do
            case " $connected " in *" $name "*)
                make_accounts "$T/mnt/$DATA/$name" "$(connected_users)" "$connections" 0 0 ;;
            esac
        done
    done
}

note_connected() { note "connected-$connections-$1" "$rate" /s "$connections" "$1"; } # CANDIDATE

note_latency() { # CANDIDATE: that of the load that was generated last
    work=latency
    note "latency-$1-p50" "$(calculate "$p50 / 1000")" ms 50 "$1"
    note "latency-$1-p99" "$(calculate "$p99 / 1000")" ms 99 "$1"
    note "latency-$1-p999" "$(calculate "$p999 / 1000")" ms 99.9 "$1"
    work=connections
}

send_connected() { # CANDIDATE
    settle
    if [ "$1" = limit ]; then
        rate=$("$B/bench/limit" "$T/mnt/$DATA/limit-$connections-$round" "$connections" "$connections" \
            "$CONNECTED_SECONDS" "$BYTES") || fail 'the bare loop'
    else
        generate "$1" send "user=$(connected_users)" "connections=$connections" "mailboxes=$connections" \
            "seconds=$CONNECTED_SECONDS" "bytes=$BYTES"
        [ "$connections" != "$MIDDLE" ] || note_latency "$1"
    fi
    note_connected "$1"
}

connected_round() {
    for connections in $CONNECTED; do
        # shellcheck disable=SC2086
        in_turns send_connected $connected limit
    done
}

measure_connections() {
    DATA=connections
    connected=$(those_there pochta classic dovecot postfix redis | tr '\n' ' ')
    renew_file_system
    mkdir "$T/mnt/$DATA"
    each_round fill_connected
    for candidate in $connected; do start "$candidate"; done
    each_round connected_round
    end_candidates
}

print_connections() {
    heading "Sends a second by clients, $ROUNDS rounds of $CONNECTED_SECONDS s"
    for candidate in $connected limit; do
        for connections in $CONNECTED; do
            row "connected-$connections-$candidate" 0 - "  $candidate, clients: $connections"
        done
    done
    heading "How long the answers took with $MIDDLE clients, ms"
    for candidate in $connected; do
        target "latency-$candidate-p50" 2 - "  $candidate: median"
        target "latency-$candidate-p99" 2 - "  $candidate: 99th percentile"
        target "latency-$candidate-p999" 2 - "  $candidate: 99.9th percentile"
    done
}
