#!/bin/sh
# SPDX-License-Identifier: ISC
# pochtactl drain --delay: the server is being drained at once, but accepts new clients until the time is over.
# The request Health, for load balancers, has a test of its own.
. "$(dirname "$0")/lib.sh"
yes='Answer|1|Yes|'
accepts='Exit|1|the server accepts no more clients|'

ctl() { "$B/pochtactl" --store "$T/store" "$@"; }
raw() { frame "$1" | nc -N -U "$T/store/control.sock" | decode 1; } # PAYLOAD: of a request
drain() { # OPTION...: in the background
    rm -f "$T/drained"
    { ctl drain "$@" && echo left; } >"$T/drained" 2>&1 3>&- &
    drain=$!
    children="$children $drain"
}
began() { grep "event=admin verb=drain.* level=notice" "$T/log" | sed 's/.*verb=//'; } # what the log has of it
logged() { [ "$(began)" = "$1" ]; }
# Whether a tool has asked at least this often. At the level debug the log has each time.
asked() { [ "$(grep -c 'event=admin verb=drain' "$T/log")" -ge "$1" ]; }

start_server --log-level debug

for wrong in 5x '' -1s 2d 99999999999999999999; do
    is "$(code ctl drain "--delay=$wrong") $(cat "$T/err")" \
        "64 pochtactl: $wrong is not a duration (30s, 5m, 2h) of at most 1d; see pochtactl --help" "--delay '$wrong'"
    like "$(raw "drain|2|--delay|$wrong|")" 'Answer|3|Noop|64|*' '... which the server refuses, too'
done
is "$(code ctl drain 5s)" 64 'a time without --delay is refused'
for request in 'drain|1|--delay|' 'drain|1|5s|' 'drain|3|x|--delay|5s|' 'kick|2|--delay|5s|'; do
    is "$(raw "$request")" 'Answer|3|Noop|64|wrong number of arguments|' "the request $request is refused"
done
is "$(raw 'drain|1|--wait|')" 'Answer|2|Yes||' 'a server that is not being drained gives no number to a tool that waits'
is "$(began) $(talk 'Noop|0|')" " $yes" '... and is still not being drained'

drain --delay 1h
ok 'the log has the delay' wait_for 20 logged 'drain delay=1h code=0 level=notice'
ok '... and the tool asks again, although no client is there' wait_for 20 asked 3
is "$(talk 'Noop|0|')" "$yes" 'a client that comes during the delay is accepted'
is "$(raw 'drain|2|--delay|2h|')" 'Answer|2|Yes|0\x0A|' 'a longer delay is answered'
is "$(began)" 'drain delay=1h code=0 level=notice' '... and changes nothing'
ok '... the tool still waits' eval '! gone $drain'
open_conn 3
send 3 "$(frame 'Noop|0|')"
heard 3 1 >/dev/null
is "$(raw 'drain|0|')" 'Answer|2|Yes|1\x0A|' 'drain without a delay is answered'
is "$(talk 'Noop|0|')" "$accepts" '... and ends the delay: new clients are refused'
is "$(raw 'drain|2|--delay|1h|'; talk 'Noop|0|')" "Answer|2|Yes|1\\x0A|
$accepts" '... even if another delay follows'
send 3 "$(frame 'Noop|0|')"
is "$(heard 3 2)" "$yes" '... clients that are already connected stay'
close_conn 3

# A tool that still waits must not drain the next server
stop_server
start_server --log-level debug
ok 'the tool ends when another server has come' wait_for 20 gone "$drain"
is "$(cat "$T/drained")" '0
left' '... without an error'
is "$(talk 'Noop|0|')" "$yes" '... and that server accepts clients'

drain --delay 2s
ok 'the log has a short delay, too' wait_for 20 logged 'drain delay=1h code=0 level=notice
drain code=0 level=notice
drain delay=2s code=0 level=notice'
is "$(talk 'Noop|0|')" "$yes" '... new clients are accepted'
ok '... the tool waits until it is over' eval '! gone $drain'
ok '... and ends' wait_for 20 gone "$drain"
is "$(cat "$T/drained")" '0
left' '... without an error'
is "$(talk 'Noop|0|')" "$accepts" '... then new clients are refused'
done_testing
