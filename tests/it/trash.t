#!/bin/sh
# SPDX-License-Identifier: ISC
# Show deleted, Restore mes, quotas, the reserve, and accounts that are kept.
. "$(dirname "$0")/lib.sh"
yes='Answer|1|Yes|' no='Answer|2|Noop|'
start_server
register ann bob

as ann 'Send mes|2|bob|one
more|' 'Send mes|2|bob|two|' 'Send mes|2|bob|three|' >/dev/null
is "$(as bob 'Show deleted|0|' 'Delete mes|1|1|' 'Delete mes|1|3|' 'Show deleted|0|')" "$yes
$yes
$yes
Answer|3|Yes|1^ann^DATE^8^1^one^|3^ann^DATE^5^1^three^|" \
    'Show deleted: state 1, the first line, the length of the whole'
is "$(as bob 'SH_DEL|2|2|9|' 'Show deleted|2|1|1|')" 'Answer|2|Yes|3^ann^DATE^5^1^three^|
Answer|2|Yes|1^ann^DATE^8^1^one^|' 'Show deleted: a count of messages from an id on'
is "$(as bob 'Show all|0|' 'Restore mes|1|1|' 'Show list|0|' 'Show deleted|0|')" \
    "Answer|2|Yes|2^ann^DATE^3^2^two^|
$yes
Answer|3|Yes|1^ann^DATE^8^0^one^|2^ann^DATE^3^0^two^|
Answer|2|Yes|3^ann^DATE^5^1^three^|" 'Restore mes brings one back, as a normal one'
like "$(as bob 'Restore mes|1|1|' 'Restore mes|1|9|' 'Restore mes|1|x|' 'Restore mes|0|' \
    'Show deleted|1|1|')" "$no*
$no*
$no*
$no*
$no*" 'Restore mes of an unknown id and wrong arguments are Noop'
like "$(talk 'Show deleted|0|' 'Restore mes|1|3|')" "$no*
$no*" 'without Login: Noop'
is "$(as ann 'RST_MES|1|3|' | cut -d '|' -f 3)" Noop 'the trash of other users is out of reach'
stop_server
start_server
is "$(as bob 'RST_MES|1|3|' 'Show exact|1|3|')" "$yes
Answer|2|Yes|3^ann^DATE^5^0^three^|" 'the trash outlives a restart'
as bob 'Delete mes|1|3|' >/dev/null

# An account that was deleted.
is "$(as bob 'Delete user|0|')" "$yes" 'bob deletes his account'
is "$(find "$T/store/removed" -maxdepth 1 -name 'bob-*' | wc -l)" 1 'the deleted account is kept'
stop_server
start_server --kept-accounts 1
none_is_kept() { [ -z "$(find "$T/store/removed" -mindepth 1)" ]; }
ok 'deleted accounts over kept-accounts are removed' wait_for 20 none_is_kept

# No trash at all.
stop_server
start_server --trash-days 0
register carl
as ann 'Send mes|2|carl|gone at once|' >/dev/null
is "$(as carl 'Delete mes|1|1|' 'Show deleted|0|')" "$yes
$yes" 'trash-days 0: nothing is in the trash'
is "$(grep -rl 'gone at once' "$T/store/users" | wc -l)" 0 '... or on the disk'
as carl 'Delete user|0|' >/dev/null
removed() { [ -z "$(find "$T/store/removed" -mindepth 1)" ]; }
ok '... and deleted accounts are removed, too' wait_for 20 removed

# Quotas
stop_server
start_server --quota-messages 2 --quota-bytes 20
register dora
is "$(as ann 'Send mes|2|dora|one|' 'Send mes|2|dora|two|' 'Send mes|2|dora|three|' |
    cut -d '|' -f 3,4)" 'Yes|1^ann^DATE^3^2^^
Yes|2^ann^DATE^3^2^^
Noop|the mailbox is full' 'quota-messages'
is "$(as dora 'Status|0|')" 'Answer|6|Yes|2|2|6|20|2|' '... and Status shows it'
as dora 'Delete mes|1|1|' >/dev/null
like "$(as ann 'Send mes|2|dora|fifteen bytes..|')" "Answer|2|Yes|3^*" \
    'the trash makes room for new mail'
is "$(as dora 'Show deleted|0|')" "$yes" '... and is empty then'
as dora 'Delete mes|1|2|' >/dev/null
like "$(as ann 'Send mes|2|dora|123456|')" "$no*full|" 'quota-bytes'
like "$(as ann 'Send mes|2|dora|12345|')" "Answer|2|Yes|4^*" '... up to the last byte'

# The reserve
stop_server
start_server --reserve-bytes 1000000G
like "$(talk 'Register|2|emil|secret|')" "${no}the server's disk is full|" \
    'reserve-bytes: no account is created'
like "$(as ann 'Send mes|2|ann|x|' 'Show all|0|' | cut -d '|' -f 1-4)" "${no}the server's disk is full
Answer|1|Yes|" 'reserve-bytes: nothing new is accepted'
done_testing
