# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared with common.sh
# SPDX-License-Identifier: ISC
# sends: durable sends, of Pochta and its peers, and the least that the file system allows: a bare loop
# that writes, syncs, renames and syncs the directory. Three loads: one client; 64 clients that send to
# 64 mailboxes; 64 that send to one. What was answered is counted again in the files.

SENDERS=64
BYTES=1024

# --- a load ---

# Names of users and directories: a mailbox is of one round only, so that the last round does not measure
# larger mailboxes than the first.
users() { echo "$1-$round-"; } # LOAD

fill_accounts() {
    for name in pochta $(those_there classic); do
        for load in $loads; do
            "$B/bench/fill" "$T/mnt/$DATA/$name" "$(users "$load")" "$most" 0 0 n || fail 'cannot make the senders'
        done
    done
}

send_limit() {
    rate=$("$B/bench/limit" "$T/mnt/$DATA/limit-$load-$round" "$connections" "$mailboxes" "$SECONDS_EACH" "$BYTES") ||
        fail 'the bare loop'
}

send_sqlite() {
    rate=$("$B/bench/sqlite" "$T/mnt/$DATA/sqlite" "$SECONDS_EACH" "$BYTES") || fail 'SQLite'
}

note_latency() { # CANDIDATE: for the plot
    work=latency
    note "latency-$1-50" "$(calculate "$p50 / 1000")" ms 50 "$1"
    note "latency-$1-99" "$(calculate "$p99 / 1000")" ms 99 "$1"
    note "latency-$1-999" "$(calculate "$p999 / 1000")" ms 99.9 "$1"
    work=$load
}

send_one() { # CANDIDATE
    settle
    case $1 in
    limit | sqlite) "send_$1" ;;
    *)
        generate "$1" send "user=$(users "$load")" "connections=$connections" "mailboxes=$mailboxes" \
            "seconds=$SECONDS_EACH" "bytes=$BYTES"
        note "$load-$1-p50" "$(calculate "$p50 / 1000")" 'p50 ms' "$connections" "$1"
        note "$load-$1-p99" "$(calculate "$p99 / 1000")" 'p99 ms' "$connections" "$1"
        note "$load-$1-p999" "$(calculate "$p999 / 1000")" 'p99.9 ms' "$connections" "$1"
        note "$load-$1-cores" "$cores" 'cores of the generator' "$connections" "$1"
        [ "$load" != send-64 ] || note_latency "$1"
        eval "answered_$1=\$((answered_$1 + answers))"
        eval "p99_$1=\$p99"
        ;;
    esac
    note "$load-$1" "$rate" '/s' "$connections" "$1"
    eval "rate_$1=\$rate"
}

ratio() { # NAME VALUE OF: notes it, if both have been measured
    [ -z "$2" ] || [ -z "$3" ] || note "$load-$1" "$(calculate "$2 / $3")" ratio "$connections" "$1"
}

send_all() { # LOAD CONNECTIONS MAILBOXES: each candidate once
    load=$1 work=$1 connections=$2 mailboxes=$3
    rate_dovecot='' rate_limit='' p99_classic=''
    # shellcheck disable=SC2086 # several words
    in_turns send_one $candidates
    ratio by_dovecot "$rate_pochta" "$rate_dovecot"
    ratio by_limit "$rate_pochta" "$rate_limit"
    ratio by_classic_p99 "$p99_pochta" "$p99_classic"
}

send_single() { send_all send-1 1 1; }

send_many() {
    send_all send-64 $SENDERS $SENDERS
    to_many=$rate_pochta
    send_all send-64-one $SENDERS 1
    note one-by-many "$(calculate "$rate_pochta / $to_many")" ratio $SENDERS
}

# --- what is found afterwards ---

found() { # CANDIDATE: messages in its files
    case $1 in
    pochta | classic) find "$T/mnt/$DATA/$1/users" -type f -name '0*' | wc -l ;;
    dovecot) find "$T/mnt/$DATA/dovecot" -type f \( -path '*/new/*' -o -path '*/cur/*' \) | wc -l ;;
    postfix) find "$T/mnt/$DATA/postfix/queue/hold" -type f | wc -l ;;
    redis) redis-cli --raw eval "local n = 0
        for _, key in ipairs(redis.call('keys', '*')) do n = n + redis.call('llen', key) end
        return n" 0 ;;
    esac
}

# A message whose answer the end of the time cut off cannot be: each connection waits for it.
check_found() {
    for candidate in $servers; do
        eval "answered=\$answered_$candidate"
        there=$(found "$candidate")
        [ "$there" = "$answered" ] || fail "$candidate answered $answered sends, but has $there messages"
    done
}

# --- all ---

measure_loads() { # COMMAND CANDIDATE...: which sends a round
    send=$1 DATA=$1
    shift
    candidates=$*
    renew_file_system
    mkdir "$T/mnt/$DATA"
    each_round fill_accounts
    for candidate in $servers; do
        start "$candidate"
        eval "answered_$candidate=0"
    done
    each_round "$send"
    check_found
    end_candidates
}

measure_sends() {
    servers=$(those_there pochta classic dovecot postfix redis)
    floor=$(those_there sqlite)
    for candidate in $servers $floor; do fact "$candidate" "$(version_of "$candidate")"; done
    loads=send-1 most=1
    # shellcheck disable=SC2086 # several words
    measure_loads send_single $servers limit $floor
    loads='send-64 send-64-one' most=$SENDERS
    # shellcheck disable=SC2086 # several words
    measure_loads send_many $servers limit
}

print_load() { # NAME TITLE
    load=$1
    echo
    heading "$2"
    for candidate in pochta classic limit sqlite dovecot postfix redis; do
        [ ! -e "$T/notes/$load-$candidate" ] || row "$load-$candidate" 0 - "  $candidate, a second"
    done
    for candidate in $servers; do
        latency_rows "$load" 2 "$candidate"
    done
}

print_sends() {
    heading "Durable Send of $BYTES bytes, $ROUNDS rounds of $SECONDS_EACH s: ratios"
    target send-1-by_dovecot 2 'least 10' '1 client, against Dovecot'
    target send-1-by_limit 2 'least 2' '1 client, against the bare loop'
    target send-64-by_dovecot 2 'least 12' "$SENDERS clients, against Dovecot"
    target send-64-by_limit 2 'least 1.2' "$SENDERS clients, against the bare loop of as many threads"
    target send-64-by_classic_p99 2 'most 1' "$SENDERS clients, 99th percentile, against without the log"
    target one-by-many 2 'least 0.8' "$SENDERS clients, to one mailbox against to $SENDERS"
    print_load send-1 '1 client'
    print_load send-64 "$SENDERS clients to $SENDERS mailboxes"
    print_load send-64-one "$SENDERS clients to one mailbox"
}
