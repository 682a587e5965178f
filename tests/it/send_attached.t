#!/bin/sh
# SPDX-License-Identifier: ISC
# send_attached.t: files of a letter that is written on a terminal: its draft names them, and they
# are read when it is sent.
# shellcheck source=tests/it/lib.sh
. "$(dirname "$0")/lib.sh"

PASSWORD=secret
# shellcheck source=tests/it/terminal.sh
. "$here/terminal.sh"

start_server --idle 600
register ann bob
echo $PASSWORD >"$T/password"
ann() { "$B/pochta" --server "127.0.0.1:$PORT" --user ann --password-file "$T/password" "$@"; }
bob() { "$B/pochta" --server "127.0.0.1:$PORT" --user bob --password-file "$T/password" "$@"; }
files() { ann drafts show "$1" 2>&1 | grep -c "^FILE: $2\$"; } # NUMBER PATH
write_with() { # FILE TEXT
    start_menu --server "127.0.0.1:$PORT" --user ann send --attach "$1" bob
    at 'Password of ann:'
    enter $PASSWORD
    no_subject
    compose "$2"
    enter .
    at "$what"
}

mkdir "$T/work" "$T/saved"
cd "$T/work" || exit 1
head -c 3000 /dev/urandom >"$T/chart"
odd='a|b\c^d
e.bin' # each has a meaning in the file of a draft
cp "$T/chart" chart.bin
cp "$T/chart" "$odd"

write_with chart.bin 'With a chart.'
see "FILE: $T/work/chart.bin" 'the file is shown before the letter is sent'
enter s
see 'exit code 0' 'sent: exit code 0'
end_menu
bob save 1 2 "$T/saved" >/dev/null
ok '... and the file has arrived' cmp "$T/chart" "$T/saved/chart.bin"
is "$(ann drafts)" '' '... no draft is left'

write_with chart.bin 'Kept.'
enter k
see 'pochta: the letter is kept as draft 1: send it with: pochta drafts send 1' 'kept as a draft'
is "$(files 1 "$T/work/chart.bin")" 1 '... which names the file'
is "$(ann drafts show --raw 1)" 'Kept.' '... and its text can still be edited'
end_menu
mv chart.bin away.bin
ann drafts send 1 2>"$T/err"
is "$? $(cat "$T/err")" "66 pochta: cannot attach $T/work/chart.bin: No such file or directory" '... the file is gone: says so'
is "$(files 1 "$T/work/chart.bin")" 1 '... the draft stays'
mv away.bin chart.bin
(cd / && ann drafts send 1)
is "$?" 0 '... the file is back: the draft is sent, from whatever directory'
rm "$T/saved"/*
bob save 2 2 "$T/saved" >/dev/null
ok '... and the file has arrived' cmp "$T/chart" "$T/saved/chart.bin"

write_with "$odd" 'To be killed.'
kill -KILL "$(pgrep -f "^$B/pochta --server 127.0.0.1:$PORT --user ann send")"
see 'exit code 137' 'SIGKILL ends it'
is "$(ann drafts show 1 | tail -n 1)" "FILE: $T/work/a|b\\c^d\\x0ae.bin" '... the draft names the file, whatever its name'
end_menu
is "$(ann drafts send 1; echo $?)" 0 '... and is sent'
rm "$T/saved"/*
bob save 3 2 "$T/saved" >/dev/null
is "$(cat "$T/saved"/* | cmp - "$T/chart" && echo same)" same '... with the file'

write_with chart.bin 'Gone meanwhile.'
rm chart.bin
enter s
at 's - send it again, k - keep it as a draft, d - discard it:'
see "Message was not sent: cannot attach $T/work/chart.bin" 'the file is gone meanwhile: says so'
cp "$T/chart" chart.bin
enter s
see 'exit code 0' '... it is back: another attempt sends it'
is "$(ann drafts)" '' '... no draft is left'
end_menu

start_menu --server "127.0.0.1:$PORT" --user ann send --attach chart.bin bob
at 'Password of ann:'
enter $PASSWORD
no_subject
enter .
at "$what"
enter s
see 'exit code 0' 'a file without a text is sent'
end_menu
bob read --raw 5 >"$T/out"
is "$?" 0 '... five letters have arrived'
is "$(bob read --raw 6 2>&1)" 'pochta: 6: no such message' '... and no sixth'
done_testing
