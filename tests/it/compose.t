#!/bin/sh
# SPDX-License-Identifier: ISC
# A short run of `make compose`, one letter of each kind: a letter that is written in the client
# is sent once, or is a draft that is sent once, whatever happens meanwhile.
. "$(dirname "$0")/lib.sh"
ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0 # which a traced process cannot look for
export ASAN_OPTIONS

"$here/../client/compose" "$B" ${ROUNDS:+--rounds "$ROUNDS"} >"$T/out" 2>&1
result $? 'a letter is neither lost nor sent twice' || diag "$(cat "$T/out")"
sed 's/^\(# \)*/# /' "$T/out"
done_testing
