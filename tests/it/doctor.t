#!/bin/sh
# SPDX-License-Identifier: ISC
# pochtactl doctor: finds each problem, which is gone once its advice is carried out to the letter. It
# changes nothing itself.
. "$(dirname "$0")/lib.sh"
tab=$(printf '\t')
S="$T/it's; a \$(store) with -name" # what doctor prints must hold for odd names, and for a link
PATH=$B:$PATH # in which a shell finds the tools that it is told to run
conf="$T/it is; pochtad.conf" # likewise

# That nothing keeps a machine's clock right is no matter but for the test of that.
kept_right=0
# Leaks cannot be looked for under strace.
doctor() { # OPTION...
    ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0 strace -f --seccomp-bpf -qq -o /dev/null -e inject=clock_adjtime,clock_adjtime64,adjtimex:retval=$kept_right "$B/pochtactl" doctor \
        --config "$conf" "$@" 2>"$T/err"
}
configure() { # LINE...
    {
        printf '%s\n' "store = $S" 'reserve-inodes = 0' "$@"
        cat "$T/listen"
        case $* in *clients*) ;; *) echo 'clients = 10' ;; esac
        case $* in *registration*) ;; *) echo 'registration = closed' ;; esac
    } >"$conf"
}
# Space, the kind of the file system and the room for datagrams are those of the machine: a tmpfs is found,
# and no finding here.
findings() { doctor "$@" | grep -v -e "the store is on [a-z0-9.]*, " -e 'on this file system, or before' -e "${tab}receive buffers: "; }
found() { findings | grep -F "$1"; } # TEXT
listing() { find "$S/" -printf '%p %y %m %u %g %s %T@ %C@\n' | sort; }

resolves() { # NAME LEVEL TEXT: doctor finds it, changes nothing, and its advice resolves it
    listing >"$T/before"
    found "$3" >"$T/found"
    like "$(cat "$T/found")" "$2$tab*$tab*$3*$tab*" "$1"
    listing >"$T/after"
    ok '... looking changes nothing' cmp "$T/before" "$T/after"
    sh -c "$(head -n 1 "$T/found" | cut -f 4)"
    is "$(findings)" "$well" '... its advice resolves it'
}

echo 'listen = 127.0.0.1:0' >"$T/listen"
configure
well=ok
if doctor | grep -q -e 'the store is on' -e 'on this file system, or before'; then well=''; fi
chmod 600 "$conf"
is "$(doctor --store "$T/nowhere" | cut -f 1-3)" \
    "error$tab$T/nowhere${tab}cannot open the store: No such file or directory" 'no store'
: >"$T/file"
like "$(doctor --store "$T/file" | grep 'cannot open the store')" "*Not a directory${tab}make it a directory *" \
    'a file in its place: no server would create the store'
test -e "$T/nowhere"
is $? 1 '... doctor does not create one'
mkdir -m 0700 "$T/store" && ln -s store "$S"
like "$(doctor)" "error$tab$S${tab}not a Pochta store*" 'an empty directory'
start_server
register ann bob
as ann 'Send mes|2|ann|one|' 'Send mes|2|bob|two|' 'Delete mes|1|1|' >/dev/null
is "$(findings)" "$well" 'no findings with a server'
cp -a "$S/users/ann" "$S/users/mail-server"
like "$(found 'a reserved name')" "warning$tab$S${tab}accounts with a reserved name*: 1, such as users/mail-server$tab*" \
    'an account that has had the name of the server from before'
rm -r "$S/users/mail-server"
register vera
pochtactl --store "$S" group add class ann vera
pochtactl --store "$S" user delete vera
register vera
like "$(found 'members of groups')" '*: 1, such as class vera*' 'another account with the name of a member'
pochtactl --store "$S" user delete vera
resolves 'a deleted account in a group' warning 'deleted, of which all who write to the group are told: 1, such as class vera'
pochtactl --store "$S" group remove class ann
resolves 'a group without members' warning 'groups without members, to which nobody can send mail: 1, such as class'
rm -r "$S/groups" "$S/removed/"*
printf 'now 0.0.1\n' >"$S/programs"
like "$(found quota-warning)" "warning${tab}quota-warning${tab}new since the previous version: quota-warning = 90: *${tab}write *" \
    'a store on which an older version ran: what is new to decide'
