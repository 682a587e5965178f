#!/bin/sh
# SPDX-License-Identifier: ISC
# The functions that the report numbers in its section 3, each under its own name. They are tested in
# depth elsewhere; README.md says where.
. "$(dirname "$0")/lib.sh"

unset POCHTA_SERVER POCHTA_USER
POCHTA_PASSWORD=secret
export POCHTA_PASSWORD
client() { # NAME COMMAND...
    who=$1
    shift
    "$B/pochta" --server "127.0.0.1:$PORT" --user "$who" "$@"
}
said_yes='Answer|1|Yes|'

start_server
register ann bob

# --- the server ---

listens_where_told() { # a port that was free a moment ago
    told=$PORT
    stop_server && start_server "$(door)" "127.0.0.1:$told" && is_listening "$told" &&
        grep -q "^${TRANSPORT%[12]} 127.0.0.1 $told$" "$T/port"
}
ok 'server 1: listens on the port it was told' listens_where_told

open_conn 3
send 3 "$(frame 'Start|0|')"
is "$(heard 3 1)" "$said_yes" 'server 2: takes a connection and answers Start'
open_conn 4
send 4 "$(frame 'Start|0|')"
is "$(heard 4 1)" "$said_yes" '... and another while the first is there'

client_threads() { # one besides those of a server that nobody is connected to
    find "/proc/$SERVER_PID/task" -mindepth 1 -maxdepth 1 | wc -l
}
two=$(client_threads)
open_conn 5
send 5 "$(frame 'Start|0|')"
heard 5 1 >/dev/null
is "$(client_threads)" $((two + 1)) 'server 3: serves each client in a thread of its own'
close_conn 5

send 3 "$(frame 'Login|2|ann|secret|' 'Send mes|2|bob|a letter|')"
is "$(heard 3 3)" 'Answer|2|Yes|1^ann^DATE^8^2^^|' \
    'server 4: takes a message from one client for another'

kill_child KILL "$SERVER_PID"
wait "$SERVER_PID" 2>/dev/null
close_conn 3
close_conn 4
start_server
is "$(as bob 'Show all|0|')" 'Answer|2|Yes|1^ann^DATE^8^2^a letter^|' \
    'server 5: keeps mail for clients who are not there, and over a crash'

is "$(as bob 'Show exact|1|1|' 'Delete mes|1|1|' 'Show all|0|')" \
    "Answer|2|Yes|1^ann^DATE^8^0^a letter^|
$said_yes
$said_yes" 'server 6: gives a message on request, and deletes it afterwards'

as ann 'Send mes|2|bob|four|' 'Send mes|2|bob|seven..|' >/dev/null
like "$(as bob 'Show exact|1|2|' 'Status|0|' | tail -n 1)" 'Answer|6|Yes|2|1|11|*|*|' \
    'server 7: tells the state of a mailbox'

open_conn 3
send 3 "$(frame 'Login|2|ann|secret|' 'Exit|0|')"
is "$(heard 3 2)" "$said_yes" 'server 8: answers a client that wants to go'
ok '... and closes' wait_for 20 connected 0
close_conn 3

open_conn 3
send 3 "$(frame 'Login|2|ann|secret|')"
heard 3 1 >/dev/null
ok 'server 9: ends, and with it the connections of its clients' stop_server
is "$(heard 3 2)" 'Exit|1|server is shutting down|' '... with the reason'
close_conn 3
start_server --idle 1
open_conn 3
send 3 "$(frame 'Noop|0|')" # before a login, an answer over UDP may be three times as long as what came
like "$(wait_for 20 grep -q Exit "$T/conn3.out"; all_heard 3 | tail -n 1)" 'Exit|1|*|' '... and disconnects a silent client'
ok '... for good' wait_for 20 connected 0
close_conn 3
stop_server
start_server

# --- the client ---

is "$(client bob unread | grep -c '^Message with ID = ')" 1 'client 1: connects to the server of that address'
is "$(client bob show | grep -c '^STATE: Normal')" 2 'client 3: looks at the state of its mailbox'
echo 'to bob, from the client' | client ann send bob
is "$?" 0 'client 2: sends a message for another client'
is "$(client bob read --raw 4)" 'to bob, from the client' 'client 4: gets one message'
ok 'client 5: leaves no connection behind' wait_for 20 connected 0

# A server that sends every client away with a reason.
perl -MIO::Socket -e '
    my $l = IO::Socket::INET->new(LocalAddr => "127.0.0.1", Listen => 1) or die;
    open my $f, ">", "$ARGV[0].new" or die;
    print $f $l->sockport;
    close $f;
    rename "$ARGV[0].new", $ARGV[0];
    my $c = $l->accept;
    print $c "0000000027Exit|1|kicked for a reason|";
    $c->flush;
    shutdown $c, 1;
    1 while sysread $c, my $buffer, 1024;' "$T/rude" &
children="$children $!"
wait_for 20 test -s "$T/rude"
POCHTA_UDP='' "$B/pochta" --server "127.0.0.1:$(cat "$T/rude")" --user bob list 2>"$T/err"
is "$?" 75 'client 6: is disconnected by the server'
like "$(cat "$T/err")" '*kicked for a reason*' '... and shows the reason'
done_testing
