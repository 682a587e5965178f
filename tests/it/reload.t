#!/bin/sh
# SPDX-License-Identifier: ISC
# The configuration read again by a server that runs: what then counts, also for sessions that have
# begun; what needs a restart; wrong files.
. "$(dirname "$0")/lib.sh"
yes='Answer|1|Yes|' no='Answer|2|Noop|'
conf=$T/pochtad.conf

ctl() { "$B/pochtactl" --store "$T/store" "$@" 2>"$T/err"; }
live_keys() {
    "$B/pochtad" --example-config | sed -n '/needs a restart/{n;d;}; s/^#\([a-z0-9-]*\) =.*/\1/p'
}
reload() { # LINE...: as the file; the server takes it
    printf '%s\n' "$@" >"$conf"
    reload_says=$(ctl reload) || note "$(cat "$T/err")"
}
events() { grep -c "event=$1" "$T/log"; } # PATTERN
has_events() { [ "$(events "$2")" -ge "$1" ]; }

echo >"$conf"
start_server --config "$conf" --udp 127.0.0.1:0
register ann bob
wait_for 20 connected 0

# A session that has begun goes by new limits, too.
open_conn 3
send 3 "$(frame 'Login|2|ann|secret|')"
is "$(heard 3 1)" "$yes" 'a session'
reload 'message-max = 10'
is "$reload_says" '' 'reload prints nothing on success'
send 3 "$(frame 'Send mes|2|ann|12345678901|')"
is "$(heard 3 2)" "${no}the message is too large: 11 bytes, at most 10 are allowed|" 'reload: message-max'
reload ''
send 3 "$(frame 'Send mes|2|ann|12345678901|')"
like "$(heard 3 3)" 'Answer|2|Yes|1^*' '... and back to the default'

# A frame that has begun goes by the limit that was. Its beginning comes with a request before it.
long=$(printf '%020000d' 0)
send 3 "$(frame 'Noop|0|')$(frame "Send mes|2|ann|$long|" | head -c 1000)"
is "$(heard 3 4)" "$yes" 'a long frame begins'
reload 'message-max = 1'
send 3 "$(frame "Send mes|2|ann|$long|" | tail -c +1001)$(frame 'Noop|0|')"
is "$(heard 3 5)$(heard 3 6)" "${no}the message is too large: 20000 bytes, at most 1 are allowed|$yes" \
    'reload: message-max, while a long frame comes'
close_conn 3
wait_for 20 connected 0

reload 'idle = 100ms'
open_conn 4
is "$(heard 4 1)" 'Exit|1|idle timeout|' 'reload: idle'
close_conn 4
reload 'frame-timeout = 100ms'
open_conn 5
send 5 "$(half_frame)"
is "$(heard 5 1)" 'Exit|1|the rest of the request did not arrive in time|' 'reload: frame-timeout'
close_conn 5
reload 'frame-timeout = 100ms' 'minimum-rate = 1000' # 1,900 bytes have 1.9 s more
open_conn 5
before=$(date +%s%N)
send 5 "$(half_frame)"
is "$(heard 5 1)" 'Exit|1|the rest of the request did not arrive in time|' 'a slow frame'
ok 'reload: minimum-rate' test $((($(date +%s%N) - before) / 1000000)) -ge 1400
close_conn 5
reload 'clients = 1'
wait_for 20 counts 0
open_conn 3
send 3 "$(frame 'Noop|0|')"
is "$(heard 3 1)$(talk)" "${yes}Exit|1|too many clients (clients = 1)|" 'reload: clients'
reload 'clients-per-address = 1'
is "$(talk)" 'Exit|1|too many connections from your address (clients-per-address = 1)|' \
    'reload: clients-per-address'
reload 'connections-per-minute = 1'
is "$(talk >/dev/null; talk)" 'Exit|1|your address connects too often (connections-per-minute = 1)|' \
    'reload: connections-per-minute'
