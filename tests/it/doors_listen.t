#!/bin/sh
# SPDX-License-Identifier: ISC
# Where mail programs reach the server: the listeners of POP3, submission and LMTP, and Unix sockets. What is said
# over them is not looked at here, but for the greeting and the last words.
. "$(dirname "$0")/lib.sh"
STORE=$T/store
tab=$(printf '\t')
ctl() { "$B/pochtactl" --store "$STORE" "$@"; }
has() { grep -Eq -e "$1" "$T/log"; } # PATTERN
kinds() { sed "s/ [0-9]*\$//; s|$T|T|" "$T/port" | tr '\n' ' '; } # of the port file

# Connects to PORTs or PATHs, prints the first line that each server sends, and stays until the servers close, which
# is told with what they said last. OPTIONS: from=ADDRESS, say=TEXT.
cat >"$T/client" <<'END'
use IO::Socket::INET;
use IO::Socket::UNIX;
$| = 1;
my (%option, @sockets);
for (@ARGV) {
    if (/^(from|say)=(.*)/s) { $option{$1} = $2; next }
    my $s = m{^/} ? IO::Socket::UNIX->new(Peer => $_)
        : IO::Socket::INET->new(PeerAddr => "127.0.0.1:$_", LocalAddr => $option{from});
    print("cannot connect: $!\n"), next unless $s;
    print $s $option{say} =~ s/\\r\\n/\r\n/gr if $option{say};
    print scalar(<$s>) =~ s/\r\n/\n/r;
    push @sockets, $s;
}
for my $s (@sockets) {
    my $last = do { local $/; <$s> } // "";
    print "closed: ", $last =~ s/\r\n//r, "\n";
}
END
meet() { timeout 20 perl "$T/client" "$@"; } # PORT_OR_PATH...: see above
greeted() { [ "$(wc -l <"$T/met$1")" -ge "$2" ]; } # NAME COUNT
stay() { # NAME COUNT PORT_OR_PATH...: the same in the background, until COUNT lines have come to $T/metNAME
    name=$1 count=$2
    shift 2
    : >"$T/met$name"
    perl "$T/client" "$@" >"$T/met$name" 2>&1 3>&- 4>&- 5>&- 6>&- &
    MET=$!
    children="$children $MET"
    wait_for 20 greeted "$name" "$count"
}

# --- off unless asked for ---

start_server
is "$(kinds)" 'tcp 127.0.0.1 ' 'without these keys, nobody listens for mail programs'
is "$(ls "$STORE/doors" 2>&1 | grep -c 'No such file')" 1 '... and the store needs no key for them'
stop_server

# --- all kinds ---

relaunch "$B/pochtad" --store "$STORE" --listen 127.0.0.1:0 --pop3 127.0.0.1:0 --submission 127.0.0.1:0 \
    --submission 127.0.0.3:0 --submission-trusted 127.0.0.3 --lmtp localhost:0 --lmtp 127.0.0.1:0 --lmtp "$T/lmtp" \
    --domains example.org
is "$(kinds | sed 's/lmtp ::1 //')" \
    'tcp 127.0.0.1 pop3 127.0.0.1 submission 127.0.0.1 submission 127.0.0.3 lmtp 127.0.0.1 lmtp 127.0.0.1 lmtp T/lmtp ' \
    'each address has a line in the port file'
pop3=$(port_of pop3) submission=$(port_of submission) lmtp=$(port_of lmtp)
ok '... and the log' has "event=listen transport=pop3 addr=127\\.0\\.0\\.1 port=$pop3 level=notice\$"
ok '... also a Unix socket, with its path' has "event=listen transport=lmtp path=$T/lmtp level=notice\$"
is "$(stat -c '%F %a %u:%g' "$T/lmtp")" "socket 660 $(id -u):$(id -g)" 'the user and the group may connect to the Unix socket'
ok 'the store has the key of the doors' is_private "$STORE/doors"

sender() { # ADDRESS: what submission answers to a sender from there who has not logged in
    printf 'EHLO x\r\nMAIL FROM:<a@b.example>\r\nQUIT\r\n' | timeout 20 nc -N -s "$1" 127.0.0.1 "$submission" |
        tail -n 2 | head -n 1 | cut -c 1-3
}
is "$(sender 127.0.0.1) $(sender 127.0.0.3)" '530 250' 'submission-trusted: from there, and only there, mail needs no login'

