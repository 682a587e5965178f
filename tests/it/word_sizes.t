#!/bin/sh
# SPDX-License-Identifier: ISC
# 32-bit and 64-bit programs use one store, one after the other and at once: each reads all that the other writes.
. "$(dirname "$0")/lib.sh"
token=0123456789abcdef0123456789abcdef

case $B in
*/i386) other=${B%/i386} ;;
*) other=$B/i386 ;;
esac
if [ ! -x "$other/pochtad" ]; then
    skip 'there is no build of the other word size: make i386' 'one store, two word sizes'
    done_testing
fi
bits() { perl -e 'read STDIN, my $h, 5; print 32 * ord substr $h, 4' <"$1/pochtad"; } # BUILD
is "$(printf '%s\n' "$(bits "$B")" "$(bits "$other")" | sort | tr '\n' ' ')" '32 64 ' 'there are programs of both word sizes'

use() { # BUILD
    B=$1
    [ -z "$cheap_hashes" ] || cheap_hashes=$B/cheap_hashes.so
}
ctl() { "$B/pochtactl" --store "$T/store" "$@" 2>&1; }
client() { POCHTA_PASSWORD=secret "$B/pochta" --server "127.0.0.1:$PORT" --user "$@" 2>&1; }
semaphores() { find /dev/shm -maxdepth 1 -name "sem.pochta-$(head -c 46 "$T/store/lock" | tail -c 32)-*" 2>/dev/null | wc -l; }
state() { # what the store holds, as pochtactl prints it
    ctl user list --usage | sort
    ctl invite list | cut -f 1
}
told() { # what a server tells ann
    as2 ann 'Status|0|' 'Show list|0|' 'Show all|0|'
}
died() { grep ' event=died ' "$T/log"; }

this=$B
for from in "$this" "$other"; do
    if [ "$from" = "$this" ]; then to=$other; else to=$this; fi
    name="$(bits "$from") to $(bits "$to") bits"
    rm -rf "$T/store" "$T/state" "$T/data"
    : >"$T/log"
    use "$from"
    start_server --quota-bytes 8G
    register ann bob carol
    as2 ann "Send mes|3|ann|first|$token|" 'Send mes|2|bob|other|' 'Send mes|2|ann|deleted|' 'Delete mes|1|2|' \
        'Send mes|2|ann|some\nlines\p of text|' >/dev/null
    ctl user quota bob 5G 7 >"$T/out"
    ctl user disable bob >>"$T/out"
    ctl invite add >>"$T/out"
    as carol 'Delete user|0|' >/dev/null
    printf 'From bob Mon Jan  6 10:00:00 2020\n\nfirst of two\n\nFrom bob Mon Jan  6 10:00:00 2048\n\nsecond of two\n' >"$T/mbox"
    is "$(client ann import --format mbox "$T/mbox" | tail -n 1)" '2 imported, 0 there already' "$name: an import"
    told >"$T/out" # marks all as read
    told >"$T/told"
    like "$(cat "$T/told")" 'Answer|6|Yes|4|0|*' '... there are messages'
    state >"$T/before"
    stop_server KILL

    # The delivery log of one is recovered by the other.
    use "$to"
    start_server --quota-bytes 8G
    is "$(told)" "$(cat "$T/told")" '... which survive a kill'
    is "$(state)" "$(cat "$T/before")" '... as do accounts and invites'
    like "$(as2 ann "Send mes|3|ann|first|$token|")" 'Answer|2|Yes|1^ann^*' '... tokens are known'
    is "$(as2 ann 'Restore mes|1|2|' 'Peek mes|1|2|' | tail -n 1 | cut -d ^ -f 6)" deleted '... the trash is'
    is "$(ctl user restore carol; ctl user list carol | cut -f 1)" carol '... and deleted accounts'
    is "$(client ann import --format mbox "$T/mbox" | tail -n 1)" '0 imported, 2 there already' \
        '... an import that is repeated adds nothing'
    is "$(died)" '' '... nobody has died with the lock'
    is "$(semaphores)" 64 "... and of those that were killed no semaphore is left"

    # A tool of one beside a server of the other.
    use "$from"
    is "$(ctl fsck | tail -n 1)" '3 mailboxes, 6 messages, 0 findings' '... fsck beside a server'
    for round in 1 2 3 4 5; do
        { for i in 1 2 3 4 5 6 7 8; do frame "Send mes|2|ann|$round $i|"; done; } >"$T/many"
        { frame 'Login|2|ann|secret|' && cat "$T/many"; } | exchange | decode | grep -c '^Answer|2|Yes' >"$T/sent" &
        sender=$!
        children="$children $sender"
        ctl fsck | tail -n 1 | sed 's/.*messages, //'
        wait "$sender"
        cat "$T/sent"
    done >"$T/out"
    is "$(sort -u "$T/out" | tr '\n' ' ')" '0 findings 8 ' '... while letters arrive'
    is "$(died)" '' '... and neither takes the other for dead'
    is "$(ctl user list --usage ann | cut -f 3)" 45 '... all of them are there'
    is "$(client ann status | head -n 1)" 'messages 45' '... the client of one and the server of the other'
    stop_server
    is "$(semaphores)" 0 '... no semaphore is left'
    is "$(ctl fsck | tail -n 1 | sed 's/.*, //')" '0 findings' '... fsck of the store that the other leaves'
done
use "$this"

# The simulated machine runs whole servers, and shows each call for a file: a difference of the programs would show.
trace_of() { "$1/machine/simulate" --seed "$2" --trace 2>&1; } # BUILD SEED
for seed in 1 2 3 4 5; do
    trace_of "$this" $seed >"$T/this"
    trace_of "$other" $seed >"$T/other"
    ok "seed $seed of the simulated machine is the same run" cmp "$T/this" "$T/other"
done
ok '... in which much happens' test "$(wc -l <"$T/this")" -gt 1000

done_testing
