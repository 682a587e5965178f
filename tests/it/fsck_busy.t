#!/bin/sh
# SPDX-License-Identifier: ISC
# pochtactl fsck beside a server that receives mail all the time: files get their names while it looks.
. "$(dirname "$0")/lib.sh"
seconds=5

fsck() { "$B/pochtactl" --store "$T/store" fsck "$@"; }

LD_PRELOAD=$cheap_hashes "$B/bench/fill" "$T/store" user 16 0 0 n >/dev/null
start_server --clients-per-address 0 --connections-per-minute 0 --recipients-per-minute 0
runs=0 good=0
for _ in 1 2 3 4 5; do # more loads if fsck takes long
    [ "$runs" -lt 3 ] || break
    "$B/bench/load" "127.0.0.1:$TCP_PORT" user 16 2 "$seconds" 100 >"$T/rate" 2>"$T/load" &
    load=$!
    children="$children $load"
    until gone "$load"; do
        runs=$((runs + 1))
        if fsck user0 user1 >"$T/out" 2>"$T/err"; then good=$((good + 1)); else cat "$T/out" "$T/err"; fi
    done
    wait "$load"
    is "$? $(cat "$T/load")" '0 ' 'clients send all the time'
done
note "$(cat "$T/rate"): $runs runs of fsck"
ok 'fsck runs several times meanwhile' test "$runs" -ge 3
is "$good of $runs" "$runs of $runs" '... and finds nothing wrong'
done_testing
