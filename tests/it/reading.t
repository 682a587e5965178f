#!/bin/sh
# SPDX-License-Identifier: ISC
# The verbs of pochta that read mail: a message is marked as read, or deleted, only when it has been written
# out, whatever becomes of the output.
# shellcheck source=tests/it/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/it/fake_server.sh
. "$here/fake_server.sh"

unset POCHTA_SERVER POCHTA_USER POCHTA_PROXY_COMMAND
POCHTA_PASSWORD=secret
export POCHTA_PASSWORD
start_server
register ann bob

bob() { "$B/pochta" --server "127.0.0.1:$PORT" --user bob "$@"; }
fake() { POCHTA_UDP='' "$B/pochta" --server "$FAKE" --user bob "$@"; }
unread() { bob status | sed -n 's/^unread //p'; }
total() { bob status | sed -n 's/^messages //p'; }
ids() { bob list | cut -f 1 | tr '\n' ' '; }

refill() { # a mailbox of twenty unread messages of several lines
    bob list | cut -f 1 | sed 's/.*/Delete mes|1|&|/' >"$T/ids"
    while read -r request; do frame "$request"; done <"$T/ids" >"$T/requests"
    { frame 'Login|2|bob|secret|'; cat "$T/requests"; } | exchange >/dev/null
    n=0
    while [ $n -lt 20 ]; do
        frame "Send mes|2|bob|message $n
and its second line|"
        n=$((n + 1))
    done >"$T/requests"
    { frame 'Login|2|ann|secret|'; cat "$T/requests"; } | exchange >/dev/null
}

# --- what is written out is read, and nothing else ---

refill
first=$(bob list | head -n 1 | cut -f 1)
is "$(unread)" 20 'list: marks nothing'
bob read "$first" >"$T/out"
is "$(grep -c '^STATE: Unread' "$T/out") $(unread)" '1 19' 'read: shows the state that it was, and marks the message'
bob unread >"$T/out"
is "$(grep -c '^STATE: Unread' "$T/out") $(unread)" '19 0' 'unread: shows and marks the others'
is "$(code bob unread)" 1 'unread: exit code 1 if there is nothing'
is "$(cat "$T/out" "$T/err")" '' '... and no words'
bob show >"$T/out"
is "$(grep -c '^STATE: Normal' "$T/out")" 20 'show: shows all'

# A reader is waited for 5 seconds. What took as long, on a slow machine, shows nothing, and is done again.
headed() { # VERB: what it writes goes to head -n 3; false: too slow each time
    for _ in 1 2 3 4 5; do
        refill
        began=$(date +%s)
        bob "$1" 2>"$T/err" | head -n 3 >"$T/out"
        [ $(($(date +%s) - began)) -ge 5 ] || return 0
    done
    return 1
}
for verb in show unread; do
    if headed "$verb"; then
        is "$(unread) $(wc -l <"$T/out")" '19 3' "$verb | head -n 3: only the message that head has read is read"
        is "$(cat "$T/err")" '' '... without words'
    else
        skip 'the machine is too slow' "$verb | head -n 3"
    fi
done

# The file may have 512 or 1024 bytes, whatever a shell means by 1.
refill
(trap '' XFSZ && ulimit -f 1 && code bob show >"$T/code")
is "$(cat "$T/code")" 74 'show: the disk is full halfway'
like "$(cat "$T/err")" "pochta: cannot write standard output: $too_large" '... which it says'
whole=$(grep -c 'and its second line' "$T/out")
ok '... some messages could be written' test "$whole" -ge 1 -a "$whole" -le 19
is "$(unread)" $((20 - whole)) '... and they alone are read'

closed() { # COMMAND...: with a pipe as its output that nobody reads
    perl -e 'pipe R, W; close R; open STDOUT, ">&", W; exec @ARGV' \
        "$B/pochta" --server "127.0.0.1:$PORT" --user bob "$@" 2>"$T/err"
}

refill
last=$(bob list | tail -n 1 | cut -f 1)
for words in list show unread "read $last" "take $last" status; do
    # shellcheck disable=SC2086 # several words
    closed $words
    is "$?$(cat "$T/err")" 74 "$words: nobody reads: exit code 74, without words"
    if [ -e /dev/full ]; then
        # shellcheck disable=SC2086 # several words
        bob $words >/dev/full 2>"$T/err"
        is "$?$(cat "$T/err")" '74pochta: cannot write standard output: No space left on device' "$words: a full disk"
    fi
