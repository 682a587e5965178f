#!/bin/sh
# SPDX-License-Identifier: ISC
# An account, an invite or a half-made account that belongs to another user, as after a restore by root: the
# server starts, says so and does not use it, even if it could. Everything else is served.
. "$(dirname "$0")/../it/lib.sh"
if [ "$(id -u)" != 0 ]; then
    skip 'only root can give files away' 'an account of another user'
    done_testing
fi
ctl() { "$B/pochtactl" --store "$T/store" "$@"; }
storage='Noop|storage error, nothing was changed|'

start_server --login-delay 0
register ann bob cid
is "$(as bob 'Send mes|2|ann|to ann|' 'Send mes|2|bob|to bob|' | cut -d '|' -f 3)" "Yes
Yes" 'messages are sent'
code=$(ctl invite add)
stop_server

# Everybody can read and write these files: if the server does not use them, that is its own decision.
chown -R nobody "$T/store/users/ann"
chmod -R a+rwX "$T/store/users/ann"
chown nobody "$T/store/users/cid" "$T/store/invites/$code"
mkdir -m 0777 "$T/store/new/dan-0123456789abcdef0123456789abcdef"
echo invite >"$T/store/new/dan-0123456789abcdef0123456789abcdef/invite-0123456789abcdef0123456789abcdef"
chown nobody "$T/store/new/"*

start_server --login-delay 0 --registration invite
line='event=trouble text="users/[ac].* belongs to user nobody and is left out \(and 1 more\); run: chown -hR root: '
is "$(grep -cE "$line$T/store/\"" "$T/log")" 1 'the server starts, and its log names the first of two accounts, with the command'
is "$(grep -c 'text="invites/ belongs to user nobody and is left out; run' "$T/log") $(grep -c "$code" "$T/log")" '1 0' \
    '... and says that there is such an invite, without its code'
is "$(as bob 'Peek mes|1|1|' | cut -d ^ -f 6)" 'to bob' 'the other account is served'
is "$(talk 'Login|2|ann|secret|')" "Answer|2|$storage" 'a login to an account of another user'
is "$(grep -c "users/ann belongs to the user with number $(id -u nobody), and is not used" "$T/log")" 1 \
    '... which the log explains'
is "$(as bob 'Send mes|2|ann|again|' 'Check user|1|ann|' 'Send mes|2|bob|again|' | cut -d '|' -f 3)" "Noop
Noop
Yes" 'mail to it is refused, mail to others is not'
is "$(talk "Register|3|eve|secret|$code|" | cut -d '|' -f 3)" Noop 'an invite of another user lets nobody in'
is "$(find "$T/store/invites" -name '0123*') $(ls "$T/store/new")" ' ~dan-0123456789abcdef0123456789abcdef' \
    'no invite is taken from a new account of another user'
is "$(find "$T/store/users/ann" -newer "$T/store/lock" -o -name 'new-*')" '' 'nothing is written into it'
ctl user list >"$T/list" 2>&1
is "$(cut -f 1,2 "$T/list" | sort)" "ann	broken
bob	enabled
cid	broken" 'the list of users has all accounts, and marks those that cannot be used'
ctl fsck >"$T/fsck" 2>&1
is "$? $(grep -c '^ann: storage error' "$T/fsck")" '1 1' 'fsck says that it cannot check such an account'
ctl doctor | grep 'files of another owner' >"$T/doctor"
like "$(cat "$T/doctor")" 'error*files of another owner: *, such as users/*find *' 'doctor names one, with the command'
stop_server

sh -c "$(cut -f 4 "$T/doctor")"
chmod -R go= "$T/store"
start_server --login-delay 0
is "$(grep -c 'left out' "$T/log")" 3 'after the command nothing is left out'
is "$(as ann 'Peek mes|1|1|' | cut -d ^ -f 6)" 'to ann' '... and the message is there'
done_testing
