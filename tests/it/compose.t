#!/bin/sh
# SPDX-License-Identifier: ISC
# A short run of `make compose`, with one letter at least of each kind: a letter that is written in the client
# is sent once, or is a draft that is sent once, whatever happens meanwhile.
. "$(dirname "$0")/lib.sh"

"$here/../client/compose" "$B" --rounds "${ROUNDS:-100}" >"$T/out" 2>&1
result $? 'a letter is neither lost nor sent twice' || diag "$(cat "$T/out")"
sed 's/^\(# \)*/# /' "$T/out"
done_testing
