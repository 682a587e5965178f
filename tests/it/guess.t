#!/bin/sh
# SPDX-License-Identifier: ISC
# Who guesses passwords is slowed down, and nobody else is. Clients have addresses 127.0.0.X of their
# own. That something waits is seen by the time it took, that something does not by the log.
. "$(dirname "$0")/lib.sh"
yes='Answer|1|Yes|' no='Answer|2|Noop|wrong name or password|'
often='Answer|2|Noop|too often: wrong passwords from this address; try again in'

ctl() { "$B/pochtactl" --store "$T/store" "$@"; }
from() { # X PAYLOAD...: what a client at 127.0.0.X is answered
    (FROM=127.0.0.$1 && shift && talk "$@")
}
guess() { # X NAME PASSWORD...: each on a connection of its own
    client=$1 name=$2
    shift 2
    for word; do from "$client" "Login|2|$name|$word|"; done
}
addr=addr
over udp1 && addr=unproven
delays() { # X: how long each that had to wait at 127.0.0.X did, in milliseconds
    sed -n "s/.* event=delay .*$addr=127\.0\.0\.$1 .* ms=\([0-9]*\) .*/\1/p" "$T/log"
}
waited() { # X MS...: it took as long in all, and so many had to; fewer where a busy machine is late itself
    delays "$1" >"$T/delays"
    shift
    sum=0
    for ms; do sum=$((sum + ms)); done
    held=$(grep -c '' "$T/delays")
    [ "$held" -ge 1 ] && [ "$held" -le $# ] && [ $(($(date +%s%3N) - begun)) -ge "$sum" ]
}
begin() { begun=$(date +%s%3N); }
tried() { # X: how many passwords of 127.0.0.X were looked at, and wrong
    grep -Ec "event=login result=fail .*reason=\"wrong.* $addr=127\.0\.0\.$1 " "$T/log"
}
ended() { cat "$T"/conn?.out | decode | grep -q '^Exit|1|kicked'; }
count() { delays "$1" | grep -c ''; } # X

start_server --login-delay 200ms --login-delay-max 1s --log-level info
register ann bob carl dora
ctl user disable carl

# An account that exists, none, and one that is disabled, with the right password too.
six="$no
$no
$no
$no
$no
$no"
begin
is "$(guess 2 ann a b c d e f)" "$six" 'six wrong passwords'
ok '... are delayed, longer each time' waited 2 200 400 800 1000 1000
begin
is "$(guess 3 nobody a b c d e f)" "$six" 'six passwords for an unknown name'
ok '... are delayed as long' waited 3 200 400 800 1000 1000
begin
is "$(guess 4 carl a secret c d e f)" "$six" 'six passwords for a disabled account, one of them right'
ok '... are delayed as long' waited 4 200 400 800 1000 1000
begin
for name in a b c d; do guess 5 "name$name" x; done >"$T/out"
ok 'each under another name, they are delayed, too' waited 5 200 400 800
is "$(talk 'Login|2|bob|secret|')" "$yes" 'another user at another address'
is "$(count 1)" 0 '... is not delayed'

# The owner.
is "$(from 6 'Login|2|ann|secret|' 'Logout|0|' 'Login|2|ann|secret|')" "$yes
$yes
$yes" 'the owner, at an address without failures'
ok '... is delayed once, since others tried that name' test "$(count 6)" -le 1
begin
guess 7 bob a b c d >"$T/out"
is "$(from 7 'Login|2|bob|secret|' 'Noop|0|')" "$yes
$yes" 'the right password after four wrong ones'
ok '... waits, too' waited 7 200 400 800 1000
before=$(count 7)
is "$(from 7 'Login|2|bob|secret|')" "$yes" 'the next login'
is "$(count 7)" "$before" '... is not delayed'
is "$(from 7 'Login|2|bob|x|' 'Login|2|bob|secret|')" "$no
$yes" 'a slip'
waits_little() { # after a slip; the fifth wrong password would have to wait a second
    from 7 'Login|2|bob|x|' 'Login|2|bob|secret|' >"$T/out"
    [ "$(count 7)" -gt "$before" ] && [ "$(delays 7 | tail -n 1)" -lt 500 ]
}
ok '... counts as the first one again' wait_for 20 waits_little

# Password asks for one, too.
begin
is "$(from 8 'Login|2|dora|secret|' 'Password|2|a|x|' 'Password|2|b|x|' 'Password|2|secret|secret|')" "$yes
$no
$no
$yes" 'Password with wrong old passwords'
ok '... are delayed in the same way, but not the one that the session has proven' waited 8 200

# Fifty at once from one address. Before the first has failed as many are tried as there are cores;
# then there is a turn each second, but for the first four.
begin
for i in 1 2 3 4 5; do
    for j in 0 1 2 3 4 5 6 7 8 9; do guess 9 "n$i$j" "$i$j" >"$T/at$i$j" & clients="${clients-} $!"; done
done
# shellcheck disable=SC2086 # several ids
wait $clients
most=$((($(date +%s%3N) - begun) / 1000 + 1 + 4 + $(nproc)))
is "$(cat "$T"/at* | grep -Ec '^Answer\|2\|Noop\|(wrong name|too often: )')" 50 'fifty at once are answered'
ok "... and $(tried 9) of at most $most tried" test "$(tried 9)" -le "$most"
like "$(sed -n "/^$often/p" "$T"/at* | sed 1q)" "$often 1 s|" '... the rest are told to try again'
told=$(grep -c 'event=login result=fail user=n.*reason="too often" .*level=warning' "$T/log")
is "$(cat "$T"/at* | grep -c "^$often")" "$told" '... and the log has a warning'
is "$(ctl stats | sed -n 's/logins-delayed	//p')" "$(grep -c 'event=delay ' "$T/log")" 'all failed logins are counted'
stop_server

# The same wrong password, as of a client that was set up once and forgotten. Here a delay that grew
# would have come to 51 s.
: >"$T/log"
start_server --login-delay 100ms --login-delay-max 5m --log-level info
begin
for _ in 1 2 3 4 5; do from 2 'Login|2|ann|old|' 'Login|2|ann|old|'; done >"$T/out" # a second one comes at once
ok 'the same wrong password ten times' test $(($(date +%s%3N) - begun)) -lt 30000
ok '... is delayed as after the first' waited 2 100 100 100 100 100 100 100 100 100

# Those who wait hold up nobody, and end when they are told to.
stop_server
start_server --login-delay 1m --login-delay-max 5m --log-level info
guess 3 bob a >"$T/out"
FROM=127.0.0.3
for n in 3 4 5 6; do
    open_conn $n
    send $n "$(frame 'Noop|0|' 'Login|2|bob|y|')"
    is "$(heard $n 1)" "$yes" "client $n"
done
FROM=''
is "$(from 4 'Login|2|dora|secret|')" "$yes" 'four logins are delayed: another user can log in'
is "$(for n in 3 4 5 6; do all_heard $n; done | grep -c '')" 4 '... while they do'
ctl kick "$(ctl who | awk '$3 == "127.0.0.3" { print $1; exit }')" >/dev/null
ok 'a delayed login ends when its session is kicked' wait_for 10 ended
for n in 3 4 5 6; do close_conn $n; done
done_testing
