# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared with common.sh
# SPDX-License-Identifier: ISC
# startup: from the start of the server until it listens, and until its first answer.

STARTED_ACCOUNTS=${STARTED_ACCOUNTS:-10000}

# shellcheck source=tests/bench/accounts.sh
. "$here/accounts.sh"

start_once() { # CANDIDATE STORE
    settle
    startup=$("$B/bench/startup" "$T/port" "$B/pochtad" --listen 127.0.0.1:0 --store "$2" 2>>"$T/log") ||
        fail 'the server does not start and stop'
    note "$1_listens" "${startup% *}" ms
    note "$1_answers" "${startup#* }" ms
}

start_clean() { start_once clean "$T/mnt/started"; }

start_fresh() { start_once fresh "$T/mnt/fresh$round"; }

start_cold() { # as after a restart of the machine, so far as this file system's caches go
    unmount_image && mount_image || fail 'cannot mount again'
    start_once cold "$T/mnt/started"
}

start_one() { "start_$1"; }

start_all() { in_turns start_one clean fresh cold; }

measure_startup() {
    make_accounts "$T/mnt/started" box "$STARTED_ACCOUNTS" 0 0
    start_once unused "$T/mnt/started" # ended in order, as the others find it
    each_round start_all
}

print_startup() {
    heading "The server starts, $ROUNDS rounds"
    row clean_listens 1 'most 50' "A clean store of $STARTED_ACCOUNTS accounts: until it listens, ms"
    row clean_answers 1 - '  until the first answer, ms'
    row cold_listens 1 - '  until it listens, the store mounted just before, ms'
    row fresh_listens 1 'most 50' 'No store yet: until it listens, ms'
    row fresh_answers 1 - '  until the first answer, ms'
}
