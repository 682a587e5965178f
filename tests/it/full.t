#!/bin/sh
# SPDX-License-Identifier: ISC
# A disk that is really full, of bytes and of inodes: nothing is half-stored, reading and deleting go on,
# and it heals when space returns.
# Runs in a mount namespace of its own: otherwise a test that makes such a namespace would get a copy of the mount. Then
# our umount would not end the file system, which could write into the image after a new one has been made there.
if [ -z "${OWN_MOUNTS-}" ] && unshare -m true 2>/dev/null; then
    OWN_MOUNTS=1 && export OWN_MOUNTS
    exec unshare -m "$0"
fi
. "$(dirname "$0")/lib.sh"
no='Answer|2|Noop|'

end_all() {
    status=$?
    if [ -n "$SERVER_PID" ]; then
        kill_child KILL "$SERVER_PID"
        wait "$SERVER_PID" 2>/dev/null
        SERVER_PID=''
    fi
    umount "$T/store" 2>/dev/null
    (exit "$status")
    clean_up
}
trap end_all EXIT

mount_image() { # MKFS OPTION...: an empty file system of 6 MiB at $T/store
    truncate -s 0 "$T/image" && truncate -s 6M "$T/image" && mkfs.ext4 -q -F "$@" "$T/image" &&
        mkdir -p "$T/store" && mount -o loop "$T/image" "$T/store" 2>"$T/err"
}

messages() { find "$T/store/users/$1" -name '0*-[un],*' | wc -l; } # USER

# Sends until the answer is Noop; says how many were answered Yes.
fill() { # BYTES
    send_large ann bob "$1" 400 | decode >"$T/fill"
    grep -c '^Answer|2|Yes|' "$T/fill"
}

check_full() { # NAME BYTES
    stored=$(fill "$2")
    stored=$((stored + $(fill 1))) # what is left of it
    like "$(tail -n 1 "$T/fill")" "${no}the server's disk is full|" "$1: Noop"
    ok "$1: $stored messages were stored before" test "$stored" -gt 3
    is "$(messages bob)" "$stored" "$1: exactly the messages answered Yes are stored"
    is "$(find "$T/store" -name 'new-*' -o -path '*/new/*')" '' "$1: nothing half-stored is left"
    like "$(talk "Register|2|carl|secret|")" "$no*" "$1: no account can be created"
    is "$(as bob 'Show exact|1|1|' | tr -d x)" "Answer|2|Yes|1^ann^DATE^$2^2^^|" "$1: reading goes on"
    rm "$T/store"/ballast*
    like "$(as ann "Send mes|2|bob|$(printf '%01000d' 0)|")" 'Answer|2|Yes|*' "$1: once there is space, sending works again"
    is "$(as bob 'Delete mes|1|1|' 'Delete mes|1|2|')" 'Answer|1|Yes|
Answer|1|Yes|' "$1: deleting, too"
}

if ! mount_image -b 1024 -m 0; then
    skip "$(cat "$T/err")" 'a full disk'
    done_testing
fi
head -c 200000 /dev/zero >"$T/store/ballast"
start_server --trash-days 0 --reserve-bytes 0 --reserve-inodes 0
register ann bob
check_full 'no space' 40000
stop_server
start_server
is "$(as bob 'Show list|0|' | tr '|' '\n' | grep -c '\^')" "$(messages bob)" \
    'no space: a server that starts finds all messages'
is "$("$B/pochtactl" --store "$T/store" fsck | tail -n 1 | sed 's/.*, //')" '0 findings' \
    'no space: fsck finds nothing'
stop_server
umount "$T/store"

mount_image -b 1024 -m 0 -N 64
for i in 1 2 3 4 5; do : >"$T/store/ballast$i"; done
start_server --trash-days 0 --reserve-bytes 0 --reserve-inodes 0
register ann bob
check_full 'no inodes' 100
is "$(as bob 'Delete user|0|')" 'Answer|1|Yes|' 'no inodes: an account can be deleted'
can_register() { [ "$(talk 'Register|2|carl|secret|')" = 'Answer|1|Yes|' ]; }
ok 'no inodes: ... which frees inodes' wait_for 20 can_register
stop_server

# A reserve keeps the disk from getting so far.
umount "$T/store"
mount_image -b 1024 -m 0
start_server --reserve-bytes 2M --reserve-inodes 0
register ann bob
stored=$(fill 40000)
like "$(tail -n 1 "$T/fill")" "${no}the server's disk is full|" 'the reserve: Noop'
is "$(as bob 'Show exact|1|1|' | tr -d x)" 'Answer|2|Yes|1^ann^DATE^40000^2^^|' \
    'the reserve: reading goes on'
is "$({
    frame 'Login|2|bob|secret|'
    for id in $(seq "$stored"); do frame "Delete mes|1|$id|"; done
} | exchange | decode | grep -c '^Answer|1|Yes|')" $((stored + 1)) 'the reserve: deleting goes on'
ok 'the reserve: that much space stays free' \
    test "$(df --output=avail -B 1024 "$T/store" | tail -n 1)" -ge 2000
done_testing