reload 'proxy-from = 127.0.0.1'
like "$(by_tcp talk 'Noop|0|')" 'Exit|1|connections from your address must begin with *' 'reload: proxy-from'
proxied() { # ADDR: for whom a client behind a proxy connects
    { printf 'PROXY TCP6 %s ::1 1 2\r\n' "$1" && frame 'Noop|0|'; } | by_tcp exchange | decode
}
reload 'proxy-from = 127.0.0.1' 'connections-per-minute = 1' 'address-prefix = 128'
is "$(proxied 2001:db8::1)$(proxied 2001:db8::2)" 'Answer|1|Yes|Answer|1|Yes|' 'reload: address-prefix'
reload 'proxy-from = 127.0.0.1' 'connections-per-minute = 1' 'address-prefix = 64'
like "$(proxied 2001:db8:0:1::1)$(proxied 2001:db8:0:1::2)" 'Answer|1|Yes|Exit|1|your address connects too often*' \
    '... a whole network is one address'
reload ''
close_conn 3
wait_for 20 connected 0

reload 'memory = 64K' 'message-max = 1M'
like "$(as ann "Send mes|2|bob|$(printf '%0100000d' 0)|" 'Noop|0|')" "${no}*memory*|
$yes" 'reload: memory'
reload ''
like "$(as ann "Send mes|2|bob|$(printf '%0100000d' 0)|")" 'Answer|2|Yes|*' '... and back to the default'

in_memory() { find "/proc/$SERVER_PID/fd" -lname "$T/store/users/*" | wc -l; } # mailboxes
ok 'mailboxes that nobody uses are kept in memory' test "$(in_memory)" -ge 2
reload 'index-memory = 0'
as ann 'Status|0|' >/dev/null
wait_for 20 connected 0
none_in_memory() { [ "$(in_memory)" = 0 ]; }
ok 'reload: index-memory' wait_for 20 none_in_memory

reload 'quota-messages = 7' 'quota-bytes = 1G'
like "$(as bob 'Status|0|')" 'Answer|6|Yes|1|1|100000|1073741824|7|' \
    'reload: quota-bytes and quota-messages'
register zoe
reload 'quota-messages = 4' 'quota-warning = 25'
as ann 'Send mes|2|zoe|x|' >/dev/null
is_warned() { grep -q 'event=quota_warning result=ok user=zoe ' "$T/log"; }
ok 'reload: quota-warning' wait_for 20 is_warned
reload 'reserve-bytes = 1048576G'
is "$(as ann 'Send mes|2|bob|x|')" "${no}the server's disk is full|" 'reload: reserve-bytes'
if [ "$(stat -f -c %c "$T/store")" = 0 ]; then
    skip 'this file system counts no inodes' 'reload: reserve-inodes'
else
    reload 'reserve-inodes = 4294967295'
    is "$(as ann 'Send mes|2|bob|x|')" "${no}the server's disk is full|" 'reload: reserve-inodes'
fi

reload 'kept-accounts = 1G'
register carl
as carl 'Delete user|0|' >/dev/null
kept() { find "$T/store/removed" -maxdepth 1 -name 'carl-*' | wc -l; }
is "$(kept)" 1 'a deleted account is kept'
reload 'kept-accounts = 1'
none_kept() { [ "$(kept)" = 0 ]; }
ok 'reload: kept-accounts' wait_for 20 none_kept
is "$(as ann 'Delete mes|1|1|' 'Show deleted|0|' | cut -d '|' -f 3)" 'Yes
Yes' 'what is deleted is in the trash'
reload 'trash-days = 0'
like "$(as ann 'Send mes|2|ann|x|' 'Delete mes|1|2|' 'Show deleted|0|')" "*
$yes
$yes" 'reload: trash-days'

