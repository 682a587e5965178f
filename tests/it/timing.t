#!/bin/sh
# SPDX-License-Identifier: ISC
# The time of an answer does not tell which names exist. Tries of three kinds take turns, so that
# what else the machine does weighs on all alike, and the medians are compared; where they differ
# the tries go on, for chance evens out and a difference in the work does not. In the end what chance
# explains, by the spread of the tries, is allowed.
. "$(dirname "$0")/lib.sh"
with_real_hashes start_server --login-delay 0 --log-level error
register ann bob
"$B/pochtactl" --store "$T/store" user disable bob

medians() { perl -e '
    use strict;
    use warnings;
    use IO::Socket::INET;
    use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);
    my ($port, $tries, $rounds, $most_ms) = @ARGV;
    my $server = IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $port) or die $!;
    my (@names, %took, %answers, %median, $apart, $noise_ms) = ("ann", "bob", "nobody");
    sub try_once {
        my $payload = "Login|2|$_[0]|wrong|";
        my $begun = clock_gettime(CLOCK_MONOTONIC);
        syswrite $server, sprintf "%010d%s", length $payload, $payload or die $!;
        my $answer = "";
        until ($answer =~ /^(\d{10})/ && length $answer == 10 + $1) {
            sysread $server, $answer, 4096, length $answer or die "closed";
        }
        $answers{$answer}++;
        return 1000 * (clock_gettime(CLOCK_MONOTONIC) - $begun);
    }
    try_once($_) for @names;
    for my $round (1 .. $rounds) {
        my $error = 0;
        for my $try (1 .. $tries) {
            push @{$took{$names[($_ + $try) % 3]}}, try_once($names[($_ + $try) % 3]) for 0 .. 2;
        }
        for (@names) {
            my @sorted = sort { $a <=> $b } @{$took{$_}};
            $median{$_} = $sorted[@sorted / 2];
            # The error of a median, by the distance of the quartiles.
            my $its = 1.25 / 1.35 * ($sorted[@sorted * 3 / 4] - $sorted[@sorted / 4]) / sqrt @sorted;
            $error = $its if $its > $error;
        }
        $noise_ms = 3 * sqrt(2) * $error;
        my ($low, undef, $high) = sort { $a <=> $b } values %median;
        $apart = $high - $low;
        printf "# %s, give or take %.2f ms\n", join(", ", map { sprintf "%s %.2f ms", $_, $median{$_} } @names), $noise_ms;
        last if $apart <= $most_ms;
    }
    printf "# %d kinds of answer\n", scalar keys %answers;
    exit($apart > $most_ms + $noise_ms || keys %answers != 1)' "$@"; }

ok 'medians of 200 tries and more: an account, a disabled one and none are within 2 ms' \
    medians "$PORT" 200 4 2
done_testing
