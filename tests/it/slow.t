#!/bin/sh
# SPDX-License-Identifier: ISC
# Two hundred clients that send a byte at a time, and single clients at and below minimum-rate.
. "$(dirname "$0")/lib.sh"
start_server --frame-timeout 1 --write-timeout 1 --minimum-rate 1000
register ann

# Two hundred, a byte each quarter of a second: some in the length, some in the payload, some in a
# line. Prints how many were told Exit, closed without it, and cut early or late: a frame has a
# second, and one for each 1,000 bytes. The one good client asks again and again meanwhile.
drip() { perl -MSocket -MTime::HiRes=time,sleep -e '
    my ($port, $count) = @ARGV;
    my @kinds = ("", "0000004000Login|2|ann|", "Login|2|ann|");
    my ($exit, $closed, $late, $good, %open, %began) = (0, 0, 0, 0);
    sub dial {
        socket(my $c, PF_INET, SOCK_STREAM, 0) or die;
        connect($c, pack_sockaddr_in($port, INADDR_LOOPBACK)) or die;
        return $c;
    }
    $SIG{PIPE} = "IGNORE";
    for my $i (0 .. $count - 1) {
        $open{$i} = dial();
        $began{$i} = time if $kinds[$i % 3];
        syswrite $open{$i}, $kinds[$i % 3];
    }
    my $client = dial();
    my $begun = time;
    while (%open && time < $begun + 60) {
        for my $i (keys %open) {
            my $text = "";
            $began{$i} //= time;
            if (defined recv($open{$i}, $text, 1000, MSG_DONTWAIT)) {
                $text =~ /Exit\|1\|the rest of the request did not arrive in time\|/ ? $exit++ : $closed++;
                my $took = time - $began{$i};
                $late++ if $took < 0.5 || $took > 20;
                delete $open{$i};
                next;
            }
            syswrite $open{$i}, $i % 3 ? "x" : "0";
        }
        syswrite $client, "0000000007Noop|0|";
        sysread $client, my $answer, 100;
        $good++ if $answer eq "0000000013Answer|1|Yes|";
        sleep 0.25;
    }
    print "$exit $closed $late ", scalar(keys %open), " ", $good > 2 ? "good" : "bad", "\n"' "$PORT" "$@"; }

# On a busy machine, the good client may not have had the time for three requests. Then try again.
well_served() {
    for _ in 1 2 3 4 5; do
        dripped=$(drip 200)
        case $dripped in *' good') break ;; esac
    done
    echo "$dripped"
}
is "$(well_served)" '200 0 0 0 good' 'two hundred slow clients get Exit in time; another client is served'
ok '... they are disconnected' wait_for 20 connected 0

pieces() { # PIECES BYTES SECONDS: a frame that comes in so many pieces, each after so many seconds
    perl -e '
        my ($pieces, $bytes, $pause) = @ARGV;
        $| = 1;
        my $payload = "Login|2|ann|" . "x" x ($pieces * $bytes - 13) . "|";
        printf "%010d", length $payload;
        for (1 .. $pieces) {
            select undef, undef, undef, $pause;
            print substr $payload, 0, $bytes, "" or last;
        }' "$@" | exchange | decode
}

# If the sender was slowed down below the minimum rate, it tries again.
in_pieces() { # the answer to 4,000 bytes in 2 seconds
    for _ in 1 2 3 4 5; do
        begun=$(date +%s%3N)
        pieces 10 400 0.2 >"$T/answer"
        [ $(($(date +%s%3N) - begun)) -ge 2800 ] || break
    done
    cat "$T/answer"
}
like "$(in_pieces)" 'Answer|2|Noop|*' 'a long frame at the minimum rate is answered'
is "$(pieces 40 10 0.2)" 'Exit|1|the rest of the request did not arrive in time|' '... a slower one is not'
ok 'that server shuts down cleanly' stop_server

# A hundred million bytes are read in small pieces, all the time.
read_slowly() { perl -MSocket -e '
    socket(my $c, PF_INET, SOCK_STREAM, 0) or die;
    setsockopt($c, SOL_SOCKET, SO_RCVBUF, 65536);
    connect($c, pack_sockaddr_in($ARGV[0], INADDR_LOOPBACK)) or die;
    syswrite $c, "0000000019Login|2|ann|secret|0000000011Show all|0|";
    my ($all, $text) = (0);
    while (my $n = sysread $c, $text, 65536) {
        $all += $n;
        select undef, undef, undef, $ARGV[1];
    }
    print $all < 100_000_000 ? "part" : "all", "\n"' "$PORT" "$@"; } # SECONDS between pieces
start_server --write-timeout 2 --minimum-rate 100M
send_large ann ann 5000000 20 >/dev/null
is "$(read_slowly 0.01)" part 'an answer that is read too slowly is cut off'
ok '... and the client is disconnected' wait_for 20 connected 0
done_testing
