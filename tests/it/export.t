#!/bin/sh
# SPDX-License-Identifier: ISC
# pochta export: to a Maildir and to an mbox, as mblaze, mutt and Python read them.
. "$(dirname "$0")/lib.sh"
TZ=XYZ-5:30 HOME=$T/home MBLAZE=$T/mblaze
export TZ HOME MBLAZE
mkdir "$T/home" "$T/mblaze" && : >"$T/mblaze/seq"
POCHTA_PASSWORD=secret
export POCHTA_PASSWORD

client() { # NAME WORD...
    user=$1
    shift
    "$B/pochta" --server "127.0.0.1:$PORT" --user "$user" "$@"
}

start_server
register ann bob
old=2001-02-28T23:59:59Z
date='Wed, 28 Feb 2001 23:59:59 +0000'
local='Thu, 1 Mar 2001 05:29:59 +0530' # the same

# 1 to 6: a text with a subject, one without a last line end, bytes of any kind, a letter with a file,
# one whose lines look like separators, and one that was imported.
printf 'Subject: Grüße\n\nHallo\n' | client ann send bob
printf 'From here\n>From there\n\nFrom x 12:30' | client ann send bob
printf 'a\000b\r\n\377|^\\' | client ann send bob
echo 'a file' >"$T/a b.txt"
echo 'see the file' | client ann send --attach "$T/a b.txt" bob
printf 'MIME-Version: 1.0\nFrom: admin\nDate: %s\nSubject: forged\n\nI am admin\n' "$date" | client ann send bob
as2 bob "Import mes|3|$old|0|MIME-Version: 1.0\nFrom: \"Eve\" <eve@example.org>\nDate: $local\nSubject: old\n\nold\n|" >/dev/null
client bob read 1 >/dev/null
for id in 1 2 3; do client bob read --raw $id >"$T/raw$id"; done
client bob mark-unread 2,3

is "$(client bob export --format maildir "$T/md")" '6 exported, 0 there already' 'export to a Maildir'
is "$(cd "$T/md" && find . -type d | sort | tr '\n' ' ')" '. ./cur ./new ./tmp ' '... makes it'
is "$(find "$T/md" -type f | sed "s|$T/md/||; s|/.*||" | sort | uniq -c | tr -s ' \n' ' ')" ' 2 cur 4 new ' \
    '... the messages that were read are in cur/'
is "$(find "$T/md/cur" -type f | grep -vc ':2,S$')" 0 '... with the flag S'
ok '... all of it is the user'"'"'s alone' is_private "$T/md"
is "$(client bob list | cut -f 2 | sort | uniq -c | tr -s ' \n' ' ')" ' 2 Normal 4 Unread ' '... no message changes its state'
file=$(grep -l '^Subject: old' "$T/md/cur"/*)
is "$(stat -c %Y "$file")" 983404799 '... a file has the date of its message'
is "$(cat "$file")" 'MIME-Version: 1.0
From: "Eve" <eve@example.org>
Date: '"$local"'
Subject: old

old' '... what was imported comes back as it was'

cat >"$T/read.py" <<'END'
import email.header, email.utils, mailbox, sys
kind, path = sys.argv[1:3]
box = mailbox.Maildir(path, create=False) if kind == "maildir" else mailbox.mbox(path, create=False)
if kind == "mbox":
    unquote = lambda b: b"".join(l[1:] if l.startswith(b">") and l.lstrip(b">").startswith(b"From ") else l for l in b.splitlines(True))
else:
    unquote = lambda b: b
rows = []
for m in box:
    subject = str(email.header.make_header(email.header.decode_header(m["Subject"] or "")))
    text = next((p for p in m.walk() if p.get_content_type() == "text/plain"), None)
    names = [p.get_filename() for p in m.walk() if p.get_filename()]
    rows.append((email.utils.parseaddr(m["From"])[1], m["To"], subject, unquote(text.get_payload(decode=True)), names, "S" in m.get_flags() or "R" in m.get_flags()))
for row in sorted(rows, key=repr):
    print(*row, sep="\t")
END
as_python_reads() { python3 "$T/read.py" "$@"; }
texts() { # what must be found
    python3 - "$T" <<'END'
import sys
t = sys.argv[1]
raw = lambda n: open(f"{t}/raw{n}", "rb").read()
ann, bob = "ann@[127.0.0.1]", "bob@[127.0.0.1]"
rows = [(ann, bob, "Grüße", raw(1), [], True), (ann, bob, "From here", raw(2), [], False),
    (ann, bob, "a\0b", raw(3), [], False), (ann, bob, "", b"see the file\n", ["a b.txt"], False),
    (ann, bob, "forged", b"I am admin\n", [], False), ("eve@example.org", None, "old", b"old\n", [], True)]
for row in sorted(rows, key=repr):
    print(*row, sep="\t")
END
}
is "$(as_python_reads maildir "$T/md")" "$(texts)" '... Python reads senders, subjects, texts and flags'
ok '... no date of another sender is believed' test "$(grep -h '^X-Original-Date\|^Date' "$T/md"/*/* | grep -c "^Date: $date")" = 0
if command -v mlist >/dev/null; then
    is "$(mlist "$T/md" | wc -l)" 6 '... mblaze lists the messages'
    is "$(mlist -S "$T/md" | wc -l)" 2 '... and those that were read'
    # shellcheck disable=SC2046 # several names
    is "$(mscan -f '%s' $(mlist "$T/md") | sort | grep -c 'Grüße\|forged\|old')" 3 '... and their subjects'
