#!/bin/sh
# SPDX-License-Identifier: ISC
# Nobody else on the machine can bind the server's UDP port beside it, and so receive what its clients
# send; and sessions, which the server itself binds there, get what is theirs.
. "$(dirname "$0")/lib.sh"
yes='Answer|1|Yes|'
nobody=$(id -u nobody) group=$(id -g nobody) neighbour=54321

if [ "$(id -u)" != 0 ]; then
    skip 'only root can be another user' 'no other user can bind the port'
    done_testing
fi
as() { # UID COMMAND...
    uid=$1
    shift
    exec setpriv --reuid "$uid" --regid "$group" --clear-groups "$@"
}
chmod 0755 "$T"
cp "$B/pochtad" "$T/pochtad" # nobody may not be able to read the build
mkdir "$T/home"
chown "$nobody:$group" "$T/home"
store=$T/home/store port_file=$T/home/port

# Binds a port in every way that takes what is sent to an address, and says how it could be. With a
# third argument, it stays bound there until its input ends.
cat >"$T/thief" <<'END'
use Socket qw(:DEFAULT inet_pton pack_sockaddr_in6 IPPROTO_IPV6 IPV6_V6ONLY);
$| = 1;
my ($port, $address, $stay) = @ARGV;
my @kept;
for my $at ($address =~ /:/ ? ($address, "::") : ($address, "0.0.0.0", "::ffff:$address", "::")) {
    my $family = $at =~ /:/ ? AF_INET6 : AF_INET;
    my $name = inet_pton($family, $at);
    for my $options ([], [SO_REUSEADDR], [SO_REUSEPORT], [SO_REUSEADDR, SO_REUSEPORT]) {
        socket my $s, $family, SOCK_DGRAM, 0 or die $!;
        setsockopt $s, IPPROTO_IPV6, IPV6_V6ONLY, 0 if $family == AF_INET6; # so it takes IPv4, too
        setsockopt $s, SOL_SOCKET, $_, 1 for @$options;
        next unless bind $s, $family == AF_INET ? pack_sockaddr_in($port, $name) : pack_sockaddr_in6($port, $name);
        print "bound $at with options @$options\n";
        push @kept, $s if $stay;
    }
}
print "done\n";
<STDIN> if $stay;
END
thief() { (as "$neighbour" perl "$T/thief" "$@"); } # PORT ADDRESS
udp_port() { sed -n 's/^udp .* //p' "$port_file" | head -n 1; }

# Executes a command with bound sockets from descriptor 3 on, as systemd passes them: root's, and with
# SO_REUSEADDR, which it always sets.
cat >"$T/handed" <<'END'
use POSIX qw(dup2);
use Socket qw(:DEFAULT inet_pton pack_sockaddr_in6);
my ($make, $port, @command) = @ARGV;
if (!$port) { # a free one: with SO_REUSEPORT the kernel may choose that of another socket of this user
    socket my $s, AF_INET, SOCK_DGRAM, 0 or die $!;
    bind $s, pack_sockaddr_in(0, INADDR_ANY) or die $!;
    ($port) = unpack_sockaddr_in(getsockname $s);
}
my @sockets = map {
    my ($address, @options) = split /,/;
    my $family = $address =~ /:/ ? AF_INET6 : AF_INET;
    socket my $s, $family, SOCK_DGRAM, 0 or die $!;
    setsockopt $s, SOL_SOCKET, $_, 1 or die $! for SO_REUSEADDR, map { $_ eq "port" ? SO_REUSEPORT : () } @options;
    my $a = inet_pton($family, $address);
    bind $s, $family == AF_INET ? pack_sockaddr_in($port, $a) : pack_sockaddr_in6($port, $a) or die "$address: $!";
    $s;
} split / /, $make;
dup2(fileno $sockets[$_], 20 + $_) for 0 .. $#sockets;
dup2(20 + $_, 3 + $_), POSIX::close(20 + $_) for 0 .. $#sockets;
@ENV{qw(LISTEN_PID LISTEN_FDS)} = ($$, scalar @sockets);
exec @command;
END

