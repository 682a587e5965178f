#!/bin/sh
# SPDX-License-Identifier: ISC
# A start with the clock years ahead, as with a dead battery, destroys nothing: what was deleted a minute
# ago can be brought back afterwards.
. "$(dirname "$0")/../it/lib.sh"
ctl() { "$B/pochtactl" --store "$T/store" "$@"; }

if [ ! -e "$B/clock_ahead.so" ]; then
    skip 'no preload under a sanitizer' 'a start with the clock years ahead'
    done_testing
fi
start_server
register ann bob
is "$(as ann 'Send mes|2|ann|precious|' 'Delete mes|1|1|' | cut -d '|' -f 3)" "Yes
Yes" 'a message is deleted'
is "$(as bob 'Delete user|0|')" 'Answer|1|Yes|' 'an account is deleted'
is "$(ctl invite add >/dev/null; ctl invite list | wc -l)" 1 'an invite is made'
stop_server

hashes=$cheap_hashes
cheap_hashes="$hashes $B/clock_ahead.so"
start_server --log-level debug
cheap_hashes=$hashes
has_begun() { [ "$(grep -c 'event=listen ' "$T/log")" = "$1" ]; } # COUNT
wait_for 20 has_begun 2
is "$(date +%Y)" "$(sed -n 's/.*time=\([0-9]*\)-.*event=listen .*/\1/p' "$T/log" | head -n 1)" 'the first start was now'
ok '... the second is years ahead' test "$(sed -n 's/.*time=\([0-9]*\)-.*event=listen .*/\1/p' "$T/log" | tail -n 1)" -gt "$(($(date +%Y) + 8))"
is "$(as ann 'Restore mes|1|1|' 'Delete mes|1|1|')" 'Answer|1|Yes|
Answer|1|Yes|' 'the message is there while the clock is ahead'
stop_server

start_server
is "$(as ann 'Restore mes|1|1|' 'Peek mes|1|1|' | tail -n 1 | cut -d ^ -f 6)" precious 'the message can be restored'
ok 'the account can be restored' ctl user restore bob
is "$(ctl invite list | wc -l)" 1 'the invite is there'
stop_server

# From 2038 on, the seconds since 1970 need more than 32 bits.
cheap_hashes="$hashes $B/clock_ahead.so"
CLOCK_AHEAD_YEARS=30
export CLOCK_AHEAD_YEARS
start_server
unset CLOCK_AHEAD_YEARS
cheap_hashes=$hashes
like "$(as2 ann 'Send mes|3|ann|late|0123456789abcdef|' 'Peek mes|1|2|')" 'Answer|2|Yes|2^ann^UTC^4^2^^|
Answer|2|Yes|2^ann^UTC^4^2^late^|' 'a message that arrives while the clock is 30 years ahead'
late=$(find "$T/store/users/ann" -name '*2-u,t=*' | sed 's/.*,t=\([0-9]*\),.*/\1/')
ok '... has a date of more than 32 bits' test "$late" -gt 2147483647
stop_server
start_server
like "$(as2 ann 'Send mes|3|ann|late|0123456789abcdef|' 'Peek mes|1|2|')" 'Answer|2|Yes|2^*
Answer|2|Yes|2^ann^UTC^4^2^late^|' '... the clock is right again: the message is there'
stop_server

# The store has nothing that could be destroyed, so nothing asks how old it is.
rm -r "$T/store"
: >"$T/log"
CLOCK_AHEAD=$T/ahead
export CLOCK_AHEAD
cheap_hashes="$hashes $B/clock_ahead.so"
start_server
cheap_hashes=$hashes
is_told() { [ "$(grep -c ' event=clock ' "$T/log")" = "$1" ]; }
: >"$T/ahead"
ok 'a clock that is set is logged' wait_for 20 is_told 1
rm "$T/ahead"
ok '... and so is one that is set back' wait_for 20 is_told 2
done_testing
