#!/bin/sh
# SPDX-License-Identifier: ISC
# Backups while a server runs: a backup has what was answered Yes before it began; what has not changed is not copied
# again; the next run continues an interrupted one; what is restored is as it was.
. "$(dirname "$0")/lib.sh"

end_all() {
    status=$?
    umount "$T/small" 2>/dev/null
    (exit "$status")
    clean_up
}
trap end_all EXIT

tool() { "$B/pochtactl" --store "$T/store" "$@"; }
fresh() { "$B/pochtactl" --store "$T/fresh" "$@"; }
backup() { tool backup "$T/backups" "$@"; }
last_list() { find "$T/backups" -maxdepth 1 -name '*Z' | sort | tail -n 1; }
lists() { find "$T/backups" -maxdepth 1 -name '*Z' | wc -l; }
copies() { find "$T/backups/accounts" -mindepth 2 -maxdepth 2 -path "*/$1-*" | sort; } # NAME: directories
last_copy() { copies "$1" | tail -n 1; }
dir_of() { # NAME: the directory that the last backup has for it
    awk -v name="$1" -v in_="$T/backups/accounts" '$1 == name { print in_ "/" name "-" $2 "/" $3 }' "$(last_list)"
}
files() { (cd "$1" && find . -name '0*' | sort); } # DIRECTORY: the messages
same() { diff -r -x 'invite-*' "$1" "$2" >"$T/diff" || { note "$(cat "$T/diff")"; false; }; }
yes() { grep -o 'Answer|2|Yes|' "$1" | wc -l; } # FILE: frames
new_store() { # an empty one, without a server
    rm -rf "$T/fresh"
    "$B/pochtad" --store "$T/fresh" --listen 127.0.0.1:0 --port-file "$T/fresh.port" >"$T/fresh.log" 2>&1 &
    pid=$!
    children="$children $pid"
    wait_for 20 test -s "$T/fresh.port"
    kill "$pid"
    wait "$pid"
    rm -f "$T/fresh.port"
}

start_server --clients-per-address 0 --connections-per-minute 0 --recipients-per-minute 0
register ann bob cleo >"$T/out"
send_large ann bob 100 20 >"$T/sent"
as bob 'Show exact|1|1|' 'Show exact|1|2|' 'Show exact|1|3|' 'Delete mes|1|4|' 'Delete mes|1|5|' >"$T/out"

# --- the first, while mail arrives ---

send_large ann cleo 2000 300 >"$T/load" &
load=$!
has_mail() { [ -n "$(find "$T/store/users/cleo" -name '0*' | head -n 1)" ]; }
wait_for 20 has_mail
begun=$(yes "$T/load")
is "$(code backup)" 0 'a backup is made while the server receives mail'
like "$(cat "$T/out")" "*Z: 3 accounts, 3 of them changed; *" '... and says what it did'
is "$(cat "$T/err")" '' '... and nothing else'
ok '... it has all that was answered Yes before it began' test "$(files "$(dir_of cleo)" | wc -l)" -ge "$begun"
wait "$load"
is "$(code tool fsck)" 0 '... fsck finds nothing'
ok '... an account is there as it is in the store' same "$T/store/users/bob" "$(dir_of bob)"
ok 'nobody else can read it' is_private "$T/backups"

# --- incremental ---

is "$(code backup)" 0 'another backup is made'
send_large ann bob 50 1 >"$T/out"
as bob 'Show exact|1|6|' >"$T/out"
earlier=$(dir_of bob) ann=$(dir_of ann)
is "$(code backup)" 0 'a backup after a letter to one account'
like "$(cat "$T/out")" "*3 accounts, 1 of them changed; 1 messages copied*" '... copies that letter alone'
is "$(dir_of ann)" "$ann" 'an account that did not change costs a line'
ok 'one that did has a directory of its own' test "$(dir_of bob)" != "$earlier"
linked=0
for file in "$(dir_of bob)"/0*-n,*; do [ "$(stat -c %h "$file")" -gt 1 ] && linked=$((linked + 1)); done
ok '... in which unchanged messages are links' test "$linked" -ge 1
ok '... and it is as the store has it' same "$T/store/users/bob" "$(dir_of bob)"
printf 'secret\n' | tool user passwd ann
is "$(code backup)" 0 'a backup after a change of a password'
ok '... has the new one' cmp -s "$T/store/users/ann/account" "$(dir_of ann)/account"

