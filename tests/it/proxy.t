#!/bin/sh
# SPDX-License-Identifier: ISC
# proxy.t: the connection is the standard input and output of a command: netcat, TLS as docs/tls.md
# sets it up, and commands that do not do what they should.
# shellcheck source=tests/it/lib.sh
. "$(dirname "$0")/lib.sh"

PASSWORD=secret
# shellcheck source=tests/it/terminal.sh
. "$here/terminal.sh"
root=$here/../..

ann() { # OPTION... COMMAND...
    POCHTA_PASSWORD=$PASSWORD "$B/pochta" --server "127.0.0.1:$PORT" --user ann "$@"
}

via() { # PROXY_COMMAND COMMAND...
    proxy=$1
    shift
    ann --proxy-command "$proxy" "$@"
}

# A command that answers one frame after the other with the given payloads, and ends with this exit
# code or by this signal: with the next frame, or in the midst of the last answer if that is raw.
# Each start leaves a line with its process id in $T/peer.pids.
cat >"$T/peer" <<'END'
#!/usr/bin/perl
my ($pids, $end, @answers) = @ARGV;
open my $log, ">>", $pids or die;
print $log "$$\n";
close $log;
$| = 1;
for my $answer (@answers) {
    last if read(STDIN, my $n, 10) != 10;
    read STDIN, my $payload, $n;
    print $answer =~ /^raw:(.*)/s ? $1 : sprintf "%010d%s", length $answer, $answer;
}
read STDIN, my $n, 10 if "@answers" !~ /raw:/;
kill $end, $$ if $end =~ /\D/;
exit $end;
END

peer() { # END PAYLOAD...: the proxy command for it
    rm -f "$T/peer.pids"
    printf perl
    printf " '%s'" "$T/peer" "$T/peer.pids" "$@"
}

# A command that tells its process id in $T/pid and goes on as another.
cat >"$T/told" <<END
#!/bin/sh
echo \$\$ >"$T/pid"
exec "\$@"
END
chmod +x "$T/told"
nc_told="'$T/told' nc -N %h %p"

told() { # what there is of it once it is there
    wait_for 20 test -s "$T/pid"
    cat "$T/pid"
}

# --- the command line ---

PORT=1
is "$(code via 'nc %h %x' list)" 64 'a percent sign before an unknown letter'
like "$(cat "$T/err")" '*nc %h %x"*: a percent sign must be followed by h (host), p (port) or *' \
    '... the error says what is allowed'
is "$(code via 'nc %h %' list)" 64 'a percent sign at the end'
is "$(code "$B/pochta" --proxy-command)" 64 'an empty command'
like "$("$B/pochta" --help)" '*--proxy-command COMMAND*' '--help lists the option'
via "echo %h %p 100%% a%%h >'$T/expanded'" list >/dev/null 2>&1
is "$(cat "$T/expanded")" '127.0.0.1 1 100% a%h' 'host, port and percent sign are put in'

for host in "x;touch $T/evil" "\$(touch $T/evil)" "\`touch $T/evil\`" '-oProxyCommand=x' 'a b' \
    "x
touch $T/evil" "'x" 'fe80::1%eth0'; do
    case $host in *:*) server="[$host]:1" ;; *) server=$host:1 ;; esac
    is "$(code via 'echo %h' --server "$server" list)" 64 "an evil host: $(echo "$host" | tr '\n' ' ')"
done
like "$(cat "$T/err")" '*: in a proxy command a host has only letters, digits and *' \
    '... the error says what is allowed'
ok '... and no command of it was run' test ! -e "$T/evil"

# --- a command that reaches nobody ---

is "$(code via /nowhere/none list)" 69 'a command that does not exist'
like "$(cat "$T/err")" '*none: not found*pochta: 127.0.0.1:1: the command ended with exit code 127' \
    '... the shell and pochta say so'
is "$(code via 'sh -c "exit 3"' list)" 69 'a command that ends at once'
is "$(cat "$T/err")" 'pochta: 127.0.0.1:1: the command ended with exit code 3' '... the error says how it ended'
is "$(code via true list)" 69 'a command that ends at once and finds that right'
is "$(code via "$(peer KILL)" list)" 69 'a command that is killed'
is "$(cat "$T/err")" 'pochta: 127.0.0.1:1: the command was ended by signal 9 (Killed)' \
    '... the error says so'
