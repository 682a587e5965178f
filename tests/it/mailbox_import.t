#!/bin/sh
# SPDX-License-Identifier: ISC
# pochta import: of a Maildir as Dovecot lays it out, of what mblaze and mutt write, of an mbox, and of what
# pochta has exported.
# shellcheck source=tests/it/lib.sh
. "$(dirname "$0")/lib.sh"
TZ=XYZ-5:30
POCHTA_PASSWORD=secret
export TZ POCHTA_PASSWORD

client() { # NAME WORD...
    user=$1
    shift
    "$B/pochta" --server "127.0.0.1:$PORT" --user "$user" "$@"
}
rows() { # NAME: id, state and date of each message
    as2_dated "$1" 'Show list|0|' | tr '|' '\n' | grep -a '\^' | cut -d '^' -f 1,3,5
}
as2_dated() { # NAME PAYLOAD: the answer with dates as they are
    { frame 'Start|1|2|' "Login|2|$1|secret|" "$2" | exchange; } | sed 's/[0-9]\{10\}Answer/\nAnswer/g' | sed 1,3d
}

start_server --recipients-per-minute 120
register ann bob eve carl dan kim lea max nina

# --- as Dovecot lays it out ---

dovecot=$T/Maildir
mkdir -p "$dovecot/cur" "$dovecot/new" "$dovecot/tmp" "$dovecot/.Sent/cur" "$dovecot/.Sent/new" "$dovecot/.Sent/tmp"
printf '3 V1512305493 N7 Gaa\n' >"$dovecot/dovecot-uidlist"
: >"$dovecot/dovecot.index.log"
: >"$dovecot/.Sent/maildirfolder"
mail() { # SUBJECT DATE: with the line ends that a server may keep
    printf 'Return-Path: <carl@example.org>\r\nFrom: Carl <carl@example.org>\r\nTo: ann@example.org\r\nSubject: %s\r\nDate: %s\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3=BC=C3=9Fe, %s\r\n' "$1" "$2" "$1"
}
mail second 'Sun, 3 Dec 2017 15:51:33 +0300' >"$dovecot/cur/1512305493.M245P3312.mail,S=321,W=330:2,RS"
mail first 'Thu, 01 Jan 1998 00:00:00 GMT' >"$dovecot/cur/883612800.M1P2.mail,S=321,W=330:2,Sa"
mail unseen 'Mon, 4 Dec 2017 12:51:33 +0000' >"$dovecot/cur/1512391893.M2P3.mail,S=321,W=330:2,F"
mail gone 'Mon, 4 Dec 2017 12:51:33 +0000' >"$dovecot/cur/1512391894.M2P4.mail,S=321,W=330:2,ST"
printf 'Subject: undated\n\nno date\n' >"$dovecot/new/1512478293.M3P4.mail,S=26,W=27"
printf 'Date: Mon, 4 Dec 2999 12:51:33 +0000\n\nto come\n' >"$dovecot/new/x.mail"
touch -d 2010-01-01T00:00:00Z "$dovecot/new/x.mail"
mail sent 'Mon, 4 Dec 2017 12:51:33 +0000' >"$dovecot/.Sent/cur/1512391894.M2P5.mail:2,S"
find "$dovecot" -type f -exec cksum {} + | sort >"$T/before"

is "$(client ann import "$dovecot" 2>"$T/err")" '5 imported, 0 there already, 1 marked as deleted and left out' \
    'import of a Maildir of Dovecot'
is "$(cat "$T/err")" "pochta: $dovecot/.Sent is a Maildir of its own: import it by its name
pochta: import: only the flag \"read\" is kept; messages with others: 1 answered, 1 flagged, 1 with keywords" \
    '... tells of its folders, and which flags are lost'
