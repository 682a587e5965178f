#!/bin/sh
# SPDX-License-Identifier: ISC
# control.sock: who may use it; silent clients; sockets behind which no working server is.
. "$(dirname "$0")/lib.sh"
ctl() { timeout 60 "$B/pochtactl" --store "$T/store" "$@" </dev/null >"$T/out" 2>"$T/err"; }
said() { ctl "$@"; echo "$? $(cat "$T/err")"; }

# Holds COUNT connections that send BYTES and no more. $T/silent gets a line for each, and one more
# for each that the server closes.
silent() { # COUNT BYTES
    : >"$T/silent"
    perl -MIO::Socket::UNIX -MIO::Select -e '
        my ($path, $count, $bytes) = @ARGV;
        my $all = IO::Select->new;
        $| = 1;
        for (1 .. $count) {
            my $s = IO::Socket::UNIX->new(Peer => $path) or die "$path: $!";
            syswrite $s, $bytes if length $bytes;
            $all->add($s);
            print "connected\n";
        }
        while ($all->count) {
            for ($all->can_read) {
                next if sysread $_, my $greeting, 4096;
                $all->remove($_);
                print "closed\n";
            }
        }' "$T/store/control.sock" "$@" >"$T/silent" &
    SILENT=$!
    children="$children $!"
    wait_for 20 has_silent "$1"
}
has_silent() { [ "$(grep -c connected "$T/silent")" -eq "$1" ]; }
no_more_silent() { kill_child TERM "$SILENT"; wait "$SILENT" 2>/dev/null; }

start_server
register ann

# Connections that say nothing
silent 10 ''
is "$(said user list)" '0 ' 'a request is answered while other connections are silent'
is "$(grep -c closed "$T/silent")" 0 '... which stay connected'
no_more_silent
silent 10 00000
is "$(said stats)" '0 ' 'a request is answered while others have sent half of theirs'
is "$(grep -c closed "$T/silent")" 0 '... which stay connected'
no_more_silent
silent 40 ''
is "$(said stats)" '0 ' 'with more silent connections than places a request waits for one of them at most'
no_more_silent
makes_lock() { # within 3 s, while silent connections are waited for, 5 s each. On a busy machine it may need another try.
    for _ in 1 2 3; do
        silent 40 ''
        rm -f "$T/store/lock"
        wait_for 3 test -e "$T/store/lock"
        made=$?
        no_more_silent
        [ "$made" != 0 ] || return 0
    done
    return 1
}
ok '... and what the server does each second does not wait for one' makes_lock
silent 40 ''
ok 'a server with silent connections shuts down' stop_server
no_more_silent

# No server, but something else is there
is "$(said who)" "69 pochtactl: $T/store: no server is running on this store" 'no socket: no server'
: >"$T/store/control.sock"
is "$(said who)" "69 pochtactl: $T/store: no server is running on this store" 'a file instead of the socket: no server'
is "$(said user list) $(cut -f 1 "$T/out")" '0  ann' '... a command that needs no server works'
start_server
is "$(said who)" '0 ' '... and a server replaces it'
kill_child KILL "$SERVER_PID"
wait "$SERVER_PID" 2>/dev/null
SERVER_PID=''
ok 'a killed server leaves its socket' test -S "$T/store/control.sock"
is "$(said who)" "69 pochtactl: $T/store: no server is running on this store" '... no server'
is "$(said user list) $(cut -f 1 "$T/out")" '0  ann' '... a command that needs no server works'

# The name of the socket is removed under a server.
start_server
kill_child STOP "$SERVER_PID"
rm "$T/store/control.sock"
is "$(said user disable ann)" "69 pochtactl: $T/store: a server uses this store, but does not listen at its \
control.sock; if it runs on another host, run pochtactl there; otherwise try again, or restart it" 'a socket without its name: nothing is done without the server'
kill_child CONT "$SERVER_PID"
is_back() { [ -S "$T/store/control.sock" ]; }
ok '... which makes it again' wait_for 20 is_back
is "$(said who)" '0 ' '... and answers there'
rm "$T/store/control.sock" && : >"$T/store/control.sock"
ok '... also if something else has it' wait_for 20 is_back
is "$(said who)" '0 ' '... and answers there, too'

