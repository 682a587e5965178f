#!/bin/sh
# SPDX-License-Identifier: ISC
# What the server and its supervisor, such as systemd, agree on: sockets that are handed over, and news.
. "$(dirname "$0")/lib.sh"
yes='Answer|1|Yes|'
STORE=$T/store

has() { grep -Eq -e "$1" "$T/log"; }        # PATTERN
told() { ok "$1" wait_for 20 has "event=$2\$"; } # NAME PATTERN
connected_once() { [ "$(talk 'Noop|0|')" = "$yes" ]; }

# --- sockets that were handed over ---

# Executes a command with what perl makes of a text as descriptors from 3 on.
cat >"$T/handed" <<'END'
use IO::Socket::INET;
use IO::Socket::UNIX;
use POSIX qw(dup2);
use Socket;
sub udp { # FAMILY, ADDRESS of sockaddr, OPTION...: as systemd makes one, with more options perhaps
    my ($family, $address, @options) = @_;
    socket my $s, $family, SOCK_DGRAM, 0 or die $!;
    setsockopt $s, $_->[0], $_->[1], 1 or die $! for [SOL_SOCKET, SO_REUSEADDR], @options;
    bind $s, $address or die $!;
    return $s;
}
sub udp4 { udp(AF_INET, pack_sockaddr_in(0, inet_aton(shift)), @_) }
my $make = shift;
my @sockets = eval $make or die "$make: $@";
dup2(fileno $sockets[$_], 20 + $_) for 0 .. $#sockets; # out of the way of one another
dup2(20 + $_, 3 + $_), POSIX::close(20 + $_) for 0 .. $#sockets;
$ENV{LISTEN_PID} //= $$;
$ENV{LISTEN_FDS} //= @sockets;
exec @ARGV;
END
tcp='IO::Socket::INET->new(LocalAddr => "127.0.0.1", Listen => 8)'
unbound='IO::Socket::INET->new(LocalAddr => "127.0.0.1", Proto => "tcp")'
relaunch perl "$T/handed" "$tcp, $tcp" "$B/pochtad" --store "$STORE" --listen 127.0.0.2:0
is "$(sed 's/ [0-9]*$//' "$T/port" | tr '\n' ' ')" 'tcp 127.0.0.1 tcp 127.0.0.1 ' \
    'sockets from systemd replace the key listen'
while read -r _ _ TCP_PORT; do
    is "$(talk 'Noop|0|')" "$yes" '... and the server serves on them'
    told '... and are in the log' "listen transport=tcp addr=127\\.0\\.0\\.1 port=$TCP_PORT level=notice"
done <"$T/port"
ok '... and it shuts down cleanly, which it could not with blocking sockets' stop_server
is "$(LISTEN_PID=1 && export LISTEN_PID && relaunch perl "$T/handed" "$tcp" "$B/pochtad" --store "$STORE" --listen 127.0.0.2:0 &&
    sed 's/ [0-9]*$//' "$T/port" && stop_server)" 'tcp 127.0.0.2' 'sockets for another process are ignored'

# Names tell which key a socket is for; systemd gives one without a name that of its unit.
greeting() { timeout 20 perl -MIO::Socket::INET -MIO::Socket::UNIX -e '
    my $s = $ARGV[0] =~ m{^/} ? IO::Socket::UNIX->new(Peer => $ARGV[0]) : IO::Socket::INET->new("127.0.0.1:$ARGV[0]");
    print substr(<$s>, 0, 3)' "$1"; } # PORT_OR_PATH: the first three bytes that the server says
unix="do { unlink '$T/handed-socket'; IO::Socket::UNIX->new(Local => '$T/handed-socket', Listen => 8) }"
LISTEN_FDNAMES=pop3:pochtad.socket:lmtp:submission:lmtp
export LISTEN_FDNAMES
relaunch perl "$T/handed" "$tcp, $tcp, $unix, $tcp, $tcp" "$B/pochtad" --store "$STORE" --listen 127.0.0.2:0 \
    --pop3 127.0.0.2:0 --submission 127.0.0.2:0 --lmtp "$T/other"
is "$(sed "s/ [0-9]*\$//; s|$T|T|" "$T/port" | tr '\n' ' ')" \
    'tcp 127.0.0.1 pop3 127.0.0.1 submission 127.0.0.1 lmtp T/handed-socket lmtp 127.0.0.1 ' \
    'the names of sockets tell them apart; they replace the keys of these names'
is "$(talk 'Noop|0|') $(greeting "$(port_of pop3)") $(greeting "$(port_of submission)") $(greeting "$(sed -n 's|^lmtp 127.0.0.1 ||p' "$T/port")") $(
    greeting "$T/handed-socket")" "$yes +OK 220 220 220" '... and the server serves on them'
