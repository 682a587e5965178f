# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared with common.sh
# SPDX-License-Identifier: ISC
# sizes: what a request costs by the size of the mailbox. Server and client share one core: waking another core
# sometimes takes up to 40 us, several times what a small request costs.

SIZES=${SIZES:-100 1000 10000 100000 1000000}

# The small ones grow by what is sent: new ones for each round.
fill_sizes() {
    for size in $SIZES; do
        count=1
        [ "$size" -gt 1000 ] || count=$ROUNDS
        "$B/bench/fill" "$T/mnt/sizes" "n$size-" "$count" "$size" 200 n >/dev/null || fail 'cannot fill the mailboxes'
    done
}

# Those of all sizes take turns, a request each.
cost_of_sizes() { # COMMAND TIMES
    users=$(for size in $SIZES; do
        [ "$size" -gt 1000 ] && echo "n$size-0" || echo "n$size-$round"
    done)
    # shellcheck disable=SC2086 # several words
    took=$(taskset -c "$core" "$B/bench/cost" "127.0.0.1:$port" "$1" "$2" $users) || fail "cost $1"
    command=$1 smallest=''
    # shellcheck disable=SC2086 # several figures
    set -- $took
    for size in $SIZES; do
        note "${command}_$size" "$1" us "$size" "$command"
        smallest=${smallest:-$1} largest=$1
        shift
    done
    note "${command}_ends" "$(calculate "$largest / $smallest")"
}

request_sizes() {
    settle
    cost_of_sizes exact 500
    cost_of_sizes status 500
    cost_of_sizes list 200
    cost_of_sizes unread 20
    cost_of_sizes send 100
}

measure_sizes() {
    fill_sizes
    start_server "$T/mnt/sizes" --quota-bytes 0
    quiet
    core=$(taskset -c -p $$ | sed 's/.*: *\([0-9]*\).*/\1/') # the first that this process may use
    taskset -a -c -p "$core" "$server" >/dev/null || fail 'cannot give the server one core'
    each_round request_sizes
    stop_server
}

print_size() { # COMMAND TARGET TITLE
    row "$1_ends" 2 "$2" "$3: largest mailbox against smallest"
    for size in $SIZES; do
        row "$1_$size" 0 - "  with $size, us"
    done
}

print_sizes() {
    heading "Requests by the size of the mailbox, $ROUNDS rounds"
    print_size send 'most 1.30' Send
    print_size exact 'most 1.30' 'Show exact'
    print_size status 'most 1.30' Status
    print_size unread 'most 1.30' 'Show unread of 10'
    print_size list - 'Show list of 10'
}
