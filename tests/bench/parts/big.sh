# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared with common.sh
# SPDX-License-Identifier: ISC
# big: what a mailbox of many messages costs, against a small one: requests, first use, memory.

BIG=${BIG:-100000} # messages in the big mailbox
SMALL=100          # in a small one

make_mailboxes() {
    "$B/bench/fill" "$T/mnt/store" big 1 "$BIG" 200 u >"$T/notes/index" &&
        "$B/bench/fill" "$T/mnt/store" small "$ROUNDS" "$SMALL" 200 n >/dev/null ||
        fail 'cannot fill the mailboxes'
}

cost() { # COMMAND TIMES USER...: sets took, in us
    took=$("$B/bench/cost" "127.0.0.1:$port" "$@") || fail "cost $*"
}

# Remounted, so that the kernel's caches are empty.
measure_first_use() { # COMMAND
    unmount_image && mount_image || fail 'cannot mount again'
    start_server "$T/mnt/store"
    cost "$1" 0 big0
    note "first_$1" "$(calculate "$took / 1000")"
    stop_server
}

# The big mailbox comes among the users when nothing but its index is new.
measure_memory() {
    mv "$T/mnt/store/users/big0" "$T/mnt/big0"
    start_server "$T/mnt/store"
    cost status 0 small0
    quiet
    without=$(memory_kb VmRSS)
    mv "$T/mnt/big0" "$T/mnt/store/users/big0"
    cost status 0 big0
    note rss "$(calculate "($(memory_kb VmRSS) - $without) * 1024 / $BIG")"
    stop_server
}

measure_show_all() {
    start_server "$T/mnt/store"
    quiet
    stream=$("$B/bench/stream" "127.0.0.1:$port" big0 "$server") || fail 'Show all'
    # shellcheck disable=SC2086
    set -- $stream
    note show_all_s "$1"
    note show_all_mib "$(calculate "$2 / 1024")"
    stop_server
}

compare() { # COMMAND TIMES
    cost "$1" "$2" "small$round" big0
    # shellcheck disable=SC2086
    set -- "$1" $took
    note "small_$1" "$2"
    note "big_$1" "$3"
    note "compare_$1" "$(calculate "$3 / $2")"
}

compare_requests() {
    settle
    compare exact 500
    compare status 500
    compare list 200
    compare unread 20
    compare send 50
}

measure_requests() {
    start_server "$T/mnt/store"
    quiet
    each_round compare_requests
    stop_server
}

measure_idle() {
    measure_first_use status
    measure_first_use list
    measure_memory
}

measure_big() {
    make_mailboxes
    each_round measure_idle
    each_round measure_show_all 3 # the first time all are unread
    measure_requests
}

print_request() { # COMMAND TARGET TITLE
    row "compare_$1" 2 "$2" "$3"
    row "small_$1" 0 - "  with $SMALL, us"
    row "big_$1" 0 - "  with $BIG, us"
}

print_big() {
    heading "A mailbox of $BIG messages, $ROUNDS rounds"
    print_request send 'most 1.20' "Send, against a mailbox of $SMALL"
    print_request exact 'most 1.20' 'Show exact'
    print_request status 'most 1.50' 'Status'
    print_request unread 'most 1.50' 'Show unread, 10 unread'
    print_request list - 'Show list of the last 10'
    row first_status 0 'most 1000' 'First use after start-up, ms: Login and Status'
    row first_list 0 'most 1000' 'First use after start-up, ms: Login and Show list of 10'
    row show_all_mib 2 'most 2.00' 'Show all: memory grows by, MiB'
    row show_all_s 2 - '  it takes, s'
    row rss 1 'most 64.0' 'Index, bytes a message: of resident memory'
    row index 1 'most 64.0' 'Index, bytes a message: as it counts itself'
}
