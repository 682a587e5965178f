#!/bin/sh
# SPDX-License-Identifier: ISC
# Runs the fuzzer's targets, built without the fuzzer, on the inputs in tests/fuzz/corpus, and checks the rules for
# these inputs. fuzz.t runs the fuzzer itself.
. "$(dirname "$0")/lib.sh"
fuzz=$here/../fuzz

targets=$(cd "$fuzz" && ls -- *.c | sed '/^\(fuzz\|memory\|replay\)\.c$/d; s/\.c$//')
for target in $targets; do
    inputs=$fuzz/corpus/$target
    files=$(find "$inputs" -type f | wc -l) bytes=$(cat "$inputs"/* | wc -c)
    [ "$files" -gt 0 ] && [ "$files" -le 130 ] && [ "$bytes" -le 120000 ]
    result $? "$target: $files inputs are kept, with $bytes bytes"
    [ -x "$B/replay/$target" ] || { skip 'this build has no replay' "$target on them"; continue; }
    tried=$("$B/replay/$target" "$inputs" 2>"$T/err")
    is "$tried" "$files" "$target: what must hold does for each of them" || tail -n 3 "$T/err" | sed 's/^/# /'
done
is "$(find "$fuzz/corpus" -type f -size +32k)" '' 'no input is longer than 32 KiB'

# A dictionary does not help with words that it lacks.
words() { sed -n 's/.*ROW([A-Z_]*, \([a-z_]*, \)*"\([^"]*\)".*/\2/p' "$here/../../include/proto/opcode.h"; }
words | while read -r word; do
    grep -qF "\"$word" "$fuzz/dict/protocol.dict" || echo "$word"
done >"$T/missing"
is "$(cat "$T/missing")" '' 'the dictionary of the protocol has all its words'
"$B/pochtad" --example-config | sed -n 's/^#\([a-z0-9-]*\) =.*/\1/p' | while read -r key; do
    grep -qF "\"$key = " "$fuzz/dict/config.dict" || echo "$key"
done >"$T/missing"
is "$(cat "$T/missing")" '' 'the dictionary of the configuration has all its keys'
done_testing