# --- damage ---

bad=$(find "$T/store/users/bob" -name '0000000008-*')
printf x >>"$bad"
send_large ann bob 50 1 >"$T/out"
is "$(code backup)" 0 'a backup of a damaged message that the earlier backup has'
ok '... keeps the intact copy' test "$(stat -c %s "$(dir_of bob)/${bad##*/}")" -lt "$(stat -c %s "$bad")"
new=$(find "$T/store/users/bob" -name '0000000022-*')
printf x >>"$new"
mv "$(dir_of bob)" "$T/aside"
is "$(code backup)" 1 'a backup without that earlier copy: exit code 1'
like "$(cat "$T/err")" "*bob: the files of the earlier backup cannot be opened*" '... which is reported'
like "$(cat "$T/err")" "*bob/0000000008-*: copied as damaged: the file's length is wrong*" '... a damaged message is reported'
is "$(files "$(dir_of bob)" | wc -l)" 22 '... and does not stop the rest'
rm -rf "$T/aside"
truncate -s -1 "$bad"
truncate -s -1 "$new"

# --- a full disk ---

mkdir "$T/small"
if mount -t tmpfs -o size=300k none "$T/small" 2>"$T/err"; then
    is "$(code tool backup "$T/small")" 75 'a disk that is full'
    like "$(cat "$T/err")" "*cannot write $T/small/*: No space left on device*the next one continues it" '... is reported'
    is "$(find "$T/small" -maxdepth 1 -name '*Z')" '' '... and leaves no backup'
    mount -o remount,size=30m "$T/small"
    is "$(code tool backup "$T/small")" 0 'with more room the next run'
    like "$(cat "$T/out")" '*continued an interrupted backup' '... goes on'
    umount "$T/small"
else
    skip "$(cat "$T/err")" 'a full disk'
fi

# --- what is refused ---

mkdir "$T/full" && touch "$T/full/file"
is "$(code tool backup "$T/full")" 73 'a directory with other files is refused'
like "$(cat "$T/err")" "*is not empty, and has no backups*" '... and the error says why'
is "$(code tool backup "$T/none/b")" 74 'a directory that cannot be made is refused'
is "$(code tool backup --keep 0 "$T/backups")" 64 '--keep 0 is refused'
is "$(code tool restore --at yesterday "$T/backups")" 64 '--at needs a date'
is "$(code tool restore --at 2001 "$T/backups")" 66 '... that is not before the first backup'
like "$(cat "$T/err")" "*no complete backup of 2001 or before*" '... and the error says so'

# --- a run that is cut short ---

before=$(lists)
if client_can_be_traced; then
    for n in $(seq 1 40); do echo "user$n"; done | while read -r name; do register "$name"; done >"$T/out"
    strace -f -qq -o /dev/null -e trace=syncfs -e inject=syncfs:signal=KILL:when=1 "$B/pochtactl" \
        --store "$T/store" backup "$T/backups" >"$T/out" 2>"$T/err"
    is "$(lists)" "$before" 'a run that is killed is no backup'
    is "$(find "$T/backups" -name '*.unfinished' | wc -l)" 1 '... and leaves an unfinished list'
    is "$(code backup)" 0 'the next run'
    like "$(cat "$T/out")" "*43 accounts, * continued an interrupted backup" '... goes on with it'
    is "$(find "$T/backups" -name '*.unfinished' | wc -l)" 0 '... and leaves none'
    is "$(copies user7 | wc -l)" 1 '... and no copy that no backup uses'
fi

# In a store with very many accounts, a sync for each mailbox would take hours.
if client_can_be_traced; then
    case $(stat -f -c %T "$T") in
    ext* | xfs)
        ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0 strace -f -qq -y -e trace=fsync,fdatasync,syncfs -o "$T/synced" "$B/pochtactl" --store "$T/store" backup "$T/many" \
            >"$T/out" 2>"$T/err"
        like "$(cat "$T/out")" '*43 accounts, 43 of them changed*' 'a first backup copies all accounts'
        is "$(grep users/ "$T/synced")" '' '... and syncs no mailbox by itself'
        ;;
    *) skip "$T is not on ext4 or XFS" 'a first backup syncs no mailbox by itself' ;;
    esac