stay all 4 "$pop3" "$submission" "$lmtp" "$T/lmtp"
like "$(sed -n 1p "$T/metall")" '+OK *Pochta*' 'POP3 greets'
like "$(sed -n 2p "$T/metall")" '220 *Pochta*' 'submission greets'
like "$(sed -n 3p "$T/metall")" '220 *Pochta*' 'LMTP greets'
like "$(sed -n 4p "$T/metall")" '220 *Pochta*' '... also over the Unix socket'
who() { ctl who | cut -f 3,6 | sort | tr '\t\n' '  '; } # addresses and transports
is "$(who)" '127.0.0.1 lmtp 127.0.0.1 lmtp 127.0.0.1 pop3 127.0.0.1 submission ' 'who tells them apart'
is "$(ctl who | grep -c "127.0.0.1${tab}0$tab.*lmtp")" 1 '... the client of the Unix socket has no port'
ctl kick "$(ctl who | sed -n "s/$tab.*pop3\$//p")" >"$T/out"
is "$(cat "$T/out")" 1 'kick ends such a session'
wait_for 20 greeted all 5
like "$(sed -n 5p "$T/metall")" 'closed: -ERR *kicked by the administrator*' '... which hears why, in its protocol'
ctl drain >"$T/out" 2>&1 3>&- 4>&- 5>&- 6>&- & # it waits for the others to leave
children="$children $!"
wait_for 20 has 'event=admin verb=drain code=0 level=notice'
like "$(meet "$pop3" | head -n 1)" '-ERR *the server accepts no more clients*' 'a server that is being drained refuses POP3'
like "$(meet "$submission" | head -n 1)" '421 *the server accepts no more clients*' '... submission'
like "$(meet "$T/lmtp" | head -n 1)" '421 *the server accepts no more clients*' '... and LMTP, in their protocols'
stop_server
wait_for 20 gone "$MET"
is "$(sed -n '6,$p' "$T/metall" | cut -c 1-11 | sort | uniq -c | tr -s ' ')" ' 3 closed: 421' 'at the end all hear why'
is "$([ -e "$T/lmtp" ] && echo there)" '' 'the Unix socket is removed at the end'

# --- limits ---

printf 'clients-per-address = 2\n' >"$T/conf"
relaunch "$B/pochtad" --config "$T/conf" --store "$STORE" --listen 127.0.0.1:0 --pop3 127.0.0.1:0 --lmtp "$T/lmtp" \
    --proxy-from 127.0.0.2
pop3=$(port_of pop3)
stay one 2 "$T/lmtp" "$T/lmtp"
like "$(meet "$pop3" | head -n 1)" '-ERR *too many connections from your address (clients-per-address = 2)*' \
    'clients of the Unix socket count at 127.0.0.1'
like "$(meet "$T/lmtp" | head -n 1)" '421 *too many connections from your address*' '... where there may be no more'
stay two 1 from=127.0.0.2 'say=PROXY TCP4 192.0.2.7 192.0.2.1 7777 110\r\n' "$pop3"
like "$(cat "$T/mettwo")" '+OK *' 'a proxy may stand before POP3'
is "$(who)" '127.0.0.1 lmtp 127.0.0.1 lmtp 192.0.2.7 pop3 ' '... and tells the address of its client'
like "$(meet from=127.0.0.2 'say=QUIT\r\n' "$pop3" | head -n 1)" '-ERR *must begin with a PROXY protocol header*' \
    '... without which it is refused'
like "$(meet from=127.0.0.3 'say=PROXY TCP4 192.0.2.7 192.0.2.1 7777 110\r\nUSER ann\r\n' "$pop3" | tail -n 1)" \
    '*-ERR *a PROXY header, but this address is not in proxy-from' 'one whose address is not in proxy-from is told so'
ok '... with its address in the log' has 'event=protocol reason="a PROXY header,.*" addr=127\.0\.0\.3 .*level=warning'
stop_server
relaunch "$B/pochtad" --store "$STORE" --listen 127.0.0.1:0 --lmtp 127.0.0.1:0 --lmtp "$T/lmtp" --proxy-from 127.0.0.0/8
stay three 2 "$(port_of lmtp)" "$T/lmtp"
is "$(grep -c '^220 ' "$T/metthree")" 2 'for LMTP there are no proxies: a mail server has the same address as one'
printf 'x' >"$T/replaced" && mv "$T/replaced" "$T/lmtp"
stop_server
is "$(cat "$T/lmtp")" x 'a file that has replaced the Unix socket is not removed'

# --- what is refused ---

refuses 69 "*cannot listen on $T/lmtp (lmtp): there is a file that is not a socket*" 'a file at the path' \
    "$B/pochtad" --store "$STORE" --listen 127.0.0.1:0 --lmtp "$T/lmtp"
is "$(cat "$T/lmtp")" x '... which stays as it is'
rm "$T/lmtp"
refuses 69 "*cannot listen on $T/none/lmtp (lmtp): No such file or directory*" 'a path without a directory' \
    "$B/pochtad" --store "$STORE" --listen 127.0.0.1:0 --lmtp "$T/none/lmtp"
