#!/bin/sh
# SPDX-License-Identifier: ISC
# The server over UDP, as docs/udp.md has it, datagram by datagram: how sessions begin and end, what
# is dropped, who is turned away, and that who forges an address gains little by it.
. "$(dirname "$0")/lib.sh"
yes='Answer|1|Yes|'
tab=$(printf '\t')

ctl() { "$B/pochtactl" --store "$T/store" "$@"; }
udp_port() { sed -n 's/^udp .* //p' "$T/port" | head -n 1; }
# PERL [WORD...]: with tests/it/udp.pl and a client's socket $s; prints what comes of it.
udp() {
    UDP=$(udp_port) HOST=${HOST:-127.0.0.1} perl -e '
        require shift;
        our $s = fresh();
        $_ = shift;
        print eval($_) // "died: $@"' "$here/udp.pl" "$@"
}
stat_of() { ctl stats | sed -n "s/^$1$tab//p"; } # NAME
is_stat() { [ "$(stat_of "$1")" -eq "$2" ]; }
has_sessions() { [ "$(ctl who | wc -l)" -eq "$1" ]; }
told() { grep -q "event=$1" "$T/log"; } # PATTERN
serve() { # OPTION...: at free ports of its own
    rm -rf "$T/store"
    : >"$T/log"
    start_server --udp 127.0.0.1:0 --log-level debug "$@"
}

serve
is "$(sed "s/[0-9]*$//" "$T/port")" "tcp 127.0.0.1 
udp 127.0.0.1 " 'the port file names both'
ok '... and the log' wait_for 20 told "listen transport=udp addr=127.0.0.1 port=$(udp_port) level=notice"
register ann bob

# Begins here: after ten seconds of silence number 1 begins a new session.
mkfifo "$T/later"
udp 'say_to($s, ones(1, "Login|2|ann|secret|", "Status|0|"));
    my @before = (heard_1($s), heard_1($s));
    <STDIN>;
    say_to($s, ones(1, "Start|0|", "Status|0|", "Help|0|"));
    forget_numbers($s);
    join "\n", map { substr $_, 0, 13 } @before, heard_1($s), heard_1($s), heard_1($s)' \
    <"$T/later" >"$T/later.out" &
later=$!
children="$children $later"
exec 3>"$T/later"
ok 'a session that will fall silent' wait_for 20 told 'login .*user=ann'
silent_since=$(date +%s%N)

# --- version 1 ---

is "$(printf '0000000001%010dStart|0|\002' 8 | nc -u -w 1 127.0.0.1 "$(udp_port)" | od -An -c | tr -d ' \n')" \
    '00000000010000000013Answer|1|Yes0000000002|002' 'a person with printf and nc'
is "$(udp 'say_to($s, ones(1, "Login|2|ann|secret|", "Send mes|2|ann|moo|", "Start|1|2|", "Noop|0|"));
    join "\n", map { heard_1($s) =~ s/\^.*\^/^DATE^/r } 1 .. 4')" "$yes
Answer|2|Yes|1^DATE^|
$yes
$yes" 'several requests, and version 1 of the protocol alone'
is "$(udp 'my @d = ones(1, "Login|2|ann|secret|", "Noop|0|", "Status|0|");
    say_to($s, @d[0, 0, 2, 2, 1, 1, 0]);
    join " ", map({ substr heard_1($s), 0, 13 } 1 .. 3), heard_1($s, 0.3)')" \
    "$yes $yes Answer|6|Yes| silence" 'repeated and reordered datagrams: each request once, in order'
# As many as a socket has room for in the system, should the server be slow to read.
is "$(udp 'my @s = map { fresh() } 1 .. 20;
    say_to($_, ones(1, ("Noop|0|") x 20)) for @s;
    my %got;
    for my $one (@s) {
        for (1 .. 20) {
            my $heard = heard_1($one);
            $got{$heard}++;
            last if $heard eq "silence";
        }
    }
    join " ", %got')" "$yes 400" 'bursts: no datagram is lost while the sessions begin'
