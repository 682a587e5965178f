#!/bin/sh
# SPDX-License-Identifier: ISC
# Limits and bad input: the table of PROTOCOL 7, row by row.
. "$(dirname "$0")/lib.sh"
start_server --message-max 1000
register ann bob
yes='Answer|1|Yes|' no='Answer|2|Noop|'

pad() { printf "%${1}s" '' | tr ' ' x; } # COUNT: so many x
one_line() { tr '\n' ' '; }

# length is not 10 digits, or over the frame limit
for length in 00000x0011 000000011S 0000000-11 '00000 0011'; do
    open_conn 3
    send 3 "${length}Show all|0|$(frame 'Noop|0|')"
    like "$(heard 3 1) $(heard 3 2)" "$no*ten*4096*| Exit|1|*|" "length '$length' is not 10 digits: Noop, Exit"
    close_conn 3
done
like "$(talk "Login|2|ann|$(pad 4083)|" 'Noop|0|')" "$no*|
$yes" 'a frame of 4096 bytes before Login'
like "$(talk "Login|2|ann|$(pad 4084)|" | one_line)" "$no*4096*| Exit|1|*| " \
    'a frame of 4097 bytes before Login: Noop with the limit, Exit'
like "$(printf 9999999999 | by_tcp exchange | decode | one_line)" "$no*4096*| Exit|1|*| " \
    'the length alone is enough' # over UDP it comes with the first of the rest
like "$(lines "Login|2|ann|$(pad 5000)" | one_line)" "$no*4096*| Exit|1|*| " \
    'a line over the limit: the same'
like "$(as ann "Send mes|2|bob|$(pad 6080)|" 'Noop|0|')" "$no*1000*|
$yes" 'a frame of 6096 bytes after Login (twice the message limit and 4096)'
like "$(as ann "Send mes|2|bob|$(pad 6081)|" 'Noop|0|' | one_line)" "$no*6096*| Exit|1|*| " \
    'a frame of 6097 bytes after Login: Noop with the limit, Exit'
like "$(as ann 'Logout|0|' "Login|2|ann|$(pad 4084)|" 'Noop|0|' | one_line)" \
    "$yes $no*4096*| Exit|1|*| " 'after Logout the limit is 4096 again'

# the payload's form; behind another, since some of these are what a server says first (docs/udp.md)
for payload in '' Noop 'Noop|' 'Noop|x|' 'Noop||' 'Noop|-1|' 'Noop| 0|' 'Noop|0x0|' 'Noop|1|' \
    'Noop|0|a|' 'Help|2|a|' 'Help|1|a|b|' \
    'Noop|18446744073709551616|' 'Noop|4294967296|'; do
    like "$(talk 'Noop|0|' "$payload" 'Noop|0|')" "$yes
$no*numArg*|*
$yes" "payload '$payload': Noop with the form, the session goes on"
done
for payload in 'Noop|0' 'Help|1|Noop' '<Noop|0|'; do
    like "$(talk "$payload" 'Noop|0|')" "*$no*must end with*|*
$yes" "payload '$payload': Noop with how a part ends, the session goes on"
done

# unknown opcode; wrong number of arguments; not logged in
like "$(talk 'Nonsense|0|' 'noop|0|' 'Noop |0|' 'Noop|0|')" "$no*|
$no*|
$no*|
$yes" 'unknown opcode: Noop, the session goes on'
for payload in 'Exit|1|x|' 'Register|1|x|' 'Login|1|ann|' 'Login|3|ann|secret|x|' 'Noop|1|x|' \
    'Help|9|1|2|3|4|5|6|7|8|9|'; do
    like "$(talk 'Noop|0|' "$payload" 'Noop|0|')" "$yes
$no*|
$yes" "'$payload' has a wrong number of arguments: Noop, the session goes on"
done
for payload in 'Logout|0|' 'Send mes|2|bob|x|' 'Delete user|0|' 'Delete mes|1|1|' 'Show unread|0|' \
    'Show all|0|' 'Show exact|1|1|' 'Resend|2|bob|1|' 'Status|0|' 'Show list|0|' \
    'Password|2|secret|new|' 'Peek mes|1|1|' 'Mark mes|2|1|0|' 'Check user|1|bob|'; do
    like "$(talk "$payload" 'Noop|0|')" "$no*|
$yes" "'$payload' without Login: Noop, the session goes on"
done

# names and passwords
thirty_two=a23456789012345678901234567890.2
for name in '' .a -a _a a. "${thirty_two}x" 'a b' 'a/b' .. 'é' 'a^b' "a$(printf '\t')"; do
    like "$(talk "Register|2|$name|secret|" 'Noop|0|')" "${no}a name has 1 to 32 *|
$yes" "name '$name': Noop with the rule"
done
is "$(talk "Register|2|$thirty_two|secret|" "Login|2|$thirty_two|secret|")" "$yes
$yes" 'a name of 32 bytes'
cr=$(printf '\r')
for password in '' "$(pad 256)" "a${cr}b" 'a
b'; do
    like "$(in_version_2 talk "Register|2|eve|$password|" 'Noop|0|')" "${no}a password has 1 to 255 *|
$yes" "a password of ${#password} bytes against the rule: Noop with the rule"
done
like "$(printf '0000000019Register|2|eve|a\000b|' | in_version_2 exchange | decode)" "${no}a password has *|" \
    'a password with NUL: Noop with the rule'
is "$(talk "Register|2|eve|$(pad 255)|" "Login|2|eve|$(pad 255)|")" "$yes
$yes" 'a password of 255 bytes'

# no such user, no such message, message too large
like "$(as ann 'Send mes|2|nobody|x|' 'Show exact|1|1|' 'Delete mes|1|1|' 'Resend|2|bob|1|')" "$no*
$no*
$no*
$no*" 'no such user, no such message: Noop'
like "$(as ann "Send mes|2|bob|$(pad 1000)|" "Send mes|2|bob|$(pad 1001)|")" \
    "Answer|2|Yes|1^ann^DATE^1000^2^^|
$no*1000*|" 'a message over the limit: Noop with the limit'
escaped=$(pad 1000 | sed 's/x/\\p/g')
like "$(as2 ann "Send mes|2|bob|$escaped|" "Send mes|2|bob|${escaped}x|")" \
    "Answer|2|Yes|2^ann^UTC^1000^2^^|
$no*1000*|" 'escapes do not count'
is "$(as bob 'Status|0|' | cut -d '|' -f 4-6)" '2|2|2000' 'nothing else was stored'

# wrong password
is "$(talk 'Login|2|ann|wrong|')" "$(talk 'Login|2|nobody|wrong|')" \
    'wrong password: the same words as for an unknown name'
done_testing
