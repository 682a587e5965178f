#!/bin/sh
# SPDX-License-Identifier: ISC
# A disk that cannot be read is not a wrong password: whichever look at the account fails, the answer
# says that storage did, and the next login is like any other.
. "$(dirname "$0")/lib.sh"
yes='Answer|1|Yes|'
ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0 # which a traced process cannot look for
export ASAN_OPTIONS

start_server --login-delay 0
register ann
failing() { # N COMMAND...: while the Nth opening of a file fails in whichever thread
    trace -e trace=openat -e "inject=openat:error=EIO:when=$1"
    shift
    "$@"
    untrace
}

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
is "$(talk 'Login|2|ann|secret|')" "$yes" '... and no failure has ended the server'
done_testing
