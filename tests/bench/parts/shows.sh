# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared with common.sh
# SPDX-License-Identifier: ISC
# shows: reading, of Pochta and its peers, and the least that a server with a thread for each connection
# can do: an echo that sends as many bytes for as many. Show exact of 1 KiB at 8 and 64 clients, and of
# 1 MiB at 8, of a mailbox of its own for each client; Show all of a mailbox of 10,000 messages of 1 KiB.
# For Dovecot that is POP3's RETR, for Redis LRANGE.

BOX=100 LARGE_BOX=10       # messages in a mailbox
WHOLE_BOX=${WHOLE_BOX:-10000} # in that which is shown whole
LARGE=1048576              # bytes

# For Pochta no server may run meanwhile, for Redis one must.
fill_boxes() { # USERS NAME MESSAGES BYTES
    "$B/bench/fill" "$T/mnt/$DATA/pochta" "$2" "$1" "$3" "$4" n >/dev/null || fail 'cannot make the mailboxes'
    for candidate in $servers; do
        case $candidate in
        dovecot | redis) "fill_$candidate" "$@" ;;
        esac
    done
}

show_one() { # CANDIDATE
    case $1 in
    echo) generate echo "$operation" "connections=$connections" "$many" "bytes=$answer" "request=$request" ;;
    *) generate "$1" "$operation" "user=$user" "connections=$connections" "$many" "bytes=$bytes" "count=$count" ;;
    esac
    note "$load-$1-p50" "$(calculate "$p50 / 1000")" 'p50 ms' "$connections" "$1"
    note "$load-$1-p99" "$(calculate "$p99 / 1000")" 'p99 ms' "$connections" "$1"
    note "$load-$1-p999" "$(calculate "$p999 / 1000")" 'p99.9 ms' "$connections" "$1"
    note "$load-$1-cores" "$cores" 'cores of the generator' "$connections" "$1"
    note "$load-$1" "$rate" '/s' "$connections" "$1"
    eval "rate_$1=\$rate"
}

show_round() {
    rate_dovecot=''
    # shellcheck disable=SC2086 # several words
    in_turns show_one $candidates echo
    note "$load-by_echo" "$(calculate "$rate_pochta / $rate_echo")" ratio "$connections" by_echo
    [ -z "$rate_dovecot" ] ||
        note "$load-by_dovecot" "$(calculate "$rate_pochta / $rate_dovecot")" ratio "$connections" by_dovecot
}

# The echo gets as many bytes as Pochta's request has and sends as many as its answer has.
#
# LOAD show|all CONNECTIONS USER MESSAGES BYTES seconds=N|times=N
measure_load() {
    load=$1 operation=$2 connections=$3 user=$4 count=$5 bytes=$6 many=$7 work=$1
    candidates=$servers
    [ "$operation" != all ] || candidates=$(for name in $servers; do [ "$name" = dovecot ] || echo "$name"; done)
    generate pochta "$operation" "user=$user" "connections=$connections" "bytes=$bytes" "count=$count" times=2
    answer=$answer_bytes request=$request_bytes
    ECHO="$request $answer"
    start echo
    each_round show_round
    end_candidate echo
}

measure_shows() {
    DATA=shows
    servers=$(those_there pochta dovecot redis)
    for candidate in $servers; do fact "$candidate" "$(version_of "$candidate")"; done
    fact 'messages shown whole' "$WHOLE_BOX"
    mkdir "$T/mnt/$DATA"
    ! is_there redis || start redis
    fill_boxes 64 small $BOX 1024
    fill_boxes 8 large $LARGE_BOX $LARGE
    fill_boxes 1 whole "$WHOLE_BOX" 1024
    end_candidates # so that nothing is left to do of what filled the mailboxes
    settle
    for candidate in $servers; do start "$candidate"; done
    measure_load show-8 show 8 small $BOX 1024 "seconds=$SECONDS_EACH"
    measure_load show-64 show 64 small $BOX 1024 "seconds=$SECONDS_EACH"
    measure_load show-large show 8 large $LARGE_BOX $LARGE "seconds=$SECONDS_EACH"
    measure_load show-all all 1 whole "$WHOLE_BOX" 1024 times=3
    end_candidates
}

print_load() { # LOAD TITLE
    echo
    heading "$2"
    for candidate in pochta echo dovecot redis; do
        [ ! -e "$T/notes/$1-$candidate" ] || row "$1-$candidate" "${3:-0}" - "  $candidate, a second"
    done
    for candidate in pochta echo dovecot redis; do
        [ -e "$T/notes/$1-$candidate" ] || continue
        latency_rows "$1" 3 "$candidate"
    done
}

print_shows() {
    heading "Reading, $ROUNDS rounds of $SECONDS_EACH s: ratios"
    target show-64-by_dovecot 2 'least 3' 'Show exact, 1 KiB, 64 clients, against Dovecot'
    target show-8-by_echo 2 'least 0.8' 'Show exact, 1 KiB, 8 clients, against the echo'
    target show-64-by_echo 2 'least 0.8' 'Show exact, 1 KiB, 64 clients, against the echo'
    target show-large-by_echo 2 'least 0.9' 'Show exact, 1 MiB, 8 clients, against the echo'
    target show-all-by_echo 2 'least 0.5' "Show all, $WHOLE_BOX messages of 1 KiB, against the echo"
    print_load show-8 'Show exact, 1 KiB, 8 clients'
    print_load show-64 'Show exact, 1 KiB, 64 clients'
    print_load show-large 'Show exact, 1 MiB, 8 clients'
    print_load show-all "Show all, $WHOLE_BOX messages of 1 KiB, 1 client" 1
}
