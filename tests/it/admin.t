#!/bin/sh
# SPDX-License-Identifier: ISC
# pochtactl: the verbs of an administrator, asked of a server or done on the store when none runs.
. "$(dirname "$0")/lib.sh"
yes='Answer|1|Yes|' no='Answer|2|Noop|'
tab=$(printf '\t')

ctl() { "$B/pochtactl" --store "$T/store" "$@" 2>"$T/err"; }
code() { # COMMAND...: its exit code; what it prints is in $T/out and $T/err
    "$@" >"$T/out"
    echo $?
}

# Everything about users works with a server and without one.
check_users() { # NAME
    case $how in
    server) standard=1073741824 ;; # quota-bytes
    *) standard=0 ;;               # the tool does not know it
    esac
    is "$(echo secret | code ctl user add "$1")" 0 "$how: user add"
    is "$(talk "Login|2|$1|secret|")" "$yes" "$how: ... and the new user can log in"
    is "$(echo secret | code ctl user add "$1") $(cat "$T/err")" \
        "73 pochtactl: $1: this name is taken by an account" "$how: user add, a name that is taken"
    is "$(echo secret | code ctl user add 'A!')" 65 "$how: user add, an invalid name"
    is "$(echo 'a|b' | code ctl user add other)" 65 "$how: user add, an invalid password"
    as "$1" "Send mes|2|$1|12345|" >/dev/null
    is "$(ctl user list "$1")" "$1${tab}enabled${tab}$standard${tab}0" "$how: user list NAME"
    is "$(code ctl user list nobody)" 67 "$how: user list, an unknown user"
    is "$(ctl user list "$1" --usage)" "$1${tab}enabled${tab}1${tab}1${tab}5${tab}$standard${tab}0" "$how: user list --usage NAME"
    is "$(ctl user list --usage | grep "^$1$tab")" "$(ctl user list --usage "$1")" "$how: ... and of all"
    is "$(code ctl user list nobody --usage)" 67 "$how: ... an unknown user"
    is "$(code ctl user list "$1" other)" 64 "$how: ... two users"
    is "$(echo 'a|b' | code ctl user passwd "$1")" 65 "$how: user passwd, an invalid password"
    is "$(echo other | code ctl user passwd "$1")" 0 "$how: user passwd"
    like "$(talk "Login|2|$1|secret|" "Login|2|$1|other|")" "$no*
$yes" "$how: ... the new password is valid"
    is "$(echo secret | code ctl u p "$1")" 0 "$how: words may be abbreviated"
    is "$(code ctl user quota "$1" 1K 2)" 0 "$how: user quota"
    is "$(as "$1" 'Status|0|')" 'Answer|6|Yes|1|1|5|1024|2|' "$how: ... and Status shows it"
    is "$(code ctl user quota "$1" - 0 && ctl user list "$1" | cut -f 3,4)" "0
$standard${tab}0" "$how: user quota, back to the server's"
    is "$(code ctl user quota "$1" 10000000000 0 && ctl user list "$1" | cut -f 3)" "0
10000000000" "$how: user quota, many bytes without a unit"
    is "$(code ctl user quota "$1" x 0)" 64 "$how: user quota, not a number"
    is "$(code ctl user quota "$1" 0 x)" 64 "$how: ... nor is the other"
    is "$(code ctl user quota "$1" 18446744073709551615 0)" 64 "$how: user quota, too large a number"
    is "$(code ctl user quota "$1" - 0)" 0 "$how: user quota, the server's again"
    is "$(code ctl user disable "$1")" 0 "$how: user disable"
    is "$(talk "Login|2|$1|secret|")" "$(talk "Login|2|$1|wrong|")" \
        "$how: ... it looks as if the password were wrong"
    is "$(ctl user list "$1" | cut -f 2)" disabled "$how: ... user list says so"
    is "$(code ctl user enable "$1")" 0 "$how: user enable"
    is "$(talk "Login|2|$1|secret|")" "$yes" "$how: ... and login works again"
    is "$(code ctl user delete "$1")" 0 "$how: user delete"
    like "$(talk "Login|2|$1|secret|")" "$no*" "$how: ... nobody can log in"
    is "$(code ctl user delete "$1")" 67 "$how: user delete, an unknown user"
    is "$(code ctl user restore "$1")" 0 "$how: user restore"
    is "$(as "$1" 'Show all|0|')" "Answer|2|Yes|1^$1^DATE^5^2^12345^|" "$how: ... the mail is there"
    is "$(code ctl user restore "$1")" 67 "$how: user restore, no such deleted account"
    echo secret | ctl user add vera && ctl user delete vera && echo secret | ctl user add vera
    is "$(code ctl user restore vera) $(cat "$T/err")" \
        '73 pochtactl: vera: this name is taken by an account' "$how: ... one whose name another account has"
    ctl user delete vera
}

