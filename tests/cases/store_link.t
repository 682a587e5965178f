#!/bin/sh
# SPDX-License-Identifier: ISC
# The store's path is a symbolic link to another disk. What doctor prints to correct a mode or to remove
# a link in the store does that, and leaves the store's own link.
. "$(dirname "$0")/../it/lib.sh"
link="$T/link to the store"
doctor() { "$B/pochtactl" --store "$link" doctor; }
advice() { doctor | cut -f 4 | grep -E '^(find|mkdir) '; }

start_server
register ann
is "$(as ann 'Send mes|2|ann|x|' | cut -d '|' -f 3)" Yes 'a message is sent'
stop_server
ln -s "$T/store" "$link"
chmod 0700 "$T/store"
message=$(find "$T/store/users/ann" -name '0*')
chmod 0644 "$message"
ln -s /nowhere "$T/store/users/ann/oops"
advice >"$T/advice"
ok 'doctor advises commands' test -s "$T/advice"
ok '... which work' sh -e "$T/advice"
ok '... the path to the store is a link' test -L "$link"
is "$(stat -c %a "$message")" 600 '... the mode is corrected'
ok '... the link in the mailbox is gone' test ! -L "$T/store/users/ann/oops"
is "$(advice)" '' '... nothing more is advised'
start_server
is "$(as ann 'Peek mes|1|1|' | cut -d ^ -f 6)" x '... the message is there'
done_testing
