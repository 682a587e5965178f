#!/bin/sh
# SPDX-License-Identifier: ISC
# editor.t: the user's editor, for a letter in the menu and for "send --edit"; the subject; and what is
# asked when a letter is written.
# shellcheck source=tests/it/lib.sh
. "$(dirname "$0")/lib.sh"

PASSWORD=secret
# shellcheck source=tests/it/terminal.sh
. "$here/terminal.sh"

ann() { POCHTA_PASSWORD=secret "$B/pochta" --server "127.0.0.1:$PORT" --user ann "$@"; }
body() { POCHTA_PASSWORD=secret "$B/pochta" --server "127.0.0.1:$PORT" --user bob read --raw "$1"; }
client() { ps -o pid= --ppid "$(terminal display-message -p -t menu '#{pane_pid}')" | tr -d ' '; }
left() { find "$T/state/pochta/drafts" -mindepth 1 | wc -l; } # files of drafts
go_on='(Go on with the message. A line with a single dot ends it.)'

# The editor: $T/job says what it does with its file.
cat >"$T/editor" <<END
#!/bin/sh
[ "\$1" = --quiet ] || { echo "arguments: \$*" >"$T/wrong"; exit 9; }
file=\$2
. "$T/job"
END
chmod +x "$T/editor"
VISUAL="$T/editor --quiet"
EDITOR=false
export VISUAL EDITOR
unset POCHTA_EDITOR
job() { cat >"$T/job"; }

write_to() { # NAME SUBJECT LINE...
    option 1
    at 'You are about to send a message. Enter the <username>:'
    enter "$1"
    at 'Subject (empty: none):'
    enter "$2"
    shift 2
    compose "$@"
}

sent() {
    at 'Message sent successfully. Press any key.'
    key
}

start_server --idle 600
register ann bob
start_menu --server "127.0.0.1:$PORT"
sign_in ann

# --- the subject ---

write_to bob 'A plan' 'the text'
end_letter
see 'BODY: Subject: A plan' 'review: shows the subject'
see '      the text' 'review: ... and the text'
see 'TO: bob' 'review: ... and to whom'
sent
is "$(body 1)" 'Subject: A plan
the text' 'subject: is the first line'
write_to bob 'Subject: typed so'
keys C-d
at "$what"
enter s
sent
is "$(body 2)" 'Subject: typed so' 'subject: the word is not there twice'
option 1
at 'You are about to send a message. Enter the <username>:'
enter bob
at 'Subject (empty: none):'
paste -p 'a letter
~e
its end
'
see '(The pasted text is the message. It has no subject.)' 'paste: a pasted letter has no subject'
wait_for 20 at_margin
end_letter
sent
is "$(body 3)" 'a letter
~e
its end' 'paste: ... and no command'
option 1
at 'You are about to send a message. Enter the <username>:'
enter bob
at 'Subject (empty: none):'
paste -p 'a pasted subject'
enter ''
compose 'the text'
end_letter
sent
is "$(body 4)" 'Subject: a pasted subject
the text' 'paste: a subject can be pasted'

# --- the editor ---

job <<'END'
cp "$file" "${0%/*}/seen"
echo 'from the editor' >>"$file"
echo a copy >"$file~"
stty raw -echo
END
write_to bob '' 'before'
enter '~e'
at "$go_on"
compose 'after'
enter .
at "$what"
terminal send-keys -t menu -R \; clear-history -t menu
enter e
see 'BODY: before' 'review: is shown again after the editor'
at "$what"
is "$(cat "$T/seen")" 'before
from the editor
after' 'editor: gets what was written'
enter a
at 'Enter the message, many lines if you like. A line with a single dot ends it:'
compose 'one more'
end_letter
sent
is "$(body 5)" 'before
from the editor
after
from the editor
one more' 'editor: the letter is what it saved, and goes on after it'
is "$(left)" 0 'editor: leaves nothing'

job <<'END'
trap 'echo interrupted >>"$file"; exit 0' INT
echo waiting
while :; do sleep 0.1; done
END
write_to bob '' 'until Ctrl-C'
enter '~e'
at waiting
keys C-c
at "$go_on"
end_letter
sent
is "$(body 6)" 'until Ctrl-C
interrupted' 'editor: Ctrl-C is its own'
job <<'END'
exit 3
END
write_to bob '' 'kept'
enter '~e'
see 'The editor failed: ' 'editor: a failure is told'
at "$go_on"
end_letter
sent
is "$(body 7)" kept 'editor: ... and changes nothing'

# --- what becomes of a letter ---

