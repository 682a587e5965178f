#!/bin/sh
# SPDX-License-Identifier: ISC
# The output of each verb of pochta cannot be written: the disk is full, or nobody reads the pipe. No
# letter is marked, deleted or lost, and what writes nothing does its work.
# shellcheck source=tests/it/lib.sh
. "$(dirname "$0")/lib.sh"

[ -e /dev/full ] || { skip 'no /dev/full' 'outputs that cannot be written'; done_testing; }
start_server
register ann bob carl dora
POCHTA_SERVER=127.0.0.1:$PORT POCHTA_USER=bob POCHTA_PASSWORD=secret
export POCHTA_SERVER POCHTA_USER POCHTA_PASSWORD

# exec=exec: in the place of a shell in the background, so that a signal reaches it.
full() { ${exec:-} "$B/pochta" "$@" >/dev/full 2>"$T/err"; }
closed() { # with a pipe as its output that nobody reads
    ${exec:-} perl -e 'pipe R, W; close R; open STDOUT, ">&", W; exec @ARGV' "$B/pochta" "$@" 2>"$T/err"
}

echo data >"$T/file"
echo 'with a file' >"$T/text"
POCHTA_USER=ann
ok 'send: with a file' "$B/pochta" send bob --attach "$T/file" <"$T/text"
POCHTA_USER=bob
as ann 'Send mes|2|bob|one|' 'Send mes|2|bob|two|' 'Send mes|2|bob|to the trash|' >/dev/null
"$B/pochta" delete 4
echo 'to nobody' | "$B/pochta" send nobody 2>/dev/null # becomes a draft
mkdir "$T/saved"

# --- what is written is asked for: the verb fails ---

talking="list
list --json
trash
trash --json
status
search o
search o --json
show
unread
read 2
read all
read --raw 2
take 2
take --raw all
save 1 $T/saved
drafts
drafts list
drafts show 1
drafts show --raw 1
help
--help
--version"
echo "$talking" >"$T/talking"
while read -r words; do
    # shellcheck disable=SC2086 # several words
    full $words </dev/null
    is "$? $(cat "$T/err")" '74 pochta: cannot write standard output: No space left on device' "$words: a full disk"
    # shellcheck disable=SC2086 # several words
    closed $words </dev/null
    is "$? $(cat "$T/err")" '74 ' "$words: nobody reads: exit code 74, without words"
done <"$T/talking"
is "$("$B/pochta" list | cut -f 1,2 | tr '\t\n' ':,')" '1:Unread,2:Unread,3:Unread,' 'no message was marked or deleted'
is "$("$B/pochta" drafts | cut -f 1,5)" '1	nobody' 'the draft is there'
ok 'save: the file was written all the same' cmp "$T/file" "$T/saved/file"
exec='exec' closed watch </dev/null &
children="$children $!" watch=$!
watch_ends() { as ann 'Send mes|2|bob|news|' >/dev/null && gone "$watch"; }
ok 'watch: nobody reads: it ends with the next message' wait_for 20 watch_ends
wait "$watch"
is "$?" 74 '... with exit code 74'
exec='exec' full watch </dev/null &
children="$children $!" watch=$!
ok 'watch: a full disk: it ends with the next message' wait_for 20 watch_ends
wait "$watch"
is "$?" 74 '... with exit code 74'

# --- what writes nothing on success: the verb succeeds ---

silent='mark-unread 1
delete 2
undelete 2
forward 1 carl
reply 1
send carl
drafts discard NUMBER'
echo "$silent" >"$T/silent"
for output in full closed; do
    echo 'to nobody' | "$B/pochta" send nobody 2>/dev/null
    number=$("$B/pochta" drafts | sed -n '1s/	.*//p')
    sed "s/NUMBER/$number/" "$T/silent" >"$T/words"
    while read -r words; do
        # shellcheck disable=SC2086 # several words
        $output $words <"$T/file"
        is "$? $(cat "$T/err")" '0 ' "$words: output $output: it writes nothing"
    done <"$T/words"
    echo new >"$T/new"
    POCHTA_USER=new-$output $output register </dev/null
    is "$?" 0 "register: output $output: it writes nothing"
    POCHTA_USER=new-$output $output password --new-password-file "$T/new" </dev/null
    is "$?" 0 "password: output $output: it writes nothing"
    POCHTA_USER=new-$output POCHTA_PASSWORD=new $output delete-account --yes </dev/null
    is "$?" 0 "delete-account: output $output: it writes nothing"
done
is "$(as carl 'Show list|0|' | tr '|' '\n' | grep -c '\^data\^$')" 2 'send: the letters are there'
is "$("$B/pochta" drafts | wc -l)" 1 'drafts discard: one of three is left'

# --- several recipients: a line for each one is written, after the letter was sent ---

for output in full closed; do
    $output send ann dora <"$T/file"
    is "$?" 74 "send ann dora: output $output"
done
is "$(as ann 'Show list|0|' | tr '|' '\n' | grep -c '\^data\^$') $(as dora 'Show list|0|' | tr '|' '\n' | grep -c '\^data\^$')" '2 2' \
    '... each has the letter once'

# --- no verb is left out ---

{ echo "$talking"; echo "$silent"; printf '%s\n' watch register password delete-account; } |
    sed 's/ .*//' | sort -u >"$T/tried"
apart='import|export' # these have such cases in tests of their own
"$B/pochta" help | sed -n '/^Commands/,/^$/s/^  \([a-z-]*\) .*/\1/p' | sort | comm -23 - "$T/tried" |
    grep -vxE "$apart" >"$T/left-out"
is "$(cat "$T/left-out")" '' 'each verb is tried here'
done_testing
