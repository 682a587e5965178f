#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# report_server.pl tcp|udp DIRECTORY: a mail server that knows only the report, on a free port of 127.0.0.3,
# with its mail in memory. It was written from the report and from what its programs were seen to do, not
# from pochtad:
#
# - it knows the operations that the report numbers, under the names of the report's capture, and their
#   numbers of arguments; Init and In system are states of a menu, which no client sends. To anything else
#   it says nothing at all;
# - Resend takes id, then name;
# - it adds a line feed to each body it sends, which the message's len does not count;
# - over UDP its datagrams have 32 bytes, it reads no more than 32 of each that comes, it cannot take CR, NUL
#   and the end mark in a field, and it does not answer Exit;
# - Noop comes without a reason;
# - when it disconnects clients, on SIGUSR1, it says "Closing connection.", a frame without an opcode.
#
# DIRECTORY gets "port", and "log" with each payload that came, as a line; what a server of the report
# cannot take has "!" before it.
use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;
use POSIX ();

my ($transport, $dir) = @ARGV;
my $udp = $transport eq "udp";
my $DATAGRAM = 32;

open my $log, ">>", "$dir/log" or die "$dir/log: $!";
$log->autoflush;
sub note { my $line = shift; $line =~ s/\n/\\n/g; print $log "$line\n" }

# --- mail ---

my %password;
my %mail; # of a user: by id, [from, date, state, body]

sub message {
    my ($id, $m) = @_;
    return join "^", $id, $m->[0], $m->[1], length $m->[3], $m->[2], "$m->[3]\n", "";
}

