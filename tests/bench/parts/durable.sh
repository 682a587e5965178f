# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared with common.sh
# SPDX-License-Identifier: ISC
# durable: what makes the Yes of each candidate durable, as strace sees it: the calls that put something on
# stable storage or give it a name, of 100 sends of one client, one after the other.

TRACED=100
SEEN=fsync,fdatasync,sync_file_range,syncfs,sync,msync,rename,renameat,renameat2,link,linkat,open,openat

seen() { grep -cv '^[0-9]* *open' "$T/trace"; } # Redis opens files all the time

wait_for_quiet() { # until nothing has been seen for a while
    lines=none
    until [ "$lines" = "$(seen)" ]; do
        lines=$(seen)
        sleep 0.3
    done
}

# The first message makes the mailbox and what else is made once.
trace_one() { # CANDIDATE
    : >"$T/trace"
    TRACE="strace -D -f -y -qq -o $T/trace -e trace=$SEEN"
    case $1 in
    sqlite)
        from=1
        "$B/bench/sqlite" "$T/mnt/$DATA/sqlite" 0 1024 1 >/dev/null || fail 'SQLite'
        # shellcheck disable=SC2086 # each may be several words
        $TRACE "$B/bench/sqlite" "$T/mnt/$DATA/sqlite" 0 1024 $TRACED >/dev/null || fail 'SQLite'
        ;;
    *)
        start "$1"
        generate "$1" send user=traced times=1
        wait_for_quiet
        from=$(($(wc -l <"$T/trace") + 1))
        generate "$1" send user=traced times=$TRACED
        ;;
    esac
    wait_for_quiet
    "$here/syncs" "$T/trace" "$from" "$T/mnt/$DATA" >"$T/syncs-$1" || fail 'the trace cannot be read'
    syncs=$(awk '$2 ~ /sync/ { n += $1 } END { print n + 0 }' "$T/syncs-$1")
    [ "$syncs" -ge $TRACED ] || fail "$1 made $syncs syncs for $TRACED sends"
    TRACE=''
    end_candidates
    while read -r count call what; do
        note "durable-$1-$call-$(echo "$what" | tr / _)" "$count" "$what" "$call" "$1"
    done <"$T/syncs-$1"
}

measure_durable() {
    DATA=durable
    command -v strace >/dev/null || skip 'there is no strace'
    mkdir "$T/mnt/$DATA"
    servers=$(those_there pochta classic dovecot postfix redis sqlite)
    for candidate in $servers; do
        make_account "$candidate" traced
        trace_one "$candidate"
    done
}

print_durable() {
    printf '%s\n' "What made $TRACED sends of one client durable"
    for candidate in $servers; do
        echo "$candidate"
        while read -r count call what; do
            printf '  %6s  %-16s %s\n' "$count" "$call" "$what"
        done <"$T/syncs-$candidate"
    done
}