start_server
how=server
check_users ann

# What is done without a server is seen by the next one.
as ann 'Delete mes|1|1|' >/dev/null
talk() { # the server is there for the client only
    start_server
    frame "$@" | exchange | decode
    stop_server
}
stop_server
how=store
check_users bob
unset -f talk
talk() { frame "$@" | exchange | decode; }
start_server
is "$(ctl user list | cut -f 1 | sort | tr '\n' ' ')" 'ann bob ' 'user list'
stray="$T/store/users/eve
root${tab}enabled"
mkdir "$stray" "$T/store/users/Ann"
is "$(ctl user list | cut -f 1 | sort | tr '\n' ' ')" 'ann bob ' '... leaves out what cannot be an account'
rmdir "$stray" "$T/store/users/Ann"
is "$(ctl --json user list bob)" '[
{"name": "bob", "state": "enabled", "quota-bytes": 1073741824, "quota-messages": 0}
]' '--json'
is "$(ctl --json user list --usage bob)" '[
{"name": "bob", "state": "enabled", "messages": 1, "unread": 0, "bytes": 5, "quota-bytes": 1073741824, "quota-messages": 0}
]' '... with --usage'

# Sessions
sessions() { ctl who | grep -c "${tab}ann$tab"; }
has_sessions() { [ "$(sessions)" -eq "$1" ]; }
wait_for 20 has_sessions 0 # those before take a moment to be gone
open_conn 3
send 3 "$(frame 'Login|2|ann|secret|')"
heard 3 1 >/dev/null
first=$(ctl who | sed -n "s/${tab}ann$tab.*//p")
open_conn 4
send 4 "$(frame 'Login|2|ann|secret|')"
heard 4 1 >/dev/null
ctl who | grep "${tab}ann$tab" >"$T/who"
is "$(cut -f 2,3 "$T/who" | sort -u)" "ann${tab}127.0.0.1" 'who'
is "$(cut -f 1 "$T/who" | sort -n -u | wc -l)" 2 '... each session has a number'
is "$(ctl kick "$first")" 1 'kick SESSION'
is "$(heard 3 2)" 'Exit|1|kicked by the administrator|' '... with a reason'
send 4 "$(frame 'Noop|0|')"
is "$(heard 4 2)" "$yes" '... the other session goes on'
is "$(ctl kick ann)" 1 'kick NAME'
is "$(heard 4 3)" 'Exit|1|kicked by the administrator|' '... with a reason'
ok '... both are gone' wait_for 20 connected 0
is "$(code ctl kick ann)" 67 'kick, an unknown user'
close_conn 3
close_conn 4

for verb in disable passwd delete; do
    open_conn 3
    send 3 "$(frame 'Login|2|bob|secret|')"
    heard 3 1 >/dev/null
    echo secret | ctl user $verb bob
    like "$(heard 3 2)" 'Exit|1|the *|' "user $verb ends the sessions"
    ok '... and closes them' wait_for 20 connected 0
    close_conn 3
    ctl user enable bob
done

# A server's numbers
send_large ann ann 9000 3 >/dev/null
ctl stats >"$T/stats"
is "$(cut -f 1 "$T/stats" | tr '\n' ' ')" 'sessions connections connections-refused refused-draining refused-clients refused-udp-clients refused-clients-per-address refused-connections-per-minute refused-proxy refused-resources udp-cookies udp-datagrams-dropped udp-datagrams-repeated logins logins-failed logins-delayed messages message-bytes messages-refused ' 'stats'
is "$(sed -n "s/^messages$tab//p;s/^message-bytes$tab//p" "$T/stats" | tr '\n' ' ')" '3 27000 ' \
    '... count what was stored'
is "$(ctl stats --prometheus | sed -n 's/^pochta_message_bytes //p')" 27000 '... for Prometheus'
is "$(ctl stats --prometheus | grep -c '^# TYPE pochta_[a-z_]* counter$') $(ctl stats --prometheus | grep gauge)" \
    "$(($(wc -l <"$T/stats") - 1)) # TYPE pochta_sessions gauge" '... and whether it can grow smaller'
