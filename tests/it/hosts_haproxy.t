#!/bin/sh
# SPDX-License-Identifier: ISC
# hosts_haproxy.t: contrib/haproxy.cfg with HAProxy itself, in front of two servers with one store, each at an
# address that stands for its host. All the time, clients send and watch, and new ones come, while the server that
# serves is killed, drained and stopped. Every message that was answered Yes is there once. While a server is drained
# with a delay, nobody is refused.
. "$(dirname "$0")/lib.sh"
PATH=$PATH:/usr/sbin
STORE=$T/store

ctl() { "$B/pochtactl" --store "$STORE" "$@"; }
if ! command -v haproxy >/dev/null; then
    skip 'there is no haproxy' 'contrib/haproxy.cfg'
    done_testing
fi
config=$B/../contrib/haproxy.cfg # that of a copy of the tree, with a planted bug
[ -e "$config" ] || config=$here/../../contrib/haproxy.cfg
is "$(code haproxy -c -f "$config") $(grep -v 'is valid' "$T/out" "$T/err")" '0 ' 'HAProxy accepts the file'

# --- the servers, at 127.0.0.1 and 127.0.0.2, and HAProxy, at 127.0.0.3, all with the same port ---

serve() { # N: a server that stands by, or serves
    [ -z "$cheap_hashes" ] || { LD_PRELOAD=$cheap_hashes && export LD_PRELOAD; }
    ASAN_OPTIONS=$ASAN_OPTIONS:log_path=stderr TSAN_OPTIONS=$TSAN_OPTIONS:log_path=stderr \
        "$B/pochtad" --standby yes --store "$STORE" --listen "127.0.0.$1:$PORT" --proxy-from 127.0.0.1 \
        --port-file "$T/port$1" --recipients-per-minute 0 --connections-per-minute 0 >>"$T/log$1" 2>&1 3>&- 4>&- 5>&- 6>&- &
    eval "SERVER$1=$!"
    children="$children $!"
    unset LD_PRELOAD
}
pid() { eval "echo \$SERVER$1"; }        # N
serves() { [ -s "$T/port$1" ]; }         # N
waits() { [ "$(grep -c 'event=standby .*text=waiting' "$T/log$1")" = "$2" ]; } # N COUNT
end_child() { # PID [SIGNAL]
    kill_child "${2:-TERM}" "$1"
    wait "$1" 2>/dev/null
}
end_server() { # SIGNAL N
    end_child "$(pid "$2")" "$1"
    rm -f "$T/port$2"
}
told() { [ "$(grep -c "^Server pochta/mail$1 is $2" "$T/haproxy.log")" -ge "$3" ]; } # N STATE COUNT

start_server --proxy-from 127.0.0.1 # makes the store, and finds a port
echo secret | ctl user add ann
echo secret | ctl user add bob
stop_server
serve 1
ok 'a server serves' wait_for 20 serves 1
serve 2
ok 'another one stands by' wait_for 20 waits 2 1
sed "s|log /dev/log local0|log stderr format raw local0|; /^ *user /d; /^ *group /d; s|bind :5555|bind 127.0.0.3:$PORT|
    s|192\.0\.2\.11:5555|127.0.0.1:$PORT|; s|192\.0\.2\.12:5555|127.0.0.2:$PORT|" "$config" >"$T/haproxy.cfg"
haproxy -db -f "$T/haproxy.cfg" >"$T/haproxy.log" 2>&1 3>&- 4>&- 5>&- 6>&- &
haproxy=$!
children="$children $haproxy"
answers() { [ "$(echo Health | nc -N -w 60 127.0.0.3 "$PORT")" = 'Answer|1|Yes|' ]; }
ok 'HAProxy listens' wait_for 20 answers
ok '... and has found out which server stands by' wait_for 20 told 2 DOWN 1
mkfifo "$T/visit"
nc -N -w 60 -s 127.0.0.9 127.0.0.3 "$PORT" <"$T/visit" >"$T/visited" &
visitor=$!
children="$children $visitor"
exec 3>"$T/visit"
is_there() { ctl who | cut -f 3 | grep -qx 127.0.0.9; }
ok 'the server knows the address of a client' wait_for 20 is_there
exec 3>&-
wait "$visitor"

