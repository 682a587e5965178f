#!/bin/sh
# SPDX-License-Identifier: ISC
# Watch: mail is announced between answers, once it is durable, to all who watch and to nobody longer
# than they want.
. "$(dirname "$0")/lib.sh"
yes='Answer|1|Yes|' no='Answer|2|Noop|'

mail() { echo "Mail|1|$1^$2^DATE^${#3}^2^$3^|"; } # ID FROM BODY

watching() { # N NAME: connection N watches as that user; its first two frames
    open_conn "$1"
    send "$1" "$(frame "Login|2|$2|secret|" 'Watch|0|')"
    is "$(heard "$1" 2)" "$yes" "connection $1 watches $2's mailbox"
}

start_server
register ann bob

# --- both versions, both forms, several watchers ---

as bob 'Send mes|2|ann|before|' >/dev/null
watching 3 ann
open_conn 4 "$(in_version_2 transport)"
send 4 "$(frame 'Start|1|2|' 'Login|2|ann|secret|' 'Watch|0|')"
open_conn 5 tcp
send 5 'Start|1|2
Login|2|ann|secret
Watch
'
is "$(heard 4 3)" "$yes" 'version 2'
wait_for 20 grep -q "^$yes" "$T/conn5.out"
ok 'lines' wait_for 20 sh -c "[ \$(grep -c '' '$T/conn5.out') = 3 ]"
as2 bob 'Send mes|2|ann|a\pb\cc\nsecond line|' 'Send mes|2|ann|plain|' >/dev/null
is "$(heard 3 3)
$(heard 3 4)" 'Mail|1|2^bob^DATE^17^2^a b c^|
Mail|1|3^bob^DATE^5^2^plain^|' 'two letters: each is announced, by its first line'
is "$(heard 4 4)
$(heard 4 5)" 'Mail|1|2^bob^UTC^17^2^a\pb\cc^|
Mail|1|3^bob^UTC^5^2^plain^|' '... in version 2 with escapes and dates in UTC'
has_lines() { [ "$(grep -c '' "$T/conn5.out")" = "$1" ]; }
wait_for 20 has_lines 5
is "$(sed -e '4,$!d' -e 's/\^[0-9TZ:-]*Z\^/^UTC^/' "$T/conn5.out")" 'Mail|1|2^bob^UTC^17^2^a\pb\cc^|
Mail|1|3^bob^UTC^5^2^plain^|' '... and in lines'
like "$(as ann 'Show unread|0|')" 'Answer|4|Yes|1^*^2^before^|2^*|3^*^2^plain^|' \
    '... and the messages stay unread'

# --- between answers ---

send 3 "$(frame 'Send mes|2|ann|to myself|' 'Resend|2|ann|1|' '<Noop|0|>' 'Show list|2|4|9|')"
is "$(heard 3 9 >/dev/null; all_heard 3 | tail -n +5)" "Answer|2|Yes|4^ann^DATE^9^2^^|
$(mail 4 ann 'to myself')
Answer|2|Yes|5^ann^DATE^6^2^^|
$(mail 5 ann before)
<$yes>
Answer|3|Yes|4^ann^DATE^9^2^to myself^|5^ann^DATE^6^2^before^|" \
    'messages to oneself, sent or resent, are announced between the answers, never in brackets'
send 3 "$(half_frame)"
as bob 'Send mes|2|ann|meanwhile|' >/dev/null
is "$(heard 3 11)" "$(mail 6 bob meanwhile)" 'mail is announced while a frame is arriving'
send 3 "$(other_half)"
like "$(heard 3 12)" "${no}a password has *" '... which is then answered'
as2 bob 'Send mes|3|ann|once|0123456789abcdef|' 'Send mes|3|ann|once|0123456789abcdef|' \
    'Send mes|2|ann|then|' >/dev/null
