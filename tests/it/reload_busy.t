#!/bin/sh
# SPDX-License-Identifier: ISC
# Hundreds of reloads, of good files and bad ones, while clients send and read.
. "$(dirname "$0")/lib.sh"
no='Answer|2|Noop|'
conf=$T/pochtad.conf

ctl() { "$B/pochtactl" --store "$T/store" "$@" 2>"$T/err"; }

# Clients that send and read, long and short, until a file is there. Prints what goes wrong, and last
# how many rounds there were.
load() { # NAME
    mkfifo "$T/to.$1" "$T/from.$1"
    stay_connected -w 30 <"$T/to.$1" >"$T/from.$1" 2>/dev/null &
    perl -e '
        my ($name, $stop) = @ARGV;
        $| = 1;
        sub take { # COUNT: bytes
            my ($n, $got) = (shift, "");
            while (length $got < $n) {
                read(STDIN, $got, $n - length $got, length $got) or die "the session has ended after $got\n";
            }
            return $got;
        }
        sub ask {
            printf "%010d%s", length $_[0], $_[0] or die "cannot send\n";
            my $answer = take(take(10));
            die substr($_[0], 0, 30), ": ", substr($answer, 0, 200), "\n" unless $answer =~ /^Answer\|\d+\|Yes\|/;
            return $answer;
        }
        ask("Login|2|$name|secret|");
        for (my $n = 1; ; $n++) {
            my ($id) = ask("Send mes|2|$name|" . "x" x ($n % 3 ? 30 : 20000) . "|") =~ /Yes\|(\d+)/;
            ask("Show exact|1|$id|") =~ /\^x+\^\|$/ or die "not what was sent\n";
            ask("Noop|0|");
            ask("Delete mes|1|$id|");
            ask("Status|0|");
            if (-e $stop) { print STDERR "$n\n"; last }
        }' "$1" "$T/enough" 2>&1 >"$T/to.$1" <"$T/from.$1"
}

good() { # N: files that differ in every key that can change under way
    printf '%s\n' "idle = $((10 + $1 % 5))m" "frame-timeout = $((30 + $1 % 2))" \
        "write-timeout = $((30 + $1 % 2))" "message-max = $((100000 + $1))" \
        "clients = $((100 + $1))" "memory = $((1 + $1 % 9))M" "index-memory = $(($1 % 3 * 1000))" \
        "registration = $([ $(($1 % 2)) = 0 ] && echo open || echo invite)" \
        "minimum-rate = $((1000 + $1))" "clients-per-address = $((100 + $1))" \
        "connections-per-minute = $((6000 + $1))" "recipients-per-minute = $((100000 + $1))" \
        "udp-rate = $((60000 + $1))" \
        "udp-rate-all = $((1000000 + $1))" "udp-clients = $((10 + $1))" "udp-datagram = $((100 + $1))" \
        "udp-versions = $([ $(($1 % 2)) = 0 ] && echo both || echo 2)" \
        "trash-days = $(($1 % 3))" "kept-accounts = $1" "quota-bytes = 1G" \
        "quota-messages = $((1000000 + $1))" "reserve-bytes = $1" "reserve-inodes = $(($1 % 2))" \
        "log-level = $([ $(($1 % 2)) = 0 ] && echo notice || echo warning)"
}

echo 'recipients-per-minute = 100000' >"$conf"
start_server --config "$conf"
for i in 1 2 3 4; do
    register "load$i"
    load "load$i" >"$T/load$i" &
    loads="${loads-} $!"
done
children="$children $loads"
wrong='' i=0
while [ $i -lt 100 ]; do
    good $i >"$conf.new"
    mv "$conf.new" "$conf"
    [ "$(code ctl reload)" = 0 ] || wrong="$wrong, good $i: $(cat "$T/err")"
    [ $((i % 10)) != 0 ] || kill -s HUP "$SERVER_PID"
    { good $((i + 7)); echo "idle = soon"; } | sed 1d >"$conf.new"
    mv "$conf.new" "$conf"
    [ "$(code ctl reload)" = 78 ] || wrong="$wrong, bad $i"
    i=$((i + 1))
done
touch "$T/enough"
for pid in $loads; do wait "$pid"; done
is "$wrong" '' '200 reloads: the good ones are taken, the others not'
is "$(cat "$T"/load? | grep -v '^[0-9]*$')" '' '... no request fails, no session ends'
ok '... while there are requests' test "$(cat "$T"/load? | awk '{ n += $1 } END { print n + 0 }')" -gt 20
note "rounds: $(cat "$T"/load? | tr '\n' ' ')"
is "$(as load1 'Status|0|' | cut -d '|' -f 7,8) $(ctl log)" '1073741824|1000099 warning' \
    '... then the values of the last good file are used'
is "$(as load1 "Send mes|2|load1|$(printf '%0100100d' 0)|")" \
    "${no}the message is too large: 100100 bytes, at most 100099 are allowed|" '... all of them'
done_testing
