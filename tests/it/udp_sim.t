#!/bin/sh
# SPDX-License-Identifier: ISC
# Version 2 over UDP in simulated networks, a short run. The long one is make simulate; that it would
# notice is shown by make controls.
. "$(dirname "$0")/lib.sh"
sim=$B/udp/sim

"$sim" --seeds 500 >"$T/out"
result $? 'what was written arrives once and in order, or the session fails'
sed 's/^\(# \)*/# /' "$T/out"
"$sim" --seed 7 --trace >"$T/one"
"$sim" --seed 7 --trace >"$T/other"
cmp -s "$T/one" "$T/other"
result $? 'a seed is always the same run'
"$sim" --link >"$T/link"
result $? 'a message of 32 MiB uses 0.8 of a link of 10 Mbit/s, 300 ms each way'
sed 's/^\(# \)*/# /' "$T/link"
done_testing