configure '#quota-warning = 90'
is "$(findings)" "$well" '... is decided once the file has the key'
configure
stop_server
start_server
is "$(cat "$S/programs")" "now $("$B/pochtad" --version | cut -d ' ' -f 2)
before 0.0.1" '... and the server that starts writes down which version ran before'
like "$(found quota-warning)" '*new since*' '... so that it is still found'
rm "$S/programs"
stop_server
start_server
like "$(cat "$S/programs")" '*before 0' '... likewise if no version is known'
printf 'now %s\n' "$("$B/pochtad" --version | cut -d ' ' -f 2)" >"$S/programs"
is "$(findings)" "$well" 'the version that runs: nothing is new'
chmod 0666 "$S/control.sock" && resolves 'a control socket open to others' warning 'control.sock is open to other users'
stop_server
listing >"$T/before"
is "$(findings)" "$well" 'no findings without a server'
listing >"$T/after"
ok '... nothing was changed' cmp "$T/before" "$T/after"
is "$(find /dev/shm -ignore_readdir_race -name "sem.pochta-$(head -c 46 "$S/lock" | tail -c 32)-*")" '' '... doctor creates no semaphore'
if [ "$well" = ok ]; then
    is "$(doctor; echo $?)" 'ok
0' 'exit 0'
    is "$(doctor --json; echo $?)" '[
]
0' '... as JSON'
else
    skip 'the directory of the test is on a doubtful file system' 'exit 0'
    skip 'the directory of the test is on a doubtful file system' '... as JSON'
fi

# Directories that are missing
for part in new removed invites; do
    rmdir "$S/$part" && mkdir -m 0700 "$T/$part"
    like "$(found 'no directory')" "error$tab$S${tab}*it has no directory $part$tab*" "doctor finds that $part is missing"
    mv "$T/$part" "$S/$part"
done
mv "$S/new" "$T/new" && ln -s "$T/new" "$S/new"
like "$(found 'its new is not')" "error$tab$S$tab*${tab}put the directory in its place; *" '... or something else'
rm "$S/new" && mv "$T/new" "$S/new"
mv "$S/log" "$T/log.kept" && : >"$S/log" && chmod 0600 "$S/log"
like "$(found 'its log is not')" "error$tab$S${tab}its log is not a directory$tab*" '... a file in place of the log'
rm "$S/log"
is "$(findings)" "$well" '... which a server makes if it is missing'
mv "$T/log.kept" "$S/log"
is "$(findings)" "$well" '... and that it is back'

# Permissions
message=$(find "$S/users/bob" -name '0*')
chmod 0644 "$message" && resolves 'a file open to others' warning 'files open to other users: 1, such as users/bob/0'
chmod 0755 "$S/users" "$S/users/ann" && resolves 'directories open to others' warning \
    'directories open to other users: 2, such as '
chmod 0755 "$S" && resolves 'the store open to others' warning 'the store is open to other users'
contrib=$here/../../contrib
for mode in $(sed -n 's/^StateDirectoryMode=//p' "$contrib/pochtad.service") $(cut -d ' ' -f 3 "$contrib/tmpfiles.d/pochta.conf" | grep 0); do
    chmod "$mode" "$S"
    is "$(stat -Lc %a "$S") $(findings)" "710 $well" 'the group may pass through it to the socket, as systemd makes it'
done
chmod 0700 "$S"
chmod 0400 "$message" && resolves 'a file closed to its owner' error 'files closed to their owner: 1'
chmod 0500 "$S/users/bob" && resolves 'a directory closed to its owner' error 'directories closed to their owner: 1'
ln -s /etc/passwd "$S/users/bob/link" && resolves 'a symbolic link' error \
    'symbolic links and special files, which the server does not open: 1, such as users/bob/link'
mkfifo "$S/pipe" && resolves 'a pipe' error 'such as pipe'
mv "$S/users/bob" "$T/bob" && ln -s "$T/bob" "$S/users/bob"
like "$(found 'in place of parts')" "error$tab$S$tab*: 1, such as users/bob${tab}stop the server, and put *" \
    'a link in place of a mailbox is not to be taken away'