# 40 sessions of each version, half of which begin when the others are there.
several() { # ADDRESS
    HOST=$1 UDP=$(udp_port) perl -e 'require shift;
        my (@one, @two, %got);
        for (1 .. 2) {
            my @new = map { fresh() } 1 .. 20;
            push @one, @new;
            push @two, map { my $s = fresh(); [$s, cookie($s), 0] } 1 .. 20;
            forget_numbers($_) for @new;
            say_to($_, ones(1, "Noop|0|")) for @new;
            $got{heard_1($_)}++ for @new;
            say_to($_->[0], data(++$_->[2], $_->[1], "Noop|0|")) for @two;
            $got{answer(@$_[0, 1])}++ for @two;
        }
        say_to($_, ones(2, "Status|0|")) for @one;
        $got{heard_1($_)}++ for @one;
        print join " ", map { "$_ $got{$_}" } sort keys %got' "$here/udp.pl"
}
all="$yes 100 Answer|2|Noop|log in first| 40"

owners() { # of the sockets at the port
    awk -v port="$(printf ':%04X$' "$(udp_port)")" '$2 ~ port { print $8 }' /proc/net/udp /proc/net/udp6
}

alone() { # NAME ADDRESS: of a client
    is "$(thief "$(udp_port)" "$2")" 'done' "$1: another user cannot bind the port"
    is "$(several "$2")" "$all" '... and sessions, and clients that come while there are some, are answered'
    is "$(thief "$(udp_port)" "$2")" 'done' '... and it cannot be bound while there are sessions'
    ok '... and the server ends' stop_server
}

# --- sockets of its own ---

launch "$T/pochtad" --store "$store" --listen 127.0.0.1:0 --udp 127.0.0.1:0
alone "root's server" 127.0.0.1
rm -r "$store"
launch "$T/pochtad" --store "$store" --listen 127.0.0.1:0 --udp 127.0.0.1:0 --user nobody
is "$(owners)" "$nobody" "a server that root started for nobody has one socket, which is nobody's"
alone "... and" 127.0.0.1
launch "$T/pochtad" --store "$store" --listen 127.0.0.1:0 --udp 0.0.0.0:0 --user nobody
alone 'likewise, at all addresses' 127.0.0.3
launch setpriv --reuid "$nobody" --regid "$group" --clear-groups "$T/pochtad" --store "$store" \
    --listen 127.0.0.1:0 --udp 127.0.0.1:0
alone 'a server that was started as nobody' 127.0.0.1

# --- sockets from systemd, which are root's ---

handed() { # SOCKETS [OPTION...]: a server of nobody's
    sockets=$1
    shift
    relaunch perl "$T/handed" "$sockets" 0 "$@" "$T/pochtad" --store "$store" --listen 127.0.0.1:0
}
nobodys="setpriv --reuid $nobody --regid $group --clear-groups"
for at in '127.0.0.1' '127.0.0.1,port' '0.0.0.0' '::' '::ffff:127.0.0.1' '::ffff:127.0.0.1,port'; do
    # shellcheck disable=SC2086 # several words
    handed "$at" $nobodys
    alone "root's socket at $at" 127.0.0.1
done
# shellcheck disable=SC2086 # several words
handed '::1,port' $nobodys
alone "root's socket at ::1, with ReusePort" ::1
relaunch perl "$T/handed" 127.0.0.1 0 "$T/pochtad" --store "$store" --listen 127.0.0.1:0 --user nobody
alone "root's socket, and a server that becomes nobody" 127.0.0.1

# --- somebody was there before ---

free=$(perl -MSocket -e 'socket my $s, AF_INET, SOCK_DGRAM, 0; bind $s, pack_sockaddr_in(0, inet_aton("127.0.0.1"));
    print +(unpack_sockaddr_in(getsockname $s))[0]')
mkfifo "$T/stay"
# Both are bound before the server looks: as when it is started by the first client.
# shellcheck disable=SC2086 # several words
refuses 77 "*event=start result=error reason=\"udp: a process of the user with id $neighbour has bound port $free, too, *" \
    'another user has bound the port beside systemd' perl "$T/handed" 127.0.0.1 "$free" sh -c '
    nobodys=$1 neighbour=$2 group=$3 T=$4 free=$5
    shift 5
    setpriv --reuid "$neighbour" --regid "$group" --clear-groups perl "$T/thief" "$free" 127.0.0.1 stay <"$T/stay" >"$T/thief.out" \
        2>/dev/null 3>&- &
    exec 9>"$T/stay"
    until grep -q done "$T/thief.out" 2>/dev/null; do sleep 0.02; done
    exec $nobodys "$@"' sh "$nobodys" "$neighbour" "$group" "$T" "$free" \
    "$T/pochtad" --store "$store" --listen 127.0.0.1:0
done_testing
