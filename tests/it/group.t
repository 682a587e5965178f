#!/bin/sh
# SPDX-License-Identifier: ISC
# Groups: one name for many accounts. The verbs, names that accounts and groups share, and mail to a group.
. "$(dirname "$0")/lib.sh"
no='Answer|2|Noop|'
token=0123456789abcdef0123456789abcdef

ctl() { "$B/pochtactl" --store "$T/store" "$@" 2>"$T/err"; }
fails() { echo "$(code "$B/pochtactl" --store "$T/store" "$@") $(cat "$T/err")"; } # VERB...: exit code and words
add_staff() { # exit code and words
    echo secret | ctl user add staff
    echo "$? $(cat "$T/err")"
}
tab() { tr '\t' ' '; }
client() { # NAME COMMAND...
    who=$1
    shift
    POCHTA_PASSWORD=secret "$B/pochta" --server "127.0.0.1:$PORT" --user "$who" "$@"
}
texts() { client "$1" list | cut -f 6 | xargs; }   # NAME: the first lines of all messages
count() { as "$1" 'Status|0|' | cut -d '|' -f 4; } # NAME: how many messages

# --- the verbs, beside a server and without one ---

check_verbs() { # HOW
    is "$(ctl group list)" '' "$1: no groups"
    is "$(fails group list staff)" '67 pochtactl: staff: no such group' "$1: one that does not exist"
    ok "$1: group add" ctl group add Staff bob ann
    is "$(ctl group list | tab)" 'staff ann active
staff bob active' "$1: ... lists both, sorted"
    ok "$1: one more, and one again" ctl gr a staff carl ann
    ok "$1: another group" ctl group add all ann
    is "$(ctl group list staff | cut -f 2 | xargs)" 'ann bob carl' "$1: ... group list of one group"
    is "$(ctl --json group list all)" '[
{"group": "all", "member": "ann", "state": "active"}
]' "$1: ... as JSON"
    is "$(fails group add staff dora nobody)" '67 pochtactl: nobody: no such user' "$1: who does not exist is refused"
    is "$(fails group add staff all)" '67 pochtactl: all: it is a group; only accounts can be members' \
        "$1: ... and a group"
    is "$(fails group add ann bob)" '73 pochtactl: ann: an account has this name' "$1: ... and the name of an account"
    is "$(fails group add mail-server ann)" '73 pochtactl: mail-server: reserved for the server; nobody reads its mail' \
        "$1: ... and the name of the server"
    like "$(fails group add staff 'a b!')" '65 pochtactl: "b!" is not a name: *' "$1: ... and what is not a name"
    is "$(fails group remove staff ann dora)" '67 pochtactl: dora: not a member of this group' \
        "$1: who is not a member cannot be removed"
    is "$(ctl group list staff | cut -f 2 | xargs)" 'ann bob carl' "$1: ... all or none"
    ok "$1: group remove" ctl group remove staff ann carl
    is "$(ctl group list staff | tab)" 'staff bob active' "$1: ... the rest stays"
    ctl group remove staff bob
    is "$(ctl group list staff | tab)" 'staff - empty' "$1: ... a group without members stays"
    ok "$1: group delete" ctl group delete staff
    is "$(fails group delete staff)" '67 pochtactl: staff: no such group' "$1: ... once"
    ctl group delete all
    is "$(code ctl group add staff) $(code ctl group remove staff) $(code ctl group delete)" '64 64 64' \
        "$1: too few arguments"
}

start_server --log-level info
register ann bob carl dora
check_verbs server
ok 'the log has who was added' grep -q 'event=admin verb="group add" on=Staff members="bob ann" code=0 level=notice' "$T/log"
is "$(stat -c %a "$T/store/groups")" 700 'the directory is private'
ctl group add staff ann bob
is "$(stat -c %a "$T/store/groups/staff")" 600 '... as are its files'
stop_server
is "$(ctl group list staff | cut -f 2 | xargs)" 'ann bob' 'a group outlives the server'
ctl group delete staff
check_verbs store
rmdir "$T/store/groups"
is "$(ctl group list) $(code ctl fsck)" ' 0' 'a store without groups/ has none'
start_server --log-level info

# --- mail ---

ctl group add staff ann bob carl
is "$(as dora 'Check user|1|staff|')" 'Answer|1|Yes|' 'Check user finds a group'
is "$(as dora 'Send mes|2|staff|one|')" 'Answer|2|Yes|1^dora^DATE^3^2^^|' 'Send to a group: Yes with a message'
is "$(texts ann) $(texts bob) $(texts carl)" 'one one one' '... each member has it'
is "$(count dora)" 0 '... and the sender hears of nothing else'
is "$(as2 dora "Send mes|3|Staff|two|$token|")" 'Answer|2|Yes|2^dora^UTC^3^2^^|' 'Send with a token'
is "$(as2 dora "Send mes|3|staff|two|$token|")" 'Answer|2|Yes|2^dora^UTC^3^2^^|' '... and once more: the same answer'
is "$(count ann) $(count bob) $(count carl)" '2 2 2' '... and nothing twice'
like "$(as2 ann "Resend|3|staff|1|fedcba9876543210|")" 'Answer|2|Yes|3^ann^UTC^3^2^^|' 'Resend to a group'
is "$(texts bob)" 'one two one' '... each member has it'
is "$(count ann)" 3 '... also the sender, who is one'
echo three | client dora send staff >"$T/out" 2>&1
is "$? $(cat "$T/out")" '0 ' 'the client sends to a group'
is "$(count bob) $(count carl)" '4 4' '... each member has it'
printf 'staff\n' >"$T/to"
like "$(echo four | client dora send nobody staff 2>&1; echo $?)" '*nobody: no such user*' 'a recipient who does not exist, and a group'
open_conn 3
send 3 "$(frame 'Login|2|carl|secret|' 'Watch|0|')"
heard 3 2 >/dev/null
as dora 'Send mes|2|staff|news|' >/dev/null
like "$(heard 3 3)" 'Mail|1|*^dora^*^news^|' 'those who watch are told'
close_conn 3
is "$(talk 'Register|2|staff|secret|')" "${no}this name is taken|" 'nobody can register the name of a group'
is "$(add_staff)" '73 pochtactl: staff: this name is taken by a group' '... nor an administrator'
printf 'eve\tsecret\nstaff\tsecret\n' >"$T/batch"
like "$(ctl user add --batch "$T/batch")$(cat "$T/err")" '1 added, *:2: staff: skipped: this name is taken' '... nor many at once'
for request in send resend; do
    ok "the log names the members of a $request" grep -q "event=$request result=ok from=[a-z]* to=bob group=staff id=" "$T/log"
