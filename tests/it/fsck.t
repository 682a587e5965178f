#!/bin/sh
# SPDX-License-Identifier: ISC
# pochtactl fsck: finds what is wrong with files, and sets it aside when asked to, beside a server.
. "$(dirname "$0")/lib.sh"
start_server
talk 'Register|2|ann|secret|' 'Register|2|bob|secret|' 'Login|2|ann|secret|' \
    'Send mes|2|ann|one|' 'Send mes|2|ann|two|' 'Send mes|2|ann|three|' 'Send mes|2|ann|four|' \
    'Send mes|2|ann|five|' 'Delete mes|1|5|' 'Send mes|2|bob|hello|' >/dev/null
ann=$T/store/users/ann

fsck() { "$B/pochtactl" --store "$T/store" fsck "$@" 2>"$T/err"; }
file() { find "$ann" -name "$1" -printf '%f\n'; } # PATTERN

is "$(fsck; echo "exit $?")" '2 mailboxes, 6 messages, 0 findings
exit 0' 'an undamaged store: no findings'

is "$(fsck --json)" '[
]' '... as JSON'

one=$(file '*1-*')
two=$(file '*2-*')
three=$(file '*3-*')
four=$(file '*4-*')
perl -pi -e 's/one/onE/' "$ann/$one"
truncate -s -1 "$ann/$two"
perl -pi -e 's/^From: ann/From: bob/' "$ann/$three"
twin=$(echo "$four" | tr u n)
cp "$ann/$four" "$ann/$twin"
echo strange >"$ann/strange"
is "$(fsck ann | sort; fsck ann >/dev/null; echo "exit $?")" "$(sort <<END
ann/$one: the checksum is wrong
ann/$two: the file's length is wrong
ann/$three: it has no valid header
$(fsck | grep 'another file has the same id')
ann/strange: not the name of a message
1 mailboxes, 6 messages, 5 findings
END
echo 'exit 1')" 'each damage is found and named; only the given user is checked'
like "$(fsck | grep 'another file has the same id')" "ann/$four: another file has the same id: $twin" \
    'two files with one id: both are named, and the one that was read keeps it'
is "$(find "$ann" -name '*-b,*')" '' 'without --repair nothing changes'

fsck --json >"$T/out"
is "$? $(grep -c '^{"mailbox": "ann", "file": "0.*", "finding": ".*", "set-aside": "no"},*$' "$T/out")" '1 4' \
    '--json: a row for each finding'
: >"$ann/$(printf 'a\tb\nc')"
is "$(fsck | grep '/a')" 'ann/a\x09b\x0ac: not the name of a message' 'no name of a file breaks a line'
is "$(fsck --json | grep -c '"file": "a\\\\x09b\\\\x0ac"')" 1 '... or a row'
rm "$ann/$(printf 'a\tb\nc')"

fsck --repair >"$T/out"
is "$? $(grep -c ': set aside$' "$T/out")" '1 3' '--repair sets aside what is damaged'
is "$(find "$ann" -name '*-b,*' | wc -l) $(ls "$ann" | wc -l)" '3 8' '... and deletes nothing'
is "$(as ann 'Show list|0|' | tr '|' '\n' | grep -c four)" 2 'the server serves what is undamaged'
is "$(file '*6-u,*' | wc -l)" 1 '... and the second file with one id has another one'
is "$(fsck)" 'ann/strange: not the name of a message
2 mailboxes, 4 messages, 1 findings' 'afterwards only the foreign file remains'
like "$(as ann 'Restore mes|1|5|')" '*Yes*' 'the trash is unchanged'

mkdir "$T/store/users/ANN"
is "$(fsck | grep ANN)" 'ANN: not an account' 'a foreign file among the users'
rmdir "$T/store/users/ANN"
is "$(fsck nobody >/dev/null; echo $?) $(cat "$T/err")" '67 pochtactl: nobody: no such user' \
    'an unknown user'
"$B/pochtactl" --store "$T/nowhere" fsck >/dev/null 2>&1
is "$? $(test -e "$T/nowhere" && echo made)" '73 ' 'a missing store is not created'
"$B/pochtactl" frob 2>/dev/null
is $? 64 'an unknown command'

# In a store with very many mailboxes a sync of each would take hours.
ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0 strace -f -qq -y -e trace=fsync,fdatasync,syncfs -o "$T/synced" \
    "$B/pochtactl" --store "$T/store" fsck >/dev/null 2>&1
