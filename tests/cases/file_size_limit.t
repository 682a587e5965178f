#!/bin/sh
# SPDX-License-Identifier: ISC
# A limit on the size of files (ulimit -f) ends neither the server nor a client that is written in.
# shellcheck source=tests/it/lib.sh
. "$(dirname "$0")/../it/lib.sh"

PASSWORD=secret
# shellcheck source=tests/it/terminal.sh
. "$here/../it/terminal.sh"
command -v prlimit >/dev/null || { skip 'there is no prlimit' 'a limit on the size of files'; done_testing; }

start_server
register ann bob

# --- the server ---

large=$(printf '%020000d' 0)
prlimit --pid "$SERVER_PID" --fsize=4096:
like "$(as ann "Send mes|2|bob|$large|")" 'Answer|2|Noop|*' 'a message that the server cannot write is refused'
prlimit --pid "$SERVER_PID" --fsize=unlimited:
is "$(as bob 'Show all|0|')" 'Answer|1|Yes|' '... and nothing of it is stored'
like "$(as ann "Send mes|2|bob|$large|" | cut -c 1-13)" 'Answer|2|Yes|' '... the server goes on, and takes it later'

# --- the client ---

client() { ps -o pid= --ppid "$(terminal display-message -p -t menu '#{pane_pid}')" | tr -d ' '; }
start_menu --server "127.0.0.1:$PORT"
sign_in ann
begin_letter bob
compose 'kept on disk'
prlimit --pid "$(client)" --fsize=10:
enter 'not kept'
see '(This letter is not kept on disk' 'a letter that cannot be kept: the user is told while typing'
prlimit --pid "$(client)" --fsize=unlimited:
enter 'kept again'
see '(This letter is kept on disk again.)' '... and when it is kept again'
is "$(tail -n 3 "$T"/state/pochta/drafts/1)" 'kept on disk
not kept
kept again' '... with what was typed meanwhile'
end_letter
at 'Message sent successfully. Press any key.'
is "$(POCHTA_PASSWORD=secret "$B/pochta" --server "127.0.0.1:$PORT" --user bob read --raw 2)" 'kept on disk
not kept
kept again' '... the letter arrives whole'
done_testing
