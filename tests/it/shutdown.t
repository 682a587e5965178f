#!/bin/sh
# SPDX-License-Identifier: ISC
# How pochtad starts and ends: signals, port file, exit codes, what a restart finds.
. "$(dirname "$0")/lib.sh"
bye='Exit|1|server is shutting down|'

start_server
register ann bob
as ann 'Send mes|2|bob|one|' 'Send mes|2|bob|two|' >/dev/null
is "$(grep "^${TRANSPORT%[12]} " "$T/port")" "${TRANSPORT%[12]} 127.0.0.1 $PORT" 'the port file has a line for the listener'
are_there() { [ "$("$B/pochtactl" --store "$T/store" who | wc -l)" -eq "$1" ]; } # COUNT

for signal in TERM INT; do
    open_conn 3
    open_conn 4 tcp
    open_conn 5
    open_conn 6
    send 3 "$(frame 'Login|2|ann|secret|')"
    send 4 'Noop
'
    send 5 "$(half_frame)"
    is "$(heard 3 1)" 'Answer|1|Yes|' "SIG$signal: a client is logged in"
    wait_for 20 grep -q Yes "$T/conn4.out"
    ok "SIG$signal: four clients are connected" wait_for 20 are_there 4
    ok "SIG$signal ends the server with 0" stop_server $signal
    is "$(heard 3 2)" "$bye" '... and the logged-in client gets the reason'
    wait_for 20 grep -qF "$bye" "$T/conn4.out"
    is "$(cat "$T/conn4.out")" "Answer|1|Yes|
$bye" '... as does the client in line form'
    is "$(heard 5 1)" "$bye" '... the client in the middle of a frame'
    is "$(heard 6 1)" "$bye" '... and the client that has sent nothing yet'
    for n in 3 4 5 6; do close_conn $n; done
    start_server
done
is "$(as bob 'Show all|0|')" 'Answer|3|Yes|1^ann^DATE^3^2^one^|2^ann^DATE^3^2^two^|' \
    'a restart keeps accounts, mail and states'
as bob 'Delete mes|1|2|' >/dev/null
stop_server
start_server
is "$(as ann 'Send mes|2|bob|three|')" 'Answer|2|Yes|3^ann^DATE^5^2^^|' \
    'the id of the newest, deleted before a restart, is not used again'
kill_child KILL "$SERVER_PID"
wait "$SERVER_PID" 2>/dev/null
start_server
is "$(as bob 'Show all|0|')" 'Answer|3|Yes|1^ann^DATE^3^0^one^|3^ann^DATE^5^2^three^|' \
    'a message that was answered Yes survives SIGKILL'

# An answer begun is finished before the server says good-bye.
send_large ann ann 6000000 2 >/dev/null
mkfifo "$T/late"
exec 5<>"$T/late"
frame 'Login|2|ann|secret|' 'Show all|0|' >"$T/requests"
stay_in_version_2 <"$T/requests" >"$T/late" &
children="$children $!"
late=$!
head -c 1000 <&5 >"$T/start" # the answer has begun
kill -s TERM "$SERVER_PID"
cat <&5 >"$T/rest" 5>&- &
children="$children $!"
exec 5>&-
wait "$late" "$SERVER_PID"
is $? 0 'SIGTERM during an answer'
said_all() { tail -c 80 "$T/rest" | grep -qF "$bye"; }
wait_for 20 said_all
SERVER_PID=''
is "$(tail -c 80 "$T/rest" | grep -o 'x^|.*')" "x^|00000000${#bye}$bye" '... which is finished first'

# Reasons not to start: one line on standard error, an exit code of sysexits.
refuses() { # CODE PATTERN NAME OPTION...
    code=$1 pattern=$2 name=$3
    shift 3
    timeout 20 "$B/pochtad" "$@" >"$T/out" 2>"$T/err"
    is $? "$code" "$name: exit code $code"
    is "$(grep -c '' "$T/err")" 1 '... and one line'
    like "$(cat "$T/err")" "$pattern" '... that says what is wrong'
}
start_server
refuses 69 "*$PORT*" 'port taken' --listen 127.0.0.1:0 "$(door)" "127.0.0.1:$PORT" --store "$T/other"
refuses 73 "*$T/port/store*" 'store under a file' --listen 127.0.0.1:0 --store "$T/port/store"
refuses 73 '*/proc/pochta*' 'store not writable' --listen 127.0.0.1:0 --store /proc/pochta
refuses 73 "*$T/store*" 'store of a running server' --listen 127.0.0.1:0 --store "$T/store"
refuses 73 '*/proc/pochta/port*' 'port file not writable' --listen 127.0.0.1:0 --store "$T/other" \
    --port-file /proc/pochta/port --log-level error # that the store is new is a warning
refuses 64 '*--nonsense*' 'unknown option' --nonsense
refuses 64 '*store*' 'option without value' --store
refuses 64 '*nonsense*' 'a word' nonsense
refuses 64 '*idle*soon*' 'bad value' --idle soon
refuses 64 '*listen*5555*' 'bad address' --listen 5555
refuses 64 '*99999*' 'bad port' --listen 127.0.0.1:99999
refuses 78 "*$T/missing*" 'no such configuration' --config "$T/missing"
printf 'store = %s\nnonsense = 1\n' "$T/other" >"$T/config"
refuses 78 "*$T/config:2:*nonsense*" 'bad configuration' --config "$T/config"
stop_server

# Good ones
like "$("$B/pochtad" --version)" 'pochtad [0-9]*' '--version'
like "$("$B/pochtad" --help)" '*--listen*--store*--port-file*--idle*' '--help'
printf '# a comment\n\nstore = %s\nlisten = localhost:0\nidle = 1\n' "$T/nowhere/at/all" >"$T/config"
start_server --listen 127.0.0.1:0 --config "$T/config"
is "$(grep -c '^tcp 127.0.0.1 [0-9][0-9]*$' "$T/port")" 2 'two listeners; options win over the file'
open_conn 3
like "$(heard 3 1)" 'Exit|1|*|' 'the configuration is used'
close_conn 3
if [ -e /proc/net/if_inet6 ] && grep -q '^0*1 ' /proc/net/if_inet6; then
    stop_server
    start_server --listen '[::1]:0'
    like "$(sed -n 2p "$T/port")" 'tcp ::1 [0-9]*' 'IPv6 in the port file'
    is "$(frame 'Noop|0|' | nc -N ::1 "$(sed -n '2s/.* //p' "$T/port")")" \
        '0000000013Answer|1|Yes|' 'IPv6'
else
    skip 'no IPv6 here' 'IPv6'
fi
done_testing
