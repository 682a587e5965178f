#!/bin/sh
# SPDX-License-Identifier: ISC
# Import mes.
. "$(dirname "$0")/lib.sh"
TZ=XYZ-5:30
export TZ
start_server
register ann bob
no='Answer|2|Noop|'
old=2001-02-28T23:59:59Z
token=0123456789abcdef

dates() { cut -d '^' -f 2,3,5; } # of the answer's only message: sender, date, state
as2_dated() { # NAME PAYLOAD...: as2 with the dates as they are
    name=$1
    shift
    { frame 'Start|1|2|' "Login|2|$name|secret|" "$@" | in_version_2 exchange; } |
        sed 's/[0-9]\{10\}Answer/\nAnswer/g' | sed 1,3d
}
as_dated() { # the same in version 1
    name=$1
    shift
    { frame "Login|2|$name|secret|" "$@" | exchange; } | sed 's/[0-9]\{10\}Answer/\nAnswer/g' | sed 1,2d
}

is "$(as2_dated ann "Import mes|3|$old|0|From: bob\p\\\\|" | dates)" "ann^$old^0" \
    'the answer has the date and the state'
is "$(as2_dated ann "Import mes|4|$old|2|second|$token|" "IMPORT|4|$old|2|again|$token|" | dates)" \
    "ann^$old^2
ann^$old^2" 'a repeat with its token gets the same answer'
is "$(as2_dated ann 'Peek mes|1|1|' 'Peek mes|1|2|')" \
    "Answer|2|Yes|1^ann^$old^11^0^From: bob\\p\\\\^|
Answer|2|Yes|2^ann^$old^6^2^second^|" 'both are in the own mailbox, from oneself'
stop_server
start_server
is "$(as2_dated ann 'Peek mes|1|1|' 'Peek mes|1|2|')" \
    "Answer|2|Yes|1^ann^$old^11^0^From: bob\\p\\\\^|
Answer|2|Yes|2^ann^$old^6^2^second^|" '... also after a restart'
is "$(as_dated ann 'Peek mes|1|2|' | dates)" 'ann^Thu Mar  1 05:29:59 2001^2' \
    'version 1 has the date in the zone of the server'
is "$(as bob 'Status|0|')" 'Answer|6|Yes|0|0|0|1073741824|0|' 'nobody else has got anything'

like "$(as ann "Import mes|3|$old|0|x|" 'Noop|0|')" "${no}Import mes needs version 2*
Answer|1|Yes|" 'version 1 has no Import mes'
like "$(in_version_2 talk 'Start|1|2|' "Import mes|3|$old|0|x|")" "Answer|2|Yes|2|
$no*" 'without Login: Noop'
like "$(as2 ann 'Import mes|3|yesterday|0|x|' 'Import mes|3|2017-02-29T00:00:00Z|0|x|' \
    'Import mes|3|2999-01-01T00:00:00Z|0|x|')" "${no}a date has the form 2017-12-03T12:51:33Z, *
${no}a date has the form *
${no}a date has the form *" 'a date that is malformed, of no such day, or to come: Noop with the rule'
like "$(as2 ann "Import mes|3|$old|1|x|" "Import mes|3|$old||x|")" "${no}a state is 0 *
${no}a state is 0 *" 'another state: Noop with the rule'
is "$(as ann 'Status|0|' | cut -d '|' -f 4-6)" '2|1|17' 'what was refused is not stored'

# The file is as good as that of any other message.
is "$(find "$T/store/users/ann" -name '*-n,t=983404799,*' | wc -l)" 1 'the file has the date and the state'
is "$("$B/pochtactl" --store "$T/store" fsck)" '2 mailboxes, 2 messages, 0 findings' \
    'fsck finds nothing'
open_conn 3 && send 3 "$(frame 'Login|2|ann|secret|' 'Watch|0|')" && heard 3 2 >/dev/null
as2 ann "Import mes|3|$old|0|third|" >/dev/null
is "$(heard 3 3)" 'Mail|1|3^ann^DATE^5^2^third^|' 'Watch announces it as any message'
close_conn 3
done_testing