sub deliver {
    my ($from, $to, $body) = @_;
    return unless exists $password{$to};
    my ($last) = sort { $b <=> $a } keys %{ $mail{$to} };
    $mail{$to}{ ($last // 0) + 1 } = [$from, POSIX::asctime(localtime) =~ s/\n//r, 2, $body];
    return [];
}

sub show { # IDS of the user's mail
    my ($user, @ids) = @_;
    my @shown = map { message($_, $mail{$user}{$_}) } @ids;
    $mail{$user}{$_}[2] = 0 for @ids;
    return \@shown;
}

sub ids { my $box = $mail{ $_[0] }; return sort { $a <=> $b } keys %$box }

# Each returns the arguments after Yes, or undef for Noop. Those below LOGIN need a user.
my %operation = (
    "Start" => [0, sub { [] }],
    "Exit"  => [0, sub { my $s = shift; $s->{leaves} = 1; [] }],
    "Register" => [2, sub {
        my (undef, $name, $password) = @_;
        return if exists $password{$name};
        $password{$name} = $password;
        $mail{$name} = {};
        return [];
    }],
    "Login" => [2, sub {
        my ($s, $name, $password) = @_;
        return unless ($password{$name} // "\0") eq $password;
        $s->{user} = $name;
        return [];
    }],
);
my %user_operation = (
    "Logout" => [0, sub { delete $_[0]{user}; [] }],
    "Send mes" => [2, sub {
        my ($s, $to, $text) = @_;
        my @fields = split /\^/, $text, -1;
        return deliver($s->{user}, $to, @fields == 7 ? $fields[5] : $text);
    }],
    "Delete user" => [0, sub {
        my $name = delete $_[0]{user};
        delete $password{$name};
        delete $mail{$name};
        return [];
    }],
    "Delete mes" => [1, sub { my ($s, $id) = @_; delete $mail{ $s->{user} }{$id} ? [] : undef }],
    "Show unread" => [0, sub {
        my $user = $_[0]{user};
        return show($user, grep { $mail{$user}{$_}[2] == 2 } ids($user));
    }],
    "Show all" => [0, sub { my $user = $_[0]{user}; return show($user, ids($user)) }],
    "Show exact" => [1, sub {
        my ($s, $id) = @_;
        return exists $mail{ $s->{user} }{$id} ? show($s->{user}, $id) : undef;
    }],
    "Resend" => [2, sub {
        my ($s, $id, $to) = @_;
        my $m = $mail{ $s->{user} }{$id};
        return $m && deliver($s->{user}, $to, $m->[3]);
    }],
);

sub answer { # SESSION PAYLOAD: the answer's payload, or undef: silence
    my ($s, $payload) = @_;
    my ($op, $count, @args) = split /\|/, $payload, -1;
    pop @args; # what follows the last bar
    my $row = $operation{$op} // $user_operation{$op};
    unless ($row && ($count // "") eq @args) {
        note("! $payload");
        return;
    }
    note($payload);
    note("! a control byte") if $udp && $payload =~ /[\r\0\2]/;
    # The version that a client asks for in Start is not looked at.
    my $able = (@args == $row->[0] || $op eq "Start") && ($operation{$op} || exists $s->{user});
    my $said = $able && $row->[1]($s, @args);
    my @words = $said ? ("Yes", @$said) : ("Noop");
    return join "|", "Answer", scalar @words, @words, "";
}

# --- frames ---

# Takes bytes of a session's stream and calls say(SESSION, PAYLOAD) for each answer.
sub hear {
    my ($s, $bytes, $say) = @_;
    $s->{in} .= $bytes;
    while ($s->{in} =~ /^(\d{10})/ && length $s->{in} >= 10 + $1) {
        my $payload = substr $s->{in}, 10, $1;
        substr $s->{in}, 0, 10 + $1, "";
        my $answer = answer($s, $payload);
        $say->($s, $answer) if defined $answer && !($udp && $s->{leaves});
    }
}

sub frame { return sprintf "%010d%s", length $_[0], $_[0] }

my $test = getppid; # a server whose test was killed ends, too
my $closing = 0;
$SIG{USR1} = sub { $closing = 1 };
my %sessions; # of TCP: by descriptor; of UDP: by address

sub publish { # PORT
    open my $f, ">", "$dir/port.new" or die "$dir/port.new: $!";
    print $f $_[0];
    close $f;
    rename "$dir/port.new", "$dir/port";
}

sub serve_tcp {
    my $listener = IO::Socket::INET->new(LocalAddr => "127.0.0.3", Listen => 5) or die "listen: $!";
    my $all = IO::Select->new($listener);
    my $say = sub { my ($s, $payload) = @_; print { $s->{socket} } frame($payload); $s->{socket}->flush };
    publish($listener->sockport);
    while (getppid == $test) {
        my @ready = $all->can_read(0.1);
        if ($closing) {
            $say->($_, "Closing connection.") for values %sessions;
            $all->remove($_->{socket}), close $_->{socket} for values %sessions;
            %sessions = ();
            $closing = 0;
            next;
        }
        for my $socket (@ready) {
            if ($socket == $listener) {
                my $new = $listener->accept or next;
                $all->add($new);
                $sessions{$new} = { socket => $new, in => "" };
                next;
            }
            my $s = $sessions{$socket};
            my $got = sysread $socket, my $bytes, 4096;
            hear($s, $bytes, $say) if $got;
            next if $got && !$s->{leaves};
            $all->remove($socket);
            close $socket;
            delete $sessions{$socket};
        }
    }
}

sub serve_udp {
    my $socket = IO::Socket::INET->new(LocalAddr => "127.0.0.3", Proto => "udp") or die "bind: $!";
    my $say = sub {
        my ($s, $payload) = @_;
        my $rest = frame($payload);
        while (length $rest) {
            my $part = substr $rest, 0, $DATAGRAM - 10, "";
            $part .= "\2" if length $part < $DATAGRAM - 10;
            send $socket, sprintf("%010d", ++$s->{sent}) . $part, 0, $s->{peer};
        }
    };
    publish($socket->sockport);
    while (getppid == $test) {
        my ($ready) = IO::Select->new($socket)->can_read(0.1);
        if ($closing) {
            $say->($_, "Closing connection.") for values %sessions;
            %sessions = ();
            $closing = 0;
            next;
        }
        next unless $ready;
        my $peer = recv $socket, my $datagram, 65536, 0;
        next unless defined $peer;
        note("! a datagram of " . length $datagram) if length $datagram > $DATAGRAM;
        my ($number, $body) = substr($datagram, 0, $DATAGRAM) =~ /^(\d{10})(.*)/s or next;
        my $s = $sessions{$peer} //= { peer => $peer, in => "", came => 0, sent => 0 };
        next if $number != $s->{came} + 1; # nothing is repeated or sorted
        $s->{came}++;
        # What follows the end of the frame, the mark and perhaps more, is no data.
        my $want = ("$s->{in}$body" =~ /^(\d{10})/ ? 10 + $1 : 10) - length $s->{in};
        note("! no end mark") if $want < length $body && substr($body, $want, 1) ne "\2";
        hear($s, substr($body, 0, $want), $say);
        delete $sessions{$peer} if $s->{leaves};
    }
}

if ($udp) { serve_udp() } else { serve_tcp() }