refuses 69 '*cannot listen on 0 port 0 (lmtp): lmtp has no login*' 'a name for an address that others can reach' \
    "$B/pochtad" --store "$STORE" --listen 127.0.0.1:0 --lmtp 0:0
is "$(code "$B/pochtad" --store "$STORE" --lmtp 0.0.0.0:24) $(grep -c 'lmtp has no login' "$T/err")" '64 1' \
    'such an address is an error of the configuration'

relaunch "$B/pochtad" --store "$STORE" --listen 127.0.0.1:0 --lmtp "$T/lmtp"
refuses 69 "*cannot listen on $T/lmtp (lmtp): in use: a process listens there*" 'a path that is in use' \
    "$B/pochtad" --store "$T/store2" --listen 127.0.0.1:0 --lmtp "$T/lmtp"
like "$(stay four 1 "$T/lmtp" && cat "$T/metfour")" '220 *' '... whose server goes on'
stop_server KILL
ok 'a server that is killed leaves its socket' test -S "$T/lmtp"
relaunch "$B/pochtad" --store "$STORE" --listen 127.0.0.1:0 --lmtp "$T/lmtp"
like "$(stay five 1 "$T/lmtp" && cat "$T/metfive")" '220 *' '... which the next one replaces'
stop_server

echo 'broken' >"$STORE/doors"
refuses 73 '*the key that pop3, submission and lmtp need*' 'a damaged key' \
    "$B/pochtad" --store "$STORE" --listen 127.0.0.1:0 --lmtp "$T/lmtp"
is "$([ -e "$T/lmtp" ] && echo there)" '' '... and the Unix socket is removed'
rm "$STORE/doors"

# --- standby ---

relaunch "$B/pochtad" --store "$STORE" --listen 127.0.0.1:0
first=$SERVER_PID
waiting() { # the server stands by, with its Unix socket
    rm -f "$T/port2" "$T/log2"
    "$B/pochtad" --store "$STORE" --standby yes --listen 127.0.0.1:0 --lmtp "$T/lmtp" --port-file "$T/port2" \
        >"$T/log2" 2>&1 3>&- 4>&- 5>&- 6>&- &
    second=$!
    children="$children $first $second"
    wait_for 20 grep -q 'event=standby .*another server' "$T/log2"
}
waiting
is "$(meet "$T/lmtp")" 'cannot connect: Connection refused' 'a server that stands by has its Unix socket, and refuses clients'
stop_server
SERVER_PID=$second
wait_for 20 test -s "$T/port2"
like "$(stay six 1 "$T/lmtp" && cat "$T/metsix")" '220 *' '... until it has taken over'
stop_server

relaunch "$B/pochtad" --store "$STORE" --listen 127.0.0.1:0
first=$SERVER_PID
waiting
rm "$T/lmtp"
stop_server
wait_for 20 gone "$second" || kill_child KILL "$second"
wait "$second"
is "$? $(grep -c "cannot listen on $T/lmtp (lmtp): Address already in use" "$T/log2")" '69 1' \
    'a server whose Unix socket was replaced while it waited does not serve at another path than it says'

# --- as another user ---

nobody=$(id -u nobody) group=$(id -g nobody)
chmod 755 "$T"
if [ "$(id -u)" = 0 ] && setpriv --reuid "$nobody" --regid "$group" --clear-groups test -x "$T"; then
    mkdir "$T/plain" "$T/shared" "$T/closed" "$T/mail"
    chown "$nobody:$group" "$T/plain" "$T/mail"
    chown "$nobody:1" "$T/shared" && chmod 2750 "$T/shared"
    port_file=$T/plain/port
    relaunch "$B/pochtad" --user nobody --store "$T/mail/store" --listen 127.0.0.1:0 --lmtp "$T/plain/lmtp" \
        --lmtp "$T/shared/lmtp" --lmtp "$T/closed/lmtp"
    is "$(stat -c '%u:%g %a' "$T/plain/lmtp")" "$nobody:$group 660" 'started by root: the socket belongs to the user'
    is "$(stat -c '%u:%g %a' "$T/shared/lmtp")" "$nobody:1 660" '... with the group of a set-group-ID directory'
    stop_server
    is "$(find "$T/plain" "$T/shared" "$T/closed" -name lmtp)" "$T/closed/lmtp" \
        '... and the user removes it, where it may write'
    relaunch "$B/pochtad" --user nobody --store "$T/mail/store" --listen 127.0.0.1:0 --lmtp "$T/closed/lmtp"
    like "$(stay seven 1 "$T/closed/lmtp" && cat "$T/metseven")" '220 *' '... otherwise the next start replaces it'
    stop_server
else
    skip 'only root can be another user' 'started by root'
fi
done_testing