is "$(udp 'say_to($s, one(1, "0000000008Star\2t|0|\2"));
    my $first = heard_1($s);
    $s = fresh();
    say_to($s, one(1, frame("Noop|0|") . "\2and more"));
    join " ", map { /^(\w+\|\d+\|\w+)/ } $first, heard_1($s)')" 'Answer|2|Noop Answer|1|Yes' \
    'the end mark inside data, and bytes after the end'
exits() { udp 'say_to($s, ones(1, "Exit|0|")); heard_1($s)'; }
before=$(stat_of sessions)
is "$(exits)" "$yes" 'Exit'
ok '... ends it' wait_for 20 is_stat sessions "$before"

# --- version 2 ---

is "$(udp 'my $id = cookie($s);
    say_to($s, data(1, $id, "Start|1|2|"), data(2, $id, "Login|2|bob|secret|"), data(3, $id, "Exit|0|"));
    join "\n", map { answer($s, $id) } 1 .. 4')" 'Answer|2|Yes|2|
Answer|1|Yes|
Answer|1|Yes|
over 0' 'version 2 of UDP, with version 2 of the protocol'
is "$(udp 'my $id = cookie($s);
    say_to($s, (data(1, $id, "Noop|0|")) x 3, data(3, $id, "Exit|0|"), data(2, $id, "Noop|0|"));
    join " ", map { answer($s, $id) } 1 .. 4')" "$yes $yes $yes over 0" 'version 2: repeated and reordered datagrams'
is "$(udp 'join " ", map {
    my $id = cookie($s);
    say_to($s, data(1, $id, "Exit|0|"));
    map { answer($s, $id) } 1 .. 2 } 1 .. 5')" "$yes over 0 $yes over 0 $yes over 0 $yes over 0 $yes over 0" \
    'sessions one after another from the same port'
before=$(stat_of connections)
is "$(udp 'my $id = cookie($s);
    say_to($s, data(1, $id, "Exit|0|"));
    my @a = map { answer($s, $id) } 1 .. 2;
    my $late = "silence";
    for (1 .. 50) { # as a client would that has not heard the X; some may find a socket that goes
        last if $late ne "silence";
        say_to($s, data(1, $id, "Exit|0|"));
        $late = answer($s, $id, 0.2);
    }
    join " ", @a, $late')" "$yes over 0 over 0" 'a datagram for an ended session'
ok '... begins no session' is_stat connections $((before + 1))
before=$(stat_of udp-datagrams-dropped)
is "$(udp 'my ($id, $other) = (cookie($s), fresh());
    say_to($other, data(1, $id, "Noop|0|"));
    my $strange = answer($other, $id);
    say_to($s, data(1, $id, "Noop|0|"), data(2, $id =~ tr/0-9a-f/1-9a-f0/r, "Exit|0|"), "x" x 40);
    my @a = (answer($s, $id), answer($s, $id, 0.3));
    say_to($s, two(2, $id, "X", "0"));
    join " ", $strange, @a')" "over 1 $yes silence" \
    'another client cannot use an id, nor can an unknown id be used'
ok '... and the dropped datagrams are counted once the session has ended' wait_for 20 is_stat udp-datagrams-dropped $((before + 3))
is "$(udp 'my $id = cookie($s);
    say_to($s, data(1, $id, "Noop|0|"));
    answer($s, $id);
    say_to($s, two(1, $id, "X", "0"));
    answer($s, $id, 0.3)')" 'silence' 'the client ends it'

# --- what belongs to nothing ---

