#!/bin/sh
# SPDX-License-Identifier: ISC
# The PROXY protocol: who connects from where proxy-from says is to tell for whom; that one's address
# then counts, in the log, for the administrator and for the limits. From elsewhere nobody is believed.
. "$(dirname "$0")/lib.sh"
yes='Answer|1|Yes|'
cr=$(printf '\r')
wants='Exit|1|connections from your address must begin with a PROXY protocol header|'

ctl() { "$B/pochtactl" --store "$T/store" "$@"; }
from_proxy() { nc -s 127.0.0.2 -N -w 30 127.0.0.1 "$PORT"; }
header() { printf 'PROXY %s\r\n' "$1"; } # KIND CLIENT PROXY PORT PORT
ann='TCP4 192.0.2.7 127.0.0.1 56324 5555'
behind() { # HEADER PAYLOAD...
    { header "$1" && shift && frame "$@"; } | from_proxy | decode
}
told() { grep "event=$1" "$T/log" | tail -n 1; } # NAME

serve() { # OPTION...
    start_server --proxy-from 127.0.0.2 --proxy-from 2001:db8::/32 --log-level debug \
        --clients-per-address 2 "$@"
}
serve
register ann

# --- who is behind it ---

is "$(behind "$ann" 'Login|2|ann|secret|' 'Noop|0|')" "$yes
$yes" 'a client behind a proxy'
like "$(told login)" '* addr=192.0.2.7 session=*' '... is the one in the log'
like "$(told connect)" '* port=56324 addr=192.0.2.7 *' '... with its port'
is "$(behind 'TCP6 2001:db8::7 ::1 1 2' 'Noop|0|')" "$yes" 'over IPv6'
like "$(told connect)" '* port=1 addr=2001:db8::7 *' '... is the one in the log'
is "$(behind UNKNOWN 'Noop|0|')$(behind 'UNKNOWN whatever it says' 'Noop|0|')" "$yes$yes" \
    'a proxy that does not name its client'
like "$(told connect)" '* addr=127.0.0.2 *' '... counts as the client'
is "$({ header "$ann" && echo Noop; } | from_proxy)" "$yes" 'in line form'
long=$(printf '%02000d' 0)
is "$(behind "$ann" 'Login|2|ann|secret|' "Send mes|2|ann|$long|" "Noop|0|" | sed 2d)" "$yes
$yes" 'not a byte of what follows is lost'

# --- version 2 ---

binary() { # COMMAND FAMILY HEX...: a header, with what follows its length
    perl -e 'my ($command, $family) = splice @ARGV, 0, 2; my $rest = pack "H*", join "", @ARGV;
        print "\r\n\r\n\0\r\nQUIT\n", pack("H2 H2 n", $command, $family, length $rest), $rest' "$@"
}
v4=c0000209 v4=${v4}7f000001dc0515b3
v6=20010db8000000000000000000000009 v6=${v6}0000000000000000000000000000000100020003
tlv=040003787878
binary_behind() { # COMMAND FAMILY HEX PAYLOAD...
    { binary "$1" "$2" "$3" && shift 3 && frame "$@"; } | from_proxy | decode
}
is "$(binary_behind 21 11 "$v4" 'Login|2|ann|secret|' "Send mes|2|ann|$long|" 'Noop|0|' | sed 2d)" "$yes
$yes" 'version 2: a client is served, and no byte after the header is lost'
like "$(told login)" '* addr=192.0.2.9 session=*' '... its address is in the log'
like "$(told connect)" '* port=56325 addr=192.0.2.9 *' '... with its port'
is "$(binary_behind 21 21 "$v6$tlv" 'Noop|0|')" "$yes" 'version 2: a client over IPv6, with more data after the addresses'
like "$(told connect)" '* port=2 addr=2001:db8::9 *' '... its address is in the log'
for header in '20 00' "20 11 $v4" '21 00' "21 31 $v4" "21 12 $v4"; do
    # shellcheck disable=SC2086 # several words
    is "$({ binary $header; echo Noop; } | from_proxy)" "$yes" "version 2: a proxy that names no client: $header"
    like "$(told connect)" '* addr=127.0.0.2 *' '... counts as the client'
done

# --- pieces ---

mkfifo "$T/pieces"
from_proxy <"$T/pieces" >"$T/out" &
children="$children $!"
exec 3>"$T/pieces"
for piece in 'PRO' 'XY TCP4 192.0.2.8 127.' '0.0.1 2 3' "$cr"; do printf %s "$piece" >&3; done
{ echo && frame 'Login|2|ann|secret|'; } >&3
sessions() { ctl who | cut -f 2-4; }
is_there() { sessions | grep -q "^ann	192\.0\.2\.8	2$"; }
ok 'a line that comes in pieces, and who' wait_for 20 is_there
exec 3>&-
wait_for 20 counts 0

# --- HAProxy's own headers ---

PATH=$PATH:/usr/sbin
by_haproxy() { # ADDRESS OPTION_OF_NC...: through HAProxy, which listens there
    address=$1
    shift
    echo Noop | nc -N -w 30 "$@" "$address" "$PORT"
}
if command -v haproxy >/dev/null; then
    v6=''
    [ ! -e /proc/net/if_inet6 ] || ! grep -q '^0*1 ' /proc/net/if_inet6 || v6="bind [::1]:$PORT v6only"
    cat >"$T/haproxy.cfg" <<END
defaults
    mode tcp
    timeout connect 10s
    timeout client 30s
    timeout server 30s
    default-server source 127.0.0.2
listen version-1
    bind 127.0.0.4:$PORT
    server pochtad 127.0.0.1:$PORT send-proxy
