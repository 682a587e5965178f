#!/bin/sh
# SPDX-License-Identifier: ISC
# Forced disconnect in the midst of a large answer: who reads it gets all of it, then Exit with the
# reason; who does not read it is gone after a while all the same. Nobody else notices.
. "$(dirname "$0")/lib.sh"
yes='Answer|1|Yes|'
bytes=9000000 # far more than the network holds for one who does not read
over tcp || bytes=3000000 # the network holds less, and the server sends for five seconds more at most

ctl() { "$B/pochtactl" --store "$T/store" "$@"; }
quietly() { "$@" >"$T/out"; }
sessions_of() { ctl who | cut -f 2 | grep -cx "$1"; }
has_sessions() { [ "$(sessions_of "$1")" -eq "$2" ]; } # NAME COUNT

start_server
register ann bob eve
send_large ann ann "$bytes" 3 >/dev/null
send_large bob bob "$bytes" 3 >/dev/null
open_conn 3
send 3 "$(frame 'Login|2|eve|secret|')"
is "$(heard 3 1)" "$yes" 'a bystander'

begin_answer() { # NAME: its three letters are on their way, to be read from 5; the head is in $T/head
    rm -f "$T/answer" && mkfifo "$T/answer" && exec 4<>"$T/answer"
    frame "Login|2|$1|secret|" 'Show all|0|' >"$T/requests"
    stay_connected -w 60 <"$T/requests" >"$T/answer" 4>&- &
    CLIENT=$!
    children="$children $CLIENT"
    head -c 1000 <&4 >"$T/head"
    exec 5<"$T/answer" 4>&- # for reading alone, so that it can end
}

# Frames as lines: opcode, count of arguments and length alone of those that are long.
outline() { perl -e '
    local $/;
    $_ = <STDIN>;
    while (s/^(\d{10})//) {
        my ($length, $payload) = ($1, substr $_, 0, $1, "");
        my $whole = length $payload == $length;
        my ($head) = $payload =~ m{^([^|]*\|\d+)\|};
        print length $payload < 100 ? $payload : "$head of $length",
            $whole ? "" : " CUT SHORT", "\n";
    }'; }

rest() { # all that is still to come, until the client has gone
    cat <&5 >"$T/rest"
    exec 5<&-
    wait "$CLIENT"
    cat "$T/head" "$T/rest" | outline
}

forced() { # NAME REASON COMMAND...: the command ends the session of NAME
    user=$1 reason=$2
    shift 2
    begin_answer "$user"
    ok "$*: in an answer that is read" quietly ctl "$@"
    rest >"$T/outline"
    is "$(sed 's/ of [0-9]*$//' "$T/outline")" "$yes
Answer|4
Exit|1|$reason|" '... is sent whole, then Exit'
    length=$(sed -n 's/.* of //p' "$T/outline")
    ok '... with all its bytes' [ "${length:-0}" -gt $((3 * bytes)) ]
    ok '... and the session is gone' wait_for 20 has_sessions "$user" 0
    ctl user enable "$user"

    begin_answer "$user"
    ok "$*: in an answer that is not read" quietly ctl "$@"
    ok '... the session is gone after a while' wait_for 20 has_sessions "$user" 0
    ctl user enable "$user"
    is "$(rest | sed -n '2s/ of .*CUT SHORT$/ CUT SHORT/p; 3,$p')" 'Answer|4 CUT SHORT' \
        '... within the answer, without Exit'
}

forced ann 'kicked by the administrator' kick ann
forced bob 'the account was disabled' user disable bob
is "$(sessions_of eve)" 1 'the bystander is still there'
send 3 "$(frame 'Noop|0|')"
is "$(heard 3 2)" "$yes" '... and is served'
close_conn 3
done_testing