else
    skip 'there is no mblaze' 'mblaze'
fi

# --- mbox ---

is "$(client bob export --format mbox "$T/mbox")" '6 exported, 0 there already' 'export to an mbox'
is "$(as_python_reads mbox "$T/mbox" | sed 's/\\n\(.\)\t/\1\t/')" "$(texts | sed 's/\\n\(.\)\t/\1\t/; s/From x 12:30'"'"'/From x 12:30\\n'"'"'/; s/\\n\(.\)\t/\1\t/')" \
    '... Python reads senders, subjects, texts and states'
ok '... which is the user'"'"'s alone' is_private "$T/mbox"
printf 'From eve@example.org Sat Jan  1 00:00:00 2000\nFrom: eve@example.org\n\nthe last line' >"$T/other"
cp "$T/other" "$T/foreign"
is "$(client bob export --format mbox "$T/foreign" 1)" '1 exported, 0 there already' 'export to an mbox that has messages'
is "$(as_python_reads mbox "$T/foreign" | cut -f 1,4)" "$(printf '%s\t%s\n' 'ann@[127.0.0.1]' "b'Subject: Gr\\xc3\\xbc\\xc3\\x9fe\\n\\nHallo\\n'" eve@example.org "b'the last line\\n'")" \
    '... keeps those'
is "$(code client bob export --format mbox "$T/read.py")" 74 'export to a file that is no mbox'
is "$(cat "$T/err")" "pochta: cannot write $T/read.py: this file is not an mbox" '... is refused'
is "$(python3 -c '
import fcntl, subprocess, sys
f = open(sys.argv[1], "r+b")
fcntl.lockf(f, fcntl.LOCK_EX)
r = subprocess.run(sys.argv[2:], stderr=subprocess.PIPE, text=True)
print(r.returncode, r.stderr, end="")' "$T/mbox" "$B/pochta" --server "127.0.0.1:$PORT" --user bob export --format mbox "$T/mbox")" \
    "74 pochta: cannot write $T/mbox: another program is writing to it" 'export to an mbox that another program has locked'

# --- mutt ---