reload 'registration = closed'
is "$(talk 'Register|2|dora|secret|')" "${no}registration is closed here|" 'reload: registration'
reload 'bytes-per-minute = 100'
sixty=$(printf '%060d' 0)
like "$(as ann "Send mes|2|bob|$sixty|" "Send mes|2|bob|$sixty|" | tail -n 1)" \
    "${no}too often: more than 100 bytes a minute; try again in * s|" 'reload: bytes-per-minute'
reload 'recipients-per-minute = 1'
like "$(as ann 'Send mes|2|bob|x|' 'Send mes|2|bob|x|' | tail -n 1)" \
    "${no}too often: more than 1 messages a minute; try again in * s|" 'reload: recipients-per-minute'
delayed() { # PASSWORD...: whether wrong ones had to wait
    before=$(ctl stats | grep '^logins-delayed')
    for word; do talk "Login|2|ann|$word|" >/dev/null; done
    [ "$(ctl stats | grep '^logins-delayed')" != "$before" ]
}
reload 'login-delay = 1s' # two that come within it, sooner or later
ok 'login-delay: wrong passwords wait' wait_for 20 delayed a b
reload 'login-delay = 0'
undelayed() { ! delayed "$@"; }
ok 'reload: login-delay' undelayed c d
reload 'login-delay = 1d' 'login-delay-max = 1s'
ok 'reload: login-delay-max' wait_for 20 delayed e f
reload ''

reload 'log-level = debug'
before=$(events connect)
as ann 'Noop|0|' >/dev/null
ok 'reload: log-level' wait_for 20 has_events $((before + 1)) connect
reload 'log-to = syslog'
before=$(events 'register result=ok user=dora')
register dora
is "$(events 'register result=ok user=dora')" "$before" 'reload: log-to'
reload ''
register emil
ok '... and back to standard error' wait_for 20 has_events 1 'register result=ok user=emil'

# Many times four million bytes: more than the network holds for one who reads nothing.
send_large ann bob 4000000 1 >/dev/null
wait_for 20 connected 0
show_all() { # COUNT
    frame 'Login|2|bob|secret|'
    yes 'Show all|0|' | head -n "$1" | while read -r payload; do frame "$payload"; done
}
stuck() { # whether a client, which writes to our input, can write no more: a pipe takes 32 KiB at least
    perl -e 'ioctl STDIN, 0x541B, my $n = pack "i", 0 or die "FIONREAD: $!"; exit(unpack("i", $n) < 32768)'
}
reload 'minimum-rate = 1G' # which adds next to nothing
show_all 6 >"$T/requests"
is "$(exchange <"$T/requests" | { wait_for 20 stuck; wc -c; })" \
    "$(exchange <"$T/requests" | wc -c)" 'a client that reads late gets the whole answer'
reload 'write-timeout = 300ms' 'minimum-rate = 1G'
mkfifo "$T/unread"
exec 5<>"$T/unread"
show_all 20 >"$T/requests"
connections() { ctl stats | sed -n 's/^connections[[:space:]]//p'; }
before=$(connections)
stay_connected <"$T/requests" >"$T/unread" &
children="$children $!"
has_come() { [ "$(connections)" -gt "$before" ]; }
ok 'a client that does not read its answer' wait_for 20 has_come
ok 'reload: write-timeout' wait_for 20 counts 0
exec 5>&-

# --- over UDP ---

udp() { # PERL: in a session of tests/it/udp.pl, $s
    UDP=$(port_of udp) HOST=${HOST:-127.0.0.1} \
        perl -e 'require shift; our $s = fresh(); print eval(shift) // "died: $@"' "$here/udp.pl" "$1"
}
reload 'udp-versions = 1'
is "$(udp 'say_to($s, asking()); heard_1($s)')" "$yes" 'reload: udp-versions, 1 alone'
reload 'udp-versions = 2'
like "$(udp 'cookie($s)')" '????????????????' '... 2 alone'
dropped() { ctl stats | sed -n "s/^udp-datagrams-dropped$(printf '\t')//p"; }
has_dropped() { [ "$(dropped)" -gt "$1" ]; }
before=$(dropped)
udp 'say_to($s, ones(1, "Noop|0|"))' >/dev/null
ok '... and version 1 is dropped' wait_for 20 has_dropped "$before"
reload 'udp-datagram = 32'
is "$(udp 'say_to($s, ones(1, "Login|2|ann|secret|", "Help|0|")); join " ", map { length hear($s) } 1 .. 5')" '32 12 32 32 32' \
    'reload: udp-datagram'