is "$(heard 3 13)
$(heard 3 14)" "$(mail 7 bob once)
$(mail 8 bob 'then')" 'a repeat is not announced'
send 3 "$(frame 'Delete mes|1|7|' 'Restore mes|1|7|' 'Watch|0|' 'Noop|0|')"
is "$(heard 3 18 >/dev/null; all_heard 3 | tail -n +15)" "$yes
$yes
$yes
$yes" 'nor a message that is restored, nor any by a second Watch'
is "$(lines 'Login|2|bob|secret' Watch 'Send mes|2|bob|x' | sed 's/\^... ... .*20..\^/^DATE^/')" \
    "$yes
$yes
Answer|2|Yes|1^bob^DATE^1^2^^|
$(mail 1 bob x)" 'Watch and a message to oneself in one burst'

# --- the end of it ---

like "$(talk 'Watch|0|')" "$no*log in*" 'a login is needed'
like "$(as ann 'Watch|1|x|')" "$no*" '... and Watch takes no arguments'
send 3 "$(frame 'Logout|0|')"
heard 3 19 >/dev/null
send 4 "$(frame 'Login|2|ann|wrong|' 'Login|2|bob|secret|')"
is "$(heard 4 12 >/dev/null; all_heard 4 | tail -n 2)" "${no}wrong name or password|
$yes" 'a failed login, then one as another user'
as bob 'Send mes|2|ann|late|' 'Send mes|2|bob|late|' >/dev/null
wait_for 20 grep -q 'late' "$T/conn5.out"
send 3 "$(frame 'Noop|0|')"
send 4 "$(frame 'Noop|0|')"
is "$(heard 3 20)$(heard 4 13)" "$yes$yes" 'after Logout or another Login nothing is announced'
close_conn 4
close_conn 5

register carl
send 3 "$(frame 'Login|2|carl|secret|' 'Watch|0|' 'Delete user|0|' 'Register|2|carl|secret|')"
heard 3 24 >/dev/null
as bob 'Send mes|2|carl|x|' >/dev/null
send 3 "$(frame 'Noop|0|')"
is "$(heard 3 25)" "$yes" 'nor after Delete user, for a new account of that name'
close_conn 3
watching 4 ann
watching 5 bob
as ann 'Delete user|0|' >/dev/null
is "$(heard 4 3)" 'Exit|1|the account was deleted|' 'the account is deleted: the watcher is disconnected'
"$B/pochtactl" --store "$T/store" kick bob >"$T/out" 2>&1
is "$(heard 5 3)" 'Exit|1|kicked by the administrator|' 'a kicked watcher is disconnected'
close_conn 4
close_conn 5
stop_server

# --- not before it is durable ---

start_server --log-size 0 # each delivery has two syncs of its own
register eve
watching 3 eve
for i in 4 5; do
    open_conn $i
    send $i "$(frame 'Login|2|bob|secret|')"
    heard $i 1 >/dev/null
done
is_named() { [ -n "$(find "$T/store/users/eve" -name "000000000$1-*")" ]; }
if trace -e trace=fsync,sendto,sendmsg -e inject=fsync:delay_enter=1000000:when=2; then
    send 4 "$(frame 'Send mes|2|eve|one|')"
    wait_for 20 is_named 1
    send 5 "$(frame 'Send mes|2|eve|two|')"
    wait_for 20 is_named 2
    is "$(heard 3 3)
$(heard 3 4)" "$(mail 1 bob one)
$(mail 2 bob two)" 'two letters whose syncs take long are announced'
    untrace
    # Counts the syncs of the file and of the directory that have returned in each thread before a message is announced.
    is "$(awk '
        /fsync/ && !($1 in thread) { thread[$1] = ++threads }
        /fsync.*= 0/ { syncs[thread[$1]]++ }
        /send(to|msg)?[(]/ && /Mail\|1\|1\^/ && !one++ { print(syncs[1] == 2 ? "one" : "one after " syncs[1]) }
        /send(to|msg)?[(]/ && /Mail\|1\|2\^/ && !two++ { print(syncs[1] + syncs[2] == 4 ? "two" : "two after " syncs[1] + syncs[2]) }
        ' "$T/strace" | sort)" 'one
two' '... each after the syncs that make it durable'
else
    skip 'no process may be traced here' 'nothing is announced before it is durable'
fi
done_testing
