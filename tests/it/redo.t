#!/bin/sh
# SPDX-License-Identifier: ISC
# Deliveries by the delivery log: each step of one fails, is held up, or is the last before a kill. The
# failures are strace's; those of deliveries without the log are in sync.t.
. "$(dirname "$0")/lib.sh"
no='Answer|2|Noop|' unknown='Exit|1|storage error, outcome unknown|'
token=0123456789abcdef
log=$T/store/log

segments() { find "$log" -type f | wc -l; }
listed() { as "$1" 'Show list|0|' | tr '|' '\n' | sed -n 's/.*\^\(.*\)\^$/\1/p' | tr '\n' ' '; } # NAME: the texts
version() { cat "$T/store/version"; }
fsck() { "$B/pochtactl" --store "$T/store" fsck >"$T/out" 2>&1; }

# trace_log OPTION...: as trace, of calls about the segments alone.
trace_log() {
    for segment in "$log"/segment-*; do set -- "$@" -P "$segment"; done
    trace "$@"
}

begin_anew() {
    [ -z "$SERVER_PID" ] || stop_server
    : >"$T/log"
    start_server
}

start_server
if [ "$(segments)" = 0 ]; then
    like "$(cat "$T/log")" '*delivery_log result=none*' 'the server says that it has no delivery log'
    skip 'the file system is neither ext4 nor XFS' 'the delivery log'
    done_testing
fi
register ann bob
trace_log -e trace=fdatasync,pwrite64
if ! is_traced; then
    skip 'no process may be traced here' 'failing syncs'
    done_testing
fi
as ann 'Send mes|2|bob|before|' 'Send mes|2|ann|mine|' >/dev/null
untrace
is "$(grep -c 'fdatasync(' "$T/strace")" 2 'each of two messages is in the log'
is "$(version)" 'pochta-store 2' 'older servers refuse a store whose log is not empty'

# Once the log has failed.
read_only() { # TITLE
    like "$(as2 ann 'Send mes|2|ann|more|' 'Send mes|2|bob|more|')" "$no*only be read*|
$no*only be read*|" "$1: no mailbox accepts mail"
    like "$(as bob 'Delete mes|1|1|' 'Password|2|secret|other|' 'Delete user|0|')" "$no*
$no*
$no*" "$1: nothing is deleted or changed"
    like "$(talk 'Register|2|carl|secret|')" "$no*" "$1: no account is made"
    is "$(listed bob)" 'before ' "$1: reading goes on, without what may not last"
    like "$(grep 'trouble text' "$T/log")" '*cannot *log/segment-*the store can only be read until the next start: its delivery log failed*' "$1: the log of events says so"
}

# There once or not at all, and a repeat makes it once.
once_after_restart() { # TITLE TEXT
    begin_anew
    like "$(listed bob | tr ' ' '\n' | grep -c "^$2\$")" '[01]' "$1: after a restart it is there once, or not"
    like "$(as2 ann "Send mes|3|bob|$2|$token|")" 'Answer|2|Yes|2^ann^UTC^*' "$1: a repeat is answered"
    is "$(listed bob)" "before $2 " "$1: ... and there is one"
    ok "$1: fsck finds nothing" fsck
    as bob 'Delete mes|1|2|' >/dev/null
    rm -rf "$T/store"
    stop_server
    : >"$T/log"
    start_server
    register ann bob
    as ann 'Send mes|2|bob|before|' >/dev/null
}