sessions=$(stat_of connections)
before=$(stat_of udp-datagrams-dropped)
bad=$(udp 'my @bad = ("", "x", "0" x 10, one(1, ""), one(1, "Noop|0|"), one(2, frame("Noop|0|")),
        one(0, frame("Noop|0|")), "x" x 3000, two(1, "0123456789abcdef", "X", "0"),
        two(1, "0123456789abcdef", "X", "1"), data(1, "abcdef0123456789", "Noop|0|") . "0",
        # Two servers must not be made to answer each other.
        map { one(1, frame($_) . "\2") } "Answer|1|Yes|", "Noop|1|no|", "Exit|1|bye|", "Cookie|3|2|0|0|");
    srand(7);
    push @bad, join "", map { chr rand 256 } 0 .. rand 99 for 1 .. 200;
    say_to($s, @bad);
    scalar(@bad) . " " . (hear($s, 0.3) // "silence")')
is "$bad" '215 silence' 'a malformed datagram, or one that begins nothing, gets no answer'
ok '... is counted' wait_for 20 is_stat udp-datagrams-dropped $((before + 215))
ok '... and begins no session' is_stat connections "$sessions"
unknown() { # of each kind, what is of no session this server knows
    udp 'my $id = "0123456789abcdef";
        join " ", map { say_to($s, two(1, $id, $_, "")); my $x = hear($s); length($x) . " " . substr $x, 0, 28 } qw(D d P ?)'
}
over='36 00000000000123456789abcdefX1'
before=$(stat_of udp-datagrams-dropped)
is "$(unknown)" "$over $over $over $over" 'a datagram of an unknown session is answered that it has ended'
ok '... is counted, too' wait_for 20 is_stat udp-datagrams-dropped $((before + 4))
ok '... and begins no session' is_stat connections "$sessions"
is "$(udp 'my $out = 0;
    my @first = (asking(), map { two(1, sprintf("%016x", $_), "D", frame("Help|0|") . "\2") } 1 .. 9);
    say_to($s, (@first) x 3);
    while (defined(my $d = hear($s, $out ? 0.3 : 30))) { $out += length $d }
    my $in = 3 * length join "", @first;
    $out > 0 && $out <= 3 * $in ? "fine" : "$out bytes for $in"')" fine \
    'a client without a cookie gets less than three times the bytes it sent'
is "$(udp 'say_to($s, asking()); length(hear($s)) <= 2 * length asking()')" 1 '... and for a cookie less than twice'

# --- as over TCP ---

udp 'say_to($s, ones(1, "Login|2|bob|secret|"));
    my $t = fresh();
    my $id = cookie($t);
    say_to($t, data(1, $id, "Login|2|bob|secret|"), data(2, $id, "Watch|0|"));
    my @first = (heard_1($s), answer($t, $id), answer($t, $id));
    print STDERR "ready\n";
    join "\n", @first, (map { answer($t, $id) =~ s/\^.*/^/r } 1 .. 3), heard_1($s)' \
    >"$T/both.out" 2>"$T/both.err" &
both=$!
children="$children $both"
ok 'a session in each version' wait_for 20 grep -q ready "$T/both.err"
is "$(ctl who | grep "${tab}bob$tab" | cut -f 2,3,6 | sort)" "bob${tab}127.0.0.1${tab}udp1
bob${tab}127.0.0.1${tab}udp2" 'who lists them'
ok '... and so does the log' told 'connect transport=udp2 port=.* addr=127.0.0.1 session='
like "$(as ann 'Send mes|2|bob|hello|')" 'Answer|2|Yes|*' 'a letter'
is "$(ctl kick bob)" 2 'kick'
wait "$both"
is "$(cat "$T/both.out")" "$yes
$yes
$yes
Mail|1|1^
Exit|1|kicked by the administrator|
over 0
Exit|1|kicked by the administrator|" '... both are told, after the answer to an earlier request'

# --- a new session from the same port ---

silence() { [ $((($(date +%s%N) - silent_since) / 1000000)) -ge 10100 ]; }
wait_for 20 silence
echo >&3
exec 3>&-
wait "$later"
is "$(cat "$T/later.out")" "$yes
Answer|6|Yes|
$yes
Answer|2|Noop
Answer|2|Noop" 'number 1 after ten seconds begins a new session: nobody is logged in, and Help is too long'
is "$(ctl stats | grep -c "^udp-")" 3 'stats has the counters of UDP'
ok 'a server with UDP sessions shuts down cleanly' stop_server

# --- the report's capture: 32 bytes ---

serve
register ann
as ann 'Send mes|2|ann|hello, this is a letter|' >/dev/null
is "$(udp 'my $login = frame("Login|2|ann|secret|");
    my @d = (one(1, substr $login, 0, 22), one(2, substr($login, 22) . "\2"), ones(3, "Noop|0|", "Status|0|", "Show all|0|"));
    my @sizes = map { length } @d;
    say_to($s, @d);
    join "\n", "@sizes[0, 4]", (map { substr heard_1($s), 0, 13 } 1 .. 3), heard_1($s) =~ s/\^\w{3} [^^]*\^/^DATE^/r')" \
    "32 32
$yes
$yes
Answer|6|Yes|
Answer|2|Yes|1^ann^DATE^23^2^hello, this is a letter^|" "the report's datagram is the fifth of a session"
# A login in two datagrams of 32 bytes at most.
log_in='my $login = frame("Login|2|ann|secret|");
    say_to($s, one(1, substr $login, 0, 22), one(2, substr($login, 22) . "\2"));
    heard_1($s);
    '
# Help is asked for in a datagram of so many bytes, of which those after the end mark say nothing: the length
# of the longest datagram of the answer.
longest='sub longest { my ($s, $number, $bytes) = @_;
    my $ask = one($number, frame("Help|0|") . "\2");
    my ($max, $answer) = (0, "");
    say_to($s, $ask . "x" x ($bytes - length $ask));
    while (length $answer < 10 || length $answer < 10 + substr $answer, 0, 10) {
        my $d = hear($s) // return "silence";
        $max = length $d if length $d > $max;
        $answer .= substr $d, 10;
    }
    return $max }
    '