reload 'udp-clients = 0'
is "$(udp 'say_to($s, long(ones(1, "Noop|0|"))); heard_1($s)')" \
    'Exit|1|too many clients in version 1 over UDP (udp-clients = 0)|' \
    'reload: udp-clients'
reload ''
is "$(udp 'say_to($s, ones(1, "Noop|0|")); heard_1($s)')" "$yes" '... and back to the default'

untried() { for key in $(live_keys); do grep -q "'reload: .*\<$key\>.*'" "$0" || echo "$key"; done; }
# Milliseconds for ten answers to Help, half of them to a client at another address: 14 kB together.
helps() { # ADDRESS
    CLIENT=$1 udp 'use Time::HiRes "time";
        my $begun = time;
        for my $client ("127.0.0.1", $ENV{CLIENT}) {
            my $t = fresh(LocalHost => $client);
            say_to($t, ones(1, "Login|2|ann|secret|", ("Help|0|") x 5)); # before it they would be too long
            heard_1($t) for 1 .. 6;
        }
        sprintf "%d", 1000 * (time - $begun)'
}
reload 'udp-rate = 5000' 'udp-rate-all = 0'
one=$(helps 127.0.0.1)
ok 'reload: udp-rate, also to this machine' test "$one" -ge 1500
reload 'udp-rate = 0' 'udp-rate-all = 5000'
two=$(helps 127.0.0.2)
ok 'reload: udp-rate-all' test "$two" -ge 1500
note "14 kB in version 1 at 5000 a second, to one address: $one ms, to two: $two ms"
reload 'udp-rate = 0' 'udp-rate-all = 0'
note "... without a limit: $(helps 127.0.0.1) ms"
ok 'that server shuts down cleanly' stop_server

# A store that does not answer (fence.t)
if [ -n "$cheap_hashes" ]; then
    cheap=$cheap_hashes cheap_hashes="$cheap_hashes $B/lose_locks.so" LOSE_LOCKS=$T/cut-off
    export LOSE_LOCKS
    start_server --config "$conf"
    cheap_hashes=$cheap
    reload 'store-timeout = 1s'
    : >"$LOSE_LOCKS"
    wait_for 20 gone "$SERVER_PID"
    wait "$SERVER_PID"
    is $? 79 'reload: store-timeout'
    rm "$LOSE_LOCKS"
else
    reload 'store-timeout = 1s'
    skip 'nothing can be preloaded here' 'reload: store-timeout'
fi

# Mail that is old (expiry.t)
if [ -n "$cheap_hashes" ]; then
    cheap=$cheap_hashes cheap_hashes="$cheap_hashes $B/hours_pass.so" HOURS_PASS=$T/hours-pass
    export HOURS_PASS
    start_server --config "$conf" --store-timeout 0 --log-level info
    cheap_hashes=$cheap
    reload 'quota-messages = 0' 'registration = open'
    register yuri
    as yuri 'Send mes|2|yuri|x|' 'Show all|0|' >/dev/null
    reload 'keep-days = 1h'
    : >"$HOURS_PASS"
    has_expired() { grep -q 'event=expire user=yuri count=1 ' "$T/log"; }
    ok 'reload: keep-days' wait_for 30 has_expired
    rm "$HOURS_PASS"
    ok 'that server shuts down cleanly' stop_server
else
    reload 'keep-days = 1h'
    skip 'nothing can be preloaded here' 'reload: keep-days'
