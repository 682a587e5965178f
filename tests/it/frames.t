#!/bin/sh
# SPDX-License-Identifier: ISC
# Frames (PROTOCOL 1): both forms, brackets, what may stand between frames, aliases, browsers.
. "$(dirname "$0")/lib.sh"
start_server
register ann qwe
yes='Answer|1|Yes|'

# Length form
is "$(frame 'Noop|0|' | exchange)" "0000000013$yes" 'ten digits count the bytes of the payload'
is "$(talk '<Noop|0|>' 'Noop|0|')" "<$yes>
$yes" 'a request in brackets is answered in brackets, the next one without them'
is "$(talk '<Nonsense|0|>' | cut -c 1-14)" '<Answer|2|Noop' 'an error is answered in brackets too'
is "$({ printf '\r\n'; frame 'Noop|0|'; printf '\n\r\n\n'; frame 'Noop|0|'; } | by_tcp exchange | decode)" \
    "$yes
$yes" 'CR and LF between frames are skipped'
frame 'Noop|0|' >"$T/noop"
is "$(for _ in 1 2 3 4 5 6 7 8 9 10; do cat "$T/noop"; done | exchange | decode | grep -cFx "$yes")" \
    10 'ten frames sent at once get ten answers'
open_conn 3
for byte in 0 0 0 0 0 0 0 0 0 7 N o o p '|' 0 '|'; do send 3 "$byte"; done
is "$(heard 3 1)" "$yes" 'a frame may come byte by byte'
close_conn 3
open_conn 3
send 3 "$(frame 'Noop|0|')Noop
"
like "$(heard 3 1) $(heard 3 2) $(heard 3 3)" "$yes Answer|2|Noop|*| Exit|1|*|" \
    'after a frame in length form a line ends the session'
close_conn 3
half='Answer|2|Noop|the request is incomplete and was not carried out: the frame is shorter than its length says|'
is "$({ frame 'Noop|0|' && printf "0000000011Show"; } | by_tcp exchange | decode)" "$yes
$half" 'half a frame and the end of input: it was not carried out'
is "$({ frame 'Noop|0|' && printf '\r\n'; } | by_tcp exchange | decode)" "$yes" 'an empty line at the end is no request'
is "$(talk 'Exit|0|' 'Noop|0|')" "$yes" 'nothing is done after Exit'

# Line form
is "$(lines Noop)" "$yes" 'a line needs neither length, numArg nor last bar'
is "$(printf 'Login|2|qwe|secret\nSend mes|2|qwe|unfinished' | by_tcp exchange)" "$yes
Answer|2|Noop|the request is incomplete and was not carried out: its line does not end in LF|" \
    'the last line lacks its end: it was not carried out'
is "$(as qwe 'Show all|0|' | grep -c unfinished)" 0 '... indeed'
is "$(lines 'Noop|0|')" "$yes" 'a line may be a whole payload'
is "$(lines 'Noop|0')" "$yes" 'a line may leave out its last bar'
is "$(printf '\n\r\nNoop\r\n\nNoop\n' | by_tcp exchange)" "$yes
$yes" 'a line may end with CRLF; empty lines are skipped'
is "$(lines 'Login|2|ann|secret' 'Show all')" "$yes
$yes" 'a person can log in and ask by hand'
is "$(lines '<Noop|0|>')" "<$yes>" 'a line in brackets is answered in brackets'
like "$(lines 'Show all')" 'Answer|2|Noop|*|' 'an error is a line, too'
like "$(lines Noop '0000000007Noop|0|' Noop)" "$yes
Answer|2|Noop|*|
$yes" 'after a line, digits are not a length'
like "$(lines 'Login|3|ann|secret')" 'Answer|2|Noop|*|' 'a line whose numArg is wrong is Noop'
as ann "Send mes|2|ann|one
two$(printf '\r')three|" >"$T/sent"
is "$(lines 'Login|2|ann|secret' 'Show all' | sed 1d | cut -d '^' -f 4-)" '13^2^one two three^|' \
    'a line of version 1 shows CR and LF as spaces'

# A browser
like "$(printf 'GET / HTTP/1.1\r\nHost: x\r\n\r\n' | by_tcp exchange)" 'Exit|1|*|' 'HTTP is answered Exit'
like "$(printf 'POST / HTTP/1.0\r\n\r\nRegister|2|eve|secret\r\n' | by_tcp exchange)" 'Exit|1|*|' \
    'HTTP gets one answer'
like "$(talk 'Login|2|eve|secret|')" 'Answer|2|Noop|*' 'commands inside an HTTP request are ignored'

# The words
for pair in START:Start SH_UNR:'Show unread' SH_ALL:'Show all' NO_OPERATION:Noop STAT:Status \
    SH_LST:'Show list' HELP:Help LUG:Logout EXIT:Exit; do
    is "$(as ann "${pair%%:*}|0|")" "$(as ann "${pair#*:}|0|")" "${pair%%:*} is ${pair#*:}"
done
is "$(talk 'REG|2|bob|secret|' 'LOG|2|bob|secret|' 'SND|2|bob|hi|' 'SH_EX|1|1|' 'RSND|2|bob|1|' \
    'DEL_MES|1|1|' 'PASSWD|2|secret|geheim|' 'DEL_US|0|')" "$yes
$yes
Answer|2|Yes|1^bob^DATE^2^2^^|
Answer|2|Yes|1^bob^DATE^2^2^hi^|
Answer|2|Yes|2^bob^DATE^2^2^^|
$yes
$yes
$yes" 'the aliases with arguments'
for word in Answer ANSWER Yes SERV_OK Init INIT 'In system' INSYS 'Operation Code' OPCODE noop ''; do
    like "$(talk 'Noop|0|' "$word|0|" 'Noop|0|')" "$yes
Answer|2|Noop|*|
$yes" "'$word' is no command"
done

like "$(as ann 'Help|0|')" 'Answer|*|Yes|*Send mes*Show all*' 'Help names the commands'
is "$(talk 'Help|0|' | wc -l)" 1 '... in length form in one frame'
help=$(lines Help)
is "$(echo "$help" | wc -l) $(echo "$help" | sed q)" "$(echo "$help" | sed q | cut -d '|' -f 2) Answer|$(
    echo "$help" | wc -l)|Yes|" 'in line form Help is a line for each command, and says how many'
is "$(echo "$help" | sed 1d | grep -c '^[A-Z][a-z ]* ([A-Z_]*).* - .*|$')" "$(($(echo "$help" | wc -l) - 1))" \
    '... and each begins with the command'
is "$(lines help)" "$help" 'help is Help in line form'
is "$(lines '?')" "$help" '? is Help in line form'
is "$(lines 'help|1|Send mes')" "$(lines 'Help|1|Send mes')" 'help explains one command'
is "$(lines quit Noop)" "$yes" 'quit is Exit in line form'
for word in help '?' quit; do
    like "$(talk "$word|0|" 'Noop|0|')" "Answer|2|Noop|unknown command*|
$yes" "'$word' is no command in length form"
done
like "$(as ann 'Help|1|Send mes|')" 'Answer|*|Yes|*essage*|' 'Help explains one command'
is "$(as ann 'Help|1|SND|')" "$(as ann 'Help|1|Send mes|')" 'Help knows the aliases'
like "$(talk 'Help|1|Nonsense|')" 'Answer|2|Noop|*|' 'Help on an unknown command is Noop'
done_testing
