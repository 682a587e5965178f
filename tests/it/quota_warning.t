#!/bin/sh
# SPDX-License-Identifier: ISC
# A letter warns the user of a mailbox that is nearly full: once, also over restarts.
. "$(dirname "$0")/lib.sh"

client() { # NAME COMMAND...
    who=$1
    shift
    POCHTA_PASSWORD=secret "$B/pochta" --server "127.0.0.1:$PORT" --user "$who" "$@"
}
warnings() { grep -c 'event=quota_warning result=ok user=ann ' "$T/log"; }
letters() { as ann 'Show list|0|' | tr '|' '\n' | grep -c '\^mail-server\^'; }
is_logged() { [ "$(warnings)" = 1 ]; }

start_server --quota-messages 20
register ann bob
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17; do echo "Send mes|2|ann|$i|"; done >"$T/sent"
IFS='
'
# shellcheck disable=SC2046 # a word a line
as bob $(cat "$T/sent") >/dev/null
unset IFS
is "$(warnings) $(letters)" '0 0' 'below 90 percent there is no warning'
is "$(as bob 'Send mes|2|ann|18|')" 'Answer|2|Yes|18^bob^DATE^2^2^^|' 'the delivery that reaches it is answered as usual'
ok '... it is logged' wait_for 20 is_logged
is "$(letters)" 1 '... and there is a letter'
is "$(client ann list | cut -f 1,5,6 | tail -n 1)" '19	mail-server	Your mailbox is nearly full' 'the client lists it'
like "$(client ann read --raw 19)" '*18 of 20 messages*count until they are purged*' '... and shows how much is used'
stop_server KILL
start_server --quota-messages 20
like "$(as bob 'Send mes|2|ann|20|')" 'Answer|2|Yes|20^bob^*' 'after a kill another message is stored'
is "$(warnings) $(letters)" '1 1' '... and there is no second warning'
is "$(as bob 'Send mes|2|ann|21|')" 'Answer|2|Noop|the mailbox is full|' 'the letter counts, too'

# A reply.
echo 'I see.' | client ann reply 19 >"$T/out" 2>&1
is $? 65 'a reply to it fails'
like "$(cat "$T/out")" "*reserved for the server; nobody reads its mail*" '... and the client says why'
like "$(talk 'Register|2|mail-server|secret|')" "Answer|2|Noop|reserved for the server*" 'nobody can register the name'
echo secret | "$B/pochtactl" --store "$T/store" user add mail-server 2>"$T/err"
is $? 73 '... nor an administrator'
like "$(cat "$T/err")" "*mail-server: reserved for the server*" '... and the tool says why'

# Those who watch are told of it.
stop_server
start_server --quota-messages 4 --quota-warning 50
register carl
open_conn 3
send 3 "$(frame 'Login|2|carl|secret|' 'Watch|0|')"
heard 3 2 >/dev/null
as bob 'Send mes|2|carl|1|' 'Send mes|2|carl|2|' >/dev/null
like "$(heard 3 5)" 'Mail|1|3^mail-server^*^Your mailbox is nearly full^|' \
    'quota-warning = 50: a letter at half of the quota, and the user is told of it'
close_conn 3
stop_server
start_server --quota-messages 4 --quota-warning 0
register dora
as bob 'Send mes|2|dora|1|' 'Send mes|2|dora|2|' 'Send mes|2|dora|3|' 'Send mes|2|dora|4|' >/dev/null
is "$(as dora 'Status|0|' | cut -d '|' -f 4)" 4 'quota-warning = 0: no letter'
is "$("$B/pochtactl" --store "$T/store" fsck | tail -n 1)" '4 mailboxes, 27 messages, 0 findings' 'fsck finds nothing'
done_testing
