# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared with common.sh
# SPDX-License-Identifier: ISC
# connections: durable sends of Pochta, its peers and the bare loop by the number of clients, each to a
# mailbox of its own. How long the answers take: sends.

CONNECTED=${CONNECTED:-1 4 16 64 256}
CONNECTED_SECONDS=${CONNECTED_SECONDS:-1}
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

send_connected() { # CANDIDATE
    settle
    if [ "$1" = limit ]; then
        rate=$("$B/bench/limit" "$T/mnt/$DATA/limit-$connections-$round" "$connections" "$connections" \
            "$CONNECTED_SECONDS" "$BYTES") || fail 'the bare loop'
    else
        generate "$1" send "user=$(connected_users)" "connections=$connections" "mailboxes=$connections" \
            "seconds=$CONNECTED_SECONDS" "bytes=$BYTES"
    fi
    note_connected "$1"
}

connected_round() {
    for connections in $CONNECTED; do
        # shellcheck disable=SC2086 # several words
        in_turns send_connected $connected limit
    done
}

measure_connections() {
    DATA=connections
    connected=$(those_there pochta classic dovecot postfix redis | tr '\n' ' ')
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
}
