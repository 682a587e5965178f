#!/bin/sh
# SPDX-License-Identifier: ISC
# What pochtactl promises scripts: its exit codes, and the columns that the manual names.
. "$(dirname "$0")/lib.sh"
page=$here/../../docs/pochtactl.8
tab=$(printf '\t')
ctl() { "$B/pochtactl" --store "$T/store" "$@" 2>"$T/err"; }
# The leak sanitizer does not work under strace.
failing() { # ERROR SYSTEM_CALL COMMAND...: runs it, and lets the system call fail
    error=$1 call=$2
    shift 2
    echo secret | ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0 strace -f -qq -o /dev/null -e "trace=$call" -e "inject=$call:error=$error" \
        "$B/pochtactl" --store "$T/store" "$@" >"$T/out" 2>"$T/err"
    echo $?
}

is "$(code ctl user list) $(cat "$T/err")" \
    "73 pochtactl: store $T/store: cannot open the directory: No such file or directory; give its directory with --store" \
    '73: the store cannot be opened'
is "$(code ctl who)" 69 '69: no server runs'
start_server --reserve-bytes 1000000G
is "$(echo secret | ctl user add ann; echo $?) $(cat "$T/err")" \
    '75 pochtactl: ann: the server'"'"'s disk is full' '75: the disk is full, as the server says'
stop_server
is "$(echo secret | ctl user add ann; echo $?)" 0 '0: done'
like "$(failing EIO fsync user add bob) $(cat "$T/err")" '74 pochtactl: cannot write new/bob-*/account: Input/output error
pochtactl: bob: storage error, nothing was changed' '74: storage failed'
is "$(failing ENOSPC fsync user add cat)" 75 '75: the disk is full, without a server'
is "$(ctl user list | cut -f 1,2)" "ann${tab}enabled" '75, 74: nothing was changed'
is "$(ctl user list >/dev/full; echo $?)" 74 '74: standard output is full'
is "$(echo secret | ctl user add ann; echo $?)" 73 '73: the name is taken'
is "$(code ctl user delete nobody)" 67 '67: no such user'
is "$(code ctl user passwd ann)" 65 '65: no password'
is "$(code ctl frob)" 64 '64: wrong command line'
: >"$T/store/users/ann/strange"
is "$(code ctl fsck)" 1 '1: fsck has findings'
is "$(code ctl doctor --config "$T/nowhere")" 1 '1: doctor has findings'
rm "$T/store/users/ann/strange"

# --json has the names that the manual lists; the plain output has as many columns.
documented() { # PAGE: "verb: columns", a line for each verb
    awk '/^\.It Cm/ { v = $3; for (i = 4; $i ~ /^[a-z]+$/ && $i != "name"; i++) v = v " " $i }
        /^Columns:/ { c = 1 } /^\.Li/ && c { c = 0; sub(/^\.Li /, ""); sub(/ \.$/, ""); print v ": " $0 }' \
        "$1" | sort
}
keys() { # VERB: the names in its first row
    # shellcheck disable=SC2086 # several words
    ctl $1 --json | sed -n 2p | perl -ne 'print join(" ", /"([a-z-]+)": /g), "\n"'
}
plain() { # VERB: how many columns
    # shellcheck disable=SC2086 # several words
    ctl $1 | head -n 1 | awk -F "$tab" '{ print NF }'
}
start_server
open_conn 3
send 3 "$(frame 'Login|2|ann|secret|')"
heard 3 1 >/dev/null
touch "$T/store/users/ann/strange"
columns_of() { documented "$page" | sed -n "s/^$1: //p"; } # VERB
for verb in 'user list' who stats; do
    is "$(plain "$verb")" "$(columns_of "$verb" | wc -w)" "$verb has as many columns as the manual says"
    is "$(keys "$verb")" "$(columns_of "$verb")" "$verb --json has the names in the manual"
done
is "$(keys fsck)" "$(columns_of fsck)" 'fsck --json has the names in the manual'
is "$(keys "doctor --config $T/nowhere")" "$(columns_of doctor)" 'doctor --json has the names in the manual'
is "$(keys 'kick ann')" "$(columns_of kick)" 'kick --json has the names in the manual'
ctl invite add >"$T/code"
is "$(keys 'invite add')" "$(columns_of 'invite add')" 'invite add --json has the names in the manual'
is "$(keys 'invite list')" "$(columns_of 'invite list')" 'invite list --json has the names in the manual'
is "$(keys log)" "$(columns_of log)" 'log --json has the names in the manual'
is "$(keys drain)" "$(columns_of drain)" 'drain --json has the names in the manual'
close_conn 3
ctl --json stop
is "$(sed 's/.*these do: //; s/, /\n/g' "$T/err" | sort)" "$(documented "$page" | sed 's/:.*//')" \
    'the manual names the columns of each verb that takes --json'
is "$("$B/pochtactl" --help | sed -n '/^Exit codes/,$p' | grep -ow '[67][0-9]' | sort)" \
    "$(sed -n '/^\.Sh EXIT/,/^\.Sh EXA/p' "$page" | grep -ow '[67][0-9]' | sort)" '--help has the exit codes of the manual'
done_testing
