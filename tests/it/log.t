#!/bin/sh
# SPDX-License-Identifier: ISC
# The log: a line an event, which is well-formed whatever stands in it, and never a password or a
# letter's text.
. "$(dirname "$0")/lib.sh"
stamp='time=20[0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]Z'
client='addr=127\.0\.0\.1'
over udp1 && client='transport=udp1 unproven=127\.0\.0\.1'
at="$client session=[0-9]+"
ms='ms=[0-9]+'
yes='Answer|1|Yes|'

has() { grep -Eq -e "$1" "$T/log"; } # PATTERN
told() { # NAME PATTERN: whether the log has a line that is this event
    ok "$1" wait_for 20 has "^pochtad: $stamp event=$2\$"
}
untold() { is "$(grep -Ec "event=$2" "$T/log")" 0 "$1"; } # NAME PATTERN

ctl() { "$B/pochtactl" --store "$T/store" "$@" >"$T/ctl.out" 2>&1; }

restart() { # OPTION...: a server with a log that is empty
    [ -z "$SERVER_PID" ] || stop_server
    : >"$T/log"
    start_server "$@"
}

# --- each event ---

start_server --log-level debug
told start "start result=ok version=[^ ]+ store=$T/store clients=[0-9]+ (reason=[^=]+ )?level=notice"
told 'a new store' "new_store store=$T/store text=\"made a new store; if there should be mail, check store and the file system\" level=warning"
told listen "listen transport=${TRANSPORT%[12]} addr=127\.0\.0\.1 port=$PORT level=notice"
talk 'Register|2|ann|ann-secret-1|' 'Register|2|bob|bob-secret-1|' 'Register|2|Ann|ann-secret-2|' \
    'Login|2|ann|wrong-secret-1|' 'Login|2|nobody|wrong-secret-2|' 'Login|2|ann|ann-secret-1|' \
    'Send mes|2|bob|a letter of 22 bytes 1|' 'Send mes|2|nobody|a letter of 22 bytes 2|' \
    'Send mes|2|ann|a letter of 22 bytes 3|' 'Resend|2|bob|1|' 'Check user|1|bob|' \
    'Check user|1|nobody|' 'Delete mes|1|1|' 'Delete mes|1|77|' \
    'Restore mes|1|1|' 'Password|2|wrong-secret-3|ann-secret-3|' \
    'Password|2|ann-secret-1|ann-secret-4|' 'Logout|0|' 'Login|2|bob|bob-secret-1|' \
    'Delete user|0|' 'Exit|0|' >/dev/null
if over udp1; then
    told connect "connect port=[0-9]+ $client session=1 level=debug"
else
    told connect "connect transport=$TRANSPORT port=[0-9]+ $client session=1 level=debug"
fi
told register "register result=ok user=ann $at $ms level=notice"
told '... a name that is taken' \
    "register result=fail user=ann reason=\"this name is taken\" $at $ms level=notice"
told 'a login that fails' \
    "login result=fail user=ann reason=\"wrong name or password\" $client session=1 $ms level=warning"
told '... under a name that is unknown' \
    "login result=fail user=nobody reason=\"wrong name or password\" $at $ms level=warning"
told login "login result=ok user=ann $at $ms level=info"
told send "send result=ok from=ann to=bob id=1 bytes=22 $at $ms level=info"
told '... to an unknown user' \
    "send result=fail from=ann to=nobody bytes=22 reason=\"no such user\" $at $ms level=info"
told resend "resend result=ok from=ann to=bob id=2 bytes=22 $at $ms level=info"
told check "check result=ok from=ann to=bob bytes=0 $at $ms level=info"
told '... for an unknown user' \
    "check result=fail from=ann to=nobody bytes=0 reason=\"no such user\" $at $ms level=info"
told delete "delete result=ok user=ann id=1 $at $ms level=info"
told '... a message that does not exist' \
    "delete result=fail user=ann id=77 reason=\"no such message\" $at $ms level=info"
told restore "restore result=ok user=ann id=1 $at $ms level=info"
told passwd "passwd result=ok user=ann $at $ms level=notice"
told '... with the wrong old password' \
    "passwd result=fail user=ann reason=\"wrong name or password\" $at $ms level=warning"
told logout "logout result=ok user=ann $at $ms level=info"
told delete_user "delete_user result=ok user=bob $at $ms level=notice"
told disconnect \
    "disconnect reason=\"the client sent Exit\" in=[0-9]{3} out=[0-9]{3} $client session=1 $ms level=info"

