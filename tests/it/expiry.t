#!/bin/sh
# SPDX-License-Identifier: ISC
# keep-days: read mail that is old enough moves to the trash, while hours pass (hours_pass.c).
. "$(dirname "$0")/lib.sh"
yes='Answer|1|Yes|'

if [ -z "$cheap_hashes" ] || [ ! -e "$B/hours_pass.so" ]; then
    skip 'nothing can be preloaded here' 'old mail expires'
    done_testing
fi
hashes=$cheap_hashes HOURS_PASS=$T/hours-pass
export HOURS_PASS
start() { cheap_hashes="$hashes $B/hours_pass.so" && start_server --store-timeout 0 "$@" && cheap_hashes=$hashes; }
told() { grep -q " event=$1 " "$T/log"; } # EVENT AND FIELDS
pass_until() { # EVENT AND FIELDS: lets hours pass until the log has it
    : >"$HOURS_PASS"
    wait_for 30 told "$1"
    code=$?
    rm "$HOURS_PASS"
    return "$code"
}

start --keep-days 30h --trash-days 2 --log-level info
register ann bob
as ann 'Send mes|2|bob|one|' 'Send mes|2|bob|two|' 'Send mes|2|bob|three|' >/dev/null
as bob 'Mark mes|2|1|0|' 'Mark mes|2|3|0|' >/dev/null
is "$(as bob 'Show list|0|')" "Answer|4|Yes|1^ann^DATE^3^0^one^|2^ann^DATE^3^2^two^|3^ann^DATE^5^0^three^|" \
    'two messages were read'
ok 'when days have passed, they are old' pass_until 'expire user=bob count=2'
is "$(as bob 'Show list|0|' 'Show deleted|0|')" "Answer|2|Yes|2^ann^DATE^3^2^two^|
Answer|3|Yes|1^ann^DATE^3^1^one^|3^ann^DATE^5^1^three^|" '... and in the trash; what nobody has read is not'
is "$(as bob 'Restore mes|1|1|' 'Mark mes|2|1|2|' 'Peek mes|1|1|')" "$yes
$yes
Answer|2|Yes|1^ann^DATE^3^2^one^|" '... from which one can be restored'
ok '... and the other one is purged in its time' pass_until 'purge what=messages user=bob count=1'
is "$(grep -c ' event=clock ' "$T/log")" 0 'no clock was set'
is "$(grep -E 'one|three' "$T/log")" '' 'the log has no word of the messages'
done_testing
