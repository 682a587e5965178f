# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared with common.sh
# SPDX-License-Identifier: ISC
# journal: how often the file system's journal was committed, and the disk's cache flushed, for 1,000 sends
# of one client, one after the other. The kernel counts both: /proc/fs/jbd2 and /sys/block. For ext4.

COUNTED=1000

transactions() { awk 'NR == 1 { print $1 }' "/proc/fs/jbd2/$device-"*/info; }

flushes() { awk '{ print $16 }' "/sys/block/$device/stat"; }

count_one() { # CANDIDATE
    start "$1"
    generate "$1" send user=counted times=1
    settle
    transactions_before=$(transactions) flushes_before=$(flushes)
    generate "$1" send user=counted times=$COUNTED
    note "journal-$1" $(($(transactions) - transactions_before)) transactions $COUNTED "$1"
    note "flushes-$1" $(($(flushes) - flushes_before)) flushes $COUNTED "$1"
    end_candidates
}

measure_journal() {
    DATA=journal counted=''
    [ "$FS" = ext4 ] || return 0 # XFS counts otherwise
    mkdir "$T/mnt/$DATA"
    device=$(findmnt -n -o SOURCE "$T/mnt")
    device=${device##*/}
    counted=$(those_there pochta classic dovecot postfix redis)
    for candidate in $counted; do
        make_account "$candidate" counted
        count_one "$candidate"
    done
}

print_journal() {
    heading "$COUNTED sends of one client: commits of the journal, flushes of the disk"
    for candidate in $counted; do
        case $candidate in
        pochta) if has_log; then limit='most 20'; else limit=-; fi ;;
        *) limit=- ;;
        esac
        row "journal-$candidate" 0 "$limit" "  $candidate: transactions of the journal"
        row "flushes-$candidate" 0 - "  $candidate: flushes of the disk"
    done
}
