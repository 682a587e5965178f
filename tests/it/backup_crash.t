#!/bin/sh
# SPDX-License-Identifier: ISC
# Short runs of the campaign that kills backups, restores and the server, and cuts the power of the disk. `make backups`
# makes the long runs.
. "$(dirname "$0")/lib.sh"

run() { # NAME OPTION...
    name=$1
    shift
    "$here/../crash/backup" "$B" "$@" >"$T/out" 2>&1
    code=$?
    if [ $code = 77 ]; then
        skip "$(sed 's/^# //' "$T/out")" "$name"
    else
        result $code "$name" || diag "$(tail -n 5 "$T/out")"
        note "$(tail -n 1 "$T/out" | sed 's/^# //')"
    fi
}

run 'all that was answered Yes comes back from each backup' --seconds 6
for type in ext4 xfs; do
    run "... and after power cuts on $type" --power $type --seconds 3
done
run '... and on a file system where each file must be synced' --power ext4 --no-syncfs --seconds 3
done_testing
