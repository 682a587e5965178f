#!/bin/sh
# SPDX-License-Identifier: ISC
# Clients that have not logged in share a quarter of the places.
. "$(dirname "$0")/lib.sh"
yes='Answer|1|Yes|' silent='Exit|1|too many clients have not logged in|'

start_server --clients 80 # 20 before login
register ann
wait_for 20 counts 0

# Clients that say nothing, one after the other. $T/silentN gets what the server says to each.
come() { # COUNT
    while [ "$n" -lt "$1" ]; do
        n=$((n + 1))
        nc -d 127.0.0.1 "$PORT" >"$T/silent$n" 2>/dev/null 3>&- &
        children="$children $!"
        wait_for 20 connected $((n + others)) || note "client $n does not come"
    done
}
n=0 others=1
open_conn 3
send 3 "$(frame 'Login|2|ann|secret|')"
is "$(heard 3 1)" "$yes" 'one client has logged in'
come 20
is "$(cat "$T"/silent*)" '' 'twenty others have not, and may stay'
is "$(talk 'Noop|0|')" "$yes" 'the next is served'
is_told() { grep -qF "$silent" "$T/silent$1"; }
ok '... and the one that was silent longest makes room' wait_for 8 is_told 1
told() { grep -lF "$silent" "$T"/silent* | wc -l; }
is "$(told)" 1 '... no other'
others=0
wait_for 20 connected 20
open_conn 4
send 4 "$(frame 'Login|2|ann|secret|')"
is "$(heard 4 1)" "$yes" 'a user comes in, too'
send 3 "$(frame 'Noop|0|')"
is "$(heard 3 2)" "$yes" '... and those who have logged in stay'

# More than half of the share is taken: nobody stays silent for more than 30 s.
are_half() { [ "$(told)" -eq 10 ]; }
ok 'those that stay silent for 30 s go, down to half of the share' wait_for 60 are_half
sent_away() { for i in 1 2 3 4 5 6 7 8 9 10; do is_told "$i" || return 1; done; }
ok '... the first ones' sent_away
send 3 "$(frame 'Noop|0|')"
is "$(heard 3 3)" "$yes" '... but not one who has logged in'
close_conn 3
close_conn 4

stop_server

# From the 21st on, each new client makes the server send an earlier one away, which does not close its side.
# If clients that were sent away kept their places, all 80 would be taken.
start_server --clients 80
perl -MIO::Socket::INET -MIO::Select -e '
    my $open = IO::Select->new;
    for my $n (1 .. 200) {
        my $client = IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $ARGV[0]) or die;
        $open->add($client);
        push @all, $client; # open to the end
        next if $n <= 20;
        my ($told) = $open->can_read(10) or die "$n: nobody is told\n";
        $open->remove($told);
        my $words = readline $told;
        print "$n: $words\n" if $words !~ /have not logged in/;
    }' "$PORT" >"$T/out" 2>&1
is "$? $(cat "$T/out")" '0 ' '200 clients come one after the other: each finds a place, though none closes its connection'
stop_server
done_testing
