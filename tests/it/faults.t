#!/bin/sh
# SPDX-License-Identifier: ISC
# Some calls of the programs fail, as they do when memory, descriptors, disk space or threads run out: there is
# no crash, leak or hang; other clients are served, no answered letter is lost, and each answer is true. `make
# faults` tries all calls.
. "$(dirname "$0")/lib.sh"

if [ ! -e "$B/faults.so" ]; then # a preloaded object must be first, as must a sanitizer's
    skip 'a sanitizer takes the place of the preloaded object' 'calls fail'
    done_testing
fi
"$here/../faults/run" "$B" --short >"$T/out" 2>&1
found=$?
note "$(cat "$T/out")"
wrong=$(grep -m 1 ' x ' "$T/out")
is $found 0 "chosen calls fail${wrong:+: $wrong}"
done_testing
