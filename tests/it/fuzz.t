#!/bin/sh
# SPDX-License-Identifier: ISC
# A short run of libFuzzer's targets, always the same; the long one is make fuzz, and that they
# notice is shown by make controls.
. "$(dirname "$0")/lib.sh"

if [ -x "$B/fuzz/frame" ]; then
    "$here/../fuzz/run" --jobs 2 "$B/fuzz" "$T/corpus" '-runs=5000 -max_total_time=10 -seed=1' >"$T/out"
    result $? 'each target runs, and what must hold does'
    sed 's/^\(# \)*/# /' "$T/out"
elif "$here/../fuzz/able"; then
    skip 'this build has none: make fuzzers' 'targets of libFuzzer'
else
    skip "clang's libFuzzer is missing" 'targets of libFuzzer'
fi
done_testing