is "$(udp "$longest$log_in"'join " ", map { longest($s, @$_) } [3, 28], [4, 32], [5, 200], [6, 28], [7, 1400]')" \
    '32 32 200 200 1024' 'datagrams have 32 bytes, or as many as the longest of the client, up to udp-datagram'
is "$(udp "$log_in"'use Time::HiRes "time";
    my ($began, $count) = (time, 1); # before the server begins: we may hear of it late
    say_to($s, ones(3, ("Help|0|") x 5));
    hear($s);
    while (defined(my $d = hear($s, $count > 300 ? 1 : 30))) { $count++; $::last = time }
    my $most = 64 + 1000 * ($::last - $began) + 1;
    $count > 300 && $count <= $most ? "fine" : "$count datagrams, at most $most"')" fine \
    'no more than 64 datagrams at once, then one each millisecond'
is "$(as ann "Send mes|2|ann|$(printf 'a\rb\002c')|" 'Show exact|1|2|' | tail -n 1)" \
    'Answer|2|Yes|2^ann^DATE^5^2^a\x0Db\x02c^|' 'a letter with control characters'
is "$(udp 'say_to($s, ones(1, "Login|2|ann|secret|", "Show exact|1|2|"));
    join "", map { heard_1($s) =~ s/\^\w{3} [^^]*\^/^DATE^/r } 1 .. 2')" \
    "${yes}Answer|2|Yes|2^ann^DATE^5^0^a b c^|" '... which are sent as spaces'
stop_server

# --- what ends a session ---

serve --frame-timeout 300ms --idle 60s
is "$(udp 'say_to($s, one(1, frame("Noop|0|") . "\2"), one(3, frame("Noop|0|") . "\2")); join " ", heard_1($s), heard_1($s)')" \
    "$yes Exit|1|part of the request was lost|" 'a datagram is missing: the client is told'
ok '... for too long' wait_for 20 told 'lost reason="a datagram was missing for too long" transport=udp1 unproven=127.0.0.1 session=1 level=info'
ok '... and the session is over' wait_for 20 has_sessions 0
stop_server
serve --idle 300ms
is "$(udp 'say_to($s, long(ones(1, "Noop|0|"))); join " ", heard_1($s), heard_1($s)')" \
    "$yes Exit|1|idle timeout|" 'idle, version 1'