is "$(doctor | grep -c aside)" 0 '... by no command'
rm "$S/users/bob" && mv "$T/bob" "$S/users/bob"
test -f /etc/passwd
is $? 0 '... what a link leads to stays'
if [ "$(id -u)" = 0 ]; then
    chown nobody "$message" && resolves 'a file of another owner' error \
        "files of another owner: 1, such as users/bob/0"
    chmod 0644 "$conf"
    chown -R nobody "$S/" && chmod 0600 "$conf" &&
        resolves "a configuration that the store's owner cannot read" error "the store's owner cannot read it"
    chgrp -R 0 "$S/" && chgrp 0 "$conf" && chmod 0640 "$conf" &&
        resolves "... nor its group, though the store's group could" error "the store's owner cannot read it"
    chmod 0640 "$conf" && chgrp "$(id -g nobody)" "$conf"
    is "$(findings)" "$well" '... its group can'
    is "$(chown nobody "$conf"; findings)" "$well" "... but the owner's own"
    chown root "$conf" && chown -R root "$S/"
    chown nobody "$conf" && resolves 'a configuration that a user owns' warning \
        "it belongs neither to root nor to the store's owner"
    setpriv --reuid nobody --regid nogroup --clear-groups "$B/pochtactl" --store "$S" doctor 2>&1 |
        grep -q Permission
    is $? 0 'a user without permission is told so'
else
    skip 'only root can give files away' 'a file of another owner'
fi

# Configuration
chmod 0622 "$conf" && resolves 'a configuration that others can write' error 'other users than its owner can write it'
configure 'frob = 1'
like "$(found 'unknown key')" "error$tab$conf$tab*:3: unknown key \"frob\"*${tab}edit '$conf'" 'a wrong line'
sed -i 3d "$conf"
is "$(findings)" "$well" '... edited'
like "$("$B/pochtactl" doctor --config "$T/none" --store "$S" | head -n 1)" "error$tab$T/none$tab*cannot read the file*" \
    'a configuration that is not there'

# Clock
is "$(kept_right=5; found 'not synchronized')" "warning${tab}clock${tab}not synchronized${tab}timedatectl set-ntp true" 'a clock that nobody sets'
like "$(TZ=Nowhere/Nothing findings)" \
    "warning$tab/usr/share/zoneinfo/Nowhere/Nothing${tab}cannot read the time zone*" 'no such time zone'
is "$(TZ=MSK-3 findings)" "$well" '... a rule needs no file'
future=$(echo "$message" | sed 's/t=[0-9]*/t=9999999999/')
mv "$message" "$future"
like "$(found 'messages from the future')" "warning$tab*: 1, such as users/bob/*" 'a message of a time to come'
mv "$future" "$message"

# Quotas, which were lowered
configure 'quota-bytes = 2'
like "$(found 'accounts with more mail')" \
    "warning$tab$S${tab}accounts with more mail than their quota, which receive nothing new: 2, such as users/*$tab*" \
    'an account above its quota'
configure
is "$(findings)" "$well" '... and without that quota'

# What crashes leave
half_invite=$S/invites/$(printf %032d 0).new
mkdir "$S/new/half" && : >"$S/users/ann/new-0123456789abcdef-1" && : >"$S/lock.half" && : >"$half_invite"
chmod 0700 "$S/new/half" && chmod 0600 "$S/users/ann/new-0123456789abcdef-1" "$S/lock.half" "$half_invite"
like "$(found 'files left over from a crash: 4')" "warning$tab*start the server: it removes them" 'half-done things'
rm "$S/lock.half"
start_server
as ann 'Show list|0|' >/dev/null
is "$(findings)" "$well" '... with a server they are its own'
kill_child KILL "$SERVER_PID"
wait "$SERVER_PID" 2>/dev/null
SERVER_PID=''
is "$(found 'left over')" '' '... and it has cleared them away'
resolves 'semaphores of a server that was killed' warning 'semaphores of the store were left by a killed process: 64'
cp -p "$S/lock" "$T/lock" && echo junk >"$S/lock" && resolves 'a lock file of another version' error \
    'the lock file is damaged or of another version'
