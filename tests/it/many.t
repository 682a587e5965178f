#!/bin/sh
# SPDX-License-Identifier: ISC
# Two concurrent clients, then fifty.
. "$(dirname "$0")/lib.sh"
start_server
register u0 u1 u2 u3 u4

open_conn 3
open_conn 4
send 3 "$(frame 'Login|2|u0|secret|')"
send 4 "$(frame 'Login|2|u1|secret|')"
is "$(heard 3 1) $(heard 4 1)" 'Answer|1|Yes| Answer|1|Yes|' 'two are logged in'
send 3 "$(frame 'Send mes|2|u1|from 3|')"
is "$(heard 3 2)" 'Answer|2|Yes|1^u0^DATE^6^2^^|' 'the first sends to the second'
send 4 "$(frame 'Show all|0|' 'Delete mes|1|1|')"
is "$(heard 4 2)" 'Answer|2|Yes|1^u0^DATE^6^2^from 3^|' 'the second sees the message at once'
send 3 "$(half_frame)" # and no more: a client in the midst of a frame
send 4 "$(frame 'Send mes|2|u0|from 4|')"
is "$(heard 4 4)" 'Answer|2|Yes|1^u1^DATE^6^2^^|' 'neither waits for the other'
send 3 "$(other_half)" # or over UDP in version 1 nobody would be told that it leaves
heard 3 3 >/dev/null
close_conn 3
close_conn 4
ok 'both are disconnected' wait_for 20 connected 0

# Client N is user N mod 5 and sends to the next user, while it reads its own mailbox.
client() {
    me=u$(($1 % 5)) next=u$((($1 + 1) % 5))
    {
        frame "Login|2|$me|secret|"
        wait_for 60 test -e "$T/go"
        for i in 1 2 3 4; do frame "Send mes|2|$next|$1.$i|" 'Show list|0|' 'Status|0|'; done
    } | exchange | decode >"$T/client$1"
}
n=0
while [ $n -lt 50 ]; do
    client $n &
    clients="${clients-} $!"
    n=$((n + 1))
done
ok 'fifty are connected at once' wait_for 60 connected 50
touch "$T/go"
# shellcheck disable=SC2086 # several ids
wait $clients
cat "$T"/client* >"$T/all"
is "$(grep -c '' "$T/all")" 650 'each request got an answer'
is "$(grep -Evc '^Answer\|[0-9]+\|Yes\|' "$T/all")" 0 'and the answer was Yes'

for u in 0 1 2 3 4; do
    as u$u 'Show all|0|' | tr '|' '\n' | grep '\^$' >"$T/mail$u"
    # u0 has one from before; the id of u1's is used up, its message deleted
    is "$(cut -d '^' -f 6 "$T/mail$u" | grep -v from | sort -u | grep -c '')" 40 \
        "u$u has forty different messages"
    is "$(cut -d '^' -f 1 "$T/mail$u" | sort -u | grep -c '')" "$(grep -c '' "$T/mail$u")" \
        "u$u has no id twice"
done
done_testing