by_tcp talk 'Login|2|ann|ann-secret-4|' >/dev/null # over UDP Exit would be said
told '... by the client' \
    "disconnect reason=\"closed by the client\" user=ann in=35 out=23 addr=127\.0\.0\.1 session=2 $ms level=info"
printf 'GET / HTTP/1.0\r\n\r\n' | in_version_2 exchange >/dev/null
told 'bytes that are not a request' \
    "protocol reason=\"this is not a web server\" addr=127\.0\.0\.1 session=3 level=info"
told '... ends the session' "disconnect reason=\"this is not a web server\" in=[0-9]+ out=[0-9]+ addr=127\.0\.0\.1 session=3 $ms level=info"
in_version_2 talk 'Start|1|2|' 'Login|2|ann|ann-secret-4|' \
    'Import mes|3|2001-02-28T23:59:59Z|0|a letter of 22 bytes 4|' >/dev/null
told import "import result=ok from=ann to=ann id=[0-9]+ bytes=22 .*level=info"
open_conn 3
send 3 "$(frame 'Login|2|ann|ann-secret-4|')"
heard 3 1 >/dev/null
echo ann-secret-5 | ctl user passwd ann
told 'an administrator' 'admin verb="user passwd" on=ann code=0 level=notice'
told '... who ends a session' "disconnect reason=\"[^\"]*password[^\"]*\" user=ann in=[0-9]+ out=[0-9]+ $at $ms level=info"
close_conn 3
ctl kick "$(printf 'x" code=0\nevent=login result=ok user="root\033[2J')"
told 'a malformed argument of an administrator' \
    'admin verb=kick on="x\\" code=0\\x0aevent=login result=ok user=\\"root\\x1b\[2J" code=67 level=notice'

limit=$(prlimit --pid "$SERVER_PID" --nofile --output SOFT --noheadings)
prlimit --pid "$SERVER_PID" --nofile=3:
by_tcp talk 'Noop|0|' >"$T/out" &
late=$!
children="$children $late"
told 'no descriptor is left for a connection' \
    'accept result=error transport=tcp reason="Too many open files" (more=[0-9]+ )?level=warning'
prlimit --pid "$SERVER_PID" --nofile="$limit:"
wait "$late"
is "$(cat "$T/out")" "$yes" '... which is accepted once there is one'

# A file of another's in a mailbox, with the worst of names.
touch "$T/store/users/ann/$(printf 'a\nb\033c\377d"e=f g')"
stop_server
start_server --log-level debug
talk 'Login|2|ann|ann-secret-5|' 'Status|0|' >/dev/null
told 'an error in the store' \
    'trouble text="mailbox ann: a\\x0ab\\x1bc\\xffd\\"e=f g is not a message and was left alone" level=error'
ctl drain
talk 'Noop|0|' >/dev/null
told 'a rejected client' "refuse reason=\"the server accepts no more clients\" $client level=warning"
stop_server INT
told stop 'stop signal=SIGINT level=notice'