is "$(find "$dovecot" -type f -exec cksum {} + | sort)" "$(cat "$T/before")" '... and leaves it as it was'
is "$(rows ann)" '1^2010-01-01T00:00:00Z^2
2^1998-01-01T00:00:00Z^0
3^2017-12-03T12:51:33Z^0
4^2017-12-04T12:51:33Z^2
5^2017-12-05T12:51:33Z^2' '... dates and states are kept, in the order of delivery'
like "$(client ann read 3)" '*From: Carl <carl@example.org>*second*
*Grüße, second*' '... read shows the sender, the subject and the decoded text'
is "$(client ann import "$dovecot" 2>"$T/err")" '0 imported, 5 there already, 1 marked as deleted and left out' \
    'the same again: nothing twice'
is "$(cat "$T/err")" "pochta: $dovecot/.Sent is a Maildir of its own: import it by its name" '... and no flag is lost'
client ann delete 3
is "$(client ann import "$dovecot/" 2>/dev/null)" '1 imported, 4 there already, 1 marked as deleted and left out' \
    '... but what was deleted since, though the server remembers it'
is "$(client ann list | wc -l)" 5 '... it is there'
is "$(client ann import "$dovecot/.Sent")" '1 imported, 0 there already' 'a folder is imported by its name'

# Made by Dovecot 2.3.19: doveadm save of two messages, one of them then seen and answered, one flagged and
# with the keyword $Work, both still in new/; and doveadm mailbox create Sent.
tar -xzf "$here/dovecot.tgz" -C "$T"
is "$(client dan import "$T/md" 2>"$T/err")" '2 imported, 0 there already' 'import of a Maildir that Dovecot has made'
is "$(cat "$T/err")" "pochta: $T/md/.Sent is a Maildir of its own: import it by its name
pochta: import: only the flag \"read\" is kept; messages with others: 1 answered, 1 flagged, 1 with keywords" \
    '... tells of its folder, and which flags are lost'
is "$(rows dan)" '1^1998-01-01T00:00:00Z^2
2^2017-12-03T12:51:33Z^0' '... dates and states are kept'
is "$(client dan list | cut -f 6)" "$(printf 'Subject: first\nSubject: \320\262\321\202\320\276\321\200\320\276\320\265')" '... and the subjects are shown'
rm -r "$T/md"

# --- what was exported ---

printf 'one\000\r\n^|\\' | client ann send bob
printf 'From here\n\n\nFrom x 12:30\n' | client ann send bob
printf 'twice' | client ann send bob
printf 'twice' | client ann send bob
client bob read 2 >"$T/out"
client bob export --format maildir "$T/md" >/dev/null
client bob export --format mbox "$T/mbox" >/dev/null
is "$(client eve import "$T/md")" '4 imported, 0 there already' 'import of what was exported to a Maildir'
is "$(client eve import "$T/mbox")" '2 imported, 2 there already' 'import of the same from an mbox, where a last line has an end'
client eve delete 5-6
is "$(client eve import "$T/md")" '0 imported, 4 there already' '... the Maildir again: nothing twice'
is "$(rows eve | cut -d '^' -f 2,3)" "$(rows bob | cut -d '^' -f 2,3)" '... dates and states are kept'
client eve export --format maildir "$T/again" >/dev/null
bodies() { for file in "$1"/*/*; do cksum <"$file"; done | sort; }
first_line() { for file in "$1"/*/*; do { grep '^MIME-Version' "$file"; grep -v '^MIME-Version' "$file"; } | cksum; done | sort; }
is "$(bodies "$T/again")" "$(for file in "$T"/md/*/*; do perl -0pe 's/(.*?\n)(MIME-Version: 1.0\n)/$2$1/s' "$file" | cksum; done | sort)" \
    '... and another export gives the same mail'