# The lock file is removed, too, and the file with the version.
kill_child STOP "$SERVER_PID"
rm "$T/store/control.sock" "$T/store/lock"
is "$(said user disable ann)" "69 pochtactl: $T/store: a server uses this store, but does not listen at its \
control.sock; if it runs on another host, run pochtactl there; otherwise try again, or restart it" 'without the lock file, nothing is done without the server'
kill_child CONT "$SERVER_PID"
are_back() { [ -f "$T/store/lock" ] && [ -f "$T/store/version" ] && is_back; }
ok '... which makes it again' wait_for 20 are_back
kill_child STOP "$SERVER_PID"
rm "$T/store/lock"
like "$("$B/pochtad" --store "$T/store" --listen 127.0.0.1:0 2>&1; echo $?)" '*another server is using it*73' \
    '... no other server starts meanwhile'
kill_child CONT "$SERVER_PID"
ok '... and it is back' wait_for 20 are_back
rm "$T/store/version"
ok 'the file version comes back, too' wait_for 20 are_back
is "$(said user list) $(cut -f 1 "$T/out")" '0  ann' 'tools use the new files'
like "$("$B/pochtad" --store "$T/store" --listen 127.0.0.1:0 2>&1; echo $?)" '*another server is using it*73' \
    'there is still one server'
stop_server

# Back to an older Pochta, after a newer one has changed the store
echo 'pochta-store 3' >"$T/store/version"
like "$("$B/pochtad" --store "$T/store" --listen 127.0.0.1:0 2>&1; echo $?)" '*does not know its version*use a newer Pochta*73' \
    'a server refuses a store of a newer version'
like "$(said user list)" '*does not know its version*use a newer Pochta' '... and so does a tool'
like "$("$B/pochtactl" --store "$T/store" doctor)" '*does not know the version of the store*' '... doctor says it'
: >"$T/store/version"
like "$("$B/pochtad" --store "$T/store" --listen 127.0.0.1:0 2>&1; echo $?)" '*is damaged; *remove that file*73' \
    'an empty file version: a server says what to do'
rm "$T/store/version"
start_server
is "$(said user list) $(cut -f 1 "$T/out")" '0  ann' '... and nothing was changed'
stop_server

# Something else listens
impostor() { # BYTES [BACKLOG]: to be greeted with; "" for a server that hangs
    rm -f "$T/store/control.sock"
    perl -MIO::Socket::UNIX -e '
        my ($path, $bytes, $backlog) = @ARGV;
        my $l = IO::Socket::UNIX->new(Local => $path, Listen => $backlog) or die "$path: $!";
        open my $f, ">", "$path.listens" or die;
        while (my $s = $l->accept) { syswrite $s, $bytes if length $bytes; push @all, $s }' \
        "$T/store/control.sock" "$1" "${2:-5}" &
    IMPOSTOR=$!
    children="$children $!"
    wait_for 20 listens
}
listens() { [ -e "$T/store/control.sock.listens" ] && rm "$T/store/control.sock.listens"; } # the socket's name appears before that
no_more_impostor() { kill_child TERM "$IMPOSTOR"; wait "$IMPOSTOR" 2>/dev/null; }

impostor "$(frame 'Answer|2|Yes|pochta-control 9|')"
is "$(said who)" '76 pochtactl: the server has a different version of the control protocol' 'a server of another version'
is "$(said user list)" '76 pochtactl: the server has a different version of the control protocol' \
    '... and pochtactl does not bypass it'
no_more_impostor
impostor 'HTTP/1.1 200 OK'
is "$(said who)" '69 pochtactl: the server does not answer' 'a server that sends no greeting'
no_more_impostor
impostor ''
is "$(said user list)" '69 pochtactl: the server does not answer' 'a server that hangs'
no_more_impostor
rm "$T/store/control.sock"

impostor '' 1
kill -STOP "$IMPOSTOR"
perl -MIO::Socket::UNIX -e '
    my $path = shift;
    $| = 1;
    while (my $s = IO::Socket::UNIX->new(Peer => $path, Blocking => 0)) { push @all, $s }
    print "$!\n";
    sleep 100' "$T/store/control.sock" >"$T/full" &
children="$children $!"
wait_for 20 test -s "$T/full"
is "$(said user list)" '69 pochtactl: the server does not answer' \
    'pochtactl does not bypass a server whose backlog is full'
