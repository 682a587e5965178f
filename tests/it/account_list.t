#!/bin/sh
# SPDX-License-Identifier: ISC
# A list of accounts opens only the files of accounts that have changed, however many accounts there are. strace counts.
. "$(dirname "$0")/lib.sh"
tab=$(printf '\t')
accounts=300
umask 077

ctl() { LD_PRELOAD=$cheap_hashes "$B/pochtactl" --store "$T/store" "$@"; }

long_ago() { # moves all notes to five hours ago: a list looks again at accounts noted in the last two hours
    hour=$(date -u -d '5 hours ago' +%Y%m%d%H)
    for notes in "$T/store/changes/account-"*; do
        [ "$notes" = "$T/store/changes/account-$hour" ] && continue
        cat "$notes" >>"$T/store/changes/account-$hour"
        rm "$notes"
    done
}

list() { ctl user list | sort >"$T/list"; }

list_counted() { # how many accounts the server opens for a list
    trace -e trace=openat
    list
    untrace
    grep -c 'openat([0-9]*, "account"' "$T/strace"
}

same_as_read() { # whether the last list is the same as one made by reading all accounts
    rm -f "$T/store/changes/accounts"
    ctl user list | sort | cmp - "$T/list"
}

start_server
echo secret | ctl user add zoe
hash=$(sed -n 's/^password //p' "$T/store/users/zoe/account")
for i in $(seq $accounts); do printf 'u%d\t%s\n' "$i" "$hash"; done >"$T/batch"
ctl user add --batch "$T/batch" >"$T/out"
long_ago
trace -e trace=openat
if ! is_traced; then
    skip 'no process may be traced here' 'counting system calls'
    done_testing
fi
untrace
is "$(list_counted) $(wc -l <"$T/list")" "$((accounts + 1)) $((accounts + 1))" 'the first list looks at each account'
is "$(stat -c %a "$T/store/changes/accounts") $(grep -c -F "$hash" "$T/store/changes/accounts")" '600 0' \
    '... and is remembered, without passwords'
is "$(list_counted) $(wc -l <"$T/list")" "0 $((accounts + 1))" 'the next list looks at no account'
result "$(same_as_read; echo $?)" '... and shows the same'

ctl user quota u7 1K 2
ctl user disable u8
ctl user delete u9
echo secret | ctl user add ann
talk 'Login|2|u10|secret|' 'Send mes|2|u11|hello|' >"$T/out"
is "$(list_counted)" 3 'after changes, it looks at the accounts that have changed'
is "$(grep -E "^(u7|u8|u9|ann|u10)$tab" "$T/list" | cut -f 1,2,3)" "ann${tab}enabled${tab}1073741824
u10${tab}enabled${tab}1073741824
u7${tab}enabled${tab}1024
u8${tab}disabled${tab}1073741824" '... and shows their new states and quotas'
result "$(same_as_read; echo $?)" '... as a list that looks at all accounts'

long_ago
list
ctl user restore u9
stop_server KILL 2>/dev/null
start_server
is "$(list_counted) $(grep -c "^u9$tab" "$T/list")" '1 1' \
    'after a kill, a list is still remembered, and what has changed since is noted'
result "$(same_as_read; echo $?)" '... and is right'
stop_server
list
result "$(same_as_read; echo $?)" 'without a server, the tool lists the same accounts'

start_server
long_ago
list
truncate -s 2000 "$T/store/changes/accounts"
list
is "$(wc -l <"$T/list")" "$((accounts + 2))" 'a list that was cut short is not believed'
list
ctl fsck >"$T/out"
is "$(list_counted)" "$((accounts + 2))" 'after fsck, a list looks at all accounts'
done_testing
