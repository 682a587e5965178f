#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# senders.pl PORT OUT PREFIX UNTIL USER PAUSE ADDRESS...: sends messages to ann, with PAUSE seconds between them, until
# the file UNTIL exists. When the connection ends, goes on at the next address. A line of OUT for each message: its
# text, and "yes" or what became of it; at the end, the longest time without a Yes, in milliseconds.
use strict;
use warnings;
use IO::Socket::INET;
use Time::HiRes qw(time sleep);

my ($port, $out, $prefix, $until, $user, $pause, @at) = @ARGV;
$SIG{PIPE} = "IGNORE";

sub frame { return sprintf "%010d%s", length $_[0], $_[0]; }

sub answer { # SOCKET
    my $socket = shift;
    (read($socket, my $n, 10) // 0) == 10 or return "";
    read($socket, my $words, $n);
    return $words // "";
}

open my $f, ">", $out or die "$out: $!";
$f->autoflush;
my ($s, $i, $last, $most) = (undef, 0, time, 0);
while (!-e $until) {
    until ($s) {
        exit 1 if -e $until;
        push @at, shift @at;
        $s = IO::Socket::INET->new(PeerAddr => $at[0], PeerPort => $port, Timeout => 5) or sleep 0.02, next;
        $s->autoflush;
        print $s frame("Login|2|$user|secret|");
        undef $s if answer($s) ne "Answer|1|Yes|";
    }
    my $text = "$prefix-" . $i++;
    print $s frame("Send mes|2|ann|$text|");
    my $words = answer($s);
    if ($words =~ /^Answer\|\d\|Yes\|/) {
        my $gap = int 1000 * (time - $last);
        $most = $gap if $gap > $most;
        $last = time;
        print $f "$text yes\n";
    } else {
        print $f "$text ", $words =~ /Noop/ ? "no" : "unknown", "\n";
        undef $s;
    }
    sleep $pause;
}
print $f "silence $most\n";