is "$(udp 'my $id = cookie($s); say_to($s, data(1, $id, "Noop|0|")); join " ", map { answer($s, $id) } 1 .. 3')" \
    "$yes Exit|1|idle timeout| over 0" 'idle, version 2'
stop_server
serve
: >"$T/both.err"
udp 'say_to($s, long(ones(1, "Noop|0|")));
    my $t = fresh();
    my $id = cookie($t);
    say_to($t, data(1, $id, "Noop|0|"));
    my @first = (heard_1($s), answer($t, $id));
    print STDERR "ready\n";
    join "\n", @first, heard_1($s), answer($t, $id), answer($t, $id)' >"$T/both.out" 2>"$T/both.err" &
both=$!
children="$children $both"
ok 'two sessions' wait_for 20 grep -q ready "$T/both.err"
ok '... and the server ends' stop_server
wait "$both"
is "$(cat "$T/both.out")" "$yes
$yes
Exit|1|server is shutting down|
Exit|1|server is shutting down|
over 0" '... which they are told'

# --- many begin in the same moment, so that what one sends arrives at a socket made for another ---

serve
is "$(udp 'my (%got, @all); # all stay: version 1 takes who comes from the same port for the same
    for (1 .. 4) {
        my @s = map { fresh() } 1 .. 100;
        my ($noop, $status) = ones(1, "Noop|0|", "Status|0|");
        say_to($_, $noop) for @s;
        $got{heard_1($_)}++ for @s;
        say_to($_, $status) for @s;
        $got{heard_1($_)}++ for @s;
        push @all, @s;
    }
    join " ", map { "$_ $got{$_}" } sort keys %got')" "$yes 400 Answer|2|Noop|log in first| 400" 'each is answered'
stop_server

# --- who is turned away ---

# One of version 1, heard; then another, $t, and two of version 2, $u and $v.
four_come='say_to($s, ones(1, "Noop|0|"));
    my $first = heard_1($s);
    my $t = fresh();
    say_to($t, long(ones(1, "Noop|0|")));
    my ($u, $v) = (fresh(), fresh());
    my ($id, $jd) = (cookie($u), cookie($v));
    say_to($u, data(1, $id, "Noop|0|"));
    my $second = answer($u, $id);
    say_to($v, data(1, $jd, "Noop|0|"));
    '
serve --clients 1
is "$(udp "$four_come"'join "\n", $first, heard_1($t), $second, answer($u, $id)')" "$yes
Exit|1|too many clients (clients = 1)|
Exit|1|too many clients (clients = 1)|
over 1" 'clients'
stop_server
apart() { # NAME REASON: where one session of an address is allowed
    is "$(udp "$four_come"'join "\n", $first, heard_1($t), $second, answer($v, $jd), answer($v, $jd)')" "$yes
Exit|1|$2|
$yes
Exit|1|$2|
over 1" "$1, for addresses that may be forged apart from those that are proven"
}
serve --clients-per-address 1
apart 'clients-per-address' 'too many connections from your address (clients-per-address = 1)'
stop_server
serve --connections-per-minute 1
apart 'connections-per-minute' 'your address connects too often (connections-per-minute = 1)'
stop_server
serve --udp-clients 1
register ann
is "$(udp "$(echo "$four_come" | sed '1s/Noop|0|/Login|2|ann|secret|/')"'join "\n", $first, heard_1($t), $second')" "$yes
Exit|1|too many clients in version 1 over UDP (udp-clients = 1)|
$yes" 'udp-clients: version 2 is not counted'
is "$(stat_of refused-udp-clients)" 1 '... and it is counted'
stop_server

# --- addresses ---