fi

# --- keep ---

send_large ann bob 50 1 >"$T/out"
oldest=$(copies bob | head -n 1)
is "$(code backup --keep 2)" 0 'a backup with --keep 2'
is "$(lists)" 2 '... leaves two'
ok '... and nothing that only the others had' test ! -e "$oldest"
for name in ann bob cleo; do ok "... but all of $name" test -e "$(dir_of "$name")/account"; done
two=$(copies bob | wc -l)
is "$two" 2 '... two copies of an account that changed between them'

# --- all of it into a new store ---

new_store
is "$(code fresh restore "$T/backups")" 0 'a new store gets all accounts'
like "$(cat "$T/out")" "*accounts restored, *" '... and says so'
for name in ann bob cleo; do ok "... $name is as before" same "$T/store/users/$name" "$T/fresh/users/$name"; done
is "$(code fresh fsck)" 0 '... fsck finds nothing'
is "$(code fresh restore "$T/backups")" 0 'the same restore again'
like "$(cat "$T/out")" "*: 0 accounts restored, *" '... nothing is brought back'
is "$(code fresh backup "$T/backups")" 0 'the next backup of the new store goes on from there'
like "$(cat "$T/out")" '*accounts, 0 of them changed; 0 messages copied*' '... and copies nothing'

# --- one account, one letter ---

is "$(code tool user delete cleo)" 0 'an account is deleted'
is "$(code tool restore "$T/backups" cleo)" 73 'an account that is deleted but kept is not restored'
like "$(cat "$T/err")" '*cleo: it was deleted, but is still in the store; *user restore cleo*' '... and the error says what to do'
rm -rf "$T/store"/removed/cleo-*
is "$(code tool restore "$T/backups" cleo)" 0 'an account that is gone is restored while the server runs'
like "$(as cleo 'Show list|0|')" 'Answer|301|Yes|*' '... and its user logs in and has all mail'
is "$(code tool restore "$T/backups" cleo)" 73 'an account that is there is refused'
is "$(code tool restore "$T/backups" nobody)" 67 'an account that the backup does not have is refused'

rm "$T/store"/users/cleo/0000000100-*
is "$(code tool restore "$T/backups" cleo 100)" 0 'a letter that is gone is restored'
ok '... under its id' cmp -s "$(find "$T/store/users/cleo" -name '0000000100-*')" "$(find "$(dir_of cleo)" -name '0000000100-*')"
is "$(code tool restore "$T/backups" cleo 100 101)" 1 'letters that the account has are not restored'
like "$(cat "$T/err")" '*cleo/100: the account already has it*cleo/101: the account already has it*' '... and are reported'
is "$(code tool restore "$T/backups" cleo 5000)" 1 'a letter that the backup does not have is reported'
purged=$(find "$T/store/users/cleo" -name '0000000007-*')
mv "$purged" "$(echo "$purged" | sed 's/-u,/-x,/')"
: >"$(echo "$purged" | sed 's/-u,/-x,/')"
is "$(code tool restore "$T/backups" cleo 7)" 0 'a letter that was purged is restored'
ok '... and replaces its tombstone' test "$(find "$T/store/users/cleo" -name '0000000007-*')" = "$purged"
is "$(code tool fsck cleo)" 0 '... fsck finds nothing'

# --- another generation ---