# An unknown key must not get into a command that an administrator is told to run.
evil=';touch pwned;0123456789abcdef012'
cp -p "$T/lock" "$S/lock" && printf '%s' "$evil" | dd of="$S/lock" bs=1 seek=14 conv=notrunc 2>/dev/null
: >"/dev/shm/sem.pochta-$evil-0"
is "$(doctor | grep -c touch)" 0 '... or of an evil one: it is in no advice'
like "$(found 'damaged or of another version')" "error$tab*" '... and the file is not of this version'
rm -f "/dev/shm/sem.pochta-$evil-0" "$S/lock" && cp -p "$T/lock" "$S/lock"
broken=$(echo "$message" | sed 's/-[un],/-b,/')
mv "$message" "$broken"
resolves 'a damaged message that was set aside' warning 'damaged messages set aside: 1'
cp "$S/users/bob/account" "$T/account" && echo junk >"$S/users/bob/account"
like "$(found 'file account')" "error$tab*: 1, such as users/bob/account*" 'a damaged account'
rm "$S/users/bob/account"
like "$(found 'file account')" "error$tab*: 1, such as users/bob$tab*" '... one without its file'
cp "$T/account" "$S/users/bob/account"
is "$(findings)" "$well" '... brought back'
: >"$S/users/carol" && chmod 0600 "$S/users/carol"
like "$(found 'file account')" "error$tab*: 1, such as users/carol$tab*" 'a file in place of an account'
rm "$S/users/carol"

# Space
configure 'reserve-bytes = 1024G'
like "$(found 'reserve-bytes')" "error$tab$S$tab*bytes free, reserve-bytes is 1099511627776: the server accepts no new mail*" 'no space'
configure 'quota-bytes = 1048576G'
like "$(found 'quotas allow')" "warning$tab$S${tab}the quotas allow *" 'quotas that are more than there is'
configure
"$B/pochtactl" --store "$S" user quota ann 1048576G 0
like "$(found 'quotas allow')" "warning$tab$S${tab}the quotas allow *" "... of an account's own"
free=$(($(df -P -k "$S" | sed '1d' | awk '{print $4}') / 1048576)) # GiB
if [ "$free" -gt 5 ]; then
    "$B/pochtactl" --store "$S" user quota ann "$((free - 4))G" 0
    for n in 1 2 3 4 5 6 7 8; do cp -a "$S/users/bob" "$S/users/bob$n"; done
    is "$(found 'quotas allow')" '' 'the default of quota-bytes promises nobody room'
    configure 'quota-bytes = 1G'
    like "$(found 'quotas allow')" "warning$tab$S${tab}the quotas allow *" '... the same set as a value does'
    configure
    rm -r "$S"/users/bob[1-8]
else
    skip 'less than 6 GiB are free' 'the default of quota-bytes promises nobody room'
    skip 'less than 6 GiB are free' '... the same set as a value does'
fi
"$B/pochtactl" --store "$S" user quota ann - -
is "$(findings)" "$well" '... is resolved'

# Limits
configure 'clients = 1000000'
like "$(sh -c 'ulimit -n 256; "$@"' - "$B/pochtactl" doctor --config "$conf" | grep descriptors)" \
    "warning${tab}limits${tab}descriptors: the limit is 256, 1000000 clients need 3428617${tab}set LimitNOFILE=3428617 in the unit, or lower clients" \
    'more clients than descriptors'
configure

# Ports
perl -MIO::Socket::INET -e '
    my $l = IO::Socket::INET->new(Listen => 5, LocalAddr => "127.0.0.1:0") or die;
    open my $f, ">", "$ARGV[0].new"; print $f "listen = 127.0.0.1:", $l->sockport, "\n"; close $f;
    rename "$ARGV[0].new", $ARGV[0];
    while (my $s = $l->accept) { print $s "220 hello\r\n" }' "$T/stranger" &