ok '... and the log has them' has "event=listen transport=lmtp path=$T/handed-socket level=notice"
stop_server
ok '... a Unix socket of a supervisor is not removed' test -S "$T/handed-socket"
LISTEN_FDNAMES=:pop3
relaunch perl "$T/handed" "$tcp, $tcp, $tcp" "$B/pochtad" --store "$STORE"
is "$(cut -d ' ' -f 1 "$T/port" | tr '\n' ' ')" 'tcp tcp pop3 ' 'a socket with an empty name, or none, is for listen'
stop_server
LISTEN_FDNAMES=lmtp
refuses 69 '*descriptor 3 is not at a loopback address; lmtp has no login*' 'lmtp at an address that others can reach' \
    perl "$T/handed" 'IO::Socket::INET->new(LocalAddr => "0.0.0.0", Listen => 8)' "$B/pochtad" --store "$STORE"
LISTEN_FDNAMES=pop3
refuses 69 '*descriptor 3 is not a TCP or UDP socket*' 'a Unix socket for POP3' \
    perl "$T/handed" "$unix" "$B/pochtad" --store "$STORE"
unset LISTEN_FDNAMES

queued() { # whether a client has sent something to TCP_PORT that nobody has accepted
    awk -v port="$(printf ':%04X$' "$TCP_PORT")" '$2 ~ port && $4 == "01" && $5 ~ /:0*[1-9A-F]/ { n++ } END { exit !n }' \
        /proc/net/tcp
}
over_udp() { # VERSION PORT PAYLOAD...
    (TRANSPORT=udp$1 PORT=$2 && shift 2 && talk "$@")
}
several() { # ADDRESS PORT: three sessions of each version at once
    HOST=$1 UDP=$2 perl -e 'require shift;
        my @one = map { fresh() } 1 .. 3;
        my @two = map { my $s = fresh(); [$s, cookie($s)] } 1 .. 3;
        for my $n (1, 2) {
            say_to($_, ones($n, "Noop|0|")) for @one;
            say_to($_->[0], data($n, $_->[1], "Noop|0|")) for @two;
            $got{$_}++ for map({ heard_1($_) } @one), map({ answer(@$_) } @two);
        }
        print join " ", %got' "$here/udp.pl"
}
relaunch perl "$T/handed" "$tcp, udp4('127.0.0.1'), udp4('0.0.0.0'), udp(AF_INET6, pack_sockaddr_in6(0, \"\\0\" x 16))" \
    "$B/pochtad" --store "$STORE" --listen 127.0.0.2:0 --udp 127.0.0.2:0
is "$(sed 's/ [0-9]*$//' "$T/port" | tr '\n' ' ')" 'tcp 127.0.0.1 udp 127.0.0.1 udp 0.0.0.0 udp :: ' \
    'UDP sockets replace the key udp'
