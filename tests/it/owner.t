#!/bin/sh
# SPDX-License-Identifier: ISC
# pochtactl as root on a store of another user: nothing it makes there belongs to root.
. "$(dirname "$0")/lib.sh"

if [ "$(id -u)" != 0 ]; then
    skip 'only root can be another user' 'as root on a store of another user'
    done_testing
fi
nobody=$(id -u nobody) group=$(id -g nobody)
as_nobody() { setpriv --reuid "$nobody" --regid "$group" --clear-groups "$@"; }

# A store made by a server of nobody's. It is reached by a path that nobody may not walk.
mkdir -m 0755 "$T/open" "$T/open/home"
chmod 0755 "$T"
chown "$nobody:$group" "$T/open/home"
store=$T/open/home/store
port_file=$T/open/home/port
start() {
    launch setpriv --reuid "$nobody" --regid "$group" --clear-groups "$B/pochtad" --listen 127.0.0.1:0 --store "$store"
}
key() { head -c 46 "$store/lock" | tail -c 32; }
semaphores() { find /dev/shm -ignore_readdir_race -name "sem.pochta-$(key)-*" "$@"; }
ctl() { "$B/pochtactl" --store "$store" "$@" >"$T/out" 2>"$T/err"; }
not_nobodys() { find "$store" ! -uid "$nobody" -o ! -gid "$group"; semaphores ! -uid "$nobody"; }
each_verb() { # COMMAND...: before and after each one
    for step in 'user add ann' 'user add bob' 'user passwd ann' 'user quota ann 1M 0' \
        'user disable bob' 'user enable bob' 'user delete bob' 'user restore bob' 'user list' \
        'fsck' 'fsck --repair' 'user delete bob'; do
        # shellcheck disable=SC2086 # several words
        echo secret | ctl $step || { cat "$T/err"; echo "$step failed"; }
        "$@"
    done
}

if ! as_nobody test -x "$B/pochtad"; then
    skip 'nobody cannot read the build' 'as root on a store of another user'
    done_testing
fi
start
stop_server
chmod 0700 "$T/open"
is "$(as_nobody ls "$store" 2>&1 >/dev/null | grep -c denied)" 1 'the path is closed to the owner'
is "$(each_verb not_nobodys)" '' 'each verb without a server leaves what belongs to the owner'
rm "$store/lock"
ctl user list
is "$? $(stat -c '%u:%g %a' "$store/lock")" "0 $nobody:$group 600" 'creating the lock file leaves it to the owner, too'

# Semaphores are there while the store is in use: so the tool is killed at its first look at a mailbox.
strace -f -qq -o "$T/strace" -P "$store/users" -e inject=getdents64:signal=KILL "$B/pochtactl" --store "$store" \
    fsck >"$T/fsck.out" 2>/dev/null
ok 'a tool that is killed leaves semaphores' test "$(semaphores | wc -l)" -gt 0
is "$(semaphores -uid 0)" '' '... which do not belong to root'
ctl user list
is "$(semaphores)" '' '... and the next command removes them'

chmod 0755 "$T/open"
start
is "$(talk 'Login|2|ann|secret|')" 'Answer|1|Yes|' "the owner's server can read all of it"
is "$(each_verb not_nobodys | grep -v 'this name is taken\|ann failed\|^$')" '' \
    'each verb with a server leaves what belongs to the owner'
stop_server

chgrp -R 0 "$store"
echo secret | ctl user passwd ann
is "$? $(cat "$T/err")" '0 ' "a store whose group is root's"
"$B/pochtactl" --store "$store" doctor >"$T/out" 2>"$T/err"
is "$(grep -c "$store" "$T/out")" 0 '... is in order'
launch "$B/pochtad" --listen 127.0.0.1:0 --store "$store" --user nobody
is "$(talk 'Login|2|ann|secret|')" 'Answer|1|Yes|' '... and can be served'
is "$(code "$B/pochtactl" --store "$store" who)" 0 '... and controlled'
stop_server

chown -R 0:0 "$store"
ctl user list
is "$? $(cat "$T/err")" '0 ' "a store of root's own needs nobody else"
done_testing