is "$(grep -Evc "^pochtad: $stamp event=[a-z_]+( [a-z_]+=([^ \"]+|\"([^\"\\]|\\\\.)*\"))* level=[a-z]+\$" "$T/log")" 0 \
    'all lines are of this form'
is "$(awk 'length($0) > 1023' "$T/log")" '' '... and none is over 1023 bytes'
is "$(grep -E -e '-secret-|a letter' "$T/log")" '' 'the log has no password and no message text'
cp "$T/log" "$T/whole.log"
find "$T/store/users/ann" -name '*f g' -delete

# --- what cannot be provoked without strace ---

restart --trash-days 0
untold '... and not at the next start' new_store
talk 'Register|2|carl|secret|' 'Register|2|dora|secret|' >/dev/null
trace -e trace=unlinkat -e inject=unlinkat:error=EIO
if is_traced; then
    as carl 'Delete user|0|' >/dev/null
    told 'trouble of the housekeeper' \
        'trouble text="cannot remove removed/~carl-[^"]*: Input/output error" level=error'
    untrace
    as dora 'Send mes|2|dora|x|' >/dev/null
    trace -e trace=renameat2 -e inject=renameat2:signal=KILL
    in_version_2 as dora 'Delete mes|1|1|' >/dev/null # which learns of it
    wait "$SERVER_PID" 2>/dev/null
    SERVER_PID=''
    untrace
    restart
    as dora 'Status|0|' >/dev/null
    told 'one who died holding a lock' \
        'died mailbox=dora text="a process died while it held the lock: reading the mailbox again" level=warning'
else
    skip 'no process may be traced here' 'errors injected by strace'
fi

# --- levels ---

try() { talk 'Login|2|dora|wrong|' 'Login|2|dora|secret|' 'Exit|0|' >/dev/null; }
restart
try
told 'by default a failed login is logged' "login result=fail user=dora .* level=warning"
restart --log-level info
try
told 'level info: sessions are logged, too' 'disconnect .* level=info'
untold '... but no debug events' connect
restart --log-level error
try
stop_server
is "$(cat "$T/log")" '' 'level error: nothing else is logged'
restart
try
stop_server
is "$(sed 's/.*\(event=[a-z]*\).*/\1/' "$T/log" | uniq | tr '\n' ' ')" \
    'event=start event=security event=listen event=login event=stop ' 'by default nothing else of a session is logged'

# Threads do not mix their lines.
restart --log-level debug
n=0
while [ $n -lt 20 ]; do
    for _ in 1 2 3 4 5 6 7 8; do in_version_2 talk 'Noop|0|' 'Noop|0|' >/dev/null & clients="${clients-} $!"; done
    # shellcheck disable=SC2086 # several ids
    wait $clients
    clients=''
    n=$((n + 8))
done
told 'many clients at once' 'disconnect .* session=24 .*'
stop_server
is "$(grep -Evc "^pochtad: $stamp event=[a-z]+ .* level=[a-z]+\$" "$T/log") $(grep -o event= "$T/log" | wc -l)" \
    "0 $(wc -l <"$T/log")" '... each has its own line'

# --- where to ---

: >"$T/log"
JOURNAL_STREAM=$(stat -c %d:%i "$T/log")
export JOURNAL_STREAM
start_server
unset JOURNAL_STREAM
try
stop_server
is "$(sed '/event=security/d; s/ .*//' "$T/log" | uniq | tr '\n' ' ')" \
    '<5>event=start <5>event=listen <4>event=login <5>event=stop ' 'lines for systemd begin with a priority'

restart --log-to syslog
trace -e trace=connect,sendto,sendmsg
try
! is_traced || ok 'the event goes to the system log' grep -Eq '/dev/log|<20>.*event=login' "$T/strace"
untrace
is "$(as dora 'Noop|0|')" "$yes" 'the server serves, with or without a system log'
stop_server
is "$(cat "$T/log")" '' '... and logs nothing to standard error'
"$B/pochtad" --log-to syslog --listen 127.0.0.1:0 --store /proc/none 2>"$T/err"
like "$(cat "$T/err")" 'pochtad: *event=start result=error reason="store /proc/none: *" level=error' \
    '... but the reason why it does not start'

# --- fail2ban ---

filter=$here/../../contrib/fail2ban/filter.d/pochtad.conf
sed "s/^pochtad: time=[^ ]* /Nov 24 04:57:45 mail pochtad[17]: /; s/127\.0\.0\.1/2001:db8::17/" \
    "$T/whole.log" >"$T/syslog"
printf '%s\n' 'pochtad: time=2026-11-24T04:57:45Z event=admin verb=kick on="event=login result=fail user=x reason=\"x\" addr=10.0.0.1 session=1 ms=1 level=warning" code=67 level=notice' >>"$T/whole.log"
matches() { # LOG: the addresses that the filter finds; what fail2ban takes for the date is cut out
    perl -ne 'BEGIN {
            open my $f, "<", shift or die;
            ($re) = map { /^failregex = (.*)/ } <$f>;
            $re =~ s/<HOST>/([0-9a-fA-F:.]+)/;
        }
        s/time=\S+|^\w{3} \d+ [\d:]+//;
        print "$1\n" if /$re/' "$filter" "$1"
}
if over udp1; then # anyone can forge their addresses, to have others banned
    twice='' once=''
else
    twice='127.0.0.1 127.0.0.1 ' once='2001:db8::17'
fi
is "$(matches "$T/whole.log" | tr '\n' ' ')" "$twice" 'the filter finds failed logins'
is "$(matches "$T/syslog" | sort -u)" "$once" '... in the system log too'
if command -v fail2ban-regex >/dev/null; then
    is "$(fail2ban-regex -o ip "$T/whole.log" "$filter" | tr '\n' ' ')" "$twice" 'fail2ban agrees'
    is "$(fail2ban-regex -o ip "$T/syslog" "$filter" | sort -u)" "$once" '... there too'
else
    skip 'fail2ban is not installed' 'fail2ban agrees'
fi
done_testing
