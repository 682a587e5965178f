#!/bin/sh
# SPDX-License-Identifier: ISC
# Who the server is and what it can still do: the user it becomes, what belongs to whom in the store,
# Landlock, and which system calls it makes, beside those that systemd's unit allows.
. "$(dirname "$0")/lib.sh"
chmod 1777 "$T" # as /tmp is: another user has files there, too
yes='Answer|1|Yes|'
root='' # a reason not to try what root can
[ "$(id -u)" = 0 ] || root='root alone can become another user'
[ -n "$root" ] || setpriv --reuid nobody --clear-groups test -x "$B/pochtad" || root='nobody else can read the programs'

has() { grep -Eq -e "$1" "$T/log"; }        # PATTERN
told() { ok "$1" wait_for 20 has "event=$2\$"; } # NAME PATTERN
status() { sed -n "s/^$1:[[:space:]]*//p" "/proc/$SERVER_PID/status" | tr -s '\t ' ' ' | sed 's/ $//'; } # KEY
ctl() { "$B/pochtactl" --store "$STORE" "$@" 2>&1; }

serves() { # that every kind of file operation goes, across directories too
    register ann bob
    is "$(as ann 'Send mes|2|bob|one|' 'Send mes|2|bob|two|')" \
        'Answer|2|Yes|1^ann^DATE^3^2^^|
Answer|2|Yes|2^ann^DATE^3^2^^|' "$1: letters are sent"
    is "$(as bob 'Show all|0|' 'Delete mes|1|1|' 'Restore mes|1|1|')" \
        "Answer|3|Yes|1^ann^DATE^3^2^one^|2^ann^DATE^3^2^two^|
$yes
$yes" '... shown, deleted and restored'
    is "$(as ann 'Delete user|0|')" "$yes" '... an account is deleted'
    is "$(ctl user restore ann)$(as ann 'Show all|0|')" "$yes" '... and brought back'
    like "$(ctl fsck)" '*2 mailboxes, 2 messages, 0 findings' '... and a tool beside the server agrees'
}

shared() { # the semaphores of the store, by the key in its lock file
    key=$(dd if="$STORE/lock" bs=1 skip=14 count=32 2>/dev/null)
    find /dev/shm -ignore_readdir_race -name "sem.pochta-$key-*" "$@" | wc -l
}

# --- the user ---

if [ -n "$root" ]; then
    skip "$root" 'the server switches to a user'
