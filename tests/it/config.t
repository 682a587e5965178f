#!/bin/sh
# The configuration: each key's values and what is said of wrong ones; the file; what is printed; and
# the file read again by a server that runs.
. "$(dirname "$0")/lib.sh"
yes='Answer|1|Yes|' no='Answer|2|Noop|'
conf=$T/pochtad.conf
example=$here/../../contrib/pochtad.conf

pochtad() { "$B/pochtad" "$@"; }
ctl() { "$B/pochtactl" --store "$T/store" "$@" 2>"$T/err"; }
effective() { pochtad "$@" --print-config | grep -v '^#'; } # OPTION...: what counts, without origins
keys() { pochtad --example-config | sed -n 's/^#\([a-z-]*\) =.*/\1/p'; }
live_keys() {
    pochtad --example-config | sed -n '/needs a restart/{n;d;}; s/^#\([a-z-]*\) =.*/\1/p'
}

# --- each key ---

# Gives each key values of its kind: those that are read are printed as such, and what is said of
# the others names file, line, key, value and what is allowed. Both ends of a range are in it. Prints
# what is otherwise, and last how many values there were.
try_values() { perl -e '
    my ($program, $file) = @ARGV;
    my %kinds = (
        TIME => [ { "90" => "90s", "120m" => "2h", "1500ms" => "1500ms", "007s" => "7s" },
                  [ "", "s", "-1", "1.5", "7x", "7 s", "7mm", "+7", "0x7", "7S" ],
                  "is not a number of seconds, or with ms, s, m, h or d behind it" ],
        DAYS => [ { "2" => "2d", "36h" => "36h", "0" => "0", "48h" => "2d", "90s" => "90s" },
                  [ "", "d", "-1", "1.5", "7x", "7ms" ],
                  "is not a number of days, or with d, h, m or s behind it" ],
        SIZE => [ { "70000" => "70000", "70656" => "69K", "2048K" => "2M" },
                  [ "", "K", "-1", "1.5", "7x", "70k", "70KB", "7T" ],
                  "is not a number, or with K, M or G behind it" ],
        DIR => [ { "/a b=#c" => "/a b=#c", "x" => "x" }, [ "", "a\tb", "x" x 4096 ],
                 "a path has " ],
        FILE => [ { "/a b=#c" => "/a b=#c", "" => "" }, [ "a\tb", "x" x 4096 ], "a path has " ],
        NETWORK => [ { "10.1.0.0/16" => "10.1.0.0/16", "::1/128" => "::1", "" => "" },
                     [ "10.1.0.0/8", "localhost", "127.0.0.1:25" ], "is not an address or a network" ],
        "NAME[:GROUP]" => [ { "nobody" => "nobody", "a:b" => "a:b", "" => "" },
                            [ ":", ":b", "a:", "a\tb", "x" x 64, "a:" . "x" x 64 ],
                            "is not NAME or NAME:GROUP" ],
        "ADDR:PORT" => [ { "[::1]:25" => "[::1]:25", "localhost:0" => "localhost:0" },
                         [ "5555", "a:65536", "::1:25", ":25", "a:" ], "is not ADDR:PORT" ]);
    $kinds{BYTES} = [ { "70" => "70", "1K" => "1K" }, @{$kinds{SIZE}}[1, 2] ];
    $kinds{NUMBER} = [ { "70000" => "70000", "069K" => "69K" }, @{$kinds{SIZE}}[1, 2] ];
    sub run { # VALUE: what is printed of the key, or what is said
        my ($key, $value, $what) = @_;
        open my $f, ">", $file or die;
        print $f "\n$key = $value\n";
        close $f;
        open my $p, "-|", "$program --config $file $what 2>&1" or die;
        my $text = do { local $/; <$p> };
        close $p;
        return $? >> 8, $? ? $text : $what =~ /check/ ? $text : $text =~ /^\Q$key\E = ?(.*)$/m ? $1 : $text;
    }
    my ($kind, $tried);
    my @example = qx{$program --example-config};
    for (@example) {
        ($kind) = /^# ([^ ]+): / if /^# [^ ]+: /;
        my ($key) = /^#([a-z-]+) =/ or next;
        my ($good, $bad, $rule) = $kinds{$kind} ? @{$kinds{$kind}} : ();
        if (!$good && $kind =~ /\|/) {
            my @words = split /\|/, $kind;
            $good = { map { $_ => $_ } @words };
            $bad = [ "", "loud", uc $words[-1], "$words[0]x", $kind ];
            $rule = "is none of " . join ", ", @words;
        }
        print "$key: no values of the kind $kind are known here\n" unless $good;
        for (sort keys %$good) {
            my ($code, $got) = run($key, $_, "--print-config");
            print "$key = $_: $code $got\n" if $code || $got ne $good->{$_};
            ($code, $got) = run($key, $_, "--check-config");
            print "check $key = $_: $code $got\n" if $code || $got ne "";
            $tried++;
        }
        my @none = $key eq "listen" ? "" : (); # of its kind the only one that must be there
        for (@{$bad // []}, @none) {
            my ($code, $got) = run($key, $_, "--check-config");
            my $value = length > 100 || $kind =~ /DIR|FILE/ ? "" : "\"$_\"";
            print "$key = $_: $code $got"
                if $code != 78 || index($got, "pochtad: $file:2: $key: $value") || $got !~ /\Q$rule\E/;
            $tried++;
        }
        next unless $kind =~ /^(TIME|DAYS|SIZE|NUMBER|BYTES)$/;
        my ($code, $got) = run($key, "99999999999999999999", "--check-config");
        my ($least, $most) = $got =~ /^pochtad: \Q$file:2: $key:\E "\d+" is not between (\w+) and (\w+)$/;
        print "$key: $code $got" unless $code == 78 && defined $most;
        for ($least, $most) {
            ($code, $got) = run($key, $_, "--print-config");
            print "$key = $_, an end of its range: $code $got\n" if $code || $got ne $_;
            $tried++;
        }
        my ($number, $unit) = $most =~ /^(\d+)(\w*)$/;
        ($code) = run($key, $number + 1 . $unit, "--check-config");
        print "$key: more than $most is taken\n" unless $code == 78;
        ($code) = run($key, 0, "--check-config");
        print "$key: 0 and the least, $least\n" unless $code == ($least eq "0" ? 0 : 78);
        $tried++;
    }
    print "$tried\n"' "$B/pochtad" "$conf"; }

ok 'there are keys' test "$(keys | wc -l)" -ge 18
tried=$(try_values)
ok 'values of each key are read and printed, wrong ones refused in words' \
    test "$tried" -gt $((7 * $(keys | wc -l))) 2>/dev/null || note "$tried"
unknown_to_tests() {
    for key in $(keys); do
        grep -q -e "--$key\>" -e "'$key = " "$here"/*.t || echo "$key"
    done
}
is "$(unknown_to_tests)" '' 'each key is used in a test of a server'

# --- the file ---

refused() { # WORDS NAME: what is said of $conf, after its name
    is "$(code pochtad --config "$conf" --check-config) $(cat "$T/err" "$T/out")" \
        "78 pochtad: $conf:$1" "$2"
}
fits() { # NAME
    is "$(code pochtad --config "$conf" --check-config) $(cat "$T/err" "$T/out")" '0 ' "$1"
}
printf 'idle = 7s\nmessage-max = 5M' >"$conf"
fits 'no end of the last line: fine'
printf '# a comment\r\n\r\nidle = 7s\r\nmessage-max=5M\r\n' >"$conf"
fits 'CR LF: fine'
is "$(effective --config "$conf" | grep -e idle -e message-max)" 'idle = 7s
message-max = 5M' '... the CR is no part of a value'
ln -s pochtad.conf "$T/link"
is "$(effective --config "$T/link" | grep idle)" 'idle = 7s' 'a symbolic link is followed'
: >"$conf"
fits 'an empty file: fine'
printf 'idle = 7s\nstore = a\000b\n' >"$conf"
refused '2: has a NUL byte; this is to be a file of text' 'a NUL'
printf 'idle = 7s\n#\nidle = 8s\n' >"$conf"
refused '3: idle: line 1 has it already, and it can be given once' 'a key twice'
printf 'idel = 7s\n' >"$conf"
refused '1: unknown key "idel"; pochtad --help lists them' 'no such key'
printf 'idle 7s\n' >"$conf"
refused '1: a line is "key = value", or begins with #' 'no such line'
printf 'idle = 7x\n' >"$conf"
is "$(code pochtad --idle 7 --config "$conf" --check-config)" 78 'a wrong value that an option hides'
perl -e 'print "#\n" x (1 << 20)' >"$conf"
refused ' cannot be read: it has more than 1 MiB' '2 MiB'
rm "$conf" && mkdir "$conf"
refused ' cannot be read: Is a directory' 'a directory'
rmdir "$conf" && mkfifo "$conf"
refused ' cannot be read: it is no regular file' 'a FIFO'
rm "$conf"
refused ' cannot be read: No such file or directory' 'no file'
: >"$conf" && chmod 0 "$conf"
if [ "$(id -u)" = 0 ]; then
    skip 'root may read anything' 'no permission'
else
    refused ' cannot be read: Permission denied' 'no permission'
fi
rm -f "$conf"

# --- what is printed ---

printf '\nidle = 120s\nlisten = a:1\n\nlisten = b:2\nquota_bytes=1048576\n' >"$conf"
pochtad --clients 5 --config "$conf" --print-config --log-level=debug >"$T/printed"
is "$(grep -B 1 -e ^idle -e ^listen -e ^quota-bytes -e '^clients ' -e ^log-level -e ^store "$T/printed" |
    grep -v '^--$')" "# $conf:3
listen = a:1
# $conf:5
listen = b:2
# default
store = mailstore
# $conf:2
idle = 2m
# option
clients = 5
# $conf:6
quota-bytes = 1M
# option
log-level = debug" '--print-config tells what counts, and where it is from'
is "$(effective --config "$T/printed")" "$(grep -v '^#' "$T/printed")" '... as a file that says the same'
is "$(effective --config "$conf" --listen c:3 | grep listen)" 'listen = c:3' \
    'addresses in an option replace those of the file'
is "$(pochtad --example-config | diff - "$example")" '' 'contrib/pochtad.conf is the example'
is "$(effective --config "$example")" "$(effective)" '... which changes nothing'
sed 's/^#\([a-z-]* =\)/\1/' "$example" >"$conf"
is "$(effective --config "$conf")" "$(effective)" '... nor do its lines without the #'
is "$(pochtad --config "$conf" --print-config | grep -c "^# $conf:")" "$(keys | wc -l)" '... which are all keys'
is "$(code pochtad --print-config --config "$T/none")" 78 '--print-config of a file that is not there'
if [ -c /dev/full ]; then
    is "$("$B/pochtad" --example-config >/dev/full; echo $?)" 74 'a disk that is full'
else
    skip 'no /dev/full' 'a disk that is full'
fi

# --- installed ---

install_in() { # DIR PREFIX
    env -u MAKEFLAGS -u MFLAGS make -s -C "$here/../.." -o all install B="$B" PREFIX="$2" \
        DESTDIR="$T/$1" >"$T/make" 2>&1 || cat "$T/make"
}
install_in usr /usr
ok 'installed in /usr: /etc/pochta/pochtad.conf' cmp "$example" "$T/usr/etc/pochta/pochtad.conf"
echo '# mine' >"$T/usr/etc/pochta/pochtad.conf"
install_in usr /usr
is "$(cat "$T/usr/etc/pochta/pochtad.conf")" '# mine' '... one that is there stays'
install_in local /usr/local
ok 'elsewhere: under it' cmp "$example" "$T/local/usr/local/etc/pochta/pochtad.conf"

# --- read again ---

reload() { # LINE...: as the file; the server takes it
    printf '%s\n' "$@" >"$conf"
    reload_says=$(ctl reload)
    [ $? = 0 ] || note "$(cat "$T/err")"
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
is "$reload_says" '' 'reload says nothing where all is well'
send 3 "$(frame 'Send mes|2|ann|12345678901|')"
is "$(heard 3 2)" "${no}the message is too large: it has 11 bytes, 10 are allowed|" 'reload: message-max'
reload ''
send 3 "$(frame 'Send mes|2|ann|12345678901|')"
like "$(heard 3 3)" 'Answer|2|Yes|1^*' '... and back to the default'

# A frame that has begun goes by the limit that was. Its beginning comes with a request before it.
long=$(printf '%020000d' 0)
send 3 "$(frame 'Noop|0|')$(frame "Send mes|2|ann|$long|" | head -c 1000)"
is "$(heard 3 4)" "$yes" 'a long frame begins'
reload 'message-max = 1'
send 3 "$(frame "Send mes|2|ann|$long|" | tail -c +1001)$(frame 'Noop|0|')"
is "$(heard 3 5)$(heard 3 6)" "${no}the message is too large: it has 20000 bytes, 1 are allowed|$yes" \
    'reload: message-max, while a long frame comes'
close_conn 3
wait_for 20 connected 0

reload 'idle = 100ms'
open_conn 4
is "$(heard 4 1)" 'Exit|1|nothing was heard for too long|' 'reload: idle'
close_conn 4
reload 'frame-timeout = 100ms'
open_conn 5
send 5 0000000011Show
is "$(heard 5 1)" 'Exit|1|the rest of the frame did not come in time|' 'reload: frame-timeout'
close_conn 5
reload 'frame-timeout = 100ms' 'minimum-rate = 10' # 14 bytes have 1.4 s more
open_conn 5
before=$(date +%s%N)
send 5 0000000011Show
is "$(heard 5 1)" 'Exit|1|the rest of the frame did not come in time|' 'a slow frame'
ok 'reload: minimum-rate' test $((($(date +%s%N) - before) / 1000000)) -ge 1400
close_conn 5
reload 'clients = 1'
wait_for 20 connected 0
open_conn 3
send 3 "$(frame 'Noop|0|')"
is "$(heard 3 1)$(talk)" "${yes}Exit|1|the server has as many clients as it takes (clients = 1)|" 'reload: clients'
reload 'clients-per-address = 1'
is "$(talk)" 'Exit|1|your address has as many connections as it may have (clients-per-address = 1)|' \
    'reload: clients-per-address'
reload 'connections-per-minute = 1'
is "$(talk >/dev/null; talk)" 'Exit|1|your address connects too often (connections-per-minute = 1)|' \
    'reload: connections-per-minute'
reload 'proxy-from = 127.0.0.1'
like "$(talk 'Noop|0|')" 'Exit|1|from your address a connection begins with *' 'reload: proxy-from'
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
reload 'recipients-per-minute = 1'
like "$(as ann 'Send mes|2|bob|x|' 'Send mes|2|bob|x|' | tail -n 1)" \
    "${no}too often: more than 1 messages a minute; try again in * s|" 'reload: recipients-per-minute'
delayed() { # PASSWORD...: whether wrong ones had to wait
    before=$(ctl stats | grep '^logins-delayed')
    for word; do talk "Login|2|ann|$word|" >/dev/null; done
    [ "$(ctl stats | grep '^logins-delayed')" != "$before" ]
}
reload 'login-delay = 100ms'
ok 'login-delay: wrong passwords wait' delayed a b
reload 'login-delay = 0'
undelayed() { ! delayed "$@"; }
ok 'reload: login-delay' undelayed c d
reload 'login-delay = 1d' 'login-delay-max = 100ms'
ok 'reload: login-delay-max' delayed e f
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
stuck() { # whether a client does not take what the server sends
    awk -v port="$(printf ':%04X$' "$PORT")" '$2 ~ port && $5 !~ /^00000000:/ { n++ }
        END { exit !n }' /proc/net/tcp
}
reload 'minimum-rate = 1G' # which adds next to nothing
show_all 6 >"$T/requests"
is "$(exchange <"$T/requests" | { wait_for 20 stuck; wc -c; })" \
    "$(exchange <"$T/requests" | wc -c)" 'who reads late gets all of an answer'
reload 'write-timeout = 300ms' 'minimum-rate = 1G'
mkfifo "$T/unread"
exec 5<>"$T/unread"
show_all 20 >"$T/requests"
nc -N 127.0.0.1 "$PORT" <"$T/requests" >"$T/unread" &
children="$children $!"
has_sessions() { [ "$(ctl who | wc -l)" -eq "$1" ]; }
ok 'a client that does not read its answer' wait_for 20 has_sessions 1
ok 'reload: write-timeout' wait_for 20 has_sessions 0
exec 5>&-

# --- over UDP ---

udp() { # PERL: in a session of tests/it/udp.pl, $s
    UDP=$(sed -n 's/^udp .* //p' "$T/port") HOST=${HOST:-127.0.0.1} \
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
is "$(udp 'say_to($s, ones(1, "Help|0|")); join " ", map { length hear($s) } 1 .. 3')" '32 32 32' \
    'reload: udp-datagram'
reload 'udp-clients = 0'
is "$(udp 'say_to($s, ones(1, "Noop|0|")); heard_1($s)')" \
    'Exit|1|the server has as many clients in version 1 over UDP as it takes (udp-clients = 0)|' \
    'reload: udp-clients'
reload ''
is "$(udp 'say_to($s, ones(1, "Noop|0|")); heard_1($s)')" "$yes" '... and back to the default'

untried() { for key in $(live_keys); do grep -q "'reload: .*\<$key\>.*'" "$0" || echo "$key"; done; }
# Where addresses are others than this machine's own: in a network without any other.
in_network() { # COMMAND...: in place of the shell
    exec unshare -n sh -c 'ip link set lo up && ip addr add 192.0.2.1/24 dev lo && exec "$@"' sh "$@"
}
ok 'that server ends in order' stop_server
if (in_network true) 2>"$T/err"; then
    : >"$conf"
    rm -f "$T/port"
    in_network "$B/pochtad" --udp 192.0.2.1:0 --listen 127.0.0.1:0 --port-file "$T/port" \
        --store "$T/store" --config "$conf" >>"$T/log" 2>&1 &
    SERVER_PID=$!
    wait_for 20 server_is_up
    # Milliseconds for ten answers to Help, half of them to another client: 14 kB together.
    helps() {
        HOST=192.0.2.1 UDP=$(sed -n 's/^udp .* //p' "$T/port") nsenter -t "$SERVER_PID" -n perl -e '
            require shift;
            use Time::HiRes "time";
            my $begun = time;
            for my $client (@ARGV) {
                my $s = fresh(LocalHost => $client);
                say_to($s, ones(1, ("Help|0|") x 5));
                heard_1($s) for 1 .. 5;
            }
            printf "%d\n", 1000 * (time - $begun)' "$here/udp.pl" 192.0.2.2 "$1"
    }
    reload 'udp-rate = 5000' 'udp-rate-all = 0'
    one=$(helps 192.0.2.2)
    ok 'reload: udp-rate' test "$one" -ge 1500
    reload 'udp-rate = 0' 'udp-rate-all = 5000'
    two=$(helps 192.0.2.3)
    ok 'reload: udp-rate-all' test "$two" -ge 1500
    note "14 kB in version 1 at 5000 a second, to one address: $one ms, to two: $two ms"
    reload 'udp-rate = 0' 'udp-rate-all = 0'
    note "... without a limit: $(helps 192.0.2.2) ms"
    stop_server
else
    skip "no network of its own: $(cat "$T/err")" 'reload: udp-rate'
    skip 'likewise' 'reload: udp-rate-all'
fi
rm -f "$T/port"
start_server --config "$conf" --udp 127.0.0.1:0

is "$(untried)" '' 'these were all keys that reload takes'

# What it does not take, and a bad file.
reload 'store = elsewhere' 'listen = 127.0.0.1:1' 'idle = 7m' 'quota-messages = 5'
is "$reload_says" '' 'what options say still counts'
is "$(as bob 'Status|0|' | cut -d '|' -f 8)" 5 '... and the rest of the file'
printf 'quota-messages = 6\nidle = 7x\nlog-level = debug\n' >"$conf"
words="$conf:2: idle: \"7x\" is not a number of seconds, or with ms, s, m, h or d behind it"
is "$(code ctl reload) $(cat "$T/err")" "78 pochtactl: $words" 'a bad file: reload says so'
ok '... and the log' grep -qF "event=reload result=error reason=\"$(echo "$words" | sed 's/"/\\"/g')\" level=error" "$T/log"
is "$(as bob 'Status|0|' | cut -d '|' -f 8) $(ctl log)" '5 notice' '... and nothing of it counts'
before=$(events 'reload result=error')
kill -s HUP "$SERVER_PID"
ok 'SIGHUP: the same' wait_for 20 has_events $((before + 1)) 'reload result=error'
before=$(events 'reload result=ok')
echo 'quota-messages = 6' >"$conf"
kill -s HUP "$SERVER_PID"
ok '... of a good file' wait_for 20 has_events $((before + 1)) 'reload result=ok'
is "$(as bob 'Status|0|' | cut -d '|' -f 8)" 6 '... which counts'
rm "$conf"
is "$(code ctl reload) $(cat "$T/err")" \
    "78 pochtactl: $conf: cannot be read: No such file or directory" 'a file that has gone'
is "$(as bob 'Status|0|' | cut -d '|' -f 8)" 6 '... changes nothing'

# --- the log's level ---

is "$(ctl log)" notice 'log: the level'
is "$(ctl log info; ctl log)" info 'log LEVEL sets it'
is "$(code ctl log loud) $(cat "$T/err")" \
    '64 pochtactl: "loud" is none of error, warning, notice, info, debug' 'log: no level'
reload 'log-level = warning'
is "$(ctl log)" warning '... until a reload'
ok 'that server ends in order' stop_server

# --- a restart; a relative path; none ---

start_anew() { # OPTION...: where it is started, a file is found
    (cd "$T" && exec "$B/pochtad" --port-file "$T/port" "$@" >>"$T/log" 2>&1) &
    SERVER_PID=$!
    wait_for 20 server_is_up && read -r _ _ PORT <"$T/port"
}
B=$(cd "$B" && pwd)
rm -f "$T/port"
printf 'store = store\nlisten = 127.0.0.1:0\nclients = 6\n' >"$conf"
start_anew --config pochtad.conf
reload 'store = other' 'listen = 127.0.0.1:0' 'listen = [::1]:0' 'clients = 7'
is "$reload_says" "$(printf 'listen\ttakes effect after a restart\nstore\ttakes effect after a restart')" \
    'reload names what needs a restart'
ok '... and so does the log' grep -q 'event=reload result=ok restart="listen store" level=notice' "$T/log"
reload 'store = store' 'listen = 127.0.0.1:0'
is "$reload_says" '' '... until it is as before'
stop_server
rm -f "$T/port"
start_server
is "$(code ctl reload) $(cat "$T/err")" \
    '78 pochtactl: there is no file to read again: the server runs without --config' 'without a file'
kill -s HUP "$SERVER_PID"
ok 'SIGHUP without a file' wait_for 20 grep -q 'event=reload .*without --config' "$T/log"
stop_server

# --- under load ---

# Clients that send and read, long and short, until a file is there. Prints what goes wrong, and last
# how many rounds there were.
load() { perl -MIO::Socket::INET -e '
    my ($port, $name, $stop) = @ARGV;
    my $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $port) or die "no connection";
    sub take { # COUNT: bytes
        my ($n, $got) = (shift, "");
        while (length $got < $n) {
            read($s, $got, $n - length $got, length $got) or die "the session has ended after $got\n";
        }
        return $got;
    }
    sub ask {
        my $frame = sprintf "%010d%s", length $_[0], $_[0];
        print $s $frame or die "cannot send\n";
        $s->flush;
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
        if (-e $stop) { print "$n\n"; last }
    }' "$PORT" "$1" "$T/enough" 2>&1; }

good() { # N: files that differ in every key that can change under way
    printf '%s\n' "idle = $((10 + $1 % 5))m" "frame-timeout = $((30 + $1 % 2))" \
        "write-timeout = $((30 + $1 % 2))" "message-max = $((100000 + $1))" \
        "clients = $((100 + $1))" "memory = $((1 + $1 % 9))M" "index-memory = $(($1 % 3 * 1000))" \
        "registration = $([ $(($1 % 2)) = 0 ] && echo open || echo invite)" \
        "minimum-rate = $((1000 + $1))" "clients-per-address = $((100 + $1))" \
        "connections-per-minute = $((6000 + $1))" "udp-rate = $((60000 + $1))" \
        "udp-rate-all = $((1000000 + $1))" "udp-clients = $((10 + $1))" "udp-datagram = $((100 + $1))" \
        "udp-versions = $([ $(($1 % 2)) = 0 ] && echo both || echo 2)" \
        "trash-days = $(($1 % 3))" "kept-accounts = $1" "quota-bytes = 1G" \
        "quota-messages = $((1000000 + $1))" "reserve-bytes = $1" "reserve-inodes = $(($1 % 2))" \
        "log-level = $([ $(($1 % 2)) = 0 ] && echo notice || echo warning)"
}

: >"$conf"
start_server --config "$conf" --login-delay 0
for i in 1 2 3 4; do
    [ "$(lines "Login|2|load$i|secret")" = "$yes" ] || register "load$i"
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
    '... then the last good file counts'
is "$(as load1 "Send mes|2|load1|$(printf '%0100100d' 0)|")" \
    "${no}the message is too large: it has 100100 bytes, 100099 are allowed|" '... in all'
done_testing
