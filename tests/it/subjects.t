#!/bin/sh
# SPDX-License-Identifier: ISC
# Lists and announcements show the decoded subject of a MIME text; each frame is as long as it says.
. "$(dirname "$0")/lib.sh"

hex() { printf '%s' "$1" | perl -0777 -pe 's/([^ -~])/sprintf "\\x%02X", ord $1/ge'; }
mime() { printf 'MIME-Version: 1.0\n%b\n\ntext\n' "$1"; } # FIELDS, as printf writes them
send_mime() { # FIELDS
    as2 bob "Send mes|2|ann|$(mime "$1")|" >/dev/null
    n=$((n + 1))
}
rows() { tr '|' '\n' | sed -n 's/^\([0-9]*\)^bob^UTC^[0-9]*^[0-9]^\(.*\)^$/\1 \2/p'; } # of an answer in version 2
list() { as2 ann "$@" | rows; }

start_server
register ann bob
n=0
russian=$(hex 'Subject: Привет, мир')
open_conn 3 "$(in_version_2 transport)"
send 3 "$(frame 'Start|1|2|' 'Login|2|ann|secret|' 'Watch|0|')"
heard 3 3 >/dev/null
send_mime 'Subject: =?koi8-r?B?8NLJ18XULCDNydI=?='
send_mime 'From: x\r\nSubject: =?windows-1251?B?z/Do4uXyLCDs6PA=?=\r\n'
send_mime 'subject: =?utf-8?B?0J/RgNC40LLQ?=\r\n =?utf-8?B?tdGCLCDQvNC40YA=?='
send_mime 'Subject: =?UTF-8?Q?a=7Cb=5Ec=5C?=' # bytes that need an escape, which the body has none of
send_mime 'From: x'
send_mime "Subject: $(printf %070d 0)=?koi8-r?Q?=C1=C1?="
send_mime "X: $(printf %020000d 0)\nSubject: too late"
want="1 $russian
2 $russian
3 $russian
4 Subject: a\\pb\\cc\\\\
5 MIME-Version: 1.0
6 Subject: $(printf %070d 0)
7 MIME-Version: 1.0"
is "$(list 'Show list|0|')" "$want" 'Show list'
is "$(i=3; while [ $((i += 1)) -le 10 ]; do heard 3 $i; done | rows)" "$want" 'Watch'
is "$(as ann 'Show list|2|4|1|')" 'Answer|2|Yes|4^bob^DATE^57^2^Subject: a b c\^|' \
    'version 1: what would need an escape is a space'
is "$(lines 'Start|1|2' 'Login|2|ann|secret' 'Show list|2|4|1' | sed -n 's/.*\^2\^//p')" 'Subject: a\pb\cc\\^|' \
    'in lines'
is "$(as2 ann 'Peek mes|1|4|')" \
    "Answer|2|Yes|4^bob^UTC^57^2^$(hex "$(mime 'Subject: =?UTF-8?Q?a=7Cb=5Ec=5C?=')")^|" 'the body is as it was sent'
as2 ann 'Delete mes|1|1|' 'Delete mes|1|4|' >/dev/null
is "$(list 'Show deleted|0|')" "1 $russian
4 Subject: a\\pb\\cc\\\\" 'Show deleted'
stop_server >/dev/null

# --- the names of older versions ---

rename_line() { # ID FROM TO: in the name of the message's file
    for file in "$T/store/users/ann/000000000$1-"*; do
        mv "$file" "$(echo "$file" | sed "s/,l=$2,/,l=$3,/")"
    done
}
rename_line 2 29+0 17+0
rename_line 3 29+0 16+0
start_server
is "$(list 'Show list|0|' | sed '2d')" "2 MIME-Version: 1.0
6 Subject: $(printf %070d 0)
7 MIME-Version: 1.0" 'a name that describes the first line: that line is shown, and no other name counts'
ok '... and the message is whole' "$B/pochtactl" --store "$T/store" fsck ann
done_testing