stranger=$!
children="$children $stranger"
wait_for 20 test -s "$T/stranger"
cp "$T/stranger" "$T/listen" && configure
like "$(found 'another program')" "error${tab}127.0.0.1:*${tab}another program answers there$tab*" 'a stranger on the port'
kill_child TERM "$stranger"
wait "$stranger" 2>/dev/null
is "$(findings)" "$well" '... ended'
echo 'listen = 192.0.2.1:5555' >"$T/listen" && configure
like "$(found 192.0.2.1)" "error${tab}192.0.2.1:5555${tab}cannot listen there: *" 'an address that is not ours'
start_server
echo "listen = 127.0.0.1:$PORT" >"$T/listen" && configure
is "$(findings)" "$well" 'the server answers on its port'
echo 'listen = 127.0.0.1:1' >>"$T/listen" && configure
like "$(found 127.0.0.1:1"$tab")" "error${tab}127.0.0.1:1${tab}the server is running, but does not answer there*" '... and not on another'
echo "listen = 127.0.0.1:$PORT" >"$T/listen" && configure
kill -STOP "$SERVER_PID"
like "$(found 'does not answer')" "error$tab$S${tab}a server is running, but does not answer*" 'a server that hangs'
kill -CONT "$SERVER_PID"
is "$(findings)" "$well" '... goes on'
mkdir -m 0700 "$T/other" "$T/other/users" "$T/other/new" "$T/other/removed" "$T/other/invites" && cp "$S/programs" "$T/other/"
like "$(findings --store "$T/other")" "error${tab}127.0.0.1:$PORT${tab}the server of another store answers there*" \
    "another store's server on the port"
stop_server
start_server --proxy-from 127.0.0.1
echo "listen = 127.0.0.1:$PORT" >"$T/listen" && configure
like "$(found 127.0.0.1)" "warning${tab}127.0.0.1:$PORT${tab}the server there turns clients away*" \
    'a server that waits for a line of a proxy says so at once'
configure 'proxy-from = 127.0.0.0/8'
is "$(findings)" "$well" '... which it is given where the configuration says so'
stop_server

# Mail programs
echo 'listen = 127.0.0.1:0' >"$T/listen"
start_server --pop3 127.0.0.1:0 --submission 127.0.0.1:0 --lmtp 127.0.0.1:0 --lmtp "$T/lmtp" --proxy-from 127.0.0.1
doors() { # OPTION...: the configuration of that server
    configure "pop3 = 127.0.0.1:$(port_of pop3)" "submission = 127.0.0.1:$(port_of submission)" \
        "lmtp = 127.0.0.1:$(port_of lmtp)" "lmtp = $T/lmtp" "$@"
}
doors 'domains = example.org' 'proxy-from = 127.0.0.0/8'
is "$(findings)" "$well" 'the server answers mail programs'
like "$(findings --store "$T/other" | grep -c 'the server of another store answers there')" 4 "... another store's server does"
doors 'proxy-from = 127.0.0.0/8'
is "$(findings)" "warning${tab}domains${tab}mail for addresses other than NAME@localhost is refused at submission and lmtp${tab}set domains to the domains of your users' mail addresses" \
    '... which have no domain'
doors 'domains = example.org' 'proxy-from = 127.0.0.0/8' 'submission-trusted = 10.1.2.3' 'submission-trusted = 0.0.0.0/0'
is "$(findings)" "warning${tab}submission-trusted${tab}any machine of 0.0.0.0/0 may send without a login, and name anyone as the author${tab}list only the addresses of your printers and scripts" \
    '... which trust everybody'
at=127.0.0.1:$(port_of pop3)
doors 'domains = example.org'
like "$(found "$at")" "warning${tab}pop3 $at${tab}the server there turns clients away*" \
    '... but not without the line of a proxy, where it waits for one'
configure "pop3 = 127.0.0.1:$(port_of submission)" "submission = 127.0.0.1:1" "lmtp = $T/none" 'domains = example.org'
like "$(found "${tab}pop3 ")" "*the server there turns clients away*" 'POP3 where there is submission'
like "$(found "${tab}submission ")" "error${tab}submission 127.0.0.1:1${tab}the server is running, but does not answer there*" \
    'submission where nobody is'
