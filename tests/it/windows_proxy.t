#!/bin/sh
# SPDX-License-Identifier: ISC
# windows_proxy.t: the connection of pochta.exe is the standard input and output of a command, which cmd.exe
# runs: a program for Windows that carries it to the server (tests/windows/carry.c), and commands that fail.
CLIENT=wine
# shellcheck source=tests/it/lib.sh
. "$(dirname "$0")/lib.sh"

carry=$B/windows/windows/carry.exe
[ -e "$carry" ] || { skip 'make windows-units has not been run' 'a proxy command'; done_testing; }
mkdir "$T/a directory"
cp "$carry" "$T/a directory/carry on.exe"
carry="\"Z:$(echo "$T" | tr / '\\')\\a directory\\carry on.exe\" %h %p"

via() { # PROXY_COMMAND COMMAND...
    proxy=$1
    shift
    POCHTA_PASSWORD=secret "$B/pochta" --server "127.0.0.1:$PORT" --user ann --proxy-command "$proxy" "$@"
}

start_server --idle 600
register ann bob
is "$(code via "$carry" status)" 0 'Login'
perl -e 'print map chr(33 + $_ * 7919 % 90) . ($_ % 61 ? "" : "\r\n\0^|\x1a"), 1 .. 200000' >"$T/letter"
ok 'a letter of 200 KB' via "$carry" send ann <"$T/letter"
via "$carry" read --raw 1 >"$T/back"
ok '... comes back as it was' cmp "$T/letter" "$T/back"
is "$(via 'echo %h %% "a  b" & rem' status 2>&1)" \
    "pochta: 127.0.0.1:$PORT: the answer does not begin with its length: 127.0.0.1 % \"a  b\" " \
    'cmd gets the command as it is, with its quotes'

fails() { # PROXY_COMMAND CODE NAME [OPTION...]
    proxy=$1 ended=$2 what=$3
    shift 3
    is "$(code via "$proxy" "$@" status)" 69 "$what"
    like "$(cat "$T/err")" "*pochta: 127.0.0.1:*: the command ended with exit code $ended" '... the error says how it ended'
}
fails 'C:\nowhere\none.exe %h' '[19]*' 'a command that does not exist'
fails '"C:\no where\none.exe" %h' '[19]*' '... and one with a space'
fails 'exit 3' 3 'a command that ends at once'
fails 'exit 0' 0 'a command that ends at once and finds that right'
fails "$carry" 1 'no server listens' --server 127.0.0.1:1

POCHTA_PASSWORD=secret "$B/pochta" --server "127.0.0.1:$PORT" --user ann --proxy-command "$carry" watch >/dev/null 2>&1 &
client=$!
children="$children $client"
ok 'watch' wait_for 20 connected 1
kill_child KILL "$client"
wait "$client" 2>/dev/null
ok 'no command is left of a client that was killed' wait_for 20 connected 0

done_testing
