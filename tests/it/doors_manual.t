#!/bin/sh
# SPDX-License-Identifier: ISC
# The examples in the manual page of the doors: the server answers each line as the page says.
. "$(dirname "$0")/lib.sh"
page=$here/../../docs/pochta-doors.7
start_server --pop3 127.0.0.1:0 --submission 127.0.0.1:0 --lmtp 127.0.0.1:0 --domains example.org
is "$(lines 'Register|2|ann|secret' 'Register|2|bob|secret' 'Start|1|2' 'Login|2|bob|secret' \
    'Send mes|2|ann|Subject: tea\n\nAt five, in the garden?' 'Send mes|2|ann|If it rains, inside.' |
    grep -c '^Answer|.|Yes')" 6 'two users, and two messages'

# Sends the lines after "C: " in the examples of a section, each example over a connection of its own, and compares the
# answers with the lines after "S: ", except dates and unique ids. Prints what differs, then how many lines are right.
try_examples() { # SECTION PORT PAGE
    timeout 60 perl -MIO::Socket::INET -e '
    my ($section, $port, $page) = @ARGV;
    my ($here, $inside, $socket, $right, $all) = ("", 0);
    sub plain {
        my $s = shift;
        $s =~ s/\b[0-9a-f]{16}\.(\d+)\b/ID.$1/g;
        $s =~ s/^Date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000$/Date: NOW/;
        return $s =~ s/ +$//r;
    }
    open my $f, "<", $page or die;
    while (<$f>) {
        $here = $1 if /^\.Sh (.*)/;
        if (/^\.[BE]d/) {
            $inside = $here eq $section && /^\.Bd -literal/;
            $socket = IO::Socket::INET->new("127.0.0.1:$port") or die if $inside;
        }
        next if !$inside || !/^([CS]):(?: (.*))?$/;
        my ($who, $line) = ($1, $2 // "");
        $line =~ s/\\e/\\/g;
        $line =~ s/^\\&//;
        if ($who eq "C") { print $socket "$line\r\n"; next }
        my $got = <$socket> // "nothing\r\n";
        $all++;
        if ($got =~ s/\r\n\z// && plain($got) eq plain($line)) { $right++ } else { print "$line: $got\n" }
    }
    printf "%d of %d\n", $right, $all' "$@"
}
answers_in() { sed -n "/^\.Sh $1/,/^\.Sh /s/^S:/&/p" "$page" | wc -l; } # SECTION: how many the page has
for section in POP3 SUBMISSION LMTP; do
    n=$(answers_in "$section")
    ok "there are examples of $section" test "$n" -gt 12
    is "$(try_examples "$section" "$(port_of "$(echo "$section" | tr '[:upper:]' '[:lower:]')")" "$page")" "$n of $n" \
        '... and the server answers them as the page says'
done
printf '%s\n' '.Sh POP3' '.Bd -literal' 'S: +OK Pochta POP3 server ready' 'C: QUIT' 'S: +OK farewell' .Ed >"$T/page"
is "$(try_examples POP3 "$(port_of pop3)" "$T/page")" '+OK farewell: +OK bye
1 of 2' 'the same comparison sees what is wrong'

sed -n '/^\.Sh SETTING UP/,/^\.Ed/{/^[a-z0-9-]* = /p}' "$page" >"$T/pochtad.conf"
ok 'the setup has lines for the configuration' test "$(wc -l <"$T/pochtad.conf")" -eq 4
ok '... which the server accepts' "$B/pochtad" --config "$T/pochtad.conf" --check-config
done_testing