# --- the clients ---

# Visitors connect, ask for something and leave. In the end they write what they were answered, and how often.
cat >"$T/visitors" <<'END'
use IO::Socket::INET;
use Time::HiRes qw(sleep);
my ($port, $until, $out) = @ARGV;
my %heard;
$SIG{PIPE} = "IGNORE";
while (!-e $until) {
    my $s = IO::Socket::INET->new(PeerAddr => "127.0.0.3", PeerPort => $port) or $heard{$!}++, next;
    $s->autoflush;
    print $s "Noop\n";
    my $words = <$s> // "nothing";
    $words =~ s/^\d{10}//;
    $words =~ s/\s+$//;
    $heard{$words}++;
    sleep 0.005;
}
open my $f, ">", $out or die;
print $f "$heard{$_}\t$_\n" for sort keys %heard;
END
# The client pochta repeats what was not answered. If it gives up, it keeps a draft, which is sent later.
pochta() { POCHTA_PASSWORD=secret "$B/pochta" --server "127.0.0.3:$PORT" "$@"; }
send_draft() {
    draft=$(pochta drafts list | cut -f 1 | sed q)
    [ -n "$draft" ] && pochta --user bob --sent no drafts send "$draft" >>"$said" 2>&1
}
people() { # NUMBER: for each message its text, and how it was sent
    i=0 said=$T/$1.said
    : >"$said"
    while [ ! -e "$T/until" ]; do
        i=$((i + 1)) how='at once'
        echo "p$1-$i" | pochta --user bob --sent no send ann >>"$said" 2>&1 || how=lost
        [ "$how" != lost ] || ! wait_for 60 send_draft || how=later
        echo "p$1-$i $how"
    done
}
begin() { # NAME: all clients
    rm -f "$T/until"
    clients=''
    for number in 1 2; do
        perl "$T/visitors" "$PORT" "$T/until" "$T/$1.heard$number" &
        clients="$clients $!"
        perl "$here/senders.pl" "$PORT" "$T/$1.sent$number" "s$1$number" "$T/until" bob 0.01 127.0.0.3 &
        clients="$clients $!"
        (XDG_STATE_HOME=$T/state$number && export XDG_STATE_HOME && people "$1$number") >"$T/$1.people$number" &
        clients="$clients $!"
    done
    children="$children $clients"
}
sent() { cat "$T"/*.sent? 2>/dev/null | grep -c ' yes$'; }
has_sent() { [ "$(sent)" -ge "$1" ]; } # COUNT
clients_go_on() { wait_for 60 has_sent $(($(sent) + 100)); }
finish() { # NAME: ends them, when they have sent some more
    ok "$1: clients go on" clients_go_on
    : >"$T/until"
    # shellcheck disable=SC2086 # several ids
    wait $clients
    note "$1: nobody was served for $(sed -n 's/^silence //p' "$T/$1".sent? | sort -n | tail -n 1) ms;" \
        "visitors heard: $(cat "$T/$1".heard? | tr '\t\n' ' ;')"
    is "$(grep -h ' lost$' "$T/$1".people?)" '' "$1: each letter of the client pochta was sent"
}
refused() { cat "$T/$1".heard? | awk -F '\t' '/accepts no more clients/ { n += $1 } END { print n + 0 }'; } # NAME

POCHTA_PASSWORD=secret "$B/pochta" --server "127.0.0.3:$PORT" --user ann watch >"$T/watched" 2>"$T/watch.err" &
watcher=$!
children="$children $watcher"
watched() { wc -l <"$T/watched"; }
has_watched() { [ "$(watched)" -ge "$1" ]; }
watch_goes_on() { wait_for 60 has_watched $(($(watched) + 20)); }

# --- the server is killed ---

begin kill
ok 'kill: clients send and watch' eval 'clients_go_on && watch_goes_on'
end_server KILL 1
ok '... the standby takes over' wait_for 20 serves 2
ok '... HAProxy notices' wait_for 20 told 2 UP 1
finish kill
serve 1
ok '... the other one stands by' wait_for 20 waits 1 1
ok '... and HAProxy knows it' wait_for 20 told 1 DOWN 1

# --- the server is drained with a delay, and stopped ---

begin delay
ok 'delay: clients send and watch' eval 'clients_go_on && watch_goes_on'
is "$(code timeout 60 "$B/pochtactl" --store "$STORE" drain --delay 5s)" 0 \
    '... the server is drained, until HAProxy has ended the sessions'
ok '... to which it sent no new clients' told 2 'stopping' 1
end_server TERM 2
ok '... the other one takes over' wait_for 20 serves 1
ok '... HAProxy notices' wait_for 20 told 1 UP 1
finish delay
is "$(refused delay)" 0 '... nobody heard that the server accepts no more clients'
is "$(cat "$T"/delay?.said)" '' '... and the client pochta had nothing to complain about'
serve 2
ok '... the other one stands by' wait_for 20 waits 2 2
ok '... and HAProxy knows it' wait_for 20 told 2 DOWN 2

# --- without a delay ---

# Past HAProxy, which tries again when it notices in time that a client was refused.
refuses_now() { # N
    { printf 'PROXY UNKNOWN\r\n' && echo Noop; } | nc -N -w 20 "127.0.0.$1" "$PORT" | grep -q 'accepts no more clients'
}
begin plain
ok 'plain: clients send and watch' eval 'clients_go_on && watch_goes_on'
timeout 60 "$B/pochtactl" --store "$STORE" drain >"$T/drained" 2>&1 &
drain=$!
children="$children $drain"
ok '... the server is drained, and refuses clients' wait_for 20 refuses_now 1
wait "$drain"
is $? 0 '... until HAProxy has ended the sessions'
end_server TERM 1
ok '... the other one takes over' wait_for 20 serves 2
finish plain

# --- the ledger ---

sed -n 's/ yes$//p' "$T"/*.sent? >"$T/yes"
sed -n 's/ at once$//p; s/ later$//p' "$T"/*.people? >>"$T/yes"
sed -n 's/ unknown$//p' "$T"/*.sent? >"$T/unknown"
sort -o "$T/yes" "$T/yes"
sort -o "$T/unknown" "$T/unknown"
find "$STORE/users/ann" -name '0*' -exec perl -0777 -ne 's/.*\n\n//s unless /\n\n$/; print "$1\n" if /(\S+)\s*$/' {} + | sort >"$T/there"
note "$(wc -l <"$T/yes") letters were answered Yes, of $(wc -l <"$T/unknown") it is not known"
is "$(comm -23 "$T/yes" "$T/there" | wc -l)" 0 'all that was answered Yes is there'
is "$(uniq -d "$T/there")" '' '... once'
is "$(comm -13 "$T/yes" "$T/there" | comm -23 - "$T/unknown")" '' '... and nothing that was refused'
# The last column is the text. What came before the watch had begun is not announced.
grep -e '^[sp]\(delay\|plain\)' "$T/there" >"$T/later"
announced() { [ -z "$(cut -f 6 "$T/watched" | sort | comm -13 - "$T/later")" ]; }
ok 'watch has announced every message that was sent since the first server was killed' wait_for 60 announced
is "$(cut -f 6 "$T/watched" | sort | uniq -d)" '' '... once'
"$B/pochtactl" --store "$STORE" fsck >"$T/out" 2>&1
like "$? $(cat "$T/out")" '0 2 mailboxes, * messages, 0 findings' 'fsck finds nothing'
end_child "$watcher"
end_server TERM 2
end_child "$haproxy"
done_testing
