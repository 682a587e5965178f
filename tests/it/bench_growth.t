#!/bin/sh
# SPDX-License-Identifier: ISC
# The tools of the benchmark's parts startup and first: what they print, and that they take nothing wrong for
# a figure.
. "$(dirname "$0")/lib.sh"

startup() { # PROGRAM [ARGUMENT...]: prints its exit code; its output is in $T/out and $T/err
    code "$B/bench/startup" "$T/bench.port" "$@"
}

# --- startup ---

is "$(startup "$B/pochtad" --listen 127.0.0.1:0 --store "$T/fresh")" 0 'a server starts and ends'
ok 'it listens before its first answer' awk 'NF != 2 || $1 <= 0 || $1 > $2 { exit 1 }' "$T/out"
is "$(startup false)" 1 'a program that ends at once is an error'
like "$(cat "$T/err")" 'bench: the server does not listen*' '... and it is said'
cat >"$T/disorder" <<'END'
#!/bin/sh
trap 'kill $! && wait $!; exit 3' TERM
"$@" &
wait
END
chmod +x "$T/disorder"
is "$(startup "$T/disorder" "$B/pochtad" --listen 127.0.0.1:0 --store "$T/fresh")" 1 'a server that ends with another code is an error'
like "$(cat "$T/err")" '*bench: the server did not end in order*' '... and it is said'

# --- first ---

LD_PRELOAD=$cheap_hashes "$B/bench/fill" "$T/store" ann 1 20 100 u >/dev/null
LD_PRELOAD=$cheap_hashes "$B/bench/fill" "$T/store" ben 1 3 100 n >/dev/null
start_server --recipients-per-minute 0
is "$(code "$B/bench/first" "127.0.0.1:$TCP_PORT" ann0 ben0)" 0 'the first use of a mailbox is measured'
ok 'six times, of which the login is a part of the first' awk 'NF != 6 || $2 <= 0 || $2 > $1 || $4 <= 0 || $6 <= 0 { exit 1 }' "$T/out"
like "$(as ben0 'Status|0|')" 'Answer|6|Yes|*' 'the other user has sent mail meanwhile'
ok '... more than was there' test "$(as ben0 'Status|0|' | cut -d '|' -f 4)" -gt 4
is "$(code "$B/bench/first" "127.0.0.1:$TCP_PORT" nobody ben0)" 1 'a user who cannot log in is an error'
like "$(cat "$T/err")" '*bench: wrong answer*' '... and it is said'
done_testing
