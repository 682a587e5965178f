#!/bin/sh
# SPDX-License-Identifier: ISC
# rewatch.t: pochta watch connects again, and misses nothing meanwhile.
# shellcheck source=tests/it/lib.sh
. "$(dirname "$0")/lib.sh"
. "$here/fake_server.sh"

unset POCHTA_SERVER POCHTA_USER POCHTA_PROXY_COMMAND
POCHTA_PASSWORD=secret
export POCHTA_PASSWORD
# Watch in version 2 of the protocol is not carried by version 1 over UDP.
over udp1 && { unset POCHTA_UDP && TRANSPORT=tcp; }

# In the background; what it writes is in $T/out and $T/err.
watch() { # SERVER OPTION...
    at=$1
    shift
    : >"$T/out"
    : >"$T/err"
    "$B/pochta" --server "$at" --user ann watch "$@" >>"$T/out" 2>>"$T/err" &
    watcher=$!
    children="$children $watcher"
}

end_watch() {
    kill_child TERM "$watcher"
    wait "$watcher" 2>/dev/null
}

# The letters told of, without those of start_watch.
bodies() { cut -f 6 "$T/out" | grep -v '^early' | tr '\n' ' '; }
has() { [ "$(bodies)" = "$1" ]; } # BODIES
told() { wait_for 60 has "$1" || { note "$(cat "$T/out" "$T/err")" && false; }; }
letter() { as bob "Send mes|2|ann|$1|" >/dev/null; } # BODY

# Nothing shows whether it watches yet: send it letters until one is announced.
announced() { [ -s "$T/out" ] || { letter early && false; }; }
start_watch() { # SERVER OPTION...
    watch "$@"
    wait_for 60 announced
    letter 'early, too'
    wait_for 60 grep -q 'early, too' "$T/out"
}

start_server --listen 127.0.0.9:0
register ann bob
for body in a b c d e; do letter "$body"; done
as ann 'Delete mes|1|2|' 'Delete mes|1|5|' >/dev/null
start_watch "127.0.0.1:$PORT" # sends letters, which takes the name of a test
result $? 'watch prints a letter'
is "$(bodies)" '' '... and none that was there before'

# --- letters that come while it is not connected ---

is_there() { "$B/pochtactl" --store "$T/store" who | grep -q ann; }
is_away() { ! is_there; }
kick() { "$B/pochtactl" --store "$T/store" kick ann >/dev/null 2>&1; }
kill_child STOP "$watcher"
kick
ok 'it is kicked' wait_for 60 is_away
letter f
letter g
as ann 'Delete mes|1|2|' >/dev/null
kill_child CONT "$watcher"
ok 'the letters that came meanwhile are printed' told 'f g '
like "$(cat "$T/err")" 'pochta: watch: *
pochta: watch: connecting again*' 'it says that the connection was lost'
ok '... and when there is one again' wait_for 60 grep -qx 'pochta: watch: connected again' "$T/err"
letter h
ok 'letters are announced again' told 'f g h '

# --- letters with files: their text is asked for ---

echo data >"$T/file"
with_file() { echo "$1" | "$B/pochta" --server "127.0.0.1:$PORT" --user bob send ann --attach "$T/file"; } # TEXT
with_file i
letter j
ok 'a letter with a file is announced by its text, in its turn' told 'f g h i j '
kill_child STOP "$watcher"
kick
wait_for 60 is_away
with_file k
letter l
kill_child CONT "$watcher"
ok '... and so it is when it came meanwhile' told 'f g h i j k l '
is "$("$B/pochta" --server "127.0.0.1:$PORT" --user ann list | cut -f 2 | sort -u)" Unread '... and stays unread'
end_watch

# --- the server is started again ---

if over tcp; then
    port=$(awk '$1 == "tcp" && $2 == "127.0.0.9" { print $3 }' "$port_file")
    start_watch "127.0.0.9:$port"
    result $? 'watch at another address'
    kill_child KILL "$SERVER_PID"
    wait "$SERVER_PID" 2>/dev/null
    ok 'the server is killed' wait_for 60 grep -q 'connecting again' "$T/err"
    launch "$B/pochtad" --listen 127.0.0.1:0 --listen "127.0.0.9:$port" --store "$T/store"
    for body in i j k l; do letter "$body"; done
    ok 'each letter is printed once when the server is there again' told 'i j k l '
    end_watch
fi

# --- a command for each message ---

[ "${CLIENT-}" != wine ] || { skip 'cmd.exe runs it, not a shell' 'watch --exec' && done_testing; }

# It prints a line like the one it stands for, and reads all of its standard input.
command='cat; printf "%s\t\t\t$POCHTA_BYTES\t$POCHTA_FROM\t%s\n" "$POCHTA_ID" "$POCHTA_SUBJECT"
    case $POCHTA_SUBJECT in fails) exit 3 ;; esac'