for at in '127.0.0.1 127.0.0.1' '0.0.0.0 127.0.0.3' ':: 127.0.0.3' ':: ::1'; do
    is "$(several "${at#* }" "$(sed -n "s/^udp ${at% *} //p" "$T/port")")" "$yes 12" "... sessions beside the one at ${at% *}, at ${at#* }"
done
ok '... and it shuts down cleanly' stop_server
relaunch perl "$T/handed" "udp4('127.0.0.1', [SOL_SOCKET, SO_REUSEPORT]), udp4('192.0.2.1', [0, 15])" \
    "$B/pochtad" --store "$STORE" --listen 127.0.0.2:0
is "$(sed 's/ [0-9]*$//' "$T/port" | tr '\n' ' ')" 'tcp 127.0.0.2 udp 127.0.0.1 udp 192.0.2.1 ' \
    'only UDP sockets: the key listen is used; an address that does not exist yet (FreeBind)'
is "$(several 127.0.0.1 "$(sed -n 's/^udp 127.0.0.1 //p' "$T/port")")" "$yes 12" '... sessions beside one with ReusePort'
stop_server

# A server that stands by: the clients of these sockets wait until it serves.
launch "$B/pochtad" --store "$STORE" --listen 127.0.0.1:0
first=$SERVER_PID port_file=$T/port2
rm -f "$port_file"
perl "$T/handed" "do { my \$s = $tcp; open my \$f, '>', '$T/handed-port'; print \$f \$s->sockport; close \$f; \$s }" \
    "$B/pochtad" --store "$STORE" --standby yes --port-file "$port_file" 2>"$T/log" 3>&- 4>&- 5>&- 6>&- &
SERVER_PID=$!
children="$children $first"
wait_for 20 has 'event=standby .*another server'
TCP_PORT=$(cat "$T/handed-port")
open_conn 3 tcp
send 3 "$(frame 'Noop|0|')"
ok 'a socket from systemd takes clients while the server stands by' wait_for 20 queued
is "$(cat "$T/conn3.out")" '' '... which wait'
kill_child TERM "$first"
wait "$first"
is "$(by_tcp heard 3 1)" "$yes" '... and are served when it has taken over'
close_conn 3
stop_server
port_file=$T/port
relaunch perl "$T/handed" "do { my \$s = udp4('127.0.0.1'); \$ENV{UDP} = (sockaddr_in(getsockname \$s))[0];
    require '$here/udp.pl'; say_to(fresh(), ones(1, 'Register|2|early|secret|')); \$s }" \
    "$B/pochtad" --store "$STORE" --listen 127.0.0.2:0
ok 'a datagram that arrives before a start is not lost' wait_for 20 test -d "$STORE/users/early"
stop_server
refuses 69 '*descriptor 3 is not a TCP or UDP socket*' 'datagrams that are not of the Internet' \
    perl "$T/handed" 'udp(AF_UNIX, pack_sockaddr_un(""))' "$B/pochtad" --store "$STORE"
refuses 69 '*descriptor 4 is a UDP socket that is not bound*' 'a UDP socket that is not bound' perl "$T/handed" \
    "$tcp, do { socket my \$s, AF_INET, SOCK_DGRAM, 0; \$s }" "$B/pochtad" --store "$STORE"
refuses 69 '*descriptor 3 is a UDP socket that is connected*' 'a UDP socket with a client' perl "$T/handed" \
    'IO::Socket::INET->new(PeerAddr => "127.0.0.1:9", Proto => "udp")' "$B/pochtad" --store "$STORE"
refuses 69 '*descriptor 4 is a TCP socket that does not listen*' 'a connection' \
    perl "$T/handed" "$tcp, $unbound" "$B/pochtad" --store "$STORE"
