# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared with common.sh
# SPDX-License-Identifier: ISC
# big: what a mailbox of many messages takes of memory: its index, and Show all. What requests to it cost:
# sizes. The first use of it: first.

BIG=${BIG:-100000} # messages in the big mailbox
SMALL=100          # in a small one

make_mailboxes() {
    "$B/bench/fill" "$T/mnt/store" big 1 "$BIG" 200 u >"$T/notes/index" &&
        "$B/bench/fill" "$T/mnt/store" small 1 "$SMALL" 200 n >/dev/null ||
        fail 'cannot fill the mailboxes'
}

cost() { # COMMAND TIMES USER...: sets took, in us
    took=$("$B/bench/cost" "127.0.0.1:$port" "$@") || fail "cost $*"
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
    # shellcheck disable=SC2086 # several figures
    set -- $stream
    note show_all_s "$1"
    note show_all_mib "$(calculate "$2 / 1024")"
    stop_server
}

measure_big() {
    make_mailboxes
    each_round measure_memory
    each_round measure_show_all 3 # the first time all are unread
}

print_big() {
    heading "A mailbox of $BIG messages, $ROUNDS rounds"
    row show_all_mib 2 'most 2.00' 'Show all: memory grows by, MiB'
    row show_all_s 2 - '  it takes, s'
    row rss 1 'most 64.0' 'Index, bytes a message: of resident memory'
    row index 1 'most 64.0' 'Index, bytes a message: as it counts itself'
}