EVIL=$T/evil
export EVIL
start_watch "127.0.0.1:$PORT" --exec "$command"
result $? 'watch --exec runs a command for a letter'
letter 'fails'
evil='$(>$EVIL)`>$EVIL`;>$EVIL&'"'"';>$EVIL;"&>$EVIL'
letter "$evil"
letter "$(printf '\033[2Jx')"
ok '... what others wrote is in its environment, as it is but for control characters' \
    told "fails $evil \x1b[2Jx "
ok '... and runs no other command' test ! -e "$T/evil"
like "$(grep fails "$T/out")" "[0-9]*5	bob	fails" 'the variables have the number, the size and the sender'
like "$(cat "$T/err")" 'pochta: watch: message [0-9]*: the command ended with exit code 3' \
    'a command that fails is told of, and the next one run'
with_file 'Subject: Grüße — привет'
ok 'the subject of a letter with files' wait_for 60 grep -q '[0-9]	bob	Grüße — привет$' "$T/out"
for subject in '=?utf-8?B?0L/RgNC4?=\n =?UTF-8?q?=D0=B2=1B[2J_?= =?utf-8?Q?x?= y' '=?utf-8?Q?one=0Atwo?='; do
    letter "$(printf 'MIME-Version: 1.0\nSubject: %b\nContent-Type: text/plain\n\ntext' "$subject")"
done
ok '... is decoded, but for control characters' wait_for 60 grep -q '	bob	прив\\x1b\[2J x y$' "$T/out"
ok '... and in one line' wait_for 60 grep -q '	bob	one two$' "$T/out"
kill_child STOP "$watcher"
kick
wait_for 60 is_away
letter m
kill_child CONT "$watcher"
ok 'it is also run for what came meanwhile' wait_for 60 grep -q '	m$' "$T/out"
end_watch
is "$(code "$B/pochta" --server "127.0.0.1:$PORT" --user ann list --exec true)" 64 \
    'list --exec is a usage error'
is "$(cat "$T/err")" 'pochta: list: --exec is only for watch' '... which says who takes it'

# --- what ends it ---

start_watch "127.0.0.1:$PORT"
as ann 'Password|2|secret|another|' >/dev/null
ok 'the password was changed: watch ends' wait_for 60 gone "$watcher"
wait "$watcher"
is $? 77 '... as after a wrong password'
like "$(tail -n 1 "$T/err")" 'pochta: cannot log in: wrong name or password' '... and says why'

# --- what it asks: a server with messages 1 to 4 that hangs up when it has told so ---

fake_server \
    'Answer|2|Yes|2|' 'Answer|1|Yes|' \
    'Answer|2|Yes|1^bob^2017-12-03T12:51:33Z^1^2^1^|' 'Answer|2|Yes|2^bob^2017-12-03T12:51:33Z^1^2^2^|' \
    'Answer|2|Yes|4^bob^2017-12-03T12:51:33Z^1^2^4^|' 'Answer|1|Yes|' 'Answer|1|Yes|' 'Answer|1|Yes|' \
    'Answer|1|Yes|' 'Answer|1|Yes|' '' \
    'Answer|2|Yes|2|' 'Answer|1|Yes|' 'Answer|1|Yes|' \
    'Answer|2|Yes|7^bob^2017-12-03T12:51:33Z^1^2^seven^|'
unset POCHTA_UDP
# shellcheck disable=SC2154 # fake_server sets it
watch "$FAKE"
ok 'a letter that came before any was announced' told 'seven '
is "$(grep 'Show list' "$T/fake.log" | tr '\n' ' ')" \
    'Show list|2|1|1| Show list|2|2|1| Show list|2|4|1| Show list|2|8|1| Show list|2|6|1| Show list|2|5|1| Show list|2|5|1000| Show list|2|5|1000| ' \
    'the highest id is found with few questions, and what is above it asked for'
end_watch

# --- a command that takes longer than the server waits for a silent client ---

over udp2 && { POCHTA_UDP=1 && export POCHTA_UDP; }
stop_server
rm -rf "$T/store"
start_server --idle 30
register ann bob
start_watch "127.0.0.1:$PORT" --exec 'echo "$POCHTA_ID		$POCHTA_SUBJECT		early"; [ "$POCHTA_SUBJECT" != long ] || sleep 50; echo "done $POCHTA_SUBJECT"'
letter long
wait_for 20 grep -q 'long' "$T/out"
letter after
ok 'a long command: what came meanwhile comes after it' wait_for 90 grep -q 'done after' "$T/out"
is "$(cat "$T/err")" '' '... and the connection was kept'
end_watch
done_testing
