#!/bin/sh
# SPDX-License-Identifier: ISC
# Invites, where the server is killed or its storage fails: each is good for one account all the same.
. "$(dirname "$0")/lib.sh"
yes='Answer|1|Yes|' no='Answer|2|Noop|' unknown='Exit|1|storage error, outcome unknown|'
bad="${no}this invite is unknown, was used or has expired|"

ctl() { "$B/pochtactl" --store "$T/store" "$@" 2>"$T/err"; }
invites() { ctl invite list | wc -l; }
sign_up() { talk "Register|3|$1|secret|$2|"; } # NAME CODE
exists() { talk "Login|2|$1|secret|" | grep -qF "$yes"; } # NAME
halves() { find "$T/store/new" -mindepth 1; }

start_server --registration invite

calls=mkdirat,openat,write,fsync,renameat,renameat2,unlinkat,getdents64,sendto
trace -e trace=fsync
if ! is_traced; then
    skip 'no process may be traced here' 'an invite, and a server that is killed'
    done_testing
fi
untrace

restart() { start_server --registration invite; }

# Where a Register broke off: one of the two, never both and never neither.
outcome() { # NAME CODE
    if exists "$1"; then
        [ "$(sign_up "$1.again" "$2")" = "$bad" ] && echo account || echo "account $1, and $2 works"
    else
        [ "$(sign_up "$1.again" "$2")" = "$yes" ] && echo invite || echo "no account $1, and $2 is used"
    fi
}

# --- syncs that fail ---

# From here on the N-th sync of each thread fails.
break_syncs() { trace -e trace=fsync -e "inject=fsync:error=EIO:when=$1"; }
code=$(ctl invite add)
trace -y -e trace=fsync
sign_up sync "$code" >/dev/null
untrace
is "$(grep 'fsync(' "$T/strace" | grep -vc '/store/changes')" 6 'a Register with an invite makes six syncs'
n=1
while [ "$n" -le 6 ]; do
    code=$(ctl invite add)
    break_syncs "$n"
    told=$(sign_up "sync$n" "$code")
    untrace
    stop_server
    restart
    found=$(outcome "sync$n" "$code")
    case "$told" in
    "$no"*) is "$found" invite "sync $n fails: Noop, no account, and the invite works" ;;
    *) is "$told $found" "$unknown account" "sync $n fails: the outcome is unknown, and one of the two" ;;
    esac
    n=$((n + 1))
done

# --- calls that fail ---

# Registers while such calls fail. What was not answered Yes has made no account; the invite works.
fail_at() { # NAME EXPRESSION...
    name=$1
    shift
    code=$(ctl invite add)
    trace -e "trace=$calls" "$@"
    told=$(sign_up "$name" "$code")
    untrace
    [ "$told" != "$yes" ] || return 1
    case $told in "$no"*) ;; *) echo "$name: $told" >>"$T/wrong" ;; esac
}

fails=0
: >"$T/wrong"
for call in mkdirat openat write renameat renameat2; do
    n=1
    while fail_at "fail-$call-$n" -e "inject=$call:error=ENOSPC:when=$n"; do
        found=$(outcome "fail-$call-$n" "$code")
        [ "$found" = invite ] || echo "$call $n: $found" >>"$T/wrong"
        fails=$((fails + 1)) n=$((n + 1))
    done
done
is "$(cat "$T/wrong")" '' "each of $fails calls finds the disk full: Noop, no account, the invite works"
ok '... and there are no other system calls' test "$fails" -gt 6
is "$(halves)" '' '... and nothing is left'
fail_at back -e inject=renameat2:error=EIO -e inject=renameat:error=EIO:when=2+
is "$(invites) $(halves | wc -l)" '0 3' 'an invite that cannot be given back stays where it is'
is "$(sign_up back.early "$code")" "$bad" '... where it does not work'
stop_server
restart
is "$(halves) $(outcome back "$code")" ' invite' '... until the next start gives it back'

# --- a server that is killed at each of its system calls ---

server_ended() { gone "$SERVER_PID"; }

# Registers while the server is killed as it makes its N-th call of this name; a connection's thread
# has made none. 1: it made fewer.
kill_at() { # CALL N NAME CODE
    trace -e "trace=$1" -e "inject=$1:signal=KILL:when=$2"
    told=$(sign_up "$3" "$4")
    if [ "$told" = "$yes" ] && ! wait_for 0 server_ended; then
        untrace
        return 1
    fi
    wait_for 20 server_ended
    wait "$SERVER_PID" 2>/dev/null
    untrace
    restart
}

kills=0
: >"$T/wrong"
: >"$T/outcomes"
for call in $(echo "$calls" | tr , ' '); do
    n=1
    while name="kill-$call-$n" code=$(ctl invite add) && kill_at "$call" "$n" "$name" "$code"; do
        found=$(outcome "$name" "$code")
        case $found in account | invite) ;; *) echo "$call $n: $found" >>"$T/wrong" ;; esac
        [ "$told" != "$yes" ] || [ "$found" = account ] || echo "$call $n: told Yes" >>"$T/wrong"
        echo "$found" >>"$T/outcomes"
        kills=$((kills + 1)) n=$((n + 1))
    done
done
is "$(cat "$T/wrong")" '' "killed at each of $kills system calls: an account, or an invite that works"
is "$(sort -u "$T/outcomes" | tr '\n' ' ') $(halves)" 'account invite  ' '... both occur, and nothing is left'
ok '... at each fsync and rename' test "$kills" -gt 15
is "$(code ctl fsck)" 0 '... and fsck finds nothing'
done_testing
