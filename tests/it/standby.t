#!/bin/sh
# SPDX-License-Identifier: ISC
# standby.t: servers that wait while another one uses the store (the key standby), and take over. Each stands for
# a host: it has an address of its own, and all have the same port.
. "$(dirname "$0")/lib.sh"
yes='Answer|1|Yes|' STORE=$T/store

# --- the servers ---

stand_by() { # N [OPTION...]: at 127.0.0.N, with $T/logN, $T/portN and the process in $SERVERN
    n=$1
    shift
    [ -z "$cheap_hashes" ] || { LD_PRELOAD=$cheap_hashes && export LD_PRELOAD; }
    ASAN_OPTIONS=$ASAN_OPTIONS:log_path=stderr TSAN_OPTIONS=$TSAN_OPTIONS:log_path=stderr \
        "$B/pochtad" --standby yes --store "$STORE" --listen "127.0.0.$n:$TCP_PORT" --port-file "$T/port$n" "$@" \
        >"$T/log$n" 2>&1 3>&- 4>&- 5>&- 6>&- &
    eval "SERVER$n=$!"
    children="$children $!"
    unset LD_PRELOAD
}
pid() { eval "echo \$SERVER$1"; }                                # N
logged() { grep -Eq -e "event=$2" "$T/log$1" 2>/dev/null; }                  # N PATTERN
waits() { logged "$1" 'standby .*reason="another server uses the store" text=waiting level=notice'; } # N
serves() { [ -s "$T/port$1" ]; }                                 # N
said_at() { (exec nc -N -w 20 "127.0.0.$1" "$TCP_PORT") | decode; } # N: standard input, as frames
noop_at() { [ "$(frame 'Noop|0|' | said_at "$1" 2>/dev/null)" = "$yes" ]; } # N
refused_at() { # N: whether the connection is refused at once
    perl -MIO::Socket::INET -MErrno=ECONNREFUSED -e '
        exit !(!IO::Socket::INET->new(PeerAddr => "127.0.0.$ARGV[0]", PeerPort => $ARGV[1]) && $! == ECONNREFUSED)' \
        "$1" "$TCP_PORT"
}
ends() { wait_for 20 gone "$(pid "$1")" && wait "$(pid "$1")"; } # N: gives the server's exit code
looks() { awk '/^voluntary/ { print $2 }' "/proc/$(pid "$1")/status"; } # N: how often it has slept
has_looked() { [ "$(looks "$1")" -ge "$2" ]; }
looks_more() { # N: waits until that server has looked at the store a few more times
    wait_for 20 has_looked "$1" $(($(looks "$1") + 4))
}

send_all() { # starts four senders
    rm -f "$T/until"
    senders=''
    for number in 1 2 3 4; do
        perl "$here/senders.pl" "$TCP_PORT" "$T/sent$number" "$number" "$T/until" ann 0 \
            127.0.0.1 127.0.0.2 127.0.0.3 &
        senders="$senders $!"
    done
    children="$children $senders"
}
sent() { cat "$T"/sent? 2>/dev/null | grep -c ' yes$'; }
has_sent() { [ "$(sent)" -ge "$1" ]; } # COUNT
end_senders() {
    : >"$T/until"
    # shellcheck disable=SC2086 # several ids
    wait $senders
}

# --- one serves, two wait ---

start_server
SERVER1=$SERVER_PID
register ann
stand_by 2
stand_by 3
for n in 2 3; do
    ok "server $n waits, and logs it" wait_for 20 waits "$n"
    ok '... refuses connections' refused_at "$n"
    ok '... has no port file' test ! -e "$T/port$n"
done
is "$(talk 'Noop|0|')" "$yes" 'the first server serves'
is "$(perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(LocalAddr => "127.0.0.2", LocalPort => $ARGV[0], Listen => 1,
    ReuseAddr => 1) ? "listens" : $!' "$TCP_PORT")" 'Address already in use' 'no other process can bind the port of a server that waits'
is "$("$B/pochtactl" --store "$STORE" stats | grep -c '^sessions')" 1 'pochtactl reaches the one that serves'
printf 'standby = yes\nlisten = 127.0.0.2:%s\nstore = %s\n' "$TCP_PORT" "$STORE" >"$T/conf"
is "$(code "$B/pochtad" --config "$T/conf" --check-config)$(cat "$T/out" "$T/err")" 0 '--check-config accepts the configuration'
"$B/pochtactl" doctor --config "$T/conf" >"$T/out" 2>&1
is "$(grep "127.0.0.2:$TCP_PORT" "$T/out")" '' '... and doctor does not report that its port does not answer'
refuses 73 '*another server is using it*' 'without the key, a second server does not start' "$B/pochtad" --store "$STORE" --listen 127.0.0.1:0

