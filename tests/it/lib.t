#!/bin/sh
# SPDX-License-Identifier: ISC
# lib.sh: what a test may end is its own.
. "$(dirname "$0")/lib.sh"

# A process that is no child of the test's, as is one that has taken the number of a child gone by.
sh -c 'sleep 100 >/dev/null 2>&1 & echo $!' >"$T/other"
other=$(cat "$T/other")
is_there() { ! gone "$1"; }
cat >"$T/some.t" <<END
. '$here/lib.sh'
sleep 100 &
children="$other \$!"
echo \$! >'$T/child'
done_testing
END
is "$(code sh "$T/some.t")" 0 'a test that is ended'
ok '... ends its children' gone "$(cat "$T/child")"
ok '... and nothing else' is_there "$other"
kill "$other"
ok 'a subshell ends its own children' test "$(
    sleep 100 >/dev/null 2>&1 &
    kill_child TERM $!
    wait $! 2>/dev/null # the shell would say "Terminated"
    echo $?)" = 143
done_testing
