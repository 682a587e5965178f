#!/bin/sh
# SPDX-License-Identifier: ISC
# recipients-per-minute: how many messages a user may send.
. "$(dirname "$0")/lib.sh"
start_server --recipients-per-minute 3 --log-level info
register ann bob carl
yes='Answer|1|Yes|'
stored='Answer|2|Yes|*^*^*^1^2^^|'
refused='Answer|2|Noop|too often: more than 3 messages a minute; try again in * s|'
token=00112233445566778899aabbccddeeff

like "$(as2 ann "Send mes|3|bob|x|$token|" "Send mes|3|bob|x|$token|" "Send mes|3|bob|x|$token|")" \
    "Answer|2|Yes|1^ann^UTC^1^2^^|
Answer|2|Yes|1^ann^UTC^1^2^^|
Answer|2|Yes|1^ann^UTC^1^2^^|" 'a message and its repeats'
like "$(as ann 'Send mes|2|nobody|x|' 'Send mes|2|bob|x|' 'Send mes|2|ann|x|')" \
    "Answer|2|Noop|no such user|
$stored
$stored" 'repeats do not count; two more messages'
like "$(as ann 'Send mes|2|bob|y|' 'Resend|2|bob|1|' 'Noop|0|')" "$refused
$refused
$yes" 'then Send mes and Resend are refused, and the session goes on'
like "$(as2 ann "Send mes|3|bob|x|$token|")" 'Answer|2|Yes|1^ann^UTC^1^2^^|' 'a repeat is not refused'
like "$(as bob 'Send mes|2|ann|x|' 'Status|0|')" "$stored
Answer|6|Yes|2|*" 'another user is not refused, and nothing was stored'
ok 'the log has the event' grep -q 'event=send result=fail from=ann to=bob bytes=1 reason="too often" ' "$T/log"
is "$("$B/pochtactl" --store "$T/store" stats | grep '^messages')" 'messages	4
messages-refused	2' 'the statistics count it'
echo secret >"$T/secret"
echo y | "$B/pochta" --server "127.0.0.1:$PORT" --user ann --password-file "$T/secret" \
    send bob >"$T/out" 2>"$T/err"
is $? 75 'pochta exits with the code for a temporary failure'
like "$(cat "$T/err")" '*more than 3 messages a minute; try again in * s*' '... in the same words'
is "$(as carl 'Check user|1|bob|' 'Check user|1|nobody|' 'Check user|1|bob|')" "$yes
Answer|2|Noop|no such user|
$yes" 'Check user asks three times'
like "$(as carl 'Check user|1|bob|' 'Send mes|2|bob|x|')" "$refused
$refused" '... and has then used up what may be sent'
stop_server

start_server --recipients-per-minute 0
n=0
while [ $n -lt 700 ]; do
    frame 'Send mes|2|bob|x|'
    n=$((n + 1))
done >"$T/many"
{ frame 'Login|2|ann|secret|'; cat "$T/many"; } | in_version_2 exchange | decode >"$T/out"
is "$(grep -c '^Answer|2|Yes' "$T/out")" 700 '0: no limit'
stop_server
start_server
{ frame 'Login|2|ann|secret|'; cat "$T/many"; } | in_version_2 exchange | decode >"$T/out"
ok 'by default 600 at once' test "$(grep -c '^Answer|2|Yes' "$T/out")" -ge 600
done_testing
