#!/bin/sh
# SPDX-License-Identifier: ISC
# File systems: one that is mounted inside the store, and one that should hold the store but is not
# mounted. The server or doctor says so. The test has a mount table of its own.
if [ -z "${OWN_MOUNTS-}" ]; then
    OWN_MOUNTS=1 && export OWN_MOUNTS
    unshare -m mount -t tmpfs tmpfs /mnt 2>/dev/null && exec unshare -m "$0"
    OWN_MOUNTS=no
fi
. "$(dirname "$0")/lib.sh"
if [ "$OWN_MOUNTS" = no ]; then
    skip 'nothing may be mounted here' 'file systems'
    done_testing
fi
S=$T/store
ctl() { "$B/pochtactl" --store "$S" "$@"; }

# --- a part of the store on another file system ---

start_server
register ann
stop_server
for part in users removed invites; do
    for kind in tmpfs bind; do
        if [ "$kind" = tmpfs ]; then mount -t tmpfs -o mode=0700 tmpfs "$S/$part"; else mount --bind "$S/$part" "$S/$part"; fi
        refuses 73 "*store $S: $part/ is on another file system than new/; a store must be on one file system\"*" \
            "$part is mounted ($kind): the server says so at the start" "$B/pochtad" --listen 127.0.0.1:0 --store "$S"
        is "$(ctl doctor | cut -f 1,2,3 | grep 'another file')" "error	$S	$part is on another file system than new: the server does not start, since it cannot rename files from one to the other" \
            '... as does doctor'
        ctl user list 2>&1 | grep -q "$part/ is on another file system"
        is $? 0 '... and the tool that works on the store'
        umount "$S/$part"
    done
done
start_server
is "$(talk 'Login|2|ann|secret|')" 'Answer|1|Yes|' 'without the mounts, it serves as before'
is "$(ctl doctor | grep -c 'another file')" 0 '... and doctor finds no other file system'
stop_server

# --- a file system that an error has made read-only ---

mount --bind "$S" "$S" && mount -o remount,ro,bind "$S"
refuses 73 "*store $S: *Read-only file system\"*" 'it is read-only: the server says so at the start' \
    "$B/pochtad" --listen 127.0.0.1:0 --store "$S"
is "$(ctl doctor | cut -f 1,2,3 | grep 'read-only')" "error	$S	the file system is mounted read-only: the server does not start, or changes nothing" \
    '... as does doctor'
umount "$S"

# --- the file system of the store is not mounted ---

disk="$T/mail disk"
mkdir "$disk" && ln -s "$disk" "$T/link"
printf 'none swap swap\ntmpfs %s tmpfs mode=0700 0 0\n' "$(echo "$disk" | sed 's/ /\\040/g')" >"$T/fstab"
mount --bind "$T/fstab" /etc/fstab
for S in "$disk" "$disk/store" "$T/link/deep/er"; do
    ctl doctor >"$T/found"
    is "$(grep -F "$disk" "$T/found" | cut -f 1-3)" \
        "error	$disk	the store $S lies on this file system, which is in /etc/fstab but not mounted; a server would make a new store in its place" \
        "the file system of $S is not mounted"
    sh -c "$(grep 'not mounted' "$T/found" | cut -f 4)"
    is "$(stat -f -c %T "$disk")" tmpfs '... the advice mounts it'
    is "$(ctl doctor | grep -c 'not mounted')" 0 '... which resolves it'
    umount "$disk"
done

# A server that stands by does not take the directory below a mount point for the store.
cp -a "$T/store/." "$disk"
: >"$T/log"
"$B/pochtad" --standby yes --listen 127.0.0.1:0 --store "$disk" --port-file "$T/port2" 2>"$T/log" &
SERVER_PID=$!
waits() { grep -q "event=standby result=error .*reason=\"nothing is mounted on $disk\"" "$T/log"; }
ok 'a server that stands by waits for its file system' wait_for 20 waits
mkdir "$T/prepared" && mount -t tmpfs -o mode=0700 tmpfs "$T/prepared" && cp -a "$T/store/." "$T/prepared"
mount --bind "$T/prepared" "$disk"
ok '... and serves when it is mounted' wait_for 20 test -s "$T/port2"
stop_server
umount "$disk" "$T/prepared"
rm -r "$disk" && mkdir "$disk"

S=$T/mail
is "$(ctl doctor | grep -c 'not mounted')" 0 'a store beside it'
fstab=$(sed 's/mode=0700/noauto/' "$T/fstab")
echo "$fstab" >"$T/fstab"
S=$disk
is "$(ctl doctor | grep -c 'not mounted')" 0 'a file system that is mounted by hand'
done_testing