listen version-2
    bind 127.0.0.5:$PORT
    $v6
    bind unix@$T/haproxy.sock
    server pochtad 127.0.0.1:$PORT send-proxy-v2
listen more
    bind 127.0.0.6:$PORT
    unique-id-format %ci:%cp-0123456789012345678901234567890123456789
    server pochtad 127.0.0.1:$PORT send-proxy-v2 proxy-v2-options crc32c,unique-id
END
    haproxy -db -f "$T/haproxy.cfg" >"$T/haproxy.log" 2>&1 &
    haproxy=$!
    children="$children $haproxy"
    has_begun() { [ "$(by_haproxy 127.0.0.6)" = "$yes" ]; }
    ok 'HAProxy forwards connections' wait_for 20 has_begun
    for address in 127.0.0.4 127.0.0.5 127.0.0.6; do
        is "$(by_haproxy $address -s 127.0.0.7)" "$yes" "... at $address"
        like "$(told connect)" '* addr=127.0.0.7 *' '... passes on the address of its client'
    done
    if [ -n "$v6" ]; then
        is "$(by_haproxy ::1 -s ::1)" "$yes" '... over IPv6'
        like "$(told connect)" '* addr=::1 *' '... passes on the address of its client'
    else
        skip 'no IPv6 here' 'HAProxy over IPv6'
    fi
    is "$(echo Noop | nc -N -w 30 -U "$T/haproxy.sock")" "$yes" '... for a client that has no address'
    like "$(told connect)" '* addr=127.0.0.2 *' '... which counts as HAProxy'
    kill_child TERM "$haproxy"
    wait "$haproxy" 2>/dev/null
else
    skip 'there is no haproxy' HAProxy
fi

# --- no such line ---

is "$(frame 'Noop|0|' | from_proxy | decode)" "$wants" 'a proxy that sends no line'
is "$(behind 'TCP4 192.0.2.7 127.0.0.1 56324' 'Noop|0|')" "$wants" 'an incomplete line'
is "$(printf 'PROXY TCP4 192.0.2.7 127.0.0.1 1 2\n' | from_proxy | decode)" "$wants" 'LF alone'
is "$({ binary 31 11 "$v4"; frame 'Noop|0|'; } | from_proxy | decode)" "$wants" 'version 3 is refused'
is "$({ binary 21 11 "${v4%??}"; frame 'Noop|0|'; } | from_proxy | decode)" "$wants" 'version 2: an address that is too short is refused'
is "$(header "UNKNOWN $(printf '%0200d' 0)" | from_proxy | decode)" "$wants" 'a line that is too long'
like "$(told refuse)" '*reason="connections from your address must begin *" addr=127.0.0.2 *' \
    '... the log has the address'
ok 'stats counts them' test "$(ctl stats | sed -n 's/^refused-proxy	//p')" -eq 6
stop_server
serve --frame-timeout 300ms
mkfifo "$T/silent"
from_proxy <"$T/silent" >"$T/silent.out" &
silent=$!
children="$children $silent"
exec 3>"$T/silent"
ok 'a line that never arrives' wait_for 20 test -s "$T/silent.out"
exec 3>&-
wait $silent
is "$(decode <"$T/silent.out")" "$wants" '... ends the connection at frame-timeout'
stop_server
serve

# --- nobody else is believed ---

is "$({ header "$ann" && echo Help; } | exchange)" 'Exit|1|a PROXY header, but this address is not in proxy-from|' \
    'from another address the line ends the session'
like "$(told connect)" '* addr=127.0.0.1 *' "... and does not set the client's address"
is "$(talk 'Noop|0|')" "$yes" 'from another address no line is needed'

# --- limits are those of who is behind it ---

hold() { # N ADDRESS: a connection that stays
    rm -f "$T/held$1.out"
    mkfifo "$T/held$1"
    from_proxy <"$T/held$1" >"$T/held$1.out" &
    children="$children $!"
    eval "exec $1>\"\$T/held$1\""
    rm "$T/held$1"
    { header "TCP4 $2 127.0.0.1 1 2" && frame 'Noop|0|'; } >&"$1"
    wait_for 20 test -s "$T/held$1.out"
}
hold 3 192.0.2.1
hold 4 192.0.2.1
hold 5 192.0.2.2
is "$(for n in 3 4 5; do decode <"$T/held$n.out"; done | sort | uniq -c | tr -s ' ')" " 3 $yes" \
    'three behind one proxy'
is "$(behind 'TCP4 192.0.2.1 127.0.0.1 1 2' 'Noop|0|')" \
    'Exit|1|too many connections from your address (clients-per-address = 2)|' \
    '... a third one of one address is too many'
is "$(behind 'TCP4 192.0.2.2 127.0.0.1 1 2' 'Noop|0|')" "$yes" '... a second one of another is not'
exec 3>&- 4>&- 5>&-
wait_for 20 counts 0
hold 3 192.0.2.1
hold 4 192.0.2.1
is "$(behind 'TCP4 192.0.2.1 127.0.0.1 1 2' 'Noop|0|' | cut -c 1-4)" Exit '... are counted down when they disconnect, exactly'
exec 3>&- 4>&-

# --- a session that has not begun can be ended ---

mkfifo "$T/waiting"
from_proxy <"$T/waiting" >"$T/out" &
waiting=$!
children="$children $waiting"
exec 3>"$T/waiting"
is_waiting() { ctl who | grep -q 127.0.0.2; }
wait_for 20 is_waiting
stop_server
exec 3>&-
wait $waiting
is "$(decode <"$T/out")" 'Exit|1|server is shutting down|' 'a proxy that has sent nothing is told that the server shuts down'
done_testing