# --- the first is killed while clients send ---

send_all
ok 'clients send' wait_for 60 has_sent 200
logged_version=$(cat "$STORE/version")
kill_child KILL "$SERVER1"
wait "$SERVER1" 2>/dev/null
SERVER_PID=''
either_serves() { serves 2 || serves 3; }
ok 'the first server is killed: another one serves' wait_for 20 either_serves
if serves 2; then new=2 other=3; else new=3 other=2; fi
ok '... and logs it' logged "$new" 'standby result=ok store=.* text="has taken over the store" ms=[0-9]+ level=notice'
ok '... clients go on' wait_for 60 has_sent $(($(sent) + 200))
end_senders
silence=$(cat "$T"/sent? | sed -n 's/^silence //p' | sort -n | tail -n 1)
note "$(sent) messages were sent; nobody was served for $silence ms; the log was ${logged_version#pochta-store } before (2: in use)"
ok '... and are served again within 20 seconds' test "$silence" -lt 20000
ok "the third one still waits, and has logged that once" test "$(grep -c event=standby "$T/log$other")" -eq 1
ok '... and refuses connections' refused_at "$other"
"$B/pochtactl" --store "$STORE" fsck >"$T/out" 2>&1
like "$? $(cat "$T/out")" '0 1 mailboxes, * messages, 0 findings' 'fsck finds nothing'
for number in 1 2 3 4; do sed -n 's/ yes$//p' "$T/sent$number"; done | sort >"$T/yes"
for number in 1 2 3 4; do sed -n 's/ unknown$//p' "$T/sent$number"; done | sort >"$T/unknown"
find "$STORE/users/ann" -name '0*' -exec perl -0777 -ne 's/.*\n\n//s; print "$_\n"' {} + | sort >"$T/there"
is "$(comm -23 "$T/yes" "$T/there" | wc -l)" 0 'every message that was answered Yes is there'
is "$(uniq -d "$T/there")" '' '... once'
is "$(comm -13 "$T/yes" "$T/there" | comm -23 - "$T/unknown")" '' '... and no message that was refused'

# --- while it waits: signals, news for systemd, datagrams ---

stand_by 1
ok 'another one waits' wait_for 20 waits 1
for signal in TERM INT; do
    kill_child "$signal" "$(pid 1)"
    ok "SIG$signal ends it: exit code 0" ends 1
    ok '... and the log says so' logged 1 "stop signal=SIG$signal level=notice"
    stand_by 1
    wait_for 20 waits 1
done
ok 'the server that serves is not disturbed' noop_at "$new"

# Two servers see at the same moment that nobody serves any more.
kill_child STOP "$(pid 1)" "$(pid "$other")"
kill_child TERM "$(pid "$new")"
ok 'the server that serves is stopped in order' ends "$new"
kill_child CONT "$(pid 1)" "$(pid "$other")"
one_of_both() { serves 1 || serves "$other"; }
ok '... and one of the two that wait serves' wait_for 20 one_of_both
if serves 1; then new=1; else new=$other other=1; fi
looks_more "$other"
ok '... only one' refused_at "$other"
is "$(grep -vc 'standby .*reason="another server uses the store"' "$T/log$other")" 0 '... and the other one logs no problem'
kill_child TERM "$(pid "$other")"
ok '... and is ended' ends "$other"

# What systemd is told, in one line for each message.
perl -MSocket -e '
    socket my $s, AF_UNIX, SOCK_DGRAM, 0 or die;
    bind $s, pack_sockaddr_un($ARGV[0]) or die;
    $| = 1;
    print "listening\n";
    while (defined recv $s, my $news, 4096, 0) {
        print $news =~ s/USEC=\d+/USEC=NUMBER/r =~ s/\n/;/gr, "\n";
        last if $news =~ /^STOPPING/m;
    }' "$T/notify" >"$T/news" &
supervisor=$!
children="$children $supervisor"
wait_for 20 test -s "$T/news"
printf 'log-level = notice\n' >"$T/conf4"
NOTIFY_SOCKET=$T/notify
export NOTIFY_SOCKET
stand_by 4 --config "$T/conf4" --udp "127.0.0.4:$TCP_PORT"
unset NOTIFY_SOCKET
wait_for 20 waits 4
is "$(cat "$T/news")" 'listening
READY=1;STATUS=standing by: another server uses the store' 'systemd is told that the server waits, and counts as started'
UDP=$TCP_PORT HOST=127.0.0.4 perl -e 'require shift;
    say_to(fresh(), ones(1, "Login|2|ann|secret|", "Send mes|2|ann|of long ago|"))' "$here/udp.pl"
printf 'log-level = info\n' >"$T/conf4"
kill_child HUP "$(pid 4)"
looks_more 4
ok 'SIGHUP: the server still waits' refused_at 4
is "$(grep -c . "$T/log4")" 1 '... and logs nothing more'

