#!/bin/sh
# SPDX-License-Identifier: ISC
# The copies of letters that were sent: one for each letter, in a Maildir, unless they are not wanted.
# shellcheck source=tests/it/lib.sh
. "$(dirname "$0")/lib.sh"
POCHTA_PASSWORD=secret
export POCHTA_PASSWORD
start_server
register ann bob eve

ann() { "$B/pochta" --server "127.0.0.1:$PORT" --user ann "$@"; }
copies() { find "$XDG_DATA_HOME/pochta/sent" -type f | wc -l; }
newest() { find "$XDG_DATA_HOME/pochta/sent/cur" -type f | sort | tail -n 1; }
field() { sed -n "/^\$/q; /^$1: /,/^[^ ]/{s/^$1: //p; s/^ //p; }" "$(newest)" | tr '\n' ' '; } # NAME
forget() { rm -rf "$XDG_DATA_HOME"; }

printf 'Subject: Grüße\n\nhello' | ann send bob eve >/dev/null
is "$(copies)" 1 'send: one copy, however many recipients'
is "$(field From)$(field To)$(field Subject)" 'ann@[127.0.0.1] bob@[127.0.0.1], eve@[127.0.0.1] =?utf-8?B?R3LDvMOfZQ==?= ' \
    '... with sender, recipients and subject'
is "$(sed '1,/^$/d' "$(newest)")" 'Subject: Grüße

hello' '... and the text'
like "$(newest)" "*/cur/*${colon}2,S" '... as read'
ok '... for nobody else to read' is_private "$XDG_DATA_HOME/pochta"

# A recipient who is not there.
forget
echo hello >"$T/letter"
is "$(ann send bob nobody eve <"$T/letter" 2>/dev/null)" 'bob: sent
eve: sent' 'send: one of three is refused'
is "$(copies) $(field To)" '1 bob@[127.0.0.1], eve@[127.0.0.1] ' '... the copy has the others'
echo other | ann send nobody 2>/dev/null
is "$(copies)" 1 '... and of a letter that nobody has there is none'

# A draft that is sent later to the rest.
forget
echo rest | ann send bob nobody >/dev/null 2>&1
is "$(copies) $(field To)" '1 bob@[127.0.0.1] ' 'a letter that one of two has'
register nobody
number=$(ann drafts | tail -n 1 | cut -f 1)
ann drafts send "$number" >/dev/null
is "$(copies) $(field To)" '1 bob@[127.0.0.1], nobody@[127.0.0.1] ' '... and the other later: still one copy'

# Not wanted, elsewhere, impossible.
forget
POCHTA_SENT=no ann send bob <"$T/letter"
ok 'POCHTA_SENT=no: no copy' test ! -e "$XDG_DATA_HOME/pochta/sent"
POCHTA_SENT=$T/else ann send bob <"$T/letter"
is "$(find "$T/else/cur" -type f | wc -l)" 1 'POCHTA_SENT=DIR: there'
mkdir "$T/full" && : >"$T/full/file"
POCHTA_SENT=$T/full
export POCHTA_SENT
is "$(code ann send bob)" 0 'no copy can be kept: the letter is sent all the same'
is "$(cat "$T/err")" "pochta: the letter was sent, but no copy is kept: $T/full: this is not a Maildir" '... with words'
unset POCHTA_SENT
forget
printf 'MIME-Version: 1.0\n\nHi\n' | ann send bob
is "$(sed 's/^Date: .*/DATE/; s/^Message-ID: .*/ID/' "$(newest)")" 'From: ann@[127.0.0.1]
To: bob@[127.0.0.1]
DATE
ID
MIME-Version: 1.0

Hi' 'a MIME text gets the fields before its own'
done_testing