if [ -e /proc/net/if_inet6 ] && grep -q '^0*1 ' /proc/net/if_inet6; then
    serve --udp '[::1]:0' --udp localhost:0
    is "$(HOST=::1 UDP='' udp 'my $t = client("::1", '"$(sed -n 's/^udp ::1 //p' "$T/port" | head -n 1)"');
        say_to($t, ones(1, "Noop|0|"));
        my $u = client("::1", $t->peerport);
        my $id = cookie($u);
        say_to($u, data(1, $id, "Noop|0|"));
        heard_1($t) . answer($u, $id)')" "$yes$yes" 'IPv6'
    is "$(ctl who | cut -f 3 | sort -u)" '::1' '... as who shows'
    stop_server
else
    skip 'this machine has no IPv6' 'IPv6'
    skip 'likewise' '... as who shows'
fi
serve --udp 0.0.0.0:0
every=$(sed -n 's/^udp 0.0.0.0 //p' "$T/port")
is "$(udp 'my $port = shift;
    join " ", map {
        my $t = client($_, $port); # connected: hears none but this address
        say_to($t, ones(1, "Noop|0|"));
        my $u = client($_, $port);
        my $id = cookie($u);
        say_to($u, data(1, $id, "Noop|0|"));
        heard_1($t), answer($u, $id);
    } "127.0.0.1", "127.0.0.2", "127.1.2.3"' "$every")" "$yes $yes $yes $yes $yes $yes" \
    'on all addresses: the answer comes from the address that was asked'
is "$(code "$B/pochtad" --store "$T/other" --listen 127.0.0.1:0 --udp "0.0.0.0:$every")" 69 \
    'a second server at the same port: no'
ok '... says why' grep -q "cannot listen on 0.0.0.0 port $every (udp): Address already in use" "$T/err"
"$B/pochtad" --store "$T/other" --listen 127.0.0.1:0 --udp "192.0.2.1:0" 2>"$T/err" &
waiting=$!
children="$children $waiting"
ok 'an address that this machine does not have: the server waits for it' \
    wait_for 20 grep -q 'cannot listen on 192.0.2.1 port 0 (udp): .*trying again' "$T/err"
kill_child TERM "$waiting"
stop_server

if [ -e "$B/no_ipv6.so" ]; then
    hashes=$cheap_hashes
    for at in 127.0.0.1 0.0.0.0; do
        cheap_hashes="$hashes $B/no_ipv6.so"
        serve --listen 127.0.0.1:0 --udp "$at:0"
        cheap_hashes=$hashes
        is "$(sed -n 's/^udp \(.*\) .*/\1/p' "$T/port" | sort -u)" "$(printf '%s\n' 127.0.0.1 "$at" | sort -u)" \
            "a system without IPv6: the server serves UDP at $at"
        every=$(sed -n "s/^udp $at //p" "$T/port" | tail -n 1)
        is "$(udp 'my $port = shift;
            my @s = map { client("127.0.0.1", $port) } 1 .. 3;
            my @t = map { my $t = client("127.0.0.1", $port); [$t, cookie($t)] } 1 .. 3;
            say_to($_, ones(1, "Noop|0|")) for @s;
            say_to($_->[0], data(1, $_->[1], "Noop|0|")) for @t;
            join " ", map({ heard_1($_) } @s), map { answer(@$_) } @t' "$every")" "$yes $yes $yes $yes $yes $yes" \
            '... in both versions, several sessions at once'
        stop_server
    done
else
    skip 'a sanitizer is there: nothing can be preloaded' 'a system without IPv6'
fi

# Sessions bind the port again, when the server is root no more. In a network where port 7 is free.
if [ "$(id -u)" = 0 ] && unshare -n true 2>/dev/null; then
    chmod 755 "$T"
    is "$(code unshare -n sh -c 'ip link set lo up && exec "$@"' sh "$B/pochtad" --store "$T/ports" \
        --listen 127.0.0.1:0 --udp 127.0.0.1:7 --user nobody)" 77 'a port below 1024, and a user'
    like "$(cat "$T/err")" '*event=start result=error reason="udp: user * cannot bind port 7 for each session*' '... says why'
else
    skip 'it takes root, and a network of its own' 'a port below 1024, and a user'
    skip 'likewise' '... says why'
fi
done_testing