done
is "$(unread) $(total)" '20 20' '... and no message was marked or deleted'

# A program that reads only when pochta has ended is not waited for without end.
mkfifo "$T/fifo"
exec 7<>"$T/fifo"
show_unread() { timeout 60 "$B/pochta" --server "127.0.0.1:$PORT" --user bob show >&7; }
ok 'show: nobody reads before it ends' show_unread
exec 7>&-
is "$(unread)" 0 '... and what was written is read'

# --- older servers ---

one='Answer|2|Yes|7^ann^2017-12-03T12:51:33Z^4^2^moo!^|'
unknown='Answer|2|Noop|unknown command; Help lists all commands|'
fake_server 'Answer|2|Yes|2|' 'Answer|1|Yes|' "$unknown" "$one" "$unknown"
is "$(fake read --raw 7)" 'moo!' 'read: the server does not know Peek mes'
is "$(sed -n 3,4p "$T/fake.log")" 'Peek mes|1|7|
Show exact|1|7|' '... so Show exact is asked for'
fake_server 'Answer|2|Yes|2|' 'Answer|1|Yes|' "$one" 'Answer|2|Noop|the mailbox is busy|'
is "$(code fake read --raw 7)" 0 'read: the mark fails: that is no failure'
fake_server 'Answer|2|Yes|2|' 'Answer|1|Yes|' "$one"
is "$(code fake read --raw 7)" 75 'read: the connection is lost before the mark'
is "$(cat "$T/out")" 'moo!' '... but the message is there'
fake_server 'Answer|2|Yes|2|' 'Answer|1|Yes|' "$one" 'Answer|2|Noop|the mailbox is busy|'
is "$(code fake take --raw 7)" 65 'take: the deletion fails'
like "$(cat "$T/err")" 'pochta: 7: the mailbox is busy' '... which it says'

# --- the menu reads in the same way ---

refill
PASSWORD=secret
# shellcheck source=tests/it/terminal.sh
. "$here/terminal.sh"
POCHTA_PASSWORD=$PASSWORD && export POCHTA_PASSWORD

cat >"$T/limited" <<END
#!/bin/sh
trap '' XFSZ
ulimit -f 3
"$B/pochta" --server 127.0.0.1:$PORT >"$T/out" 2>"$T/err"
echo "exit code \$?"
exec sleep 300
END
chmod +x "$T/limited"
terminal new-session -d -s menu -x 80 -y 24 "$T/limited"
asks() { tail -n 1 "$T/out" | grep -q "$1"; }
answer() { wait_for 20 asks "$1" && keys -l "$2" && keys Enter; } # QUESTION ANSWER
answer 'option:' 4
answer username bob
answer password secret
answer 'Press any key' ''
answer 'option:' 7
leaves() { keys 2 Enter && shows 'exit code'; } # its questions are no longer on the screen
ok 'the menu: the disk is full halfway' wait_for 20 leaves
whole=$(grep -c 'and its second line' "$T/out")
ok '... some messages could be written' test "$whole" -ge 1 -a "$whole" -le 19
is "$(unread)" $((20 - whole)) '... and they alone are read'
end_menu

start_menu --server "127.0.0.1:$PORT"
sign_in bob
option 11
at ' Press any key.'
key
is "$(unread)" $((20 - whole)) 'the menu: the list marks nothing'
last=$(bob list | tail -n 1 | cut -f 1)
option 8
at 'You are about to see a message. Enter the <message ID>:'
enter "$last"
at 'Press any key.'
ok 'the menu: one message, with the state that it was in' shows 'STATE: Unread'
key
at 'Enter your option:'
is "$(unread)" $((19 - whole)) '... is read'
enter 6
at 'Press any key.'
key
at 'Enter your option:'
is "$(unread)" 0 'the menu: the unread ones are read'
bob mark-unread "$last"
enter 7
at 'Press any key.'
key
at 'Enter your option:'
is "$(unread)" 0 'the menu: and so are all'
end_menu
done_testing