tool user delete cleo
register cleo
is "$(code tool restore "$T/backups" cleo)" 73 'another account with the same name is not replaced'
like "$(cat "$T/err")" '*the store has another account with this name; *user delete cleo*' '... and the error says what to do'
is "$(code tool restore "$T/backups" cleo 3)" 73 '... and gets no letter of the other'
is "$(files "$T/store/users/cleo")" '' '... it has none'
is "$(code tool restore "$T/backups")" 1 'a restore of all accounts reports those that it cannot restore'

# --- accounts without a note of a change are not opened ---

later() { LD_PRELOAD=$B/clock_ahead.so backup; } # years after the last change
if [ -e "$B/clock_ahead.so" ]; then
    is "$(code later)" 0 'a backup long after the last change'
    cp "$T/store/users/ann/account" "$T/account"
    echo damaged >"$T/store/users/ann/account"
    is "$(code later)" 0 'the next does not notice that the file of an account is damaged'
    like "$(cat "$T/out")" '*accounts, 0 of them changed;*' '... since it opens none'
    rm "$T/store/changes/known"
    is "$(code later)" 1 'without the notes all accounts are opened'
    like "$(cat "$T/err")" '*ann: it cannot be read, so the earlier copy is kept: *' '... which reports it'
    ok '... and the backup keeps what it had' cmp -s "$T/account" "$(dir_of ann)/account"
    cp "$T/account" "$T/store/users/ann/account"
fi

# --- the key of the doors ---

key=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
(umask 077 && printf '%s\n' 'pochta-doors 1' "key $key$key" 'domain 0 ship.example' 'checksum e7597ed8' >"$T/store/doors")
rm -rf "$T/backups"
is "$(code backup)" 0 'a store with the key of doors is backed up'
ok '... with the key' cmp "$T/store/doors" "$(last_list).doors"
ok '... which nobody else can read' is_private "$T/backups"
is "$(code tool fsck)" 0 '... fsck finds nothing'
new_store
is "$(code fresh restore "$T/backups")" 0 'it is restored'
ok '... and the new store has the key' cmp "$T/store/doors" "$T/fresh/doors"
is "$(stat -c %a "$T/fresh/doors")" 600 '... which nobody else can read'
rm -f "$T/fresh/doors"
is "$(code fresh restore "$T/backups" ann)" 73 'an account that is there is not restored'
ok '... nor the key with one account' test ! -e "$T/fresh/doors"
sed 's/^key 0/key 1/' "$T/store/doors" >"$T/fresh/doors"
is "$(code fresh restore "$T/backups")" 1 'a damaged key is reported'
like "$(cat "$T/err")" 'pochtactl: doors: that of the store is damaged, or has another key, and is kept; *' '... and kept'
is "$(code fresh fsck)" 1 '... fsck finds it'
like "$(cat "$T/out")" 'doors: it is damaged; copy it from a backup*' '... and says what to do'
grep -q "$key" "$T/log" "$T/out" "$T/err"
is $? 1 'the key is in no log and no message'

# --- export and import ---

printf 'secret\n' | tool user passwd bob
is "$(code tool user export bob "$T/bob")" 0 'an account is exported'
is "$(code tool user export bob "$T/bob")" 73 '... not into a directory with files'
ok '... which nobody else can read' is_private "$T/bob"
new_store
is "$(code fresh user import "$T/bob")" 0 '... and brought into another store'
ok '... as it was' same "$T/store/users/bob" "$T/fresh/users/bob"
is "$(code fresh user import "$T/bob")" 73 '... but not twice'
is "$(code fresh fsck)" 0 '... fsck finds nothing'
stop_server
mv "$T/store" "$T/old" && mv "$T/fresh" "$T/store"
start_server
like "$(as bob 'Show list|0|')" 'Answer|2[0-9]|Yes|*' 'the user logs in with the old password'
rm "$T/bob/pochta-export"
is "$(code tool user import "$T/bob")" 65 'half an export is refused'
done_testing