is "$(code via 'echo 220 ready' list)" 76 'a command that does not speak the protocol'

# --- a command that ends in the midst ---

is "$(code via "$(peer 4 'Answer|2|Yes|2|')" list)" 75 'the command ends after the first answer'
is "$(code via "$(peer 4 'Answer|2|Yes|2|' 'Answer|1|Yes|' 'raw:0000000099Answer|3|Yes|1^a')" list)" \
    75 'the command ends in the middle of an answer'
like "$(cat "$T/err")" 'pochta: *: the command ended with exit code 4' '... the error says how it ended'
is "$(code via "$(peer 4 'Answer|2|Yes|2|' 'Exit|1|out of order|')" list)" 75 'the command ends after Exit'
like "$(cat "$T/err")" 'pochta: *: out of order' "... the server's reason is told"
is "$(code via "$(peer TERM 'Answer|2|Yes|2|' 'Answer|1|Yes|')" send bob)" 75 \
    'the command ends before a message is answered'
like "$(cat "$T/err")" '*by signal 15 (Terminated)*may have arrived, or not*' '... the error says that the message may have arrived'
is "$(wc -l <"$T/peer.pids")" 5 '... after as many attempts as over TCP'
# shellcheck disable=SC2013 # several ids
for pid in $(cat "$T/peer.pids"); do
    ok 'no command is left' gone "$pid"
done

# --- netcat ---

start_server --idle 600 --proxy-from 127.0.0.2 --log-level info
perl -e 'print "line\nQ\n\0^|" x 300000' >"$T/letter"
is "$(code via 'nc -N %h %p' register)" 0 'netcat: register'
ok 'netcat: send a large message' via 'nc -N %h %p' send ann <"$T/letter"
via 'nc -N %h %p' read --raw 1 >"$T/back"
ok 'netcat: it comes back' cmp "$T/letter" "$T/back"
is "$(via 'nc -N %h %p' --server localhost:1 status 2>&1 >/dev/null)" \
    'pochta: localhost:1: the command ended with exit code 1' 'netcat: no server listens'
is "$(code via "$nc_told" status)" 0 'netcat: status'
ok '... and netcat has ended' gone "$(told)"
via 'nc -N %h %p' take 1 >&- 2>/dev/null
is "$?" 74 'take without a standard output'
is "$(POCHTA_PROXY_COMMAND=false && export POCHTA_PROXY_COMMAND && code ann status)" 69 \
    'the command from the variable'
is "$(POCHTA_PROXY_COMMAND=false && export POCHTA_PROXY_COMMAND && code via 'nc -N %h %p' status)" 0 \
    'the option wins'
is "$(POCHTA_PROXY_COMMAND=false && export POCHTA_PROXY_COMMAND && code via '' status)" 0 \
    'an empty option: direct connection'

# --- TLS, as docs/tls.md has it ---

listening_port() { # PID: one at which the process listens
    perl -e '
        my %own = map { readlink =~ /^socket:\[(\d+)\]$/ ? ($1 => 1) : () } glob "/proc/$ARGV[0]/fd/*";
        open my $table, "<", "/proc/net/tcp" or die;
        while (<$table>) {
            my (undef, $local, undef, $state, @rest) = split;
            next if $state ne "0A" || !$own{$rest[5]};
            print hex((split /:/, $local)[1]);
            exit 0;
        }
        exit 1;' "$1"
}

listens() { listening_port "$1" >/dev/null; } # PID

documented() { # PATTERN: the line of docs/tls.md, for this test's host
    sed -n "s/^    \(.*$1.*\)/\1/p" "$root/docs/tls.md" | sed 's/mail\.example\.org/localhost/g'
}

(cd "$T" && eval "$(documented 'openssl req')") >"$T/req" 2>&1
ok 'the documented certificate' test -s "$T/cert.pem" -a -s "$T/key.pem" || note "$(cat "$T/req")"
sed -e "s|/etc/stunnel/pochta|$T|" -e 's|^accept = .*|accept = 127.0.0.1:0|' \
    -e "s|^connect = .*|connect = 127.0.0.1:$PORT|" "$root/contrib/stunnel.conf" >"$T/stunnel.conf"
stunnel4 "$T/stunnel.conf" >"$T/stunnel.log" 2>&1 &
stunnel=$!
children="$children $stunnel"
ok 'stunnel with the documented configuration' wait_for 20 listens "$stunnel" ||
    note "$(cat "$T/stunnel.log")"
