#!/bin/sh
# SPDX-License-Identifier: ISC
# Resend (PROTOCOL 4).
. "$(dirname "$0")/lib.sh"
start_server
register ann bob carl
no='Answer|2|Noop|'
as ann 'Send mes|2|bob|hello|' >/dev/null

is "$(as bob 'Resend|2|carl|1|')" 'Answer|2|Yes|1^bob^DATE^5^2^^|' 'name and id'
is "$(as bob 'Resend|2|1|carl|')" 'Answer|2|Yes|2^bob^DATE^5^2^^|' 'id and name'
is "$(as carl 'Show all|0|')" 'Answer|3|Yes|1^bob^DATE^5^2^hello^|2^bob^DATE^5^2^hello^|' \
    'the copy has the same body and the resender as its sender'
is "$(as bob 'Show all|0|')" 'Answer|2|Yes|1^ann^DATE^5^2^hello^|' 'the source does not change'
like "$(as bob 'Resend|2|carl|2|' 'Resend|2|nobody|1|' 'Resend|2|1|1|' 'Resend|2|carl|carl|')" "$no*
$no*
$no*
$no*" 'no such message, no such user: Noop'
like "$(as bob 'Resend|1|carl|' 'Resend|3|carl|1|0123456789abcdef|')" "$no*
$no*" 'a wrong number of arguments: Noop'
like "$(talk 'Resend|2|carl|1|')" "$no*" 'without Login: Noop'

# Names of digits
register 7 2
as ann 'Send mes|2|bob|second|' >/dev/null
is "$(as bob 'Resend|2|7|2|' 'Resend|2|1|7|')" 'Answer|2|Yes|1^bob^DATE^6^2^^|
Answer|2|Yes|2^bob^DATE^5^2^^|' 'the order with a user and a message that exist is taken'
is "$(as bob 'Resend|2|2|1|')" 'Answer|2|Yes|1^bob^DATE^5^2^^|' 'name 2, id 1: there is no user 1'
register 1
like "$(as bob 'Resend|2|2|1|' 'Resend|2|1|2|')" "$no*
$no*" 'both orders are possible: Noop'
is "$(as 1 'Show all|0|' && as 2 'Show all|0|')" 'Answer|1|Yes|
Answer|2|Yes|1^bob^DATE^5^2^hello^|' 'and nothing is stored'

# Version 2
is "$(as2 bob 'Resend|2|1|2|')" 'Answer|2|Yes|1^bob^UTC^6^2^^|' 'version 2: name, then id'
like "$(as2 bob 'Resend|2|2|carl|')" "$no*" 'version 2: not id, then name'
is "$(as2 bob 'Resend|2|b!|2|' 'Resend|2|carl|x|' | cut -d '|' -f 4 | cut -c 1-13)" 'a name has 1 
an id or a co' 'version 2: an invalid name or id is refused with the reason'
is "$(as bob 'Resend|2|b!|c!|' 'Resend|2|carl|x|' | cut -d '|' -f 4 | cut -c 1-13)" 'a name has 1 
an id or a co' 'version 1: likewise, when neither argument can'
token=fedcba9876543210
first=$(as2 bob "Resend|3|carl|2|$token|")
is "$first" 'Answer|2|Yes|3^bob^UTC^6^2^^|' 'version 2: with a token'
is "$(as2 bob "Resend|3|carl|2|$token|")" "$first" 'a repeat gets the first answer'
is "$(as bob 'Delete mes|1|2|')" 'Answer|1|Yes|' 'the source is deleted'
is "$(as2 bob "Resend|3|carl|2|$token|")" "$first" 'the repeat still gets the first answer'
is "$(as carl 'Status|0|' | cut -d '|' -f 4)" 3 'the repeats stored nothing'
done_testing