fi
start_server --config "$conf" --udp 127.0.0.1:0

is "$(untried)" '' 'each live key has a test above'

# What it does not take, and a bad file.
reload 'store = elsewhere' 'listen = 127.0.0.1:1' 'idle = 7m' 'quota-messages = 5'
is "$reload_says" '' 'options still override the file'
is "$(as bob 'Status|0|' | cut -d '|' -f 8)" 5 '... and the rest of the file'
printf 'quota-messages = 6\nidle = 7x\nlog-level = debug\n' >"$conf"
words="$conf:2: idle: \"7x\" is not a duration (30s, 5m, 2h)"
is "$(code ctl reload) $(cat "$T/err")" "78 pochtactl: $words" 'a bad file: reload says so'
ok '... and the log' grep -qF "event=reload result=error reason=\"$(echo "$words" | sed 's/"/\\"/g')\" level=error" "$T/log"
is "$(as bob 'Status|0|' | cut -d '|' -f 8) $(ctl log)" '5 notice' '... and no value of it is used'
before=$(events 'reload result=error')
kill -s HUP "$SERVER_PID"
ok 'SIGHUP: the same' wait_for 20 has_events $((before + 1)) 'reload result=error'
before=$(events 'reload result=ok')
echo 'quota-messages = 6' >"$conf"
kill -s HUP "$SERVER_PID"
ok '... of a good file' wait_for 20 has_events $((before + 1)) 'reload result=ok'
is "$(as bob 'Status|0|' | cut -d '|' -f 8)" 6 '... which is used'
rm "$conf"
is "$(code ctl reload) $(cat "$T/err")" \
    "78 pochtactl: $conf: cannot read the file: No such file or directory" 'a file that was deleted'
is "$(as bob 'Status|0|' | cut -d '|' -f 8)" 6 '... changes nothing'

# --- the log's level ---

is "$(ctl log)" notice 'log: the level'
is "$(ctl log info; ctl log)" info 'log LEVEL sets it'
is "$(code ctl log loud) $(cat "$T/err")" \
    '64 pochtactl: "loud" is not a log level: error, warning, notice, info, debug' 'log: an invalid level'
reload 'log-level = warning'
is "$(ctl log)" warning '... until a reload'
ok 'that server shuts down cleanly' stop_server

# --- a restart; a relative path; none ---

B=$(cd "$B" && pwd)
in_directory() { cd "$1" && shift && exec "$@"; }
printf 'store = store\nlisten = 127.0.0.1:0\nclients = 6\n' >"$conf"
launch in_directory "$T" "$B/pochtad" --config pochtad.conf
reload 'store = other' 'listen = 127.0.0.1:0' 'listen = [::1]:0' 'clients = 7'
is "$reload_says" "$(printf 'listen\ttakes effect after a restart\nstore\ttakes effect after a restart')" \
    'reload prints the keys that need a restart'
ok '... and so does the log' grep -q 'event=reload result=ok restart="listen store" level=notice' "$T/log"
reload 'store = store' 'listen = 127.0.0.1:0' 'pop3 = 127.0.0.1:110' 'lmtp = /run/lmtp' 'domains = example.org' \
    'submission-trusted = 192.0.2.1'
is "$reload_says" "$(printf '%s\ttakes effect after a restart\n' pop3 submission-trusted lmtp domains)" \
    '... also those of mail programs'
reload 'store = store' 'listen = 127.0.0.1:0' 'domains = LOCALHOST'
is "$reload_says" '' '... until it is as before'
stop_server
start_server
is "$(code ctl reload) $(cat "$T/err")" \
    '78 pochtactl: there is no file to read again: the server was started without --config' 'a server without a configuration file'
kill -s HUP "$SERVER_PID"
ok 'SIGHUP without a file' wait_for 20 grep -q 'event=reload .*without --config' "$T/log"
stop_server
done_testing
