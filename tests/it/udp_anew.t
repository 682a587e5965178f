#!/bin/sh
# SPDX-License-Identifier: ISC
# Over UDP a client whose server was killed and started again is told so at once, and what it was about
# to send is stored once.
. "$(dirname "$0")/lib.sh"
PASSWORD=secret soon=10 # seconds; a server that says nothing is waited for three times as long

# A wire to the server's port over UDP, which hides whether anyone is there. At the first letter that is
# sent over it, it is cut: "before" the letter has passed; "after" that, but nothing of what the server
# says to it; "acknowledged", but not answered. $T/cut says that it is, and $T/go is to join it again.
start_wire() { # WHERE: sets WIRE
    rm -f "$T/wire.port" "$T/cut" "$T/go"
    perl -e '
        use IO::Select;
        use IO::Socket::INET;
        my ($T, $server, $where) = @ARGV;
        my ($client, $to, $letter, $answered) = ("");
        my $wire = IO::Socket::INET->new(LocalAddr => "127.0.0.1", Proto => "udp") or die;
        sub report { open my $f, ">", "$T/new" or die; print $f $_[1]; close $f; rename "$T/new", "$T/$_[0]" }
        sub cut {
            report("cut", "");
            select undef, undef, undef, 0.02 until -e "$T/go";
            $to->recv(my $old, 65536) while IO::Select->new($to)->can_read(0);
            $where = $letter = "";
        }
        sub from_client {
            my $d = shift;
            my $is_letter = $where && $d =~ /Send mes/;
            $letter ||= substr $d, 0, 10 if $is_letter;
            cut() if $is_letter && $where eq "before";
            $to->send($d);
        }
        sub from_server { # of a letter
            my $d = shift;
            my $acknowledges = substr($d, 26, 1) eq "\6" && substr($d, 0, 10) >= $letter;
            $answered ||= $d =~ /Answer/;
            $wire->send($d) if $acknowledges && $where eq "acknowledged";
            cut() if $answered && ($acknowledges || $where eq "after");
        }
        report("wire.port", $wire->sockport);
        for (;;) {
            for my $s (IO::Select->new(grep { defined } $wire, $to)->can_read) {
                my $from = $s->recv(my $d, 65536) // next;
                if ($s == $wire && $from ne $client) {
                    $client = $from;
                    $to = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$server", Proto => "udp") or die;
                }
                if ($s == $wire) { from_client($d) }
                elsif ($letter) { from_server($d) }
                elsif ($s == $to) { $wire->send($d, 0, $client) }
            }
        }' "$T" "$UDP" "$1" &
    children="$children $!"
    wait_for 20 test -s "$T/wire.port"
    WIRE=$(cat "$T/wire.port")
}

serve() {
    start_server --udp "127.0.0.1:${UDP:-0}"
    UDP=$(port_of udp)
}
serve_anew() {
    kill_child KILL "$SERVER_PID"
    wait "$SERVER_PID" 2>/dev/null
    serve
}
# In the place of a shell in the background, so that a signal reaches it.
by_wire() { exec env POCHTA_PASSWORD="$PASSWORD" "$B/pochta" --udp --server "127.0.0.1:$WIRE" --user "$@"; } # NAME COMMAND...
letters() { as bob 'Show list|0|' | tr '|' '\n' | grep -c "\^$1\^\$"; } # TEXT: how many there are of it

UDP=''
serve
register ann bob

for where in before after acknowledged; do
    start_wire "$where"
    printf '%s' "$where" | by_wire ann send bob 2>"$T/err" &
    client=$!
    children="$children $client"
    ok "$where: a letter is under way" wait_for 20 test -e "$T/cut"
    serve_anew
    : >"$T/go"
    ok '... to a restarted server, which the client soon notices' wait_for "$soon" gone "$client"
    wait "$client"
    is "$? $(cat "$T/err")" '0 ' '... and sends it again'
    is "$(letters "$where")" 1 '... which is there once'
done

start_wire never
: >"$T/watched"
by_wire bob watch >"$T/watched" 2>"$T/err" &
client=$!
children="$children $client"
is_watched() { grep -q . "$T/watched" || { as ann 'Send mes|2|bob|look|' >/dev/null && false; }; }
wait_for 20 is_watched # sends letters, which takes the name of this test
result $? 'a watching client'
serve_anew
ok '... soon notices it, too' wait_for "$soon" grep -qx 'pochta: watch: connected again' "$T/err"
is "$(head -n 1 "$T/err")" 'pochta: watch: the connection was lost' '... and says so'
kill_child TERM "$client"
wait "$client" 2>/dev/null

# shellcheck source=tests/it/terminal.sh
. "$here/terminal.sh"
start_wire never # the other one still carries the session of the client that was ended
start_menu --udp --server "127.0.0.1:$WIRE"
sign_in bob
at 'Enter your option:'
serve_anew
enter 7
ok 'the menu notices it with the next item' wait_for "$soon" shows 'Disconnected from server: the connection was lost.'
at 'Connect again? (y/n):'
enter y
sign_in bob
option 7
ok '... and goes on after' wait_for 20 stands_at 'Press any key.'
done_testing
