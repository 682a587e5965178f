#!/bin/sh
# SPDX-License-Identifier: ISC
# Version 2 (PROTOCOL 5), and what version 1 makes of the same messages.
. "$(dirname "$0")/lib.sh"
start_server
register ann bob
no='Answer|2|Noop|'

is "$(talk 'Start|1|2|')" 'Answer|2|Yes|2|' 'Start with 2'
is "$(talk 'Start|1|3|' 'Start|1|99999999999999999999999|')" 'Answer|2|Yes|2|
Answer|2|Yes|2|' 'Start with a higher number gets 2'
like "$(talk 'Start|1|two|' 'Start|1||' 'Start|1|-2|' 'Start|2|2|2|')" "$no*
$no*
$no*
$no*" 'Start with an invalid number: Noop'

# Escapes
is "$(as2 ann 'Send mes|2|bob|a\pb\cc\\d\ne\rf|')" 'Answer|2|Yes|1^ann^UTC^11^2^^|' \
    'len counts the body without escapes'
is "$(as2 bob 'Show list|0|')" 'Answer|2|Yes|1^ann^UTC^11^2^a\pb\cc\\d^|' 'Show list escapes'
is "$(as2 bob 'Show all|0|')" 'Answer|2|Yes|1^ann^UTC^11^2^a\pb\cc\\d\x0Ae\x0Df^|' \
    'Show all escapes; in length form LF and CR stay as they are'
is "$(as bob 'Show all|0|')" 'Answer|2|Yes|1^ann^DATE^11^0^a b c\d\x0Ae\x0Df^|' \
    'version 1 gets spaces for | and ^, and the length stays right'
is "$(lines 'Start|1|2' 'Login|2|bob|secret' 'Show all' | sed 1,2d | cut -d '^' -f 4-)" \
    '11^0^a\pb\cc\\d\ne\rf^|' 'in line form LF and CR are escaped'
is "$(lines 'Login|2|bob|secret' 'Show all' | sed 1d | cut -d '^' -f 4-)" '11^0^a b c\d e f^|' \
    'in line form version 1 gets spaces for CR and LF'
is "$(as2 ann 'Send mes|2|bob|0^^^0^0^x\cy\p^|' 'Send mes|2|bob|\c\c\c\c\c\c|')" \
    'Answer|2|Yes|2^ann^UTC^4^2^^|
Answer|2|Yes|3^ann^UTC^6^2^^|' 'an escaped ^ does not end a field'
is "$(as2 bob 'Show unread|0|')" \
    'Answer|3|Yes|2^ann^UTC^4^2^x\cy\p^|3^ann^UTC^6^2^\c\c\c\c\c\c^|' 'an escaped ^ comes back escaped'
is "$(as2 ann 'Send mes|2|bob|\\p|')" 'Answer|2|Yes|4^ann^UTC^2^2^^|' 'escapes are undone once'
like "$(as2 ann 'Send mes|2|bob|a\x|' 'Send mes|2|bob|a\P|' 'Send mes|2|bob|a\|' \
    'Send mes|2|bob|0^^^0^0^a\^|' 'Send mes|2|b\ob|a|' 'Help|1|\q|')" "$no*
$no*
$no*
$no*
$no*
$no*" 'an unknown or unfinished escape is Noop, in any argument'
is "$(as bob 'Status|0|' | cut -d '|' -f 4)" 4 'an invalid escape stores nothing'
is "$(as ann 'Send mes|2|bob|a\x|' 'Send mes|2|bob|a^b|' | cut -d '|' -f 3)" 'Yes
Yes' 'in version 1 backslash and ^ are ordinary bytes'
is "$(as2 bob 'Show unread|0|')" \
    'Answer|4|Yes|4^ann^UTC^2^2^\\p^|5^ann^UTC^3^2^a\\x^|6^ann^UTC^3^2^a\cb^|' \
    'version 2 shows them escaped'
is "$(talk 'Start|1|2|' 'Register|2|pat|a\pb\\|' 'Login|2|pat|a\pb\\|' | cut -d '|' -f 3)" 'Yes
Noop
Noop' 'a password has no |, escaped or not'
is "$(talk 'Start|1|2|' 'Register|2|pat|a\\p|' 'Start|0|' 'Login|2|pat|a\p|')" 'Answer|2|Yes|2|
Answer|1|Yes|
Answer|1|Yes|
Answer|1|Yes|' 'a password is the same in both versions; Start without a version gives 1'

# Every byte
perl -e 'print map(chr, 0 .. 255), map(chr, reverse 0 .. 255), "\\p\\c\\\\\\n|^" x 9' >"$T/body"
perl -e '
    local $/;
    sub frame { printf "%010d%s", length $_[0], $_[0] }
    my ($body, %code) = (scalar <STDIN>, "\\" => "\\\\", "|" => "\\p", "^" => "\\c");
    $body =~ s/([\\|^])/$code{$1}/g;
    frame($_) for "Start|1|2|", "Login|2|ann|secret|", "Send mes|2|ann|$body|",
        "Show exact|1|1|"' <"$T/body" | exchange >"$T/answers"
perl -e '
    local $/;
    my $body = (split /\^/, <STDIN>)[-2];
    $body =~ s/\\(.)/{ "\\" => "\\", p => "|", c => "^" }->{$1}/ges;
    print $body' <"$T/answers" >"$T/back"
ok 'every byte value comes back' cmp "$T/body" "$T/back"
done_testing
