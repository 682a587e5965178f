#!/bin/sh
# SPDX-License-Identifier: ISC
# What a client that reads costs in system calls, from the request to its answer, while no other process
# uses the store. strace counts.
. "$(dirname "$0")/lib.sh"
message='openat pread64 close'
exact="recvfrom $message sendto"

# Each request in the trace that is like this one, as the calls that its thread made until it was answered,
# but for those by which the C library gets memory.
calls() { # REQUEST
    awk -v request="$1" '
        / <unfinished / { next }
        { thread = $1; sub(/^[0-9]+ +(<\.\.\. )?/, ""); call = $0; sub(/[^a-z0-9_].*/, "", call) }
        call == "recv" { call = "recvfrom" } # of 32-bit programs
        call == "send" { call = "sendto" }
        call ~ /^(mmap2?|munmap|mprotect|madvise|brk)$/ { next }
        call == "recvfrom" && index($0, request) { calls[thread] = call; next }
        thread in calls { calls[thread] = calls[thread] " " call }
        thread in calls && call == "sendto" { print calls[thread]; delete calls[thread] }' "$T/strace"
}

ask() { # N FRAME: asks in connection N and waits for the answer
    answer=$(($(all_heard "$1" | wc -l) + 1))
    send "$1" "$2"
    case $(heard "$1" "$answer") in *'|Yes|'*) ;; *) diag "no Yes to $2" ;; esac
}

lines_came() { [ "$(wc -l <"$T/conn5.out")" -ge "$1" ]; } # COUNT: in connection 5

ask_line() { # LINE: the same in connection 5, whose answers are lines
    answer=$(($(wc -l <"$T/conn5.out") + 1))
    printf '%s\n' "$1" >&5
    wait_for 20 lines_came "$answer" || diag "no answer to $1"
}

requests() { # COUNT REQUEST: whether so many have been traced to their end
    [ "$(calls "$2" | wc -l)" -ge "$1" ]
}

traced() { # COUNT REQUEST: the kinds of what they cost, each once
    wait_for 20 requests "$@" || diag "the trace lacks some of $2"
    calls "$2" | sort -u
}

costs_five() ( # a request; the server looks every second whether it is alone, and keeps its locks then
    trace
    ask 3 "$(frame 'Show exact|1|1|')"
    wait_for 20 requests 1 'Show exact'
    untrace
    [ "$(calls 'Show exact')" = "$exact" ]
)

start_server
register ann
as2 ann 'Send mes|2|ann|one|' 'Send mes|2|ann|two \p escapes \c|' 'Send mes|2|ann|three|' 'Show all|0|' >/dev/null
trace
if ! is_traced; then
    skip 'no process may be traced here' 'counting system calls'
    done_testing
fi
untrace
open_conn 3
open_conn 4
open_conn 5
ask 3 "$(frame 'Login|2|ann|secret|')"
ask 4 "$(frame 'Start|1|2|')"
ask 4 "$(frame 'Login|2|ann|secret|')"
ask_line '<Login|2|ann|secret|>'
ok 'a server that is alone needs five system calls for Show exact' wait_for 20 costs_five
trace
for i in 1 2 3; do
    ask 3 "$(frame "Show exact|1|$i|")"
    ask 4 "$(frame "Show exact|1|$i|")"
    ask_line "<Show exact|1|$i|>"
done
is "$(traced 9 'Show exact')" "$exact" '... in three sessions of one mailbox, with frames of both versions and with lines'
for n in 3 4; do
    ask $n "$(frame 'Peek mes|1|2|')"
    ask $n "$(frame 'Show all|0|')"
    ask $n "$(frame 'Show list|0|')"
    ask $n "$(frame 'Status|0|')"
done
is "$(traced 2 'Peek mes')" "$exact" 'Peek mes: the same'
is "$(traced 2 'Show all')" "recvfrom $message $message $message sendto" 'Show all: three for each of three messages'
is "$(traced 2 'Show list')" "recvfrom $message $message $message sendto" 'Show list: the same'
is "$(traced 2 'Status')" 'recvfrom sendto' 'Status: none but those of the network'
ask 3 "$(frame 'Login|2|ann|secret|')"
is "$(traced 1 'Login|2|' | grep -o openat | wc -l)" 2 'a login of a session once more: looks at the account one time'
untrace

"$B/pochtactl" --store "$T/store" fsck >/dev/null
ok 'after a visit of another process, five again' wait_for 20 costs_five
done_testing