like "$(found "${tab}lmtp ")" "error${tab}lmtp $T/none${tab}the server is running, but does not answer there*" \
    '... and a Unix socket'
stop_server
configure "lmtp = $T/lmtp" 'domains = example.org'
is "$(findings)" "$well" 'a path that is free'
echo text >"$T/lmtp"
like "$(found "${tab}lmtp ")" "error${tab}lmtp $T/lmtp${tab}cannot listen there: there is a file that is not a socket${tab}set lmtp to another address" \
    '... one that is not'
is "$(cat "$T/lmtp")" text '... which stays as it is'
configure "lmtp = $T/nodir/s" 'domains = example.org'
is "$(findings)" "error${tab}lmtp $T/nodir/s${tab}cannot listen there: No such file or directory${tab}make its directory as pochtad.conf(5) says under lmtp, or set lmtp to another path" \
    '... one in a directory that does not exist'


# Values that do not go together
configure 'submission-trusted = 10.1.2.3' 'keep-days = 30' 'trash-days = 0'
is "$(findings | cut -f 1-3)" "warning${tab}submission-trusted${tab}it has no effect without submission
warning${tab}keep-days${tab}mail that was read is deleted for good at this age, since trash-days is 0" \
    'a key without the one that it needs'
configure 'pop3 = 127.0.0.1:1' 'submission = 127.0.0.1:1'
like "$(found "$conf:")" "error$tab$conf$tab$conf:4: submission: 127.0.0.1:1 is taken by pop3 = 127.0.0.1:1; *${tab}edit *" \
    'two keys with one address'
configure

# UDP
ctl() { "$B/pochtactl" --store "$S" "$@"; }
nobody_is_on() { [ -z "$(ctl who)" ]; }
start_server --udp 127.0.0.1:0
at=127.0.0.1:$(port_of udp)
configure "udp = $at"
is "$(findings)" "$well" 'the server answers over UDP'
is "$(ctl stats | grep -c -e "^connections${tab}0$" -e "^udp-datagrams-dropped${tab}0$")" 2 '... and has no session of it, nor odd datagrams'
like "$(findings --store "$T/other")" "error${tab}udp $at${tab}the server of another store answers there${tab}*set udp to*" \
    "another store's server over UDP"
configure "udp = $at" 'udp = 127.0.0.1:1'
like "$(found 127.0.0.1:1"$tab")" "error${tab}udp 127.0.0.1:1${tab}the server is running, but does not answer there*" \
    '... and not at another address'
stop_server
start_server --udp "$at" --udp-versions 1
configure "udp = $at"
is "$(findings)" "$well" '... in version 1 alone, too'
ok '... whose session does not stay' wait_for 20 nobody_is_on
stop_server
is "$(findings)" "$well" 'a UDP address that is available'
udp_stranger() { # PERL: what it does with a datagram that has come; sets where it is
    rm -f "$T/bound"
    perl -MIO::Socket::INET -e '
        my $s = IO::Socket::INET->new(Proto => "udp", LocalAddr => "127.0.0.1:0") or die;
        open my $f, ">", "$ARGV[0].new"; print $f "127.0.0.1:", $s->sockport; close $f;
        rename "$ARGV[0].new", $ARGV[0];
        while (defined $s->recv(my $d, 2000)) { eval $ARGV[1] }' "$T/bound" "$1" &
    stranger=$!
    children="$children $stranger"
    wait_for 20 test -s "$T/bound"
    at=$(cat "$T/bound")
    configure "udp = $at"
}
leave() { kill_child TERM "$stranger"; wait "$stranger" 2>/dev/null; }
udp_stranger '$s->send("what?")'
like "$(found 'another program')" "error${tab}udp $at${tab}another program answers there$tab*" 'a stranger there'
leave
udp_stranger ''
like "$(found "$at")" "error${tab}udp $at${tab}cannot listen there: Address already in use${tab}set udp*" \
    'one that is silent'
leave
configure 'udp = 192.0.2.1:5555'
like "$(found 'cannot listen')" "error${tab}udp 192.0.2.1:5555${tab}cannot listen there: *" 'an address of UDP that is not ours'
configure "udp = 0.0.0.0:${at#*:}"
like "$(findings)" "warning${tab}udp 0.0.0.0:${at#*:}${tab}machines of other networks can reach version 1 there: *${tab}set udp-versions = 2, or *" \
    'version 1 for all'
