#!/bin/sh
# SPDX-License-Identifier: ISC
# Show all, unread, exact, list and Status.
. "$(dirname "$0")/lib.sh"
start_server
register ann bob
no='Answer|2|Noop|'

is "$(as ann 'Show all|0|' 'Show unread|0|' 'Show list|0|')" 'Answer|1|Yes|
Answer|1|Yes|
Answer|1|Yes|' 'an empty mailbox is no error'

as bob 'Send mes|2|ann|one|' 'Send mes|2|ann|two|' >/dev/null
is "$(as ann 'Show unread|0|' 'Show unread|0|')" \
    'Answer|3|Yes|1^bob^DATE^3^2^one^|2^bob^DATE^3^2^two^|
Answer|1|Yes|' 'Show unread: as they were before, Normal after'
as bob 'Send mes|2|ann|three|' >/dev/null
is "$(as ann 'Show all|0|' 'Show all|0|')" \
    'Answer|4|Yes|1^bob^DATE^3^0^one^|2^bob^DATE^3^0^two^|3^bob^DATE^5^2^three^|
Answer|4|Yes|1^bob^DATE^3^0^one^|2^bob^DATE^3^0^two^|3^bob^DATE^5^0^three^|' 'Show all: the same'
as bob 'Send mes|2|ann|four|' >/dev/null
is "$(as ann 'Show exact|1|4|' 'Show exact|1|4|' 'Show unread|0|')" \
    'Answer|2|Yes|4^bob^DATE^4^2^four^|
Answer|2|Yes|4^bob^DATE^4^0^four^|
Answer|1|Yes|' 'Show exact: the same'
is "$(as ann 'Mark mes|2|4|2|' 'Peek mes|1|4|' 'Show unread|0|' 'Peek mes|1|4|' 'Mark mes|2|4|2|')" \
    'Answer|1|Yes|
Answer|2|Yes|4^bob^DATE^4^2^four^|
Answer|2|Yes|4^bob^DATE^4^2^four^|
Answer|2|Yes|4^bob^DATE^4^0^four^|
Answer|1|Yes|' 'Mark mes: unread again; Peek mes: keeps the state'
stop_server
start_server
is "$(as ann 'Peek mes|1|4|' 'MARK|2|4|0|' 'PEEK|1|4|')" \
    'Answer|2|Yes|4^bob^DATE^4^2^four^|
Answer|1|Yes|
Answer|2|Yes|4^bob^DATE^4^0^four^|' '... also after a restart'
like "$(as bob 'Peek mes|1|1|' 'Mark mes|2|1|2|' 'Mark mes|2|4|2|')" "$no*
$no*
$no*" 'the messages of others are neither shown nor marked'
for id in 5 0 -1 x '' ' 1' 1x 18446744073709551617 99999999999999999999999; do
    like "$(as ann "Show exact|1|$id|")" "$no*" "no message '$id'"
done
like "$(as bob 'Show exact|1|1|')" "$no*" 'the messages of others are not shown'

as bob 'Send mes|2|ann|5|' 'Send mes|2|ann|6|' 'Send mes|2|ann|7|' 'Send mes|2|ann|8|' \
    'Send mes|2|ann|9|' 'Send mes|2|ann|10|' 'Send mes|2|ann|11|' >/dev/null
is "$(as ann 'Show all|0|' | tr '|' '\n' | sed -n 's/\^.*//p' | tr '\n' ' ')" \
    '1 2 3 4 5 6 7 8 9 10 11 ' 'messages are sorted by id, as numbers'

# Show list
eighty=12345678901234567890123456789012345678901234567890123456789012345678901234567890
cr=$(printf '\r')
register carl
in_version_2 as bob "Send mes|2|carl|first
second|" "Send mes|2|carl|first$cr
second|" "Send mes|2|carl|${eighty}1|" \
    "Send mes|2|carl|${eighty%??}xЖ|" "Send mes|2|carl|$eighty|" 'Send mes|2|carl||' >/dev/null
list=$(as carl 'Show list|0|')
is "$list" "Answer|7|Yes|1^bob^DATE^12^2^first^|2^bob^DATE^13^2^first^|3^bob^DATE^81^2^$eighty^|\
4^bob^DATE^81^2^${eighty%??}x^|5^bob^DATE^80^2^$eighty^|6^bob^DATE^0^2^^|" \
    'Show list: the first line, 80 bytes at most, no half character; len is the body'\''s'
is "$(as carl 'Show list|0|')" "$list" 'Show list changes no state'
is "$(as carl 'Show list|2|2|1|' 'Show list|2|6|100|' 'Show list|2|7|1|' 'Show list|2|1|0|')" \
    'Answer|2|Yes|2^bob^DATE^13^2^first^|
Answer|2|Yes|6^bob^DATE^0^2^^|
Answer|1|Yes|
Answer|1|Yes|' 'Show list: a count of messages from an id on'
like "$(as carl 'Show list|1|2|' 'Show list|2|x|1|' 'Show list|2|1|x|')" "$no*
$no*
$no*" 'Show list: one argument, or one that is not a number, is Noop'
is "$(as carl 'Show exact|1|1|')" 'Answer|2|Yes|1^bob^DATE^12^2^first\x0Asecond^|' \
    'in length form a body keeps its line ends'

# Status
like "$(as carl 'Status|0|')" 'Answer|6|Yes|6|5|267|*|*|' 'Status: total, unread, bytes'
as carl 'Delete mes|1|3|' >/dev/null
like "$(as carl 'Status|0|')" 'Answer|6|Yes|5|4|*|*|*|' 'Status after Delete mes'
like "$(talk 'Status|0|' 'Show all|0|' 'Show list|0|')" "$no*
$no*
$no*" 'without Login: Noop'

# Dates: each version shows the same moment, version 1 in the server's time zone.
stop_server
TZ=XYZ-5:30
export TZ
start_server
local_date=$({ frame 'Login|2|carl|secret|' 'Show exact|1|1|' | exchange; } | cut -d '^' -f 3)
utc_date=$({ frame 'Start|1|2|' 'Login|2|carl|secret|' 'Show exact|1|1|' | in_version_2 exchange; } |
    cut -d '^' -f 3)
like "$utc_date" '20[0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z' 'RFC 3339'
is "$local_date" "$(date -d "$utc_date" '+%a %b %e %T %Y')" 'asctime in the server'\''s zone'
done_testing
