#!/bin/sh
# SPDX-License-Identifier: ISC
# A sync that fails: before the rename Noop, after it Exit; the mailbox can only be read from then on,
# and no sync is tried again. The failures are strace's. Deliveries do without the delivery log here.
. "$(dirname "$0")/lib.sh"
yes='Answer|1|Yes|' no='Answer|2|Noop|' unknown='Exit|1|storage error, outcome unknown|'

# From here on the N-th sync of each thread fails. One that is made for a new connection has made none.
break_syncs() { trace -y -e trace=fsync,syncfs -e "inject=fsync:error=EIO:when=$1"; } # N
syncs() { grep 'fsync(' "$T/strace" | grep -vc '/store/changes'; } # without those of the housekeeper

begin_anew() {
    stop_server
    : >"$T/log"
    start_server --log-size 0
}

start_server --log-size 0
register ann bob
break_syncs 1000
if ! is_traced; then
    skip 'no process may be traced here' 'failing syncs'
    done_testing
fi
untrace
as ann 'Send mes|2|bob|before|' 'Send mes|2|ann|mine|' >/dev/null

# The message's file cannot be synced: nothing has happened.
break_syncs 1
like "$(as2 ann 'Send mes|3|bob|lost|0123456789abcdef|')" "$no*" 'a file that cannot be synced: Noop'
is "$(syncs)" 1 '... and the sync is not tried again'
untrace
is "$(as bob 'Show list|0|')" 'Answer|2|Yes|1^ann^DATE^6^2^before^|' '... nothing is stored'
is "$(find "$T/store/users/bob" -name 'new-*')" '' '... or left'
like "$(grep 'users/bob' "$T/log")" '*trouble text="cannot sync users/bob*read-only*: Input/output error"*' '... and the log has the error'
like "$(as2 ann 'Send mes|3|bob|lost|0123456789abcdef|' 'Send mes|2|bob|more|')" "$no*only be read*|
$no*only be read*|" 'the mailbox accepts no more changes'
like "$(as bob 'Delete mes|1|1|' 'Restore mes|1|1|' 'Password|2|secret|other|')" "$no*
$no*
$no*" '... and can only be read'
is "$(as bob 'Show exact|1|1|')" 'Answer|2|Yes|1^ann^DATE^6^2^before^|' 'reading goes on'
like "$(as ann 'Send mes|2|ann|mine|')" 'Answer|2|Yes|2^*' 'other mailboxes are not affected'
begin_anew
is "$(as2 ann 'Send mes|3|bob|found|0123456789abcdef|')" 'Answer|2|Yes|2^ann^UTC^5^2^^|' \
    'after a restart the mailbox accepts mail; the Noop used up no token'

# The directory cannot be synced: the message may be stored.
break_syncs 2
is "$(as2 ann 'Send mes|3|bob|perhaps|fedcba9876543210|')" "$unknown" \
    'a directory that cannot be synced: neither Yes nor Noop'
is "$(syncs)" 2 '... and the sync is not tried again'
untrace
is "$(as bob 'Show list|2|3|9|')" "$yes" '... a message that may not last is not shown'
is "$(as2 ann 'Send mes|3|bob|perhaps|fedcba9876543210|')" "$unknown" \
    'a repeat is not answered Yes either'
"$B/pochtactl" --store "$T/store" fsck >/dev/null # makes the server read the mailbox again
is "$(as bob 'Show list|2|3|9|')" "$yes" '... nor is it shown when the directory is read again'
is "$(as2 ann 'Send mes|3|bob|perhaps|fedcba9876543210|')" "$unknown" '... nor is a repeat answered'
like "$(grep 'users/bob' "$T/log")" '*trouble text="cannot sync users/bob*read-only*: Input/output error"*' '... and the log has the error'
begin_anew
is "$(as bob 'Show list|2|3|9|')" 'Answer|2|Yes|3^ann^DATE^7^2^perhaps^|' \
    'after the next start the message is there, complete'
is "$(as2 ann 'Send mes|3|bob|perhaps|fedcba9876543210|')" 'Answer|2|Yes|3^ann^UTC^7^2^^|' \
    'a repeat finds it'

for command in 'Delete mes|1|1|' 'Password|2|secret|other|'; do
    as bob 'Status|0|' >/dev/null # reads the mailbox, with a sync
    case $command in D*) break_syncs 1 ;; *) break_syncs 2 ;; esac
    is "$(as bob "$command")" "$unknown" "$command: the directory cannot be synced"
    untrace
    begin_anew
done
ok 'either password may be valid now, and one is' \
    sh -c "printf %s '$(talk 'Login|2|bob|secret|' 'Login|2|bob|other|')' | grep -q Yes"

# Accounts
break_syncs 1
like "$(talk 'Register|2|carl|secret|')" "$no*" 'Register: the file cannot be synced: Noop'
untrace
like "$(talk 'Login|2|carl|secret|')" "$no*" '... and there is no account'
is "$(find "$T/store/new" -mindepth 1)" '' '... not even an incomplete one'
is "$(talk 'Register|2|carl|secret|')" "$yes" '... but it can be registered now'
break_syncs 3
is "$(talk 'Register|2|dora|secret|')" "$unknown" 'Register: the list of users cannot be synced'
untrace
like "$(talk 'Register|2|emil|secret|')" "$no*only be read*" '... which is then read-only'
like "$(as carl 'Delete user|0|' 'Show all|0|')" "$no*only be read*|
$yes" '... no account can be deleted either'
begin_anew
break_syncs 2
is "$(as carl 'Delete user|0|')" "$unknown" 'Delete user: the list of users cannot be synced'
untrace
done_testing