if command -v mutt >/dev/null; then
    . "$here/mutt.sh"
    for each in "Maildir $T/md" "mbox $T/mbox"; do
        kind=${each% *} path=${each#* }
        is "$(mutt_finds "$path" '~A' | cut -f 1 | uniq -c | tr -s ' \n' ' ')" ' 1 Eve <eve@example.org> 5 ann@[127.0.0.1] ' \
            "mutt finds all messages of the $kind, with their senders"
        is "$(mutt_finds "$path" '~R')" "$(printf '%s\t%s\n' 'Eve <eve@example.org>' old 'ann@[127.0.0.1]' 'Grüße')" \
            '... of which those that were read are read, with their subjects'
        is "$(mutt_finds "$path" '~N' | wc -l)" 4 '... and the rest are new'
        is "$(mutt_finds "$path" '~d 1/3/2001' | cut -f 2)" old '... with their dates'
        mutt_does "$path" '<limit>~b see<enter><view-attachments><next-entry><save-entry><enter><exit>' -R
        is "$(ls "$T/mutt") $(cat "$T/mutt/a b.txt")" 'a b.txt a file' '... and saves a file by its name'
        rm -f "$T/mutt/a b.txt"
    done
else
    skip 'there is no mutt' 'mutt'
fi

# --- again, and after a kill ---

for format in maildir mbox; do
    path=$T/$(echo $format | sed s/maildir/md/)
    find "$path" -type f | sort >"$T/before"
    is "$(client bob export --format $format "$path")" '0 exported, 6 there already' "export to the same $format: nothing twice"
    is "$(find "$path" -type f | sort)" "$(cat "$T/before")" '... and the rest stays'
done
as_python_reads maildir "$T/md" >"$T/all"
as_python_reads mbox "$T/mbox" >"$T/all.mbox"

killed() { # CALL NUMBER WORD...: the client is killed in this system call
    call=$1 when=$2
    shift 2
    ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0 strace -f -qq -o /dev/null -e "trace=$call" -e "inject=$call:signal=KILL:when=$when" \
        "$B/pochta" --server "127.0.0.1:$PORT" --user bob "$@" >"$T/out" 2>"$T/err"
    [ $? = 137 ]
}
failing() { # CALL NUMBER WORD...: the call fails; prints the exit code
    call=$1 when=$2
    shift 2
    ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0 strace -f -qq -o /dev/null -e "trace=$call" -e "inject=$call:error=ENOSPC:when=$when" \
        "$B/pochta" --server "127.0.0.1:$PORT" --user bob "$@" >"$T/out" 2>"$T/err"
    echo $?
}
if client_can_be_traced; then
    client bob export --format maildir "$T/two.md" 1,2 >/dev/null && as_python_reads maildir "$T/two.md" >"$T/two.maildir"
    client bob export --format mbox "$T/two" 1,2 >/dev/null && as_python_reads mbox "$T/two" >"$T/two.mbox"
    for each in 'maildir fsync' 'mbox pwrite64' 'mbox fsync'; do
        format=${each% *} call=${each#* } n=1
        while killed "$call" $n export --format "$format" "$T/$call$format$n" 1,2; do
            client bob export --format "$format" "$T/$call$format$n" 1,2 >/dev/null
            as_python_reads "$format" "$T/$call$format$n" | cmp -s - "$T/two.$format" || echo "# after $call $n"
            n=$((n + 1))
        done >"$T/wrong"
        is "$(cat "$T/wrong")" '' "killed in each $call while it exports to a $format: another export leaves each message once"
        ok '... which there were' test $n -gt 4
    done
    cp "$T/foreign" "$T/full"
    is "$(failing pwrite64 3 export --format mbox "$T/full")" 74 'an mbox on a full disk'
    is "$(cat "$T/err")" "pochta: cannot write $T/full: No space left on device" '... is said'
    ok '... and the mbox is as before' cmp "$T/full" "$T/foreign"
    is "$(failing fsync 1 export --format maildir "$T/full.md" --delete)" 74 'a Maildir on a full disk'
    is "$(find "$T/full.md" -type f | wc -l) $(client bob status | head -n 1)" '0 messages 6' '... has nothing, and nothing is deleted'
else
    skip 'processes cannot be traced here' 'killed while it exports'
fi

# What a crash has left is cut off, unless a message follows.
{ cat "$T/other"; printf '\n\n\0\0\0\0\0eve Sat Jan  1 00:00:00 2000\nX-Pochta-Export: 1\nFrom: x\n\nhalf'; } >"$T/torn"
client bob export --format mbox "$T/torn" 1 >/dev/null
ok 'a half message at the end is cut off' cmp "$T/torn" "$T/foreign"
{ cat "$T/other"; printf '\n\n\0\0\0\0\0eve Sat Jan  1 00:00:00 2000\nX-Pochta-Export: 1\nhalf\n\n'; cat "$T/other"; } >"$T/torn"
client bob export --format mbox "$T/torn" 1 >/dev/null
is "$(as_python_reads mbox "$T/torn" | wc -l)" 3 '... unless another message follows it'

# --- what is deleted ---

is "$(client bob export --format maildir "$T/md" --delete 1,2)" '0 exported, 2 there already' 'export --delete'
is "$(client bob list | cut -f 1 | tr '\n' ' ')" '3 4 5 6 ' '... deletes what is there'
is "$(client bob export --delete --format mbox "$T/new")" '4 exported, 0 there already' '... and what it has exported'
is "$(client bob list | wc -l) $(client bob trash | wc -l)" '0 6' '... to the trash'
is "$(code client bob export --format maildir "$T/md")" 0 'export of an empty mailbox'
is "$(code client bob export --format maildir "$T/md" 99)" 65 'export of a message that is not there'

# --- where it cannot be ---

mkdir "$T/dir" && : >"$T/dir/file"
is "$(code client bob export --format maildir "$T/dir")" 74 'a directory with something else'
is "$(cat "$T/err")$(ls "$T/dir")" "pochta: cannot write $T/dir: this is not a Maildirfile" '... is refused, and stays'
is "$(code client bob export --format mbox "$T/dir")" 74 'a directory is no mbox'
is "$(code client bob export --format maildir "$T/nowhere/x")" 74 'no such directory'
is "$(code client bob export "$T/md")" 64 'without a format'
is "$(code client bob export --format pst "$T/md")" 64 'another format'
is "$(code client bob list --format mbox)$(code client bob list --delete)" 6464 'the options are for export alone'
done_testing