TLS=localhost:$(listening_port "$stunnel")

tls() { # OPTION_OF_OPENSSL COMMAND...: by the documented command
    proxy="$openssl $1"
    shift
    via "$proxy" --server "$TLS" "$@"
}

eval "$(documented 'POCHTA_PROXY_COMMAND=.openssl')"
openssl=$(echo "$POCHTA_PROXY_COMMAND" | sed "s|cert\.pem|$T/cert.pem|")
unset POCHTA_PROXY_COMMAND
has_client() { grep -q 'event=send .* addr=127.0.0.1 ' "$T/log"; }
: >"$T/log"
ok 'TLS: send a large message' tls '' send ann <"$T/letter" 2>"$T/err" || note "$(cat "$T/err")"
tls '' read --raw 2 >"$T/back" 2>/dev/null
ok "TLS: the log has the client's address, not stunnel's" wait_for 20 has_client
ok 'TLS: it comes back' cmp "$T/letter" "$T/back"
is "$(code via "$(echo "$openssl" | sed 's/-CAfile [^ ]*//')" --server "$TLS" status)" 69 \
    'TLS: a certificate of an unknown authority'
like "$(cat "$T/err")" '*verify error*the command ended with exit code 1' '... the message says so'
is "$(code tls '-verify_hostname other.example' status)" 69 'TLS: a certificate for another host'
is "$(code via 'nc -N %h %p' --server "$TLS" status)" 69 'a client without TLS at a TLS port'
is "$(code via "'$T/told' openssl s_client -quiet -verify_return_error -CAfile '$T/cert.pem' \
    -connect %h:%p" --server "$TLS" status)" 0 'a command that does not end with its input'
ok '... is ended' gone "$(told)"

# --- a command that never answers ---

mute="'$T/told' sleep 60"
rm "$T/pid"
start_menu --server "127.0.0.1:$PORT" --proxy-command "$mute"
pid=$(told)
terminal send-keys -t menu C-c
see 'exit code 130' 'Ctrl-C ends the wait for an answer'
ok '... and the command' wait_for 20 gone "$pid"
end_menu
rm "$T/pid"
POCHTA_PASSWORD=$PASSWORD "$B/pochta" --user ann --proxy-command "$mute" status &
client=$!
children="$children $client"
pid=$(told)
kill_child KILL "$client"
wait "$client" 2>/dev/null
ok 'a command does not outlive pochta, whatever ends that' wait_for 20 gone "$pid"

# --- the menu ---

rm "$T/pid"
start_menu --proxy-command "$nc_told"
at 'Enter <host>:<port> of Mail Server:'
enter '$(date):5555'
see 'This is not a server: in a proxy command a host has only' 'menu: a malicious host name is rejected'
enter localhost:1
see 'Could not connect to server: the command ended with exit code 1.' 'menu: asks again if no server listens'
rm "$T/pid"
enter "127.0.0.1:$PORT"
sign_in ann
at 'Enter your option:'
kill "$(told)"
rm "$T/pid"
see 'Disconnected from server: the command was ended by signal 15 (Terminated).' 'a lost command'
at 'Connect again? (y/n):'
enter y
sign_in ann
option 4
at 'User signed out successfully. Press any key.'
key
at 'Enter your option:'
enter 4
at 'You are about to sign in. Enter the <username>:'
enter ann
at 'Enter the <password>:'
pid=$(told)
terminal send-keys -t menu C-c
at 'Enter your option:'
terminal send-keys -t menu C-d
see 'exit code 0' 'Ctrl-C at the password leads back to the menu, Ctrl-D leaves it'
see 'echo is on' '... the terminal is as it was'
ok '... and the command has ended' wait_for 20 gone "$pid"
end_menu
rm "$T/pid"
start_menu --server "127.0.0.1:$PORT" --proxy-command "$nc_told"
at 'Enter your option:'
pid=$(told)
ok 'the server ends' stop_server
see 'Disconnected from server: server is shutting down.' "the server's reason is told"
at 'Connect again? (y/n):'
enter y
see 'Could not connect to server: the command ended with exit code 1.' 'menu: the server cannot be reached again'
at 'Connect again? (y/n):'
enter n
see 'exit code 0' 'menu: leaves after n'
ok '... and no command is left' gone "$(told)"
end_menu

done_testing
