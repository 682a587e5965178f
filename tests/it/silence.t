#!/bin/sh
# SPDX-License-Identifier: ISC
# silence.t: after ten seconds the client says which server has not answered, and what it waits for.
# shellcheck source=tests/it/lib.sh
. "$(dirname "$0")/lib.sh"

PASSWORD=secret
# shellcheck source=tests/it/terminal.sh
. "$here/terminal.sh"
trap end_all EXIT

status_of() { # SERVER NAME: in the background; its output is in $T/NAME.out and $T/NAME.err
    : >"$T/$2.err"
    POCHTA_PASSWORD=$PASSWORD "$B/pochta" --server "$1" --user ann status >"$T/$2.out" 2>"$T/$2.err" &
    client=$!
    children="$children $client"
}

says() { # NAME LINE TEST
    wait_for 60 grep -qxF "pochta: $2" "$T/$1.err"
    result $? "$3" || note "$(cat "$T/$1.err")"
}

# A listener that takes no more connections: the kernel drops them without a word.
full_server() { # sets FULL
    perl -e '
        use IO::Socket;
        my $listener = IO::Socket::INET->new(LocalAddr => "127.0.0.2", Listen => 1) or die;
        my $port = $listener->sockport;
        my @all = map { IO::Socket::INET->new("127.0.0.2:$port") or die } 1, 2;
        open my $f, ">", "$ARGV[0].new" or die;
        print $f $port;
        close $f;
        rename "$ARGV[0].new", $ARGV[0];
        sleep 600;' "$T/full.port" &
    children="$children $!"
    wait_for 20 test -s "$T/full.port"
    FULL=127.0.0.2:$(cat "$T/full.port")
}

start_server
register ann
server=127.0.0.1:$PORT
start_menu --server "$server"
at 'Enter your option:'
kill_child STOP "$SERVER_PID"
status_of "$server" stopped
stopped=$client
enter 4
at 'You are about to sign in. Enter the <username>:'
enter ann
at 'Enter the <password>:'
enter "$PASSWORD"
if over tcp; then
    waits='still waiting for the answer to Start'
    full_server
    status_of "$FULL" full
    says full "$FULL has not answered for 10 seconds: still trying 127.0.0.2" \
        'a server that takes no connection'
else
    waits='still trying 127.0.0.1'
fi
says stopped "$server has not answered for 10 seconds: $waits" 'a server that does not answer'
ok 'nothing is on standard output' test ! -s "$T/stopped.out"
wait_for 60 shows "pochta: $server has not answered for 10 seconds:"
result $? 'the menu says it, too' || screen | sed 's/^/# /'
kill_child CONT "$SERVER_PID"
wait "$stopped"
code=$?
if over tcp; then
    is "$code" 0 'the client has gone on waiting'
    like "$(cat "$T/stopped.out")" 'messages 0*' '... and the answer is on standard output'
fi
end_menu
done_testing
