#!/bin/sh
# SPDX-License-Identifier: ISC
# Delete mes.
. "$(dirname "$0")/lib.sh"
start_server
register ann bob
yes='Answer|1|Yes|' no='Answer|2|Noop|'
as ann 'Send mes|2|bob|one|' 'Send mes|2|bob|two|' 'Send mes|2|bob|three|' \
    'Send mes|2|ann|mine|' >/dev/null

is "$(as bob 'Delete mes|1|2|' 'Show all|0|')" "$yes
Answer|3|Yes|1^ann^DATE^3^2^one^|3^ann^DATE^5^2^three^|" 'a deleted message is gone, others stay'
like "$(as bob 'Delete mes|1|2|' 'Show exact|1|2|' 'Resend|2|ann|2|')" "$no*
$no*
$no*" 'a deleted message cannot be deleted, shown or resent'
is "$(as bob 'Delete mes|1|1|' 'Show all|0|')" "$yes
Answer|2|Yes|3^ann^DATE^5^0^three^|" 'a message that was read can be deleted'
for id in 0 9 x '' -3 3x 18446744073709551619; do
    like "$(as bob "Delete mes|1|$id|")" "$no*" "no message '$id'"
done
like "$(as bob 'Delete mes|0|' 'Delete mes|2|3|3|')" "$no*
$no*" 'a wrong number of arguments is Noop'
like "$(talk 'Delete mes|1|3|')" "$no*" 'without Login: Noop'
is "$(as bob 'Show list|0|')" 'Answer|2|Yes|3^ann^DATE^5^0^three^|' 'none of the failed requests changed anything'
is "$(as ann 'Show all|0|')" 'Answer|2|Yes|1^ann^DATE^4^2^mine^|' 'the mail of other users is unchanged'

is "$(as bob 'Delete mes|1|3|')" "$yes" 'the newest is deleted'
is "$(as ann 'Send mes|2|bob|four|')" 'Answer|2|Yes|4^ann^DATE^4^2^^|' 'its id is not used again'
done_testing
