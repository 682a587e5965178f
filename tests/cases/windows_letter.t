#!/bin/sh
# SPDX-License-Identifier: ISC
# A letter from Windows, whose lines end with CR LF, is shown as any other, and take takes it.
. "$(dirname "$0")/../it/lib.sh"
POCHTA_PASSWORD=secret && export POCHTA_PASSWORD
ann() { "$B/pochta" --server "127.0.0.1:$PORT" --user ann "$@"; }

start_server
register ann
printf 'Dear Ann,\r\nhello\r\n\r\nBob\r\n' >"$T/letter"
ann send ann <"$T/letter"
is "$(ann read 1 | sed '1,/^STATE/d' | od -c)" "$(printf 'BODY: Dear Ann,\n      hello\n\n      Bob\n\n' | od -c)" \
    'read: no CR and no escape at the end of a line'
ann read --raw 1 | cmp -s - "$T/letter"
result $? 'read --raw: every byte as it was'
ok 'take: takes it' test "$(code ann take 1)" = 0
is "$(code ann read 1)" 65 '... it is gone'
printf 'an old Mac\rhas CR alone' | ann send ann
is "$(ann read 2 | sed -n 's/^BODY: //p')" 'an old Mac\x0dhas CR alone' 'a CR alone is an escape'
done_testing