like "$(ctl stats --json | sed -n 2p)" '{"name": "sessions", "value": *},' '... as JSON'

# Wrong command lines
is "$(code ctl)" 64 'no command'
is "$(code ctl user)" 64 'an incomplete command'
is "$(code ctl user d ann) $(cat "$T/err")" \
    '64 pochtactl: ambiguous command user; see pochtactl --help' 'an ambiguous abbreviation'
is "$(code ctl frob)" 64 'no such command'
is "$(code ctl who me)" 64 'too many arguments'
is "$(code ctl user delete)" 64 'too few'
is "$(code ctl '' list) $(cat "$T/err")" '64 pochtactl: unknown command ; see pochtactl --help' 'an empty word'
is "$(code ctl --prometheus who) $(cat "$T/err")" \
    '64 pochtactl: who does not take --prometheus; these do: stats' '--prometheus with the wrong command'
is "$(code ctl --repair user list) $(cat "$T/err")" \
    '64 pochtactl: user list does not take --repair; these do: fsck' '--repair with the wrong command'
like "$(code ctl user delete ann --json) $(cat "$T/err")" \
    '64 pochtactl: user delete does not take --json; these do: user list, *who, *stats, *fsck*' '... and --json'
is "$(ctl user list | cut -f 1,2 | sort | head -n 1)" "ann${tab}enabled" '... nothing was done'
is "$(echo x | code ctl user add eve secret)" 64 'a password on the command line'
like "$("$B/pochtactl" --help)" '*user add*who*kick*drain*fsck*' 'help'

# The socket
is "$(stat -c %a "$T/store/control.sock")" 660 'only owner and group may use the socket'
is "$(printf 'GET / HTTP' | nc -N -U "$T/store/control.sock" | decode)" \
    'Answer|2|Yes|pochta-control 2|' 'bytes that are not a request get no answer'
raw() { frame "$1" | nc -N -U "$T/store/control.sock" | decode | sed -n 2p; } # PAYLOAD: what pochtactl does not send
for request in 'frob|0|' 'fsck|0|'; do
    is "$(raw "$request")" 'Answer|3|Noop|64|unknown command; server and pochtactl may be of different versions|' \
        "... nor has the server a command $request"
done
for request in 'kick|0|' 'who|1|ann|'; do
    is "$(raw "$request")" 'Answer|3|Noop|64|wrong number of arguments|' "... and $request is wrong"
done
is "$(raw 'kick|1|')" '' '... and a request that contradicts itself gets no answer'
is "$(code ctl stats)" 0 '... and does no harm'
long=$T/$(printf 'd%.0s' 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20)/$(printf 'longer-than-an-address%.0s' 1 2 3 4 5 6)
mkdir -p "$long"
stop_server
is "$(code ctl who) $(cat "$T/err")" "69 pochtactl: $T/store: no server is running on this store" \
    'without a server there are no sessions'
mv "$T/store" "$long/store"
ln -s "$long" "$T/long"
launch "$B/pochtad" --listen 127.0.0.1:0 --store "$long/store"
is "$("$B/pochtactl" --store "$long/store" who | wc -l)" 0 'a path longer than a socket address allows'

# Drain and stop
open_conn 3
send 3 "$(frame 'Noop|0|')"
heard 3 1 >/dev/null
"$B/pochtactl" --store "$long/store" drain >"$T/drained" 3>&- &
drain=$!
children="$children $drain"
turned_away() { talk 'Noop|0|' | grep -q '^Exit|1|the server accepts no more clients|'; }
ok 'drain: new clients are rejected' wait_for 20 turned_away
send 3 "$(frame 'Noop|0|')"
is "$(heard 3 2)" "$yes" '... connected clients go on'
ok '... and drain waits for them' kill -0 "$drain"
close_conn 3
wait "$drain"
is "$? $(cat "$T/drained")" '0 0' '... until they have disconnected'
is "$("$B/pochtactl" --store "$long/store" stop; echo $?)" 0 'stop'
wait "$SERVER_PID"
is $? 0 '... ends the server'
SERVER_PID=''
is "$(find "$long/store" -name control.sock)" '' '... and its socket is gone'
done_testing
