#!/bin/sh
# SPDX-License-Identifier: ISC
# A server that is killed while it sends to a group, at each of its system calls: a repeat gives it to those who lack
# it, and nobody has it twice. The same for the letter about those who cannot receive it.
. "$(dirname "$0")/lib.sh"

ctl() { "$B/pochtactl" --store "$T/store" "$@" 2>"$T/err"; }
restart() { start_server --recipients-per-minute 0 "$@"; }
server_ended() { gone "$SERVER_PID"; }

restart
trace -e trace=fsync
if ! is_traced; then
    skip 'no process may be traced here' 'a server that is killed'
    done_testing
fi
untrace
register ann bob carl dora full
ctl group add staff ann bob carl full
ctl user quota full - 1
as dora 'Send mes|2|full|text|' >/dev/null

has() { as "$1" 'Show list|0|' | grep -o "\\^$2\\^" | wc -l; } # NAME TEXT: how many messages begin with it
letters() { as dora 'Status|0|' | cut -d '|' -f 4; }
send_to_staff() { as2 dora "Send mes|3|staff|$1|$2|"; } # TEXT TOKEN

# Sends while the server is killed as it makes its N-th call of this name, then starts it and sends once more. 1: it
# made fewer calls.
kill_at() { # CALL N TEXT TOKEN OPTION...
    call=$1 n=$2 text=$3 token=$4
    shift 4
    trace -e "trace=$call" -e "inject=$call:signal=KILL:when=$n"
    told=$(send_to_staff "$text" "$token")
    case $told in *Yes*) wait_for 0 server_ended || { untrace; return 1; } ;; esac
    wait_for 20 server_ended
    wait "$SERVER_PID" 2>/dev/null
    untrace
    restart "$@"
    found="$(has ann "$text") $(has bob "$text") $(has carl "$text")"
    before=$(letters)
    again=$(send_to_staff "$text" "$token")
}

# What is wrong after a repeat, and how many members had it before.
check() { # TEXT TOKEN LETTERS
    case $told in *Yes*) [ "$found" = '1 1 1' ] || echo "told Yes, but found $found" ;; esac
    case $again in 'Answer|2|Yes|'*) ;; *) echo "the repeat is told $again" ;; esac
    now="$(has ann "$1") $(has bob "$1") $(has carl "$1") $(letters)"
    [ "$now" = "1 1 1 $(($3 + 1))" ] || echo "found $found, then $now, with $3 letters before"
    echo "$(echo "$found" | tr -cd 1 | wc -c)+$((before - $3))" >>"$T/outcomes"
}

campaign() { # HOW CALLS OUTCOMES OPTION...
    how=$1 calls=$2 outcomes=$3 kills=0
    shift 3
    : >"$T/wrong"
    : >"$T/outcomes"
    stop_server
    restart "$@"
    for call in $calls; do
        n=1
        while text=$how-$call-$n token=$(printf '%s' "$how-$call-$n" | od -An -tx1 | tr -d ' \n') had=$(letters) &&
            kill_at "$call" "$n" "$text" "$token" "$@"; do
            check "$text" "$token" "$had" | sed "s/^/$call $n: /" >>"$T/wrong"
            kills=$((kills + 1)) n=$((n + 1))
        done
    done
    is "$(cat "$T/wrong")" '' "$how: killed at each of $kills system calls, and repeated: each member has it once"
    is "$(sort -u "$T/outcomes" | xargs)" "$outcomes" "$how: ... how many had it, and letters, before the repeat"
}

# The log has the messages of all members in one batch.
campaign logged 'write pwrite64 fdatasync renameat2' '0+0 3+0 3+1' --log-size 1M
campaign plain 'fsync renameat2 sendto' '0+0 1+0 2+0 3+0 3+1' --log-size 0
is "$(ctl fsck | tail -n 1 | sed 's/.*, //')" '0 findings' 'fsck finds nothing'
done_testing
