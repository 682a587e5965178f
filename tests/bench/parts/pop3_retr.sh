# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared with common.sh
# SPDX-License-Identifier: ISC
# pop3_retr: RETR of messages of 1 KiB, of Pochta and of Dovecot with each of its formats: 64 connections that are
# logged in, each to a mailbox of its own. All messages have been read before.

RETR_CONNECTIONS=64
RETR_BOX=100 # messages in a mailbox
BYTES=1024

# shellcheck source=tests/bench/accounts.sh
. "$here/accounts.sh"

retrieve() { # NAME=VALUE
    generate "$runs" show user=reader "connections=$RETR_CONNECTIONS" "count=$RETR_BOX" "bytes=$BYTES" "$1"
}

# The mailboxes, and what is made when messages are read for the first time.
fill_retr() { # doors | FORMAT
    use "$1"
    if [ "$1" = doors ]; then
        make_accounts "$T/mnt/$DATA/doors" reader "$RETR_CONNECTIONS" 0 0
        start doors
        generate doors send user=reader "connections=$RETR_CONNECTIONS" "mailboxes=$RETR_CONNECTIONS" \
            "bytes=$BYTES" "times=$RETR_BOX"
    else
        import_dovecot "$RETR_CONNECTIONS" reader "$RETR_BOX" "$BYTES"
        start dovecot
    fi
    retrieve "times=$RETR_BOX"
    end_candidate "$runs"
}

retr_one() { # doors | FORMAT
    use "$1"
    start "$runs"
    retrieve times=2
    retrieve "seconds=$SECONDS_EACH"
    end_candidate "$runs"
    note_answers retr "$RETR_CONNECTIONS" "$1"
    eval "rate_$1=\$rate"
}

retr_round() {
    # shellcheck disable=SC2086 # several words
    in_turns retr_one doors $formats
    note_ratios retr "$RETR_CONNECTIONS"
}

measure_pop3_retr() {
    formats=$(formats_there)
    for candidate in doors $formats; do fill_retr "$candidate"; done
    each_round retr_round
    use_default
}

print_pop3_retr() {
    heading "RETR of $BYTES bytes by POP3, $RETR_CONNECTIONS connections, $ROUNDS rounds of $SECONDS_EACH s"
    for format in $formats; do
        row "retr-by_$format" 2 'least 2' "against Dovecot, $format"
    done
    for candidate in doors $formats; do
        row "retr-$candidate" 0 - "  $candidate, a second"
    done
    for candidate in doors $formats; do
        latency_rows retr 3 "$candidate"
    done
}