write_to bob '' 'for later'
enter .
at "$what"
enter k
at 'The letter is kept as draft 1. Press any key.'
key
option 18
at 'Enter the number of a draft, or an empty line to go back:'
enter 1
at "$what"
job <<'END'
echo 'edited later' >"$file"
END
enter e
see 'BODY: edited later' 'draft: can be edited, and is shown then'
at "$what"
keys C-c
at 'Enter your option:'
is "$(everything | grep -c '^The letter is kept as draft 1\.')" 2 'review: Ctrl-C keeps the letter'
is "$(left)" 1 'review: ... as one file, without those of the editor'
option 18
at 'Enter the number of a draft, or an empty line to go back:'
enter 1
at "$what"
enter d
at 'The letter was discarded. Press any key.'
key
is "$(left)" 0 'review: a letter that is discarded is gone'

write_to bob '' 1 2 3 4 5 six seven
enter .
at "$what"
see '(6 more bytes)' 'review: a long letter is shown in short'
enter d
at 'The letter was discarded. Press any key.'
key

# --- the client is killed while the editor runs ---

mkfifo "$T/go"
job <<END
echo 'saved in the editor' >"\$file"
echo waiting
read -r _ <"$T/go"
END
write_to bob '' 'first'
enter '~e'
at waiting
kill -9 "$(client)"
see 'exit code 137' 'killed: the client is gone'
echo go >"$T/go"
end_menu
is "$("$B/pochta" drafts show --raw 1)" 'saved in the editor' 'killed: what the editor saved is the draft'
ok 'killed: ... and is sent' ann drafts send 1
is "$(body 8) $(left)" 'saved in the editor 0' 'killed: ... once, and nothing is left'

# --- the command ---

job <<'END'
echo 'by the command' >>"$file"
END
ok 'send --edit: sends what the editor saved' ann send --edit bob </dev/null
is "$(body 9)" 'by the command' 'send --edit: without the last line end'
printf 'piped\n' | ann send --edit bob
is "$?" 0 'send --edit: of a pipe'
is "$(body 10 | od -c)" "$(printf 'piped\nby the command\n' | as_told | od -c)" 'send --edit: the editor gets what was piped'
job <<'END'
: >"$file"
END
ann send --edit bob 2>"$T/err" </dev/null
is "$? $(cat "$T/err")" '65 pochta: the message is empty and is not sent' 'send --edit: an empty message is not sent'
echo text >"$T/letter"
VISUAL='' ann send -e bob <"$T/letter" 2>"$T/err"
is "$? $(head -n 1 "$T/err")" '74 pochta: cannot edit the message: false: the command ended with exit code 1; the variable VISUAL or EDITOR names another editor' \
    'send --edit: a failure of EDITOR is told'
is "$("$B/pochta" drafts show --raw 1)" text 'send --edit: ... and the message is a draft'
"$B/pochta" drafts discard 1
job <<'END'
printf te >"$file"
kill -KILL $$
END
ann send -e bob <"$T/letter" 2>"$T/err"
is "$? $("$B/pochta" drafts show --raw 1)" '74 text' 'send --edit: an editor that dies while it saves leaves the message as it was'
"$B/pochta" drafts discard 1
job <<'END'
kill -KILL "$(cat "$T/pid")"
END
export T
POCHTA_PASSWORD=secret sh -c 'echo $$ >"$T/pid"; exec "$@"' sh \
    "$B/pochta" --server "127.0.0.1:$PORT" --user ann send -e bob </dev/null
is "$?" 137 'send --edit: the client is killed before the editor has saved'
ann drafts send 1 2>"$T/err"
is "$? $(cat "$T/err") $(left)" '65 pochta: the message is empty and is not sent 0' 'an empty draft is not sent, and is removed'
is "$(ann list --edit 2>&1)" 'pochta: list: --edit is only for send and reply' 'send --edit: no other command has it'
job <<'END'
echo 'on a terminal' >"$file"
END
echo secret >"$T/password"
start_menu --server "127.0.0.1:$PORT" --user ann --password-file "$T/password" send --edit bob
at "$what"
see 'BODY: on a terminal' 'send --edit: on a terminal shows the message'
enter a
at 'Enter the message, many lines if you like. A line with a single dot ends it:'
compose more
keys C-d
at "$what"
enter s
see 'exit code 0' 'send --edit: on a terminal sends it then'
is "$(body 11 | od -c)" "$(printf 'on a terminal\nmore' | as_told | od -c)" 'send --edit: ... with what was added'
end_menu
start_menu --server "127.0.0.1:$PORT" --user ann --password-file "$T/password" send --edit bob
at "$what"
enter d
see 'exit code 1' 'send --edit: on a terminal a message can be discarded'
is "$(left)" 0 'send --edit: ... and is gone'
end_menu
ok 'editor: always gets its own arguments and a file' test ! -e "$T/wrong"

done_testing