placed() { (cd "$1" && for file in */*; do echo "$(stat -c %Y "$file") ${file%%/*} $(echo "$file" | grep -o ':.*')"; done | sort); }
is "$(placed "$T/again")" "$(placed "$T/md")" '... with the same dates and flags'
client eve export --format mbox "$T/again.mbox" >/dev/null
separators() { grep -a -e '^From pochta' -e '^Status:' "$1"; }
is "$(separators "$T/again.mbox")" "$(separators "$T/mbox")" '... and so does one to an mbox'
is "$(client bob import "$T/again.mbox")" '0 imported, 4 there already' 'what comes back to its mailbox is there'

# What export has made of a message is not imported beside it. Deleted, it comes back from the mail.
for mail in md mbox; do
    is "$(client bob import "$T/$mail")" '0 imported, 4 there already' "$mail: import into the mailbox from which it was exported"
done
client bob delete 2
sed -i 's/^\(Message-ID: <.*\.P\)3H/\11H/' "$T/mbox"
perl -0pi -e 's/.*\Ktwice/thrice/s' "$T/mbox"
is "$(client bob import "$T/mbox")" '3 imported, 1 there already' '... but not if it was deleted, has another id or another text'

# --- mblaze, and other files ---

if command -v mdeliver >/dev/null; then
    mmkdir "$T/blaze"
    { printf 'From: a@b\nDate: Mon, 4 Dec 2017 12:51:33 +0000\n\nBlaze\n'; } | mdeliver "$T/blaze" >/dev/null
    { printf 'From: a@b\nDate: Mon, 4 Dec 2017 12:51:34 +0000\n\nBlaze\n'; } | mdeliver -c -XS "$T/blaze" >/dev/null
    is "$(client bob import --format maildir "$T/blaze")" '2 imported, 0 there already' 'import of a Maildir that mblaze made'
    is "$(rows bob | tail -n 2 | cut -d '^' -f 2,3 | sort)" '2017-12-04T12:51:33Z^2
2017-12-04T12:51:34Z^0' '... with dates and flags'
else
    skip 'there is no mblaze' 'import of a Maildir that mblaze made'
fi
printf '%s\n' 'From a@b Mon Dec  4 12:51:35 2017' 'Status: RO' 'X-Status: AF' '' '>From a' '' 'From no separator' '' 'From a@b Mon Dec  4 12:51:36 2017' 'X-Status: D' '' x '' \
    'From a@b Mon Dec  4 12:51:37 2017' >"$T/other"
is "$(client bob import "$T/other" 2>"$T/err")" '2 imported, 0 there already, 1 marked as deleted and left out' 'import of an mbox'
is "$(cat "$T/err")" 'pochta: import: only the flag "read" is kept; messages with others: 1 answered, 1 flagged' '... tells which flags are lost'
is "$(rows bob | tail -n 2 | cut -d '^' -f 2,3)" '2017-12-04T12:51:35Z^0
2017-12-04T12:51:37Z^2' '... the separator has the date of what has none'
id=$(client bob list | tail -n 2 | head -n 1 | cut -f 1)
is "$(client bob read --raw "$id")" 'MIME-Version: 1.0

From a

From no separator' '... a text comes without what the mbox put before it'
head -c 3000 /dev/zero | tr '\0' x >"$T/large"
{ printf 'From a@b Mon Dec  4 12:51:38 2017\n\n'; cat "$T/large"; printf '\n\nFrom a@b Mon Dec  4 12:51:39 2017\n\nsmall\n'; } >"$T/mixed"
is "$(code client bob import --message-limit 2000 "$T/mixed")" 65 'a message that is too large'
like "$(cat "$T/err" "$T/out")" 'pochta: the message at byte 0: the message has 3* bytes, at most 2000 are allowed: see --message-limit
1 imported, 0 there already' '... is said, and the rest is imported'
is "$(code client bob import "$T/large")" 66 'a file that is no mbox'
is "$(code client bob import "$T/nowhere")" 66 'no such file'
is "$(code client bob import "$T")" 66 'a directory that is no Maildir'
is "$(cat "$T/err")" "pochta: cannot read $T: this is not a Maildir" '... is said'
is "$(code client bob import --format pst "$T/mbox")" 64 'another format'

# --- mutt ---

if command -v mutt >/dev/null; then
    . "$here/mutt.sh"
    for i in 1 2 3 4 5; do printf 'Subject: mutt %s\n\ntext %s\n' $i $i | client ann send carl; done
    client carl read 1-3 >/dev/null
    client carl export --format maildir "$T/mutt.md" >/dev/null
    client carl export --format mbox "$T/mutt.mbox" >/dev/null
    only() { printf '<untag-pattern>.<enter><tag-pattern>~s "mutt %s"<enter>' "$1"; } # NUMBER: tags that message
    marked="$(only 1)<tag-prefix><set-flag>!$(only 3)<tag-prefix><set-flag>N$(only 4)<tag-prefix><set-flag>r<tag-prefix><clear-flag>N"
    copied='<tag-pattern>~A<enter><tag-prefix><copy-message>'
    deleted="$(only 2)<tag-prefix><delete-message><sync-mailbox>"
    for kind in Maildir mbox; do
        path=$(echo $kind | sed s/Maildir/md/)
        mutt_does "$T/mutt.$path" "$marked<enter-command>set mbox_type=$kind<enter>$copied$T/copy.$path<enter>$deleted" ||
            diag "mutt: $(cat "$T/shown")"
    done
    rows_of() { client "$1" list | awk -F '\t' '{ print $4, $6, $2 }' | sort; } # NAME: dates, subjects and states
    rows_of carl | sed 's/\(mutt [124]\) .*/\1 Normal/; s/\(mutt [35]\) .*/\1 Unread/' >"$T/marked"
    grep -v 'mutt 2' "$T/marked" >"$T/left"
    while read -r name path rows summary; do
        is "$(client "$name" import "$T/$path" 2>"$T/err")" "$summary" "import of what mutt has written: $path"
        is "$(cat "$T/err")" 'pochta: import: only the flag "read" is kept; messages with others: 1 answered, 1 flagged' \
            '... tells which flags are lost'
        is "$(rows_of "$name")" "$(cat "$T/$rows")" '... dates, subjects and states are kept'
    done <<END
kim mutt.md left 4 imported, 0 there already, 1 marked as deleted and left out
lea mutt.mbox left 4 imported, 0 there already
max copy.md marked 5 imported, 0 there already
nina copy.mbox marked 5 imported, 0 there already
END
else
    skip 'there is no mutt' 'mutt'
fi

# --- more than the server takes a minute, kills, a server that is killed ---

mkdir -p "$T/many/cur" "$T/many/new" "$T/many/tmp"
for i in $(seq 130); do printf 'Subject: %s\n\n%s\n' "$i" "$i" >"$T/many/cur/$i.x:2,S"; done
is "$(client eve import "$T/many")" '130 imported, 0 there already' 'more messages than the server takes in a minute'
client eve delete all
mkdir -p "$T/few/cur" "$T/few/new" "$T/few/tmp"
few() { for i in 1 2 3; do printf 'Subject: few\n\n%s of %s\n' "$i" "$1" >"$T/few/new/$i.x"; done; }
stop_server
start_server --recipients-per-minute 0
if client_can_be_traced; then
    n=1
    few 1
    while ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0 strace -f -qq -o /dev/null -e trace=recvfrom,recv,recvmsg -e "inject=recvfrom,recv,recvmsg:signal=KILL:when=$n" \
        "$B/pochta" --server "127.0.0.1:$PORT" --user eve import "$T/few" >"$T/out" 2>&1; [ $? = 137 ]; do
        client eve import "$T/few" >/dev/null
        [ "$(client eve list | wc -l)" = 3 ] || echo "# killed in call $n"
        client eve delete all
        n=$((n + 1))
        few $n
        [ $((n % 2)) = 0 ] || { client eve import "$T/few" && client eve delete all; } >/dev/null # its tokens are taken
    done >"$T/wrong"
    is "$(cat "$T/wrong")" '' 'killed at each answer: another import leaves each message once'
    ok '... of which there were some' test $n -gt 5
else
    skip 'processes cannot be traced here' 'killed at each answer'
fi
done_testing