else
    mkdir "$T/srv"
    STORE=$T/srv/store
    uid=$(id -u nobody) gid=$(id -g nobody)
    relaunch setpriv --groups 4,27 "$B/pochtad" --listen 127.0.0.1:0 --store "$STORE" --user nobody
    is "$(status Uid)" "$uid $uid $uid $uid" 'the server switches all its ids'
    is "$(status Gid)" "$gid $gid $gid $gid" '... in its group'
    is "$(status Groups)" "$gid" '... and has left the groups of the user who started it'
    is "$(status CapPrm)$(status CapEff)" 00000000000000000000000000000000 '... with no capability left'
    serves 'user = NAME'
    is "$(find "$STORE" "$T/port" ! -user nobody)" '' 'all new files belong to the user'
    is "$(shared -user nobody)" 64 '... and so do the semaphores'
    told '... and the log says who it is' \
        'security user=nobody landlock=("[^"]*"|[0-9]+) no_new_privs=yes level=notice'
    ok '... it ends in order' stop_server
    is "$(shared)" 0 '... and the semaphores are gone'
    ok '... and the port file' test ! -e "$T/port"

    relaunch "$B/pochtad" --listen 127.0.0.1:0 --store "$STORE" --user nobody:daemon
    # shellcheck disable=SC2046,SC2183 # four words
    is "$(status Gid)" "$(printf '%s %s %s %s' $(for _ in 1 2 3 4; do getent group daemon | cut -d: -f3; done))" \
        'user = NAME:GROUP'
    stop_server
    relaunch setpriv --reuid nobody --regid nogroup --clear-groups "$B/pochtad" --listen 127.0.0.1:0 \
        --store "$STORE" --user nobody
    is "$(as ann 'Noop|0|')" "$yes" 'started as that user: no switch is needed'
    is "$(stat -c %U "/proc/$SERVER_PID/environ")" root '... other processes of that user cannot read its memory'
    stop_server
    relaunch "$B/pochtad" --listen 127.0.0.1:0 --store "$T/as-root"
    told 'started as root for good: a warning' 'security user=root reason=".*user.*" .* level=warning'
    is "$(status NoNewPrivs)" 1 '... but no new privileges'
    STORE=$T/as-root
    serves 'as root'
    stop_server

    refuses 67 '*there is no such user*' 'an unknown user' "$B/pochtad" --store "$T/x" --user no.such.user
    refuses 67 '*there is no such group*' 'an unknown group' "$B/pochtad" --store "$T/x" --user nobody:no.such.group
    refuses 67 '*is root*' 'root' "$B/pochtad" --store "$T/x" --user root
    refuses 77 '*started as nobody*' 'another user than one that can be' \
        setpriv --reuid nobody --clear-groups "$B/pochtad" --store "$T/x" --user daemon
    refuses 77 '*started as nobody*' 'another group' setpriv --reuid nobody --regid nogroup --clear-groups \
        "$B/pochtad" --store "$T/x" --user nobody:daemon
    ok '... none of which made a store' test ! -e "$T/x"

    # A store of another's.
    refuses 77 "*store $T/as-root: it belongs to user root, but the server runs as nobody*" 'a store of root' \
        "$B/pochtad" --listen 127.0.0.1:0 --store "$T/as-root" --user nobody
    fix() { sed -n 's/.*run: \(chown [^"]*\)".*/\1/p' "$T/err"; }
    is "$(fix)" "chown -hR nobody: $T/as-root/" '... and gives the command that fixes it'
    chown nobody "$T/as-root" "$T/as-root"/[!u]* "$T/as-root/users/bob"
    refuses 77 '*: users belongs to user root, *' 'the accounts in a directory of root' \
        "$B/pochtad" --listen 127.0.0.1:0 --store "$T/as-root" --user nobody
    chown nobody "$T/as-root/users" && chown root "$T/as-root/log"
    refuses 77 '*: log belongs to user root, *' 'the delivery log in a directory of root' \
        "$B/pochtad" --listen 127.0.0.1:0 --store "$T/as-root" --user nobody
    ln -s "$T/as-root" "$T/a link; x" && : >"$T/other" && ln -s "$T/other" "$T/as-root/users/bob/link"
    code "$B/pochtad" --listen 127.0.0.1:0 --store "$T/a link; x/" --user nobody >"$T/code"
    is "$(fix)" "chown -hR nobody: '$T/a link; x'/" '... also for a link, with characters of the shell in its name'
    sh -c "$(fix)"
    is "$(stat -c %U "$T/other")" root '... which leaves alone what links in the store lead to'
    relaunch "$B/pochtad" --listen 127.0.0.1:0 --store "$T/as-root" --user nobody
    is "$(as bob 'Show all|0|')" 'Answer|3|Yes|1^ann^DATE^3^0^one^|2^ann^DATE^3^0^two^|' '... which works'
    stop_server
    refuses 77 '*belongs to user nobody, but the server runs as root*set user to its owner, or run: chown -hR root: *' 'a store of a user, as root' \
        "$B/pochtad" --listen 127.0.0.1:0 --store "$T/as-root"
    refuses 73 "*port file $T/srv/port: Permission denied*" 'a port file where the user can write none' \
        "$B/pochtad" --listen 127.0.0.1:0 --store "$STORE" --user nobody --port-file "$T/srv/port"
    refuses 73 "*store $T/none/store: cannot create the directory*" 'a store in no directory' \
        "$B/pochtad" --listen 127.0.0.1:0 --store "$T/none/store" --user nobody
fi

# --- what is left to it ---

# The server may remove its port file, but no file of this name in a directory made since.
swap_ports() {
    rm -rf "$T/ports.old"
    mv "$T/ports" "$T/ports.old"
    mkdir "$T/ports"
    echo other >"$T/ports/port"
}
STORE=$T/store
mkdir "$T/ports"
start_confined() { # COMMAND...
    port_file=$T/ports/port
    relaunch "$@" --listen 127.0.0.1:0 --store "$STORE"
    port_file=$T/port
    wait_for 20 has event=listen
}
start_confined "$B/pochtad"
landlock=$(sed -n 's/.*event=security.* landlock=\([^ ]*\) .*/\1/p' "$T/log")
note "landlock=$landlock"
case $landlock in
[1-9]*)
    swap_ports
    stop_server
    is "$(cat "$T/ports/port")" other 'Landlock: what is not the server'"'"'s is safe from it'
    ;;
*)
    stop_server
    skip "the kernel has no Landlock: $landlock" 'what is not the server'"'"'s is safe from it'
    ;;
esac
if strace -o /dev/null true 2>/dev/null; then
    start_confined env LSAN_OPTIONS=detect_leaks=0 strace -D -f -qq -o "$T/strace" -e trace=landlock_create_ruleset \
        -e inject=landlock_create_ruleset:error=ENOSYS "$B/pochtad"
    told 'without Landlock the log says so' \
        'security user=.* landlock="Function not implemented" no_new_privs=yes level=(notice|warning)'
    serves 'without Landlock'
    swap_ports
    stop_server
    ok '... control: then the same file goes' test ! -e "$T/ports/port"
