# SPDX-License-Identifier: ISC
# udp.pl: datagrams of docs/udp.md, for tests that say themselves what goes in each.
use strict;
use warnings;
use IO::Select;
use IO::Socket::IP;

my @table = map { my $c = $_; $c = $c & 1 ? $c >> 1 ^ 0x82F63B78 : $c >> 1 for 1 .. 8; $c } 0 .. 255;

sub crc32c {
    my $c = 0xFFFFFFFF;
    $c = $c >> 8 ^ $table[($c ^ $_) & 255] for unpack "C*", shift;
    return sprintf "%08x", $c ^ 0xFFFFFFFF;
}

sub frame { join "", map { sprintf "%010d%s", length, $_ } @_ }

# Version 1: a datagram; and frames of one datagram each, numbered from the first number.
sub one { my ($number, $body) = @_; sprintf("%010d", $number) . $body }
sub ones { my $number = shift; map { one($number++, frame($_) . "\2") } @_ }

# The same with bytes that are ignored: before a login the server answers no more than three times what
# came, and words may be long.
sub long { map { $_ . "x" x 100 } @_ }

# Version 2.
sub two { my ($number, $id, $type, $body) = @_; my $d = sprintf("%010d", $number) . "$id$type$body"; $d . crc32c($d) }
sub data { my ($number, $id, $payload) = @_; two($number, $id, "D", frame($payload) . "\2") }
sub asking { one(1, frame("Start|1|2|") . "\2") }

my %numbers; # of version 1, by the client's port: of the last datagram that came

# Whether the server has a session with a client on this port: for ten seconds version 1 would take
# another one there, whose number 1 is a duplicate, for the same.
sub is_on { # PORT CLIENT_PORT
    my $ends = sprintf ":%04X [0-9A-F]+:%04X 01 ", @_;
    for my $table ("/proc/net/udp6", "/proc/net/udp") {
        open my $f, "<", $table or next;
        return 1 if grep { /$ends/ } <$f>;
    }
    return;
}

sub client { # HOST PORT [LOCAL...]
    my ($host, $port, @more) = @_;
    my $s;
    do {
        $s = IO::Socket::IP->new(PeerHost => $host, PeerPort => $port, Proto => "udp", @more);
        die "no socket: $@" unless $s;
    } while is_on($port, $s->sockport);
    delete $numbers{$s->sockport};
    return $s;
}

sub hear { # SOCKET [SECONDS]: the next datagram, undef after that time
    my ($s, $seconds) = @_;
    my $d;
    while (IO::Select->new($s)->can_read($seconds // 30)) {
        return $d if defined recv $s, $d, 65536, 0; # or what the system says of an earlier one
    }
    return;
}

sub say_to { my $s = shift; send $s, $_, 0 for @_ }

sub cookie { # SOCKET: the id that the server gives
    my $s = shift;
    my $d;
    for (1 .. 10) { # as any client does
        say_to($s, asking());
        last if defined($d = hear($s, 1));
    }
    die "no cookie\n" unless defined $d;
    return $d =~ /^0{9}10{8}37Cookie\|3\|2\|([0-9a-f]{16})\|[0-9a-f]{8}\|\x02$/ ? $1 : die "no cookie: $d\n";
}

sub fresh { client($ENV{HOST} // "127.0.0.1", $ENV{UDP}, @_) }

# Version 1: the payload of the next frame; "silence" after so many seconds without a datagram.
sub forget_numbers { delete $numbers{shift->sockport} } # the server begins anew
sub heard_1 {
    my ($s, $seconds) = @_;
    my ($payload, $length) = ("", undef);
    while (defined(my $d = hear($s, $seconds))) {
        my $number = substr $d, 0, 10, "";
        my $last = $numbers{$s->sockport} // 0;
        die "number $number after $last\n" if $number != $last + 1;
        $numbers{$s->sockport} = $number;
        $length //= substr $d, 0, 10, "";
        $payload .= $d;
        next if length $payload < $length;
        die "no end mark: $d\n" if length $payload > $length && substr($payload, $length) ne "\2";
        return substr $payload, 0, $length;
    }
    return "silence";
}

# Version 2: what data comes, acknowledged, as PAYLOAD lines of what is whole in one datagram.
my %had; # ID NUMBER
sub answer {
    my ($s, $id, $seconds) = @_;
    while (defined(my $d = hear($s, $seconds))) {
        my ($n, $i, $type, $body) = $d =~ /^(\d{10})([0-9a-f]{16})(.)(.*)[0-9a-f]{8}$/s or die "odd: $d\n";
        die "another id: $d\n" if $i ne $id;
        next if $type eq "\6" || $type eq "P";
        return "over $body" if $type eq "X";
        say_to($s, two($n, $id, "\6", sprintf "%010d%010d%010d", $n + 256, $n, 1));
        next if $had{"$id $n"}++; # it was repeated before the acknowledgement came
        return ($body =~ /^\d{10}(.*?)\x02?$/s)[0];
    }
    return "silence";
}
1;
