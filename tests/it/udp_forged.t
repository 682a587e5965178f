#!/bin/sh
# SPDX-License-Identifier: ISC
# Version 1 over UDP, where anyone can send datagrams in the name of another address: whose address it
# is has no harm of it. A victim here is an address 127.0.0.X whose own program does not know of them.
. "$(dirname "$0")/lib.sh"
yes='Answer|1|Yes|' no='Answer|2|Noop|wrong name or password|' over='Answer|2|Noop|over limit|'
tab=$(printf '\t')

ctl() { "$B/pochtactl" --store "$T/store" "$@"; }
udp() { UDP=$(port_of udp) perl -e 'require shift; $_ = shift; print eval($_) // "died: $@"' "$here/udp.pl" "$@"; }
has() { [ "$(grep -c "$1" "$T/log")" -ge "$2" ]; } # PATTERN COUNT
from() { # X PAYLOAD...: what a client at 127.0.0.X is answered over TCP
    (FROM=127.0.0.$1 && shift && talk "$@")
}
banned() { # the addresses that contrib's filter for fail2ban finds in the log
    perl -ne 'BEGIN {
            open my $f, "<", shift or die;
            ($re) = map { /^failregex = (.*)/ } <$f>;
            $re =~ s/<HOST>/([0-9a-fA-F:.]+)/;
        }
        s/time=\S+//;
        print "$1\n" if /$re/' "$here/../../contrib/fail2ban/filter.d/pochtad.conf" "$T/log" | sort -u
}

# --- a thousand datagrams in the name of 127.0.0.9 ---

start_server --udp 127.0.0.1:0 --clients-per-address 100 --connections-per-minute 200 --log-level debug
register ann bob
mkfifo "$T/hold"
udp 'my @s = map { fresh(LocalHost => "127.0.0.9") } 1 .. 500; # they stay: nobody there says that they do not exist
    my $n = 0;
    say_to($_, ones(1, "Login|2|ann|guess" . ++$n . "|", "Login|2|bob|guess$n|")) for @s;
    <STDIN>' <"$T/hold" >/dev/null &
forger=$!
children="$children $forger"
exec 3>"$T/hold"
wrong='event=login result=fail user=ann .* transport=udp1 unproven=127\.0\.0\.9 session=[0-9]* ms=[0-9]* level=warning$'
ok 'forged wrong passwords fail; the log has the transport, and that the address is not proven' wait_for 20 has "$wrong" 3
ok '... and others are turned away' wait_for 20 has \
    'event=refuse reason="too many connections from your address .*" transport=udp1 unproven=127\.0\.0\.9 ' 1
turned() { [ "$(ctl stats | sed -n "s/^refused-clients-per-address$tab//p; s/^refused-connections-per-minute$tab//p" |
    awk '{ n += $1 } END { print n }')" -ge 400 ]; }
ok '... all but a hundred' wait_for 20 turned
is "$(from 9 'Login|2|ann|secret|')$(from 9 'Login|2|bob|secret|')" "$yes$yes" 'over TCP their victim can log in'
is "$(for _ in 1 2 3 4 5 6 7 8 9; do from 9 'Noop|0|'; done | sort | uniq -c | tr -s ' ')" " 9 $yes" '... and connect'
is "$(udp 'my $s = fresh(LocalHost => "127.0.0.9");
    my $id = cookie($s);
    say_to($s, data(1, $id, "Login|2|ann|secret|"));
    answer($s, $id)')" "$yes" '... in version 2 over UDP, too, where the cookie proves the address'
is "$(from 8 'Login|2|ann|secret|')" "$yes" 'the owner of the name can log in from an address that is new'
is "$(grep -c 'event=delay .* addr=' "$T/log")" 0 '... and no login was delayed'
is "$(grep -c ' addr=127\.0\.0\.9 .*level=warning' "$T/log")$(banned)" 0 'fail2ban bans nobody'
is "$(from 9 'Login|2|ann|wrong|')" "$no" 'a wrong password over TCP'
is "$(banned)" 127.0.0.9 '... is one for fail2ban'
exec 3>&-
wait "$forger"
stop_server

# --- passwords in the name of many addresses, which are hashed as slowly as in use ---

with_real_hashes relaunch "$B/pochtad" --listen 127.0.0.1:0 --store "$T/store" --udp 127.0.0.1:0
udp 'my @s = map { fresh(LocalHost => sprintf "127.9.%d.%d", $_ / 100, 1 + $_ % 100) } 1 .. 800;
    say_to($s[$_], ones(1, "Login|2|name$_|x|")) for 0 .. $#s;
    <STDIN>' <"$T/hold" >/dev/null &
forger=$!
children="$children $forger"
exec 3>"$T/hold"
hashed() { grep -c 'event=login result=fail .* unproven=127\.9\.' "$T/log"; }
begun() { [ "$(hashed)" -ge 5 ]; }
wait_for 20 begun
before=$(hashed)
is "$(from 9 'Login|2|ann|secret|')" "$yes" 'a login over TCP while eight hundred forged ones wait'
between=$(($(hashed) - before))
ok "... lets few of them go first, not 800: $between" test "$between" -lt 100
exec 3>&-
wait "$forger"
stop_server

# --- bytes for bytes ---

# The bytes in datagrams that came in answer to these, as a list of those that are more than three
# times as many, or none.
excess='sub excess {
    my $s = fresh();
    my ($in, $out, $n) = (0, 0, 0);
    say_to($s, @_);
    $in += length for @_;
    while (defined(my $d = hear($s, $n ? 0.2 : 30))) { $out += length $d; $n++ }
    return $n == 0 ? "no answer to @_\n" : $out > 3 * $in ? "$out for $in: @_\n" : "";
}
'
requests='
my @requests = ((map { frame($_) } "Start|0|", "Start|1|2|", "Help|0|", "Help|1|Help|", "Noop|0|", "Status|0|", "Noop",
        "", "x", "Login|2|a|b|", "Login|2|ann|b|", "Login|0|", "Register|2|ann|b|", "Register|2|A b|b|", "Register|2|x|x|",
        "Exit|0|", "Show all|0|", "Send mes|2|ann|x|", "Status|1|x|"), "0000005000", "9999999999");
'
for size in 32 1024; do
    start_server --udp 127.0.0.1:0 --login-delay 0 --udp-datagram "$size"
    is "$(udp "$excess$requests"'join "", map({ excess(one(1, "$_\2")) } @requests), # alone, and after others
        excess(map { one($_, frame("Help|0|") . "\2") } 1 .. 50),
        excess(map { one($_, frame($_ % 2 ? "Noop|0|" : "Help|0|") . "\2") } 1 .. 50)')" '' \
        "datagrams of $size bytes: before a login at most three times the bytes that came, and always an answer"
    is "$(udp 'my $s = fresh();
        say_to($s, ones(1, "Help|0|", "Help|0|"));
        join "\n", heard_1($s), heard_1($s)')" "$over
$over" '... Help would not fit'
    is "$(udp 'my $s = fresh();
        say_to($s, ones(1, "Login|2|ann|secret|", "Help|0|"));
        join " ", heard_1($s), heard_1($s) =~ /^(\w+)\|\d+(\|\w+)/')" "$yes Answer |Yes" '... after a login it is answered'
    stop_server
done
start_server --udp 127.0.0.1:0 --udp-clients 0
is "$(udp "$excess"'my $s = fresh();
    say_to($s, ones(1, "Noop|0|"));
    excess(ones(1, "Noop|0|")) . heard_1($s)')" 'Exit|1|over limit|' 'likewise for a client that is turned away'
stop_server
done_testing