else
    skip 'no process may be traced here' 'without Landlock'
fi

# The configuration is read again where it was, but not in another directory of the same name.
mkdir "$T/etc" "$T/far"
for dir in etc far; do echo 'idle = 1m' >"$T/$dir/pochtad.conf"; done
ln -s ../far/pochtad.conf "$T/etc/link.conf"
renew() { echo "$2" >"$1.new" && mv "$1.new" "$1"; } # FILE LINE: as an editor does
reload() { ctl reload >/dev/null; echo $?; }
STORE=$T/reloads
[ -n "$root" ] || set -- --user nobody
relaunch "$B/pochtad" --listen 127.0.0.1:0 --store "$STORE" --config "$T/etc/pochtad.conf" "$@"
renew "$T/etc/pochtad.conf" 'idle = 2m'
is "$(reload)" 0 'a file that was replaced is read again'
case $landlock in
[1-9]*)
    mv "$T/etc" "$T/etc.old"
    cp -R "$T/etc.old" "$T/etc"
    is "$(reload)" 78 '... but none in another directory'
    like "$(ctl reload)" '*Permission denied*' '... which is an error in words'
    ;;
esac
stop_server
relaunch "$B/pochtad" --listen 127.0.0.1:0 --store "$STORE" --config "$T/etc/link.conf" "$@"
renew "$T/far/pochtad.conf" 'idle = 3m'
is "$(reload)" 0 "a symbolic link's target is read again, too"
stop_server
set --
STORE=$T/store

# --- systemd's unit ---

unit=$here/../../contrib/pochtad.service
filter() { # every system call that the unit allows, one a line
    perl -e '
        sub set { # with the sets that it is made of
            my $name = shift;
            return $name if $name !~ /^@/;
            return map { set($_) } grep { /^[@\w-]+$/ } map { s/^\s+|\s+$//gr }
                grep { /^\s+[^#\s]/ } qx{systemd-analyze --no-pager syscall-filter $name};
        }
        my %allowed;
        while (<>) {
            my ($not, $names) = /^SystemCallFilter=(~?)(.*)/ or next;
            for (map { set($_) } split " ", $names) {
                if ($not) { delete $allowed{$_} } else { $allowed{$_} = 1 }
            }
        }
        print map { "$_\n" } sort keys %allowed' "$unit"
}
clients=$("$B/pochtad" --print-config | sed -n 's/^clients = //p')
ok 'the unit allows a thread for each client' test "$(sed -n 's/^TasksMax=//p' "$unit")" -gt "$clients"
ok '... and three descriptors' test "$(sed -n 's/^LimitNOFILE=//p' "$unit")" -gt $((3 * clients))
if ! command -v systemd-analyze >/dev/null; then
    skip 'there is no systemd-analyze' 'the unit'
else
    sed "s|/usr/local/sbin|$B|g" "$unit" >"$T/pochtad.service"
    cp "$here/../../contrib/pochtad.socket" "$T"
    is "$(systemd-analyze verify --man=no "$T/pochtad.service" "$T/pochtad.socket" 2>&1)" '' 'the units are well-formed'
    exposure=$(systemd-analyze --no-pager security --offline=true "$unit" |
        sed -n 's/.*Overall exposure level for [^:]*: \([0-9.]*\).*/\1/p')
    ok "exposure $exposure is at most 1.5" awk "BEGIN { exit !(\"$exposure\" != \"\" && $exposure <= 1.5) }"
    filter >"$T/allowed"
    strace -f -qq -o "$T/calls" true 2>/dev/null || : >"$T/calls"
    if [ -s "$T/calls" ]; then
        relaunch env LSAN_OPTIONS=detect_leaks=0 strace -D -f -qq -o "$T/calls" "$B/pochtad" --listen 127.0.0.1:0 --store "$T/traced"
        STORE=$T/traced
        serves 'under strace'
        stop_server
        sed -n 's/^[0-9]* *\([a-z_0-9]*\)(.*/\1/p' "$T/calls" | sort -u >"$T/called"
        is "$(comm -23 "$T/called" "$T/allowed" | tr '\n' ' ')" '' \
            "all $(wc -l <"$T/called") system calls of the server are among those that the unit allows"
        is "$(printf 'landlock_restrict_self\nmount\nsetrlimit\n' | comm -12 - "$T/allowed" | tr '\n' ' ')" \
            'landlock_restrict_self ' 'control: others are not'
    else
        skip 'no process may be traced here' 'system calls'
    fi
fi
done_testing
