#!/bin/sh
# SPDX-License-Identifier: ISC
# A client that is logged in and sends nothing takes little memory: its thread gives back the part of the
# stack that the requests before took, and goes on where it was.
. "$(dirname "$0")/lib.sh"
yes='Answer|1|Yes|'

# Stacks of clients' threads, of 256 KiB, with more than 12 KiB in memory: Show all takes more, to wait for a request takes 8.
deep_stacks() {
    awk '/^[0-9a-f]+-[0-9a-f]+ / { split($1, a, "-"); small = NF == 5 && $2 == "rw-p" && bytes(a[2]) - bytes(a[1]) == 262144 }
        $1 == "Rss:" && small && $2 > 12 { n++ }
        END { print n + 0 }
        function bytes(hex,   i, v) {
            for (i = 1; i <= length(hex); i++)
                v = v * 16 + index("0123456789abcdef", substr(hex, i, 1)) - 1
            return v
        }' "/proc/$SERVER_PID/smaps"
}
deep_are() { [ "$(deep_stacks)" = "$1" ]; }

if [ -z "$cheap_hashes" ]; then
    skip 'sanitizers need more stack' 'idle clients'
    done_testing
fi
start_server # makes the store
stop_server
for name in ann ben cid; do
    echo secret | "$B/pochtactl" --store "$T/store" user add "$name" || exit
done
start_server
before=$(deep_stacks)
for conn in 3:ann 4:ben 5:cid; do
    open_conn "${conn%:*}"
    send "${conn%:*}" "$(frame "Login|2|${conn#*:}|secret|")"
    is "$(heard "${conn%:*}" 1)" "$yes" "${conn#*:} logs in"
    send "${conn%:*}" "$(frame "Send mes|2|ann|a letter|" 'Show all|0|')"
done
ok 'the stacks of idle clients shrink' wait_for 30 deep_are "$before"
for conn in 3 4 5; do
    send "$conn" "$(frame 'Noop|0|')"
    is "$(heard "$conn" 4)" "$yes" 'the next request is answered as ever'
done
done_testing