LISTEN_FDS=2
export LISTEN_FDS
refuses 69 '*descriptor 4 is not open*' 'fewer than were promised' perl "$T/handed" "$tcp" "$B/pochtad" --store "$STORE"
LISTEN_FDS=-1
refuses 69 '*LISTEN_FDS is not a number*' 'LISTEN_FDS that is not a number is refused' perl "$T/handed" "$tcp" "$B/pochtad" --store "$STORE"
LISTEN_FDS=33
refuses 69 '*descriptor *' 'more than there can be' perl "$T/handed" "$tcp" "$B/pochtad" --store "$STORE"
unset LISTEN_FDS
if command -v systemd-socket-activate >/dev/null; then
    free=$(perl -MIO::Socket::INET -e "print $tcp->sockport")
    systemd-socket-activate -l "127.0.0.1:$free" "$B/pochtad" --store "$STORE" --port-file "$T/port" \
        >/dev/null 2>&1 3>&- 4>&- 5>&- 6>&- &
    SERVER_PID=$! TCP_PORT=$free
    wait_for 20 connected_once
    wait_for 20 test -s "$T/port" # it serves a little earlier
    is "$(talk 'Noop|0|')$(cat "$T/port")" "${yes}tcp 127.0.0.1 $free" 'systemd-socket-activate agrees'
    stop_server
    systemd-socket-activate -d -l "127.0.0.1:$free" "$B/pochtad" --store "$STORE" --listen 127.0.0.1:0 \
        >/dev/null 2>&1 3>&- 4>&- 5>&- 6>&- &
    SERVER_PID=$!
    udp_serves() { [ "$(over_udp 2 "$free" 'Noop|0|' 2>/dev/null)" = "$yes" ]; }
    ok '... and the first datagram has it start one' wait_for 20 udp_serves
    stop_server
else
    skip 'there is no systemd-socket-activate' 'systemd-socket-activate agrees'
    skip 'likewise' '... and the first datagram has it start one'
fi

# --- news for the supervisor ---

# Receives datagrams into a file. At READY it asks the server at once whether it serves.
cat >"$T/supervisor" <<'END'
use Socket;
use IO::Socket::INET;
my ($name, $port_file, $out) = @ARGV;
socket my $s, AF_UNIX, SOCK_DGRAM, 0 or die;
bind $s, pack_sockaddr_un($name =~ s/^@/\0/r) or die "$name: $!";
open my $f, ">", $out or die;
$f->autoflush;
print $f "listening\n";
while (defined recv $s, my $news, 4096, 0) {
    if ($news =~ /^READY=1$/m) {
        open my $p, "<", $port_file or print $f "too early\n";
        my ($port) = $p && <$p> =~ /(\d+)$/;
        my $c = IO::Socket::INET->new("127.0.0.1:$port") or print $f "nobody serves\n";
        print $c "Noop\n" and print $f scalar <$c>;
    }
    print $f $news =~ s/\n/;/gr, "\n";
    last if $news =~ /^STOPPING=1$/m;
}
END
has_news() { [ "$(grep -c -e "$1" "$T/news")" -eq "$2" ]; } # PATTERN COUNT
echo 'idle = 1m' >"$T/conf"
for name in "$T/notify" "@pochta-test-$$"; do
    rm -f "$T/news" "$T/port"
    perl "$T/supervisor" "$name" "$T/port" "$T/news" &
    supervisor=$!
    children="$children $supervisor"
    wait_for 20 test -s "$T/news"
    relaunch env NOTIFY_SOCKET="$name" "$B/pochtad" --listen 127.0.0.1:0 --store "$STORE" \
        --config "$T/conf"
    open_conn 3
    send 3 'Noop
'
    wait_for 20 test -s "$T/conn3.out"
    kill -s HUP "$SERVER_PID"
    wait_for 20 has_news '^READY' 2
    kill -s TERM "$SERVER_PID"
    wait_for 20 gone "$supervisor"
    wait "$SERVER_PID"
    SERVER_PID=''
    close_conn 3
    is "$(sed 's/USEC=[0-9]*$/USEC=NUMBER/' "$T/news")" "listening
$yes
READY=1;STATUS=serving
RELOADING=1;MONOTONIC_USEC=NUMBER
$yes
READY=1;STATUS=serving
STOPPING=1;STATUS=sending clients away" "the supervisor at ${name%"$$"} hears when it serves, reads again, and stops"
done
NOTIFY_SOCKET=$T/nobody
export NOTIFY_SOCKET
relaunch "$B/pochtad" --listen 127.0.0.1:0 --store "$STORE"
is "$(talk 'Noop|0|')" "$yes" 'if the notify socket is dead, the server serves'
stop_server
unset NOTIFY_SOCKET
done_testing