fail() { # TITLE CALL OPTION...
    title=$1 call=$2
    shift 2
    trace_log -e "trace=$call" -e "inject=$call:$*"
    is "$(as2 ann "Send mes|3|bob|perhaps|$token|")" "$unknown" "$title: neither Yes nor Noop"
    like "$(as2 ann "Send mes|3|bob|perhaps|$token|")" "[EA][xn][is][tw]*" "$title: a repeat is answered"
    is "$(grep -c "$call(" "$T/strace")" 1 "$title: it is never tried again"
    untrace
    read_only "$title"
    once_after_restart "$title" perhaps
}
fail 'a failed sync of the log' fdatasync error=EIO
fail 'a failed write of the log' pwrite64 error=EIO
fail 'a full disk at a write of the log' pwrite64 error=ENOSPC

trace_log -e trace=fdatasync -e inject=fdatasync:error=EIO
is "$(as ann 'Send mes|2|bob|without a token|')" "$unknown" 'without a token: neither Yes nor Noop'
untrace
rm -rf "$T/store"
begin_anew
register ann bob
as ann 'Send mes|2|bob|before|' >/dev/null

# After the sync only the name is missing.
trace -e trace=renameat2 -e inject=renameat2:error=EIO
is "$(as2 ann "Send mes|3|bob|unnamed|$token|")" "$unknown" 'a failed rename: neither Yes nor Noop'
untrace
is "$(listed bob)" 'before ' '... the message is not shown'
is "$(as2 ann "Send mes|3|bob|unnamed|$token|")" "$unknown" '... a repeat is not answered Yes'
like "$(as ann 'Send mes|2|ann|mine|')" 'Answer|2|Yes|*' '... other mailboxes go on'
stop_server
is "$(version)" 'pochta-store 2' '... the log is not emptied'
start_server
is "$(listed bob)" 'before unnamed ' '... after a restart the message is there'
is "$(as2 ann "Send mes|3|bob|unnamed|$token|")" 'Answer|2|Yes|2^ann^UTC^7^2^^|' '... a repeat finds it'

# Somebody does something to the segments of a server.
disturb() { # TITLE COMMAND...
    title=$1
    shift
    "$@"
    is "$(as2 ann "Send mes|3|bob|disturbed|fedcba9876543210|")" "$unknown" "$title: neither Yes nor Noop"
    like "$(as2 ann 'Send mes|2|ann|more|')" "$no*only be read*" "$title: the store is read-only"
    is "$(listed bob)" 'before unnamed ' "$title: reading goes on"
    stop_server
}
move_aside() { for segment in "$log"/segment-*; do mv "$segment" "$log/old-${segment##*/}"; done; }
while_it_stands() { # COMMAND...: as a successor on another machine does
    kill -STOP "$SERVER_PID"
    "$@"
    kill -CONT "$SERVER_PID"
}
disturb 'log/ is removed' rm -rf "$log"
start_server
disturb 'log/ is moved' mv "$log" "$T/moved"
start_server
disturb 'the segments of a server that was stopped are moved aside' while_it_stands move_aside
start_server
like "$(listed bob)" 'before unnamed disturbed ' '... what was written there is found'

# Killed at each step.
killed_at() { # TITLE THERE COMMAND...: COMMAND traces. THERE: whether the message must be there
    title=$1 there=$2
    shift 2
    open_conn 3
    send 3 "$(frame 'Start|1|2|' 'Login|2|ann|secret|')"
    heard 3 2 >/dev/null
    "$@"
    send 3 "$(frame "Send mes|3|bob|killed|0123456789abcde$n|")"
    ok "killed $title" wait_for 20 gone "$SERVER_PID"
    wait "$SERVER_PID" 2>/dev/null
    SERVER_PID=''
    close_conn 3
    untrace
    start_server
    found=$(listed bob | tr ' ' '\n' | grep -c '^killed$')
    case $there in
    yes) is "$found" $((n + 1)) "killed $title: it is there" ;;
    no) is "$found" "$n" "killed $title: it is not there" ;;
    *) like "$found" "[$n$((n + 1))]" "killed $title: it is there once, or not" ;;
    esac
    like "$(as2 ann "Send mes|3|bob|killed|0123456789abcde$n|")" 'Answer|2|Yes|*' '... a repeat is answered'
    n=$((n + 1))
    is "$(listed bob | tr ' ' '\n' | grep -c '^killed$')" "$n" '... and there is one'
    ok '... fsck finds nothing' fsck
}
n=0
killed_at 'before the write of the log' no \
    trace_log -e trace=pwrite64 -e inject=pwrite64:signal=KILL
killed_at 'before the sync of the log' maybe \
    trace_log -e trace=fdatasync -e inject=fdatasync:signal=KILL
killed_at 'before the rename' yes trace -e trace=renameat2 -e inject=renameat2:signal=KILL
killed_at 'before the answer' yes trace -e trace=sendto -e inject=sendto:signal=KILL

# While the sync or the rename takes long.
held_up() { # WHAT CALL TRACE: TRACE traces the call
    "$3" -e "trace=$2" -e "inject=$2:delay_enter=3000000:when=1"
    open_conn 3
    open_conn 4
    open_conn 5
    for conn in 3 4; do send $conn "$(frame 'Start|1|2|' 'Login|2|ann|secret|')"; done
    send 5 "$(frame 'Login|2|bob|secret|' 'Watch|0|')"
    for conn in 3 4 5; do heard $conn 2 >/dev/null; done
    send 3 "$(frame "Send mes|3|bob|$2|$token$n|")"
    ok "$1: begins" wait_for 20 grep -q "$2(" "$T/strace"
    send 4 "$(frame "Send mes|3|bob|$2|$token$n|" 'Status|0|')"
    meanwhile=$(talk 'Login|2|bob|secret|' 'Show list|0|' | grep "\^$2\^"; all_heard 3 2; all_heard 4 2; all_heard 5 2)
    if grep -q ' = ' "$T/strace"; then
        skip 'it was over before all had looked' "$1: nobody sees the message"
    else
        is "$meanwhile" '' "$1: the message is in no list, not announced, and not answered, nor is a repeat"
    fi
    first=$(heard 3 3)
    like "$first" 'Answer|2|Yes|*' "$1: then the message is answered"
    is "$(heard 4 3)" "$first" "$1: ... the repeat alike"
    like "$(heard 5 3)" "*^$2^*" "$1: ... and it is announced"
    for conn in 3 4 5; do close_conn $conn; done
    untrace
    n=$((n + 1))
}
held_up 'a long sync' fdatasync trace_log
held_up 'a long rename' renameat2 trace

stop_server
is "$(segments)" 0 'after an end in order the log is empty'
is "$(version)" 'pochta-store 1' '... and the version is the one of before'
start_server --log-size 0
is "$(segments)" 0 'log-size 0: there are no segments'
is "$(version)" 'pochta-store 1' '... nor another version'
like "$(as ann 'Send mes|2|bob|without|')" 'Answer|2|Yes|*' '... mail is delivered'
stop_server
echo 'pochta-store 3' >"$T/store/version"
refuses 73 '*newer Pochta*' 'a store of a later version' "$B/pochtad" --listen 127.0.0.1:0 --store "$T/store"
done_testing
