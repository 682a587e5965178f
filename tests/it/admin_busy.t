#!/bin/sh
# SPDX-License-Identifier: ISC
# A long answer to pochtactl comes in parts, and whoever does not read one holds up nobody else.
. "$(dirname "$0")/lib.sh"
yes='Answer|1|Yes|'
accounts=7000 # of which a list is longer than what sockets and pipes hold
prefix=somebody-with-a-long-name-
ctl() { timeout 20 "$B/pochtactl" --store "$T/store" "$@" 2>"$T/err"; }
listed() { grep -c 'verb="user list"' "$T/log"; } # how many lists the server has made

opened() { find "/proc/$SERVER_PID/fd" -mindepth 1 | grep -c .; } # a mailbox in memory may keep its directory open

# Reads one line of a list, waits until $T/go is there, and reads the rest.
slow_list() {
    rm -f "$T/first" "$T/go"
    {
        timeout 100 "$B/pochtactl" --store "$T/store" user list --usage 2>"$T/err"
        echo $? >"$T/code"
    } | {
        read -r line && echo "$line" >"$T/first"
        until [ -e "$T/go" ]; do sleep 0.05; done
        cat
    } >"$T/rest" &
    LIST=$!
    children="$children $!"
    wait_for 20 test -s "$T/first"
}

# Asks COUNT times for a list and reads nothing of it.
stopped_lists() { # COUNT
    perl -MIO::Socket::UNIX -e '
        my ($path, $count) = @ARGV;
        $| = 1;
        for (1 .. $count) {
            my $s = IO::Socket::UNIX->new(Peer => $path) or die "$path: $!";
            syswrite $s, "0000000012user list|0|";
            push @all, $s;
        }
        print "asked\n";
        sleep 300' "$T/store/control.sock" "$1" >"$T/asked" &
    STOPPED=$!
    children="$children $!"
    wait_for 20 test -s "$T/asked"
}

LD_PRELOAD=$cheap_hashes "$B/bench/fill" "$T/store" "$prefix" "$accounts" 0 0 n >/dev/null
start_server --log-level debug --clients-per-address 0 --connections-per-minute 0
register ann
wait_for 20 counts 0
opened_before=$(opened)

# A list whose reader has stopped
ok 'the first line of a long list comes at once' slow_list
open_conn 3
send 3 "$(frame 'Login|2|ann|secret|')"
heard 3 1 >/dev/null
is "$(ctl who | cut -f 2)" ann 'while nobody reads the rest of it: who'
is "$(ctl user list ann | cut -f 1)" ann '... user list NAME'
is "$(ctl user quota ann 1M 0; echo $?)" 0 '... a change of an account'
is "$(ctl kick ann)" 1 '... kick'
is "$(heard 3 2)" 'Exit|1|kicked by the administrator|' '... which ends the session'
close_conn 3
is "$(listed)" 1 '... and the list is not finished yet'
touch "$T/go"
wait "$LIST"
is "$(cat "$T/code")" 0 'read to the end, it succeeds'
is "$(cat "$T/first" "$T/rest" | cut -f 1 | sort -u | grep -c .)" $((accounts + 1)) '... and has each account'
is "$(cat "$T/first" "$T/rest" | grep -c .)" $((accounts + 1)) '... once'
is "$(listed)" 2 '... and the server has finished it'
ok '... and keeps no mailbox in memory that was not there' [ "$(opened)" -le $((opened_before + 5)) ]

# As JSON
ctl user list --json >"$T/json"
is "$(perl -0777 -MJSON::PP -e 'print scalar @{decode_json(<>)}' "$T/json")" $((accounts + 1)) \
    'with --json, the parts make one array'

# A reader that goes away, and one that is not there while the server stops
is "$(ctl user list | head -n 1 | grep -c .)" 1 'a list of which one line is wanted'
is "$(ctl user list ann | cut -f 1)" ann '... leaves the server as it was'
slow_list
ok 'a server stops while a reader of a list does not read' stop_server
touch "$T/go"
wait "$LIST"
is "$(cat "$T/code") $(cat "$T/err")" '69 pochtactl: the answer is incomplete: the server did not send the rest' \
    '... who is told that there is no more'
like "$(tail -n 1 "$T/rest")" "*${prefix}*enabled*0" '... and has whole rows'

# Without a server
slow_list
start_server --log-level debug --clients-per-address 0 --connections-per-minute 0
ok 'a list that is made without a server, and not read, keeps no server from starting' server_is_up
touch "$T/go"
wait "$LIST"
is "$(cat "$T/code") $(cat "$T/first" "$T/rest" | grep -c .)" "0 $((accounts + 1))" '... and is whole'

# More readers that have stopped than there are places
stopped_lists 20
kicks() { # pochtactl waits 10 s; on a busy machine the lists take as long until nobody reads them
    for _ in 1 2 3; do
        ctl kick ann
        ! grep -q 'no session with this number' "$T/err" || return 0
    done
    return 1
}
ok 'when more lists are not read than there are places, kick is answered' kicks
kill_child TERM "$STOPPED"
wait "$STOPPED" 2>/dev/null

# Sessions, which are looked at a few hundred at a time
perl -MSocket -e '
    for (1 .. 600) {
        socket(my $c, PF_INET, SOCK_STREAM, 0) or die "socket: $!";
        connect($c, pack_sockaddr_in($ARGV[0], INADDR_LOOPBACK)) or die "connect: $!";
        push @all, $c;
    }
    sleep 300' "$TCP_PORT" &
children="$children $!"
has_sessions() { ctl stats | grep -q "^sessions[[:space:]]600\$"; }
ok 'six hundred sessions' wait_for 20 has_sessions
is "$(ctl who | cut -f 1 | sort -u | grep -c .) $(ctl who | grep -c .)" '600 600' '... who has each once'
perl -MIO::Socket::UNIX -e '
    my $s = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die "$ARGV[0]: $!";
    syswrite $s, "0000000006who|0|" x 100;
    sleep 300' "$T/store/control.sock" &
STOPPED=$!
children="$children $!"
# Until the server waits in one of the answers, and then ten times. It gives that answer up after 60 seconds.
served=0 finished=-1 late=$(($(date +%s) + 50))
while [ "$served" -lt 10 ] && [ "$(talk 'Noop|0|')" = "$yes" ] && [ "$(date +%s)" -lt "$late" ]; do
    now=$(grep -c verb=who "$T/log")
    if [ "$now" -eq "$finished" ]; then served=$((served + 1)); else served=0 finished=$now; fi
done
is "$served" 10 'clients are served while nobody reads a hundred answers to who'
ok '... which are not finished' [ "$(grep -c verb=who "$T/log")" -lt 100 ]
kill_child TERM "$STOPPED"
done_testing
