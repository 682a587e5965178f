#!/bin/sh
# SPDX-License-Identifier: ISC
# The store and its sessions on a machine that exists only in memory, a short run. The long one is
# make simulate-store; that it would notice is shown by make controls.
. "$(dirname "$0")/lib.sh"
simulate=$B/machine/simulate

"$simulate" --seeds 1000 >"$T/out"
result $? 'what was promised is there after power cuts, kills and failing disks'
sed 's/^\(# \)*/# /' "$T/out"
"$simulate" --seed 7 --trace >"$T/one" 2>&1
"$simulate" --seed 7 --trace >"$T/other" 2>&1
cmp -s "$T/one" "$T/other"
result $? 'a seed is always the same run'
is "$(grep -c ' fdatasync$' "$T/one" | sed 's/[1-9][0-9]*/some/')" some '... in which much happens'
done_testing
