# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared with lib.sh
# SPDX-License-Identifier: ISC
# fake_server.sh: servers that say what a test wants them to. After lib.sh.

# A server for one connection after the other: answers each frame with the next payload, and writes what it
# receives to fake.log. At an empty payload, and after the last, it hangs up. "raw:BYTES" are sent as they
# are, "slow:BYTES" one byte every 0.1 seconds. It has an address of its own, since its port may have the
# number of the real server's port of UDP.
fake_server() { # PAYLOAD...: sets FAKE
    rm -f "$T/fake.port" "$T/fake.log"
    perl -e '
        use IO::Socket;
        my ($port, $log) = splice @ARGV, 0, 2;
        my $listener = IO::Socket::INET->new(LocalAddr => "127.0.0.2", Listen => 5) or die;
        open my $f, ">", "$port.new" or die;
        print $f $listener->sockport;
        close $f;
        rename "$port.new", $port;
        open my $l, ">", $log or die;
        $l->autoflush;
        my $c;
        for my $answer (@ARGV) {
            if ($answer eq "") { undef $c; next; }
            $c //= $listener->accept;
            last if read($c, my $n, 10) != 10;
            read $c, my $payload, $n;
            print $l "$payload\n";
            for my $byte ($answer =~ s/^slow:// ? split //, $answer : ()) {
                print $c $byte;
                $c->flush;
                select undef, undef, undef, 0.1;
                $answer = "raw:";
            }
            print $c $answer =~ /^raw:(.*)/s ? $1 : sprintf "%010d%s", length $answer, $answer;
            $c->flush;
        }' "$T/fake.port" "$T/fake.log" "$@" &
    children="$children $!"
    wait_for 20 test -s "$T/fake.port"
    FAKE=127.0.0.2:$(cat "$T/fake.port")
}