done

# --- those who cannot receive ---

before=$(count ann)
ctl user quota bob - 1
ctl user delete carl
is "$(as2 dora "Send mes|3|staff|five|aaaaaaaaaaaaaaaaaaaa|" | cut -d '|' -f 1-3)" 'Answer|2|Yes' \
    'two of three cannot receive: Yes all the same'
is "$(($(count ann) - before)) $(count dora)" '1 1' '... one has it, and the sender a letter'
letter=$(client dora read --raw 1)
like "$letter" 'Not all members of staff received your message*bob: the mailbox is full
  carl: no such user
*' '... which says who has not received it, and why'
is "$(client dora list | cut -f 5,6)" 'mail-server	Not all members of staff received your message' '... from the server'
as2 dora "Send mes|3|staff|five|aaaaaaaaaaaaaaaaaaaa|" >/dev/null
is "$(($(count ann) - before)) $(count dora)" '1 1' 'a repeat stores nothing, and sends no second letter'
ctl user quota bob - -
echo secret | ctl user restore carl
as2 dora "Send mes|3|staff|five|aaaaaaaaaaaaaaaaaaaa|" >/dev/null
is "$(($(count ann) - before)) $(texts bob | wc -w) $(texts carl | wc -w) $(count dora)" '1 7 7 1' \
    'a repeat gives it to those who can receive it by now'
ok 'the log says whom the sender was told of' grep -q 'event=undelivered result=ok user=dora group=staff members=2 ' "$T/log"
ctl user delete carl
echo secret | ctl user add carl
as dora 'Send mes|2|staff|six|' >/dev/null
is "$(count carl)" 0 'another carl is not a member'
is "$(ctl group list staff | tab | tail -n 1)" 'staff carl gone' '... which the list shows'
ctl group add staff carl
as dora 'Send mes|2|staff|seven|' >/dev/null
is "$(count carl)" 1 '... until he is added'

for name in ann bob carl; do ctl user quota "$name" - 1; done
letters=$(count dora)
is "$(as dora 'Send mes|2|staff|eight|')" "${no}the mailbox is full|" 'nobody can receive it: Noop with the reason'
is "$(as dora 'Check user|1|staff|')" "${no}the mailbox is full|" '... as Check user says'
is "$(count dora)" "$letters" '... and no letter'
for name in ann bob carl; do ctl user quota "$name" - -; done
ctl group add empty ann
ctl group remove empty ann
is "$(as dora 'Send mes|2|empty|text|' 'Check user|1|empty|')" "${no}the group has no members|
${no}the group has no members|" 'nobody is in the group'
printf 'pochta-group 1\nx\n' >"$T/store/groups/empty"
is "$(as dora 'Send mes|2|empty|text|')" "${no}storage error, nothing was changed|" 'the file of the group is damaged'
ok '... which is logged' grep -q 'event=trouble text="group empty: its file in groups/ is damaged' "$T/log"
like "$(as dora 'Send mes|2|staff|nine|')" 'Answer|2|Yes|*' '... other groups are not'
is "$(ctl fsck | head -n 1)" 'groups/empty: its contents are damaged' 'fsck finds it'
is "$(ctl group list | grep empty | tab)" 'empty - broken' '... and the list shows it'
ok 'it can be deleted' ctl group delete empty

# --- limits, backups ---

stop_server
start_server --recipients-per-minute 2 --log-level info
is "$(as2 dora "Send mes|3|staff|a|00000000000000000001|" "Send mes|3|staff|b|00000000000000000002|" | grep -c Yes)" 2 \
    'a message to a group of three counts once'
like "$(as dora 'Send mes|2|staff|c|')" "${no}too often: *" '... and not less'
is "$(as2 dora "Send mes|3|staff|b|00000000000000000002|" | grep -c Yes)" 1 '... a repeat is answered even then'
ok 'a backup' ctl backup "$T/backup"
ctl group delete staff
like "$(ctl restore "$T/backup")" '*; 1 groups restored' 'a restore brings the group back'
is "$(ctl group list staff | tab | cut -d ' ' -f 2,3 | xargs)" 'ann active bob active carl active' '... with its members'
is "$(ctl fsck | tail -n 1 | sed 's/.*, //')" '0 findings' 'fsck finds nothing'
done_testing
