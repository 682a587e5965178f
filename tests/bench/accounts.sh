# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared with common.sh
# SPDX-License-Identifier: ISC
# accounts.sh: for the parts that need thousands of accounts. Each takes some syncs; nobody looks at
# what they cost here, so on ext4 none of them waits for the disk.

barriers() { # 0 | 1
    [ "$FS" != ext4 ] || mount -o "remount,barrier=$1" "$T/mnt" || fail 'cannot mount again'
}

make_accounts() { # STORE PREFIX COUNT MESSAGES BYTES: with passwords that are cheap to check
    barriers 0
    LD_PRELOAD=$B/cheap_hashes.so "$B/bench/fill" "$1" "$2" "$3" "$4" "$5" n >/dev/null ||
        fail 'cannot make the accounts'
    barriers 1
}
