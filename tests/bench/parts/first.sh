# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared with common.sh
# SPDX-License-Identifier: ISC
# first: the first use of a big mailbox after a restart, and what others who use theirs meanwhile wait.

FIRST=${FIRST:-100000} # messages in the big mailbox

# Mounted again, so that the file system's caches are empty.
use_first() {
    unmount_image && mount_image || fail 'cannot mount again'
    start_server "$T/mnt/first"
    took=$("$B/bench/first" "127.0.0.1:$port" big0 "small$round") || fail 'the first use'
    stop_server
    # shellcheck disable=SC2086 # several figures
    set -- $took
    note first_ms "$1" ms "$FIRST"
    note first_login_ms "$2" ms "$FIRST"
    note alone_status_ms "$3" ms
    note alone_send_ms "$4" ms
    note among_status_ms "$5" ms "$FIRST"
    note among_send_ms "$6" ms "$FIRST"
}

measure_first() {
    "$B/bench/fill" "$T/mnt/first" big 1 "$FIRST" 200 u >/dev/null &&
        "$B/bench/fill" "$T/mnt/first" small "$ROUNDS" 100 200 n >/dev/null ||
        fail 'cannot fill the mailboxes'
    each_round use_first
}

print_first() {
    heading "First use of $FIRST messages after a restart, $ROUNDS rounds"
    row first_ms 0 'most 300' 'Login, Status and Show list of 10, ms'
    row first_login_ms 0 - '  until the Login was answered, ms'
    row among_status_ms 1 'most 20' "The longest wait for another mailbox's Status meanwhile, ms"
    row alone_status_ms 1 - '  in a second before, ms'
    row among_send_ms 1 - "The longest wait for a durable Send to another mailbox, ms"
    row alone_send_ms 1 - '  in a second before, ms'
}
