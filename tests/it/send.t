#!/bin/sh
# SPDX-License-Identifier: ISC
# Send mes: the forms of a message, what is stored and answered, the tokens of version 2.
. "$(dirname "$0")/lib.sh"
start_server
register ann bob
no='Answer|2|Noop|'

is "$(as ann 'Send mes|2|bob|hello|')" 'Answer|2|Yes|1^ann^DATE^5^2^^|' \
    'the answer is the stored message with an empty body'
is "$(as bob 'Show exact|1|1|')" 'Answer|2|Yes|1^ann^DATE^5^2^hello^|' 'a raw body'
is "$(as ann 'Send mes|2|ann|me|' 'Send mes|2|BOB|x|')" 'Answer|2|Yes|1^ann^DATE^2^2^^|
Answer|2|Yes|2^ann^DATE^1^2^^|' 'a message to oneself; to a name in capitals'

sent=2
arrives() { # MESSAGE BODY NAME: MESSAGE, once sent, is stored as BODY
    sent=$((sent + 1))
    as ann "Send mes|2|bob|$1|" >/dev/null
    is "$(as bob "Show exact|1|$sent|")" "Answer|2|Yes|$sent^ann^DATE^${#2}^2^$2^|" "$3"
}
arrives '0^^^0^0^body^' 'body' 'the form a client sends'
arrives '77^eve^Sun Dec  3 15:51:33 2017^9^1^hi^' 'hi' 'the first five fields are the server'\''s to set'
arrives '0^^^0^7^state^' 'state' 'any decimal state is allowed in the form'
arrives '0^^^0^0^^' '' 'the form with an empty body'
arrives '0^^^0^0^body' '0   0 0 body' 'the last ^ is missing: it is the body'
arrives '0^^^0^body^' '0   0 body ' 'five ^: it is the body'
arrives '0^^^0^0^bo^dy^' '0   0 0 bo dy ' 'seven ^: it is the body'
arrives '0^^^0^0^body^x' '0   0 0 body x' 'something after the last ^: it is the body'
arrives 'x^^^0^0^body^' 'x   0 0 body ' 'id not decimal: it is the body'
arrives '0^^^-1^0^body^' '0   -1 0 body ' 'len not decimal: it is the body'
arrives '0^^^0^^body^' '0   0  body ' 'state empty: it is the body'
arrives '' '' 'an empty body'
arrives 'a\b' 'a\b' 'a backslash is an ordinary byte in version 1'

like "$(as ann 'Send mes|2|nobody|x|')" "$no*" 'to an unknown user: Noop'
like "$(as ann 'Send mes|2|../bob|x|')" "$no*" 'to an invalid name: Noop'
like "$(as ann 'Send mes|1|bob|' 'Send mes|3|bob|x|y|')" "$no*
$no*" 'too few or too many arguments: Noop'
like "$(talk 'Send mes|2|bob|x|')" "$no*" 'without Login: Noop'

# Tokens
token=0123456789abcdef
register tom
first=$(as2 ann "Send mes|3|tom|once|$token|")
is "$first" 'Answer|2|Yes|1^ann^UTC^4^2^^|' 'a Send with a token'
is "$(as2 ann "Send mes|3|tom|once|$token|" "Send mes|3|TOM|once|$token|")" "$first
$first" 'a repeat gets the same answer'
total() { as "$1" 'Status|0|' | cut -d '|' -f 4; }
is "$(total tom)" 1 'a repeat stores nothing'
is "$(as2 ann "Send mes|3|tom|new|${token}0|" "Send mes|2|tom|new|")" 'Answer|2|Yes|2^ann^UTC^3^2^^|
Answer|2|Yes|3^ann^UTC^3^2^^|' 'another token, or none: another message'
is "$(as2 bob "Send mes|3|tom|bob's|$token|")" 'Answer|2|Yes|4^bob^UTC^5^2^^|' \
    'a token belongs to its sender'
is "$(as2 ann "Send mes|3|ann|mine|$token|")" 'Answer|2|Yes|2^ann^UTC^4^2^^|' 'a token belongs to one recipient'
like "$(as2 ann "Send mes|3|tim|early|$token|")" "$no*" 'a Send that fails'
register tim
is "$(as2 ann "Send mes|3|tim|early|$token|")" 'Answer|2|Yes|1^ann^UTC^5^2^^|' '... does not use up its token'
as tom 'Delete mes|1|1|' >/dev/null
is "$(as2 ann "Send mes|3|tom|once|$token|")" "$first" 'a token outlives its message'
stop_server
start_server
is "$(as2 ann "Send mes|3|tom|once|$token|")" "$first" 'a token outlives a restart of the server'
is "$(total tom)" 3 'nothing was stored by the repeats'
long=$token$token$token$token
like "$(as2 ann "Send mes|3|tom|x|$long|" "Send mes|3|tom|x|${long}0|" \
    'Send mes|3|tom|x|0123456789abcde|' 'Send mes|3|tom|x|0123456789ABCDEF|' \
    'Send mes|3|tom|x||')" "Answer|2|Yes|*
$no*
$no*
$no*
$no*" 'a token has 16 to 64 of 0-9a-f'
is "$(total tom)" 4 'only the valid token stored a message'
done_testing
