#!/bin/sh
# SPDX-License-Identifier: ISC
# windows_sent_once.t: a draft is sent with pochta.exe, and at each step between client and server the
# client is killed, the connection cut or the server killed. Sent again, the letter has arrived once. What
# `make compose` tries on Linux needs its terminals and signals.
CLIENT=wine
# shellcheck source=tests/it/lib.sh
. "$(dirname "$0")/lib.sh"

POCHTA_PASSWORD=secret POCHTA_USER=ann
export POCHTA_PASSWORD POCHTA_USER

# Between both: carries bytes until the given number of pieces has come by, in whichever direction. Then it
# kills the process of that number, if there is one, and hangs up at both ends.
start_relay() { # STEP PID_FILE: sets POCHTA_SERVER
    rm -f "$T/relay.port"
    perl -e '
        use IO::Socket;
        use IO::Select;
        my ($file, $to, $step, $pid_file) = @ARGV;
        my $listener = IO::Socket::INET->new(LocalAddr => "127.0.0.1", Listen => 5) or die;
        open my $f, ">", "$file.new" or die;
        print $f $listener->sockport;
        close $f;
        rename "$file.new", $file;
        my $client = $listener->accept;
        my $server = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$to") or die;
        my $both = IO::Select->new($client, $server);
        my %other = ($client => $server, $server => $client);
        while (my @ready = $both->can_read) {
            for my $end (@ready) {
                exit if !sysread $end, my $bytes, 65536;
                if (--$step == 0) {
                    exit if !-e $pid_file;
                    open my $p, "<", $pid_file;
                    kill KILL => <$p>;
                    exit;
                }
                syswrite $other{$end}, $bytes;
            }
        }' "$T/relay.port" "$PORT" "$1" "$2" &
    relay=$!
    children="$children $relay"
    wait_for 20 test -s "$T/relay.port"
    POCHTA_SERVER=127.0.0.1:$(cat "$T/relay.port") && export POCHTA_SERVER
}

drafts() { POCHTA_SERVER=127.0.0.1:$PORT "$B/pochta" drafts; }
start() { start_server --listen "127.0.0.1:$PORT" --login-delay 0; }

# The client tells its process id; the test goes on when relay and client have ended.
send_draft() { # NUMBER
    sh -c 'echo $$ >"$1" && exec "$2" drafts send "$3"' - "$T/client" "$B/pochta" "$1" >"$T/out" 2>"$T/err" &
    client=$!
    wait "$client" 2>/dev/null
    kill_child TERM "$relay"
    wait "$relay" 2>/dev/null
}

start_server --login-delay 0
register ann bob
for what in client connection server; do
    wrong='' step=0 cut=1
    while [ "$cut" = 1 ]; do # until a letter is sent before that step comes
        step=$((step + 1)) letter="$what, step $((step))"
        echo "$letter" | POCHTA_SERVER=127.0.0.1:1 "$B/pochta" send bob 2>/dev/null
        number=$(drafts | cut -f 1)
        case $what in
        client) file=$T/client ;;
        connection) file=$T/none ;;
        server) file=$T/server && echo "$SERVER_PID" >"$file" ;;
        esac
        start_relay "$step" "$file"
        send_draft "$number"
        [ -n "$(drafts)" ] || cut=0
        if ! is_child "$SERVER_PID" || gone "$SERVER_PID"; then
            wait "$SERVER_PID" 2>/dev/null
            start
        fi
        POCHTA_SERVER=127.0.0.1:$PORT "$B/pochta" drafts send "$number" >/dev/null 2>&1
        [ "$(as bob 'Show all|0|' | grep -oF "^$letter\\x0A^" | wc -l)" = 1 ] && [ -z "$(drafts)" ] ||
            wrong="$wrong $step"
    done
    ok "the $what ends at each of $((step - 1)) steps: there are some" test "$step" -gt 4
    is "$wrong" '' '... sent again, the letter is there once'
done
done_testing
