#!/bin/sh
# SPDX-License-Identifier: ISC
# Descriptors, threads or memory run out: who comes then is told so, or waits; the others go on; and
# afterwards all is as before.
. "$(dirname "$0")/lib.sh"
yes='Answer|1|Yes|'
no_more='Exit|1|the server is out of resources, try again later|'
start_server --clients-per-address 65 --connections-per-minute 0
register ann
open_conn 3
send 3 "$(frame 'Login|2|ann|secret|')"
heard_count=1
is "$(heard 3 1)" "$yes" 'a client connects first'

goes_on() { # the client that is there
    send 3 "$(frame 'Noop|0|')"
    heard_count=$((heard_count + 1))
    [ "$(heard 3 "$heard_count")" = "$yes" ]
}
is_well() {
    [ "$(talk 'Noop|0|')" = "$yes" ] && case $(as ann 'Send mes|2|ann|x|' 'Show all|0|') in
        'Answer|2|Yes|'*'Answer|'*'|Yes|'*) ;;
        *) return 1 ;;
    esac
}
allow() { prlimit --pid "$SERVER_PID" --nofile="$1:"; } # DESCRIPTORS
crowd() { perl "$here/crowd.pl" "$PORT" "$@" 2>"$T/words" 3>&- 4>&-; } # words: of each Exit

# --- descriptors ---

all=$(prlimit --pid "$SERVER_PID" --nofile --noheadings --output SOFT | tr -d ' ')
for round in first second; do
    wait_for 20 connected 1
    allow $(($(find "/proc/$SERVER_PID/fd" -mindepth 1 | wc -l) + 5)) # and gaps between them
    crowd 60 "$T/go" >"$T/crowd" &
    children="$children $!"
    ok "$round time: there are descriptors for few more" wait_for 90 test -s "$T/crowd"
    read -r served told rest <"$T/crowd"
    is "$((served + told)) $rest" '60 0 0' '... some clients are served, the others rejected'
    ok '... they were few' test "$served" -ge 1 -a "$served" -le 15
    is "$(sort -u "$T/words")" "$no_more" '... in these words'
    ok '... and who was there goes on' goes_on
    touch "$T/go"
    wait_for 20 connected 1
    rm -f "$T/go" "$T/crowd"
    allow "$all"
    ok '... afterwards everything works again' is_well
done

# Not even the one that the server keeps for telling them.
wait_for 20 connected 1
allow 3
crowd 10 >"$T/crowd" &
children="$children $!"
ok 'no descriptor at all: ten clients wait' wait_for 60 connected 11
ok '... the connected client goes on' goes_on
is "$(cat "$T/crowd")" '' '... and they still wait'
allow "$all"
ok '... until descriptors are free' wait_for 90 test -s "$T/crowd"
is "$(cat "$T/crowd")" '10 0 0 0' '... and they are served'
ok '... everything works again' is_well

# --- threads and memory ---

let_fail() { trace -e "trace=$1" -e "inject=$1:error=$2"; } # SYSTEM_CALLS ERROR

if ! let_fail clone,clone3 EAGAIN; then
    skip 'no process may be traced here' 'no thread can be started'
    close_conn 3
    done_testing
fi
wait_for 20 connected 1
is "$(talk)" "$no_more" 'no thread can be started: the client gets the reason'
is "$(crowd 70)" '0 70 0 0' '... as do all others; they do not count for their address'
ok '... the connected client goes on' goes_on
untrace
ok '... afterwards everything works again' is_well
ok 'they are counted' grep -q '^refused-resources[[:space:]]1[0-9][0-9]$' <<STATS
$("$B/pochtactl" --store "$T/store" stats)
STATS

# The stacks of threads that have ended are used again: ten at once need new ones.
case $B in
*/asan | */tsan) skip 'the sanitizer itself needs memory' 'no memory is left' ;;
*)
    let_fail mmap,brk ENOMEM
    rm "$T/crowd"
    crowd 30 "$T/go" >"$T/crowd" &
    children="$children $!"
    ok 'no memory is left' wait_for 90 test -s "$T/crowd"
    like "$(cat "$T/crowd")" '[0-9]* [1-9]* [0-9]* 0' '... some get the reason, and none is left waiting'
    note "$(cat "$T/crowd")"
    ok '... the connected client goes on' goes_on
    touch "$T/go"
    wait_for 20 connected 1
    untrace
    ok '... afterwards everything works again' is_well
    ;;
esac

# --- clients that vanish ---

send_large ann ann 5000000 1 >/dev/null
perl -MSocket -e '
    for (1 .. 20) { # a reset, in the midst of a large answer
        socket(my $c, PF_INET, SOCK_STREAM, 0) or die;
        connect($c, pack_sockaddr_in($ARGV[0], INADDR_LOOPBACK)) or die;
        setsockopt($c, SOL_SOCKET, SO_LINGER, pack("ii", 1, 0));
        my $all = "";
        $all .= sprintf "%010d%s", length, $_ for "Login|2|ann|secret|", ("Show all|0|") x 20;
        syswrite $c, $all;
        sysread $c, $all, 100;
        close $c;
    }' "$PORT"
ok 'clients that disconnect during an answer: the connected client goes on' goes_on
ok '... they are disconnected' wait_for 20 connected 1
ok '... and everything works again' is_well
close_conn 3
done_testing
