#!/bin/sh
# SPDX-License-Identifier: ISC
# What cannot be read stops nothing else. An account: whichever look at it fails, the answer says that
# storage did, which is no wrong password, and the next login is like any other. A message: it is left
# out, and the rest comes.
. "$(dirname "$0")/../it/lib.sh"
yes='Answer|1|Yes|'
ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0 # which a traced process cannot look for
export ASAN_OPTIONS

start_server --login-delay 0
register ann
ids() { as ann 'Show list|0|' | tr '|' '\n' | sed -n 's/\^.*//p' | tr '\n' ' ' | sed 's/ $//'; }
failing() { # N COMMAND...: while the Nth opening of a file fails in whichever thread
    trace -e trace=openat -e "inject=openat:error=EIO:when=$1"
    shift
    "$@"
    untrace
}

# Whatever stands in the place of two of five messages.
as ann 'Send mes|2|ann|1|' 'Send mes|2|ann|2|' 'Send mes|2|ann|3|' 'Send mes|2|ann|4|' 'Send mes|2|ann|5|' >/dev/null
for id in 2 4; do
    name=$(basename "$T/store/users/ann/000000000$id"-*)
    mv "$T/store/users/ann/$name" "$T/$name"
    if [ $id = 2 ]; then ln -s "$T/$name" "$T/store/users/ann/$name"; else mkdir "$T/store/users/ann/$name"; fi
done
is "$(ids)" '1 3 5' 'a symbolic link and a directory instead of messages: the other messages are listed'
is "$(grep -c 'cannot be read and is left out: Is a directory' "$T/log") \
$(grep -c '0000000002-.*is left out: Too many levels of symbolic links' "$T/log")" '1 1' '... and the log names the files'
like "$(as ann 'Show exact|1|2|' 'Status|0|')" 'Answer|2|Noop|the message cannot be read at present|
Answer|6|Yes|3|3|3|*' '... nothing counts them'
"$B/pochtactl" --store "$T/store" fsck >"$T/out" 2>&1
is "$? $(grep -c 'it cannot be read: ' "$T/out")" '1 2' 'fsck reports what it cannot read'
is "$(as ann 'Delete mes|1|2|' 'Delete mes|1|4|' 'Show unread|0|' | cut -c -20)" "$yes
$yes
Answer|4|Yes|1^ann^D" '... and they can be deleted'
as ann 'Delete mes|1|1|' 'Delete mes|1|3|' 'Delete mes|1|5|' >/dev/null

# The administrator is told what failed, with a server and without one.
stop_server
start_server --login-delay 0 # nothing of ann is in the delivery log now, which a start would recover
ctl() { echo secret | "$B/pochtactl" --store "$T/store" "$@" 2>&1; }
in_place_of() { mv "$T/store/$1" "$T/kept" && "$2" "$T/store/$1"; } # PATH COMMAND
put_back() { rm -r "${T:?}/store/$1" && mv "$T/kept" "$T/store/$1"; } # PATH
why='cannot read users/ann/account: Is a directory'
in_place_of users/ann/account mkdir
is "$(ctl user passwd ann)" "pochtactl: ann: storage error, nothing was changed: $why" \
    'a failure is told to the administrator, with operation, path and error'
is "$(grep -c "event=trouble text=\"$why\"" "$T/log")" 1 '... and to the log, once'
is "$(talk 'Login|2|ann|secret|')" 'Answer|2|Noop|storage error, nothing was changed|' '... but not to a client'
stop_server
is "$(ctl user passwd ann)" "pochtactl: $why
pochtactl: ann: storage error, nothing was changed" '... and without a server'
put_back users/ann/account
in_place_of removed touch
like "$(ctl user list)" "pochtactl: store $T/store: removed/ cannot be made or opened: Not a directory" \
    'a part of the store that is no directory: the tool names it'
refuses 73 "*store $T/store: removed/ cannot be made or opened: Not a directory*" '... as does the server' \
    "$B/pochtad" --listen 127.0.0.1:0 --store "$T/store"
put_back removed
start_server --login-delay 0
is "$(ctl user passwd ann)" '' '... until it can be read again'

if ! trace -e trace=none; then
    skip 'no process may be traced here' 'a login, with each opening of a file failing'
    done_testing
fi
untrace
for n in 1 2 3 4 5 6 7 8 9; do failing $n talk 'Login|2|ann|secret|'; done | sort | uniq -c |
    tr -s ' ' >"$T/answers"
is "$(sed 's/^ [0-9]* //' "$T/answers")" "$yes
Answer|2|Noop|storage error, nothing was changed|" 'a login, with each opening of a file failing'
ok '... two looks at the account can fail' \
    test "$(sed -n 's/^ \([0-9]*\) .*storage error.*/\1/p' "$T/answers")" -ge 2
is "$(grep -cE 'event=trouble text="cannot (open|read) users/ann(/account)?: Input/output error"' "$T/log")" \
    "$(sed -n 's/^ \([0-9]*\) .*storage error.*/\1/p' "$T/answers")" '... the log has the operation, the path and the error of each'
is "$(talk 'Login|2|ann|secret|')" "$yes" '... and no failure has ended the server'

# One read that fails, as of a bad cable, says nothing about a message.
as ann 'Send mes|2|ann|one|' 'Send mes|2|ann|two|' 'Send mes|2|ann|three|' >/dev/null
file() { echo "$T/store/users/ann/000000000$1"-*; } # ID
trace -P "$(file 7)" -e trace=pread64 -e inject=pread64:error=EIO:when=1
is "$(ids)" '6 7 8' 'one read of a message fails: the list has it all the same'
untrace
like "$(tail -n 1 "$T/log")" '*0000000007-*read wrongly at first (Input/output error), and well again*' \
    '... and the log tells of it'
trace -P "$(file 7)" -e trace=pread64 -e inject=pread64:error=EIO
is "$(ids)" '6 8' 'every read of it fails: it is left out, and the rest comes'
untrace
like "$(tail -n 1 "$T/log")" '*0000000007-*cannot be read and is left out: Input/output error*' '... as the log says'
is "$(find "$T/store" -name '*-b,*')" '' '... and is not set aside'
like "$(as ann 'Show exact|1|7|')" '*two^|' '... once it can be read, it is there'
is "$(ids)" '6 7 8' '... in the list, too'

# A file that is too long, and is cut between the read and the look at its length.
printf 'two\nlines' | POCHTA_PASSWORD=secret "$B/pochta" --server "127.0.0.1:$PORT" --user ann send ann
length=$(stat -c %s "$(file 9)")
printf JUNK >>"$(file 9)"
trace -P "$(file 9)" -e trace=fstat,newfstatat,pread64 -e inject=fstat,newfstatat:delay_enter=60000000
as ann 'Show exact|1|9|' >"$T/answer" &
reading=$!
children="$children $reading"
wait_for 20 grep -q JUNK "$T/strace"
truncate -s "$length" "$(file 9)"
untrace # which ends the delay
wait "$reading"
like "$(cat "$T/answer")" '*two\\x0Alines^|' 'a file is cut while it is read: nothing is sent beyond the message'
like "$(tail -n 1 "$T/log")" "*0000000009-*read wrongly at first (the file's length is wrong), and well again*" \
    '... and the log tells of it'
done_testing