is "$(grep users "$T/synced")" '' 'fsck syncs no mailbox'

# Standard error on a terminal, or not.
seen() { TERM=$1 script -qec "'$B/pochtactl' --store '$T/store' fsck $2" /dev/null </dev/null; } # TERM WORD...
like "$(seen xterm '>/dev/null')" '*1 of 2 mailboxes, * messages, * findings*' 'on a terminal fsck shows its progress'
like "$(seen xterm 'ann >/dev/null')" '* of 1 mailboxes, *' '... of the named mailboxes'
is "$(seen dumb '>/dev/null' | grep -c mailboxes)" 0 '... but not on one that obeys no sequences'
is "$(fsck >/dev/null; grep -c mailboxes "$T/err")" 0 '... nor if standard error is not a terminal'

# A pager that has not read on yet: fsck waits for it, and nobody waits for fsck, whether it prints its
# findings there or its complaints.
for i in $(seq 2000); do echo "$ann/a-rather-long-name-that-is-not-one-of-a-message-$i"; done | xargs touch
mkfifo "$T/pager"
exec 7<>"$T/pager"
is_there() { ! gone "$reader"; }
unread() { # NAME COMMAND...: with a standard output or error that is not read
    name=$1
    shift
    "$@" 7>&- &
    reader=$!
    children="$children $reader"
    head -c 1 <&7 >/dev/null
    like "$(as ann 'Send mes|2|ann|meanwhile|')" 'Answer|2|Yes|*' "while nobody reads $name, mail goes on"
    ok '... and fsck still waits' is_there
    kill_child KILL "$reader"
    wait "$reader" 2>/dev/null
    perl -e 'use Fcntl; fcntl STDIN, F_SETFL, O_RDWR | O_NONBLOCK; 1 while sysread STDIN, $_, 65536' <&7
    perl -e 'use Fcntl; fcntl STDIN, F_SETFL, O_RDWR' <&7
}
findings() { exec "$B/pochtactl" --store "$T/store" fsck >"$T/pager" 2>/dev/null; }
complaints() { exec "$B/pochtactl" --store "$T/store" fsck 2>"$T/pager" >/dev/null; }
unread 'what fsck finds' findings
unread 'what fsck complains of' complaints
exec 7>&-

# A server that had lost the store to this one still wrote for a moment: its message has an id that this one has
# given, too. Neither message may hide the other.
register cleo
cleo=$T/store/users/cleo
as ann 'Send mes|2|cleo|late|' >/dev/null
late=$(basename "$cleo"/0*)
stop_server
mv "$cleo/$late" "$T/late"
start_server
like "$(as ann 'Send mes|2|cleo|answered|')" 'Answer|2|Yes|1^*' 'a message was answered Yes'
as cleo 'Show exact|1|1|' >/dev/null
answered=$(basename "$cleo"/0*-n,*)
mv "$T/late" "$cleo/$late"
is "$(fsck --repair cleo)" "cleo/$late: another file has the same id: $answered
1 mailboxes, 2 messages, 1 findings" '... and another one comes late: fsck leaves it to the server'
like "$(as cleo 'Show list|0|')" 'Answer|3|Yes|1^ann^*^answered^|2^ann^*^late^|' '... which shows both'
ok '... and logs both names' grep -q "two files have the same id: $answered stays, $late is message 2 from now on" "$T/log"
is "$(fsck cleo | tail -n 1)" '1 mailboxes, 2 messages, 0 findings' '... then all is well'

# The same, but no server runs.
bob=$T/store/users/bob
talk 'Login|2|ann|secret|' 'Send mes|2|bob|second|' 'Send mes|2|bob|third|' >/dev/null
as bob 'Show exact|1|1|' >/dev/null
stop_server
late=$(find "$bob" -name '*2-u,*' -printf '%f\n')
mv "$bob/$late" "$bob/0000000001${late#??????????}"
first=$(find "$bob" -name '*1-n,*' -printf '%f\n')
like "$(fsck bob)" "bob/0000000001-u,*: another file has the same id: $first
1 mailboxes, 3 messages, 1 findings" 'a file that was written late'
like "$(fsck --repair bob)" "*: $first: given the id 4
*, 1 findings" '... gets another id, if no server runs'
is "$(fsck bob)" '1 mailboxes, 3 messages, 0 findings' '... and stays a message'
start_server
like "$(as bob 'Show list|0|')" '*1^ann^*hello^|3^ann^*third^|4^ann^*second^|' '... which the next server shows'
done_testing
