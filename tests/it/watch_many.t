#!/bin/sh
# SPDX-License-Identifier: ISC
# Watch: many letters at once, each announced once and in order; and nobody waits for a watcher that
# does not read.
. "$(dirname "$0")/lib.sh"
yes='Answer|1|Yes|'

watching() { # N NAME: connection N watches as that user; its first two frames
    open_conn "$1"
    send "$1" "$(frame "Login|2|$2|secret|" 'Watch|0|')"
    is "$(heard "$1" 2)" "$yes" "connection $1 watches $2's mailbox"
}

# --- eight send to four ---

start_server
register ann bob x y s1 s2 s3 s4 s5 s6 s7 s8
watching 3 x
watching 4 x
watching 5 y
watching 6 y
senders=''
for i in 1 2 3 4 5 6 7 8; do
    perl -e '
        sub frame { printf "%010d%s", length $_[0], $_[0] }
        frame("Login|2|s$ARGV[0]|secret|");
        for (1 .. 200) { my $to = $_ % 2 ? "x" : "y"; frame("Send mes|2|$to|$ARGV[0].$_|") }' "$i" |
        exchange >"$T/sender$i" &
    senders="$senders $!"
done
send 5 "$(frame 'Status|0|' 'Noop|0|' 'Status|0|' 'Noop|0|')"
# shellcheck disable=SC2086 # several ids
wait $senders
is "$(cat "$T"/sender? | decode | grep -c '^Answer|2|Yes|')" 1600 'eight send 200 messages each'
seq 800 | sed 's/^/Mail|1|/' >"$T/ids"
for i in 3 4 5 6; do
    heard $i $((802 + (i == 5) * 4)) >/dev/null
    all_heard "$i" | tail -n +3 | grep '^Mail' | cut -d '^' -f 1 >"$T/told$i"
    ok "watcher $i is told of each once, in order" cmp "$T/ids" "$T/told$i"
done
is "$(all_heard 5 | grep -cE '^Answer\|(1\|Yes\||6\|Yes\|[0-9]+\|[0-9]+\|[0-9]+\|1073741824\|0\|)$')" 6 \
    'one watcher sends requests meanwhile: each answer is whole'
for i in 3 4 5 6; do close_conn $i; done
stop_server

# --- one that reads nothing, and one that says nothing ---

start_server --recipients-per-minute 0 --write-timeout 3 --log-level info
send_large ann ann 5000000 1 >"$T/out"
mkfifo "$T/unread"
exec 7<>"$T/unread"
frame 'Start|0|' 'Login|2|ann|secret|' 'Watch|0|' 'Show exact|1|1|' 'Show exact|1|1|' 'Show exact|1|1|' \
    'Show exact|1|1|' >"$T/requests" # more than the system keeps for it
stay_connected <"$T/requests" >"$T/unread" 7>&- &
silent=$!
children="$children $silent"
is "$(head -c 69 <&7 | decode)" "$yes
$yes
$yes" 'a watcher that reads nothing'
watching 3 ann
perl -e '
    sub frame { printf "%010d%s", length $_[0], $_[0] }
    frame("Start|1|2|");
    frame("Login|2|bob|secret|");
    frame("Send mes|2|ann|" . "\\p" x 100 . "|") for 1 .. 2000' | exchange | decode >"$T/answers"
is "$(grep -c '^Answer|2|Yes|[0-9]*^bob^' "$T/answers")" 2000 'all 2,000 messages are answered'
has_ended() { grep -q 'does not read its answers' "$T/log"; }
ok '... and the watcher that reads nothing is dropped in the end' wait_for 30 has_ended
kill_child TERM "$silent"
exec 7>&-
heard 3 2002 >/dev/null
is "$(all_heard 3 | grep -c '^Mail')" 2000 '... and the one that reads got all announcements'
close_conn 3
stop_server

start_server --recipients-per-minute 0 --idle 8
open_conn 4
send 4 "$(frame 'Login|2|bob|secret|')"
heard 4 1 >/dev/null
watching 3 ann
is_told() {
    send 4 "$(frame 'Send mes|2|ann|x|')"
    grep -q Exit "$T/conn3.out"
}
wait_for 60 is_told
is "$(all_heard 3 | tail -n 1)" 'Exit|1|idle timeout|' \
    'a watcher that only receives is idle'
like "$(heard 3 3)" 'Mail|1|2002^bob^*' '... after some announcements'
close_conn 3
close_conn 4
stop_server
done_testing
