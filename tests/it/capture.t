#!/bin/sh
# SPDX-License-Identifier: ISC
# The bytes of the report's capture, over TCP.
. "$(dirname "$0")/lib.sh"
start_server
register qwe 123
capture='0000000011Show all|0|'

is "$(frame 'Show all|0|')" "$capture" 'the capture is a frame of ours'
like "$(printf %s "$capture" | exchange | decode)" 'Answer|2|Noop|*' 'before Login'
is "$({ frame 'Login|2|qwe|secret|'; printf %s "$capture"; } | exchange)" \
    '0000000013Answer|1|Yes|0000000013Answer|1|Yes|' 'an empty mailbox'
as 123 'Send mes|2|qwe|jklaskldhakjshdkajdsh|' >/dev/null
is "$({ frame 'Login|2|qwe|secret|' 'Show unread|0|'; printf %s "$capture"; } | exchange | decode |
    sed -n 3p)" 'Answer|2|Yes|1^123^DATE^21^0^jklaskldhakjshdkajdsh^|' 'the message of its listing'
done_testing
