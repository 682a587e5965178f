# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared with common.sh
# SPDX-License-Identifier: ISC
# lmtp: durable deliveries by LMTP, of Pochta and of Dovecot with each of its formats, to a mailbox of its own for
# each connection. What was answered is counted again in the mailboxes.

LMTP_CONNECTIONS=${LMTP_CONNECTIONS:-1 64}
BYTES=1024

# shellcheck source=tests/bench/accounts.sh
. "$here/accounts.sh"

lmtp_users() { echo "by$connections-$round-"; } # new ones each time: mailboxes begin empty

fill_lmtp() {
    use doors
    for connections in $LMTP_CONNECTIONS; do
        make_accounts "$T/mnt/$DATA/doors" "$(lmtp_users)" "$connections" 0 0
    done
}

deliver() { # NAME=VALUE
    generate "$runs" send "user=$(lmtp_users)" "connections=$connections" "mailboxes=$connections" \
        "bytes=$BYTES" "$1"
}

# Pochta's mailboxes have all messages at the latest when its log is empty: after a stop.
check_delivered() { # doors | FORMAT
    case $1 in
    doors)
        end_candidate doors
        there=$(find "$T/mnt/$DATA/doors/users/$(lmtp_users)"* -type f -name '0*' | wc -l)
        ;;
    *)
        there=$(count_dovecot "$connections" "$(lmtp_users)")
        end_candidate dovecot
        ;;
    esac
    [ "$there" = $((connections + answers)) ] ||
        fail "$1 answered $connections and $answers deliveries, but has $there messages"
}

# The first message makes the mailbox and what else is made once.
lmtp_one() { # doors | FORMAT
    use "$1"
    start "$runs"
    deliver times=1
    settle
    deliver "seconds=$SECONDS_EACH"
    check_delivered "$1"
    note_answers "lmtp-$connections" "$connections" "$1"
    eval "rate_$1=\$rate"
}

lmtp_round() {
    for connections in $LMTP_CONNECTIONS; do
        # shellcheck disable=SC2086 # several words
        in_turns lmtp_one doors $formats
        note_ratios "lmtp-$connections" "$connections"
    done
}

measure_lmtp() {
    formats=$(formats_there)
    each_round fill_lmtp
    each_round lmtp_round
    use_default
}

print_lmtp() {
    heading "Durable delivery of $BYTES bytes by LMTP, $ROUNDS rounds of $SECONDS_EACH s: ratios"
    for connections in $LMTP_CONNECTIONS; do
        for format in $formats; do
            row "lmtp-$connections-by_$format" 2 'least 8' "connections: $connections, against Dovecot, $format"
        done
    done
    for connections in $LMTP_CONNECTIONS; do
        echo
        heading "Delivery by LMTP (doors: Pochta; others: Dovecot), connections: $connections"
        for candidate in doors $formats; do
            row "lmtp-$connections-$candidate" 0 - "  $candidate, a second"
        done
        for candidate in doors $formats; do
            latency_rows "lmtp-$connections" 2 "$candidate"
        done
    done
}
