# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared with common.sh
# SPDX-License-Identifier: ISC
# mailboxes: users of many mailboxes take turns.

FEW=100 MANY=10000 # active mailboxes
LETTERS=30         # in each
EACH=3             # rounds

take_turns() {
    "$B/bench/mailboxes" "127.0.0.1:$port" box "$SECONDS_EACH" "$FEW" 1000 "$MANY" >"$T/active" || fail 'the clients'
    read -r few middle many <"$T/active"
    note active_few "$few"
    note active_middle "$middle"
    note active_many "$many"
    note active_cliff "$(calculate "$many / $few")"
}

measure_mailboxes() {
    LD_PRELOAD=$B/cheap_hashes.so "$B/bench/fill" "$T/mnt/many" box "$MANY" "$LETTERS" 100 n >/dev/null ||
        fail 'cannot make the mailboxes'
    start_server "$T/mnt/many"
    quiet
    each_round take_turns "$EACH"
    stop_server
}

print_mailboxes() {
    heading "Login and Status, users in turns, with $LETTERS letters each, $EACH rounds"
    row active_cliff 2 'least 0.50' "Login and Status, $MANY users against $FEW"
    row active_few 0 - "  answers a second, $FEW users"
    row active_middle 0 - '  1000 users'
    row active_many 0 - "  $MANY users"
}