like "$("$B/pochtactl" --store "$T/store" doctor)" '*a server is running, but does not answer*' '... and doctor says so'
kill -CONT "$IMPOSTOR"
no_more_impostor
rm "$T/store/control.sock"

# A server that has one session left when it is drained, and then is not what it was
drained() { # WHAT: "leave", "remove", or the answer to each further request ("": none)
    rm -f "$T/store/control.sock"
    perl -MIO::Socket::UNIX -e '
        my ($path, $greeting, $one, $then) = @ARGV;
        my $l = IO::Socket::UNIX->new(Local => $path, Listen => 5) or die "$path: $!";
        open my $f, ">", "$path.listens" or die;
        my $s = $l->accept;
        sub answer { my ($s, $with) = @_; syswrite $s, $greeting; sysread $s, my $request, 1000; syswrite $s, $with }
        unlink $path if $then eq "remove";
        close $l if $then eq "leave";
        answer($s, $one);
        while ($s = $l->accept) { answer($s, $then) if length $then }' \
        "$T/store/control.sock" "$(frame 'Answer|2|Yes|pochta-control 2|')" "$(frame 'Answer|2|Yes|1\n|')" "$1" &
    IMPOSTOR=$!
    children="$children $!"
    wait_for 20 listens
    ctl drain
    echo "$? $(cat "$T/out" "$T/err")"
    no_more_impostor
}
is "$(drained leave)" '0 0' 'drain: a server that does not listen any more, and has not the store, has stopped'
is "$(drained remove)" '0 0' '... nor has it a socket'
is "$(drained '')" '69 pochtactl: the server does not answer' '... one that closes each connection does not answer'
is "$(drained "$(frame 'Answer|3|Noop|75|later|')")" '75 pochtactl: later' '... one that fails says why'
is "$(drained "$(frame 'Answer|2|Yes|0\n|')")" '0 0' '... one that has none left is drained'

# A server that is drained, and ended before all have gone
start_server
open_conn 3
send 3 "$(frame 'Noop|0|')"
heard 3 1 >/dev/null
ctl drain &
drain=$!
wait_for 20 grep -q 'event=admin verb=drain code=0 level=notice' "$T/log"
ok 'the log shows the drain' [ "$(grep -c verb=drain "$T/log")" = 1 ]
kill_child STOP "$SERVER_PID"
rm "$T/store/control.sock"
ok '... drain waits for a server that takes its time' eval '! wait_for 2 gone "$drain"'
kill_child TERM "$SERVER_PID"
kill_child CONT "$SERVER_PID"
stop_server
wait "$drain"
is "$? $(cat "$T/out" "$T/err")" '0 0' '... and succeeds when the server has stopped'
close_conn 3

# Who may not
if [ "$(id -u)" != 0 ] || ! setpriv --reuid nobody --regid nogroup --clear-groups \
    test -x "$B/pochtactl"; then
    skip 'only root can be another user, who must be able to run the build' 'a stranger'
    done_testing
fi
start_server
stranger() {
    setpriv --reuid nobody --regid nogroup --clear-groups "$B/pochtactl" --store "$T/store" "$@" \
        2>&1 </dev/null
    echo $?
}
chmod 755 "$T"
is "$(stranger user list)" "pochtactl: $T/store: Permission denied
77" 'another user may not enter the store'
chmod 755 "$T/store"
is "$(stranger user list)" "pochtactl: $T/store: Permission denied
77" '... or use the socket'
chmod 666 "$T/store/control.sock"
is "$(stranger who)" 'pochtactl: only root, the server'"'"'s user and its group may control the server
77' '... and the server rejects one who can connect'
ok '... and logs it' grep -q 'rejected a process of another user' "$T/log"
is "$(said who)" '0 ' '... but not root'
chmod 660 "$T/store/control.sock"
chmod 710 "$T/store"
is "$(setpriv --reuid nobody --regid nogroup --groups "$(id -g)" "$B/pochtactl" --store "$T/store" kick 0 2>&1)" \
    'pochtactl: 0: no session with this number, and none of a user with this name' \
    '... nor one who has the server'"'"'s group beside his own, if he may pass through the store'
chmod 755 "$T/store"
stop_server
is "$(stranger user list | tail -n 1)" 73 '... without a server that user cannot open the store'
chmod 700 "$T/store"
done_testing