kill_child TERM "$(pid "$new")"
ok 'the server that serves is stopped' ends "$new"
ok '... and the one that waited serves' wait_for 20 serves 4
has_reloaded() { logged 4 'reload result=ok'; }
ok '... has read its configuration again' wait_for 20 has_reloaded
is "$("$B/pochtactl" --store "$STORE" stats | sed -n 's/^udp-datagrams-dropped[^0-9]*//p')" 2 '... has dropped the datagrams that arrived too early'
is "$(grep -l 'of long ago' "$STORE"/users/ann/* | wc -l)" 0 '... and has not carried out their requests'
is "$(UDP=$TCP_PORT HOST=127.0.0.4 perl -e 'require shift;
    my $s = fresh();
    say_to($s, ones(1, "Noop|0|"));
    print heard_1($s)' "$here/udp.pl")" "$yes" '... but answers new ones'
kill_child TERM "$(pid 4)"
ok '... and is stopped' ends 4
wait "$supervisor"
is "$(sed -n '3,$p' "$T/news")" 'READY=1;STATUS=serving
RELOADING=1;MONOTONIC_USEC=NUMBER
READY=1;STATUS=serving
STOPPING=1;STATUS=sending clients away' 'systemd was told about the takeover, the reload and the stop'

# --- a store that is not there, or not as it should be ---

STORE=$T/later
misses() { logged "$1" 'standby .*reason="there is no store, and a standby does not make one" .*level=warning'; }
stand_by 2
ok 'there is no store: a standby waits' wait_for 20 misses 2
looks_more 2
ok '... and does not make one' test ! -e "$STORE"
mkdir "$STORE"
looks_more 2
is "$(ls -A "$STORE")" '' '... nor in an empty directory, where a file system may be mounted later'
rmdir "$STORE"
printf 'pochta-store 9\n' >"$T/store/version"
mv "$T/store" "$STORE"
is_refused() { logged 2 'standby result=error .*reason="cannot open the store: this program does not know its version'; }
ok 'a store that cannot be opened: a standby logs why' wait_for 20 is_refused
ok '... and goes on waiting' refused_at 2
printf 'pochta-store 1\n' >"$STORE/version"
ok '... until the store can be opened' wait_for 20 serves 2
kill_child TERM "$(pid 2)"
ok '... and is stopped' ends 2
if [ "$(id -u)" = 0 ]; then
    STORE=$T/not-made
    stand_by 2 --user nobody
    unreached() { logged 2 'standby .*level=warning'; }
    ok 'started by root: a standby waits, too' wait_for 20 unreached
    ok '... and root has not made the store either' test ! -e "$STORE"
    kill_child TERM "$(pid 2)"
    ends 2
    mkdir "$STORE"
    chmod 711 "$T"
    stand_by 2 --user nobody
    ok 'an empty directory of root, where a file system may be mounted later: a standby waits' wait_for 20 misses 2
    kill_child TERM "$(pid 2)"
    ends 2
    mkdir "$STORE/users"
    stand_by 2 --user nobody
    is_foreign() { logged 2 'standby result=error .*reason=".*belongs to user root, but the server runs as nobody'; }
    ok 'a store of another user: a standby logs that, and waits' wait_for 20 is_foreign
    kill_child TERM "$(pid 2)"
    ok '... until it is stopped' ends 2
else
    skip 'this is not root' 'started by root: a standby waits, too'
    skip 'likewise' '... and root has not made the store either'
    skip 'likewise' 'an empty directory of root, where a file system may be mounted later: a standby waits'
    skip 'likewise' 'a store of another user: a standby logs that, and waits'
    skip 'likewise' '... until it is stopped'
fi

# --- a file system that does not answer ---

STORE=$T/later
stand_by 3
wait_for 20 serves 3
stand_by 2
wait_for 20 waits 2
SERVER_PID=$(pid 2)
if trace -e trace=openat -e inject=openat:delay_enter=120000000; then
    hangs() { grep -q '^State:.t' "/proc/$SERVER_PID/status"; }
    wait_for 20 hangs
    kill_child TERM "$SERVER_PID"
    has_stopped() { logged 2 'stop signal=SIGTERM'; }
    ok 'a check that hangs: SIGTERM ends the server' wait_for 20 has_stopped
    kill_child KILL "$STRACE" # which keeps the thread for as long as its disk does not answer
    ok '... with exit code 0' ends 2
else
    skip 'no process may be traced here' 'a check that hangs: SIGTERM ends the server'
    skip 'likewise' '... with exit code 0'
    kill_child TERM "$SERVER_PID"
fi
SERVER_PID=$(pid 3)
done_testing