configure "udp = 0.0.0.0:${at#*:}" 'udp-versions = 2'
is "$(findings)" "$well" '... version 2 may be'
configure 'udp = 192.0.2.1:5555'
is "$(found 'version 1' | wc -l)" 1 'version 1 at an address of the open net'
configure 'udp = 192.168.77.1:5555' 'udp = [fd12::77]:5555' 'udp = [::1]:5555'
is "$(found 'version 1')" '' '... and at those of our own networks'
configure "udp = localhost:${at#*:}"
is "$(findings)" "$well" '... and version 1 for this machine, by its name'

# Plain text
for key in listen udp; do
    name=${key#listen}
    for address in 0.0.0.0 10.1.2.3 '[::]'; do
        configure "$key = $address:${at#*:}" 'udp-versions = 2' 'registration = open'
        is "$(found 'anyone there may register')" \
            "warning${tab}${name:+udp }$address:${at#*:}${tab}other machines can reach it: anyone there may register, and passwords and mail are sent in plain text${tab}set registration to closed or invite; for TLS, set $key to 127.0.0.1 or [::1], and see tls.md in the documentation" \
            "$key = $address, where anyone may register"
    done
    configure "$key = 0.0.0.0:${at#*:}" 'udp-versions = 2' 'registration = invite'
    is "$(found 'anyone there')" '' '... with invites only'
    configure "$key = 127.0.0.1:${at#*:}" 'registration = open'
    is "$(found 'anyone there')" '' '... on this machine only'
done
for key in pop3 submission; do
    for address in 0.0.0.0 10.1.2.3; do
        configure "$key = $address:${at#*:}" 'domains = example.org'
        is "$(found 'plain text')" \
            "warning${tab}$key $address:${at#*:}${tab}other machines can reach it: passwords and mail are sent in plain text${tab}for TLS, set $key to 127.0.0.1 or [::1], and see pochta-doors(7)" \
            "$key = $address"
    done
    configure "$key = 127.0.0.1:${at#*:}" 'domains = example.org'
    is "$(found 'plain text')" '' '... on this machine only'
done
configure
low=$(($(cat /proc/sys/net/ipv4/ip_unprivileged_port_start) - 1))
if [ "$low" -gt 0 ]; then
    configure "udp = 127.0.0.1:$low" 'user = nobody'
    like "$(found 'each session')" "error${tab}udp 127.0.0.1:$low${tab}each session binds this port, but user nobody may not bind it$tab*" \
        'a port of UDP that the user may not bind'
    configure "udp = 127.0.0.1:$((low + 1))" 'user = nobody'
    is "$(found 'each session')" '' '... one that it may'
else
    skip 'all ports are for everyone' 'a port of UDP that the user may not bind'
fi

if [ -w /dev/shm ] && [ "$(stat -f -c %T /dev/shm)" = tmpfs ]; then
    shm=$(mktemp -d /dev/shm/pochta-test.XXXXXX)
    like "$(doctor --store "$shm")" "*the store is on tmpfs, which*" 'a store on a tmpfs'
    rmdir "$shm"
else
    skip 'there is no tmpfs' 'a store on a tmpfs'
fi
mkdir "$T/low" "$T/up" "$T/work" "$T/over"
layered() { # COMMAND...: in a container's own layer, which is gone afterwards
    unshare -m sh -c 'mount -t overlay -o "lowerdir=$1/low,upperdir=$1/up,workdir=$1/work" over "$1/over" && shift && "$@"' sh "$T" "$@"
}
if layered true 2>/dev/null; then
    like "$(layered "$B/pochtactl" doctor --store "$T/over")" \
        "*the store is on overlay, which is removed with its container${tab}give the container a volume*" 'a store in a container'
else
    skip 'no overlay can be mounted' 'a store in a container'
fi
ok 'after all that, the path to the store is a link' test -L "$S"
is "$("$B/pochtactl" --store "$S" doctor --json | head -n 1)" '[' 'as JSON'
done_testing
