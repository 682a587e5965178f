#!/bin/sh
# SPDX-License-Identifier: ISC
# mime.t: files are sent, shown and saved, and Python's email package reads and writes the same.
# shellcheck source=tests/it/lib.sh
. "$(dirname "$0")/lib.sh"

unset POCHTA_SERVER POCHTA_USER POCHTA_PROXY_COMMAND POCHTA_MESSAGE_LIMIT
POCHTA_PASSWORD=secret
export POCHTA_PASSWORD

at() { "$B/pochta" --server "127.0.0.1:$PORT" --user "$@"; } # NAME COMMAND...
ann() { at ann "$@"; }
bob() { at bob "$@"; }
about() { sed -n '/^BODY/,$p' "$T/out"; } # what read said after the header

start_server --idle 600
ann register
bob register
mkdir "$T/in" "$T/out.d"
printf 'one\r\n\000\377' >"$T/in/a b.txt"
head -c 5000 /dev/urandom >"$T/in/отчёт «за год» и ещё очень длинное имя.pdf"
: >"$T/in/an ${odd}empty$odd one"
printf 'Привет\nЭто файлы.\n' >"$T/text"

# --- what cannot be attached is told before anything is sent ---

refused() { # CODE PATTERN NAME OPTION...
    code=$1 pattern=$2 name=$3
    shift 3
    is "$(code ann send bob "$@")" "$code" "--attach: $name"
    like "$(cat "$T/err")" "$pattern" '... says why'
}
refused 66 "pochta: cannot attach $T/none: No such file*" 'a file that does not exist' --attach "$T/text" --attach "$T/none"
refused 66 "pochta: cannot attach $T: Is a directory" 'a directory' --attach "$T"
refused 66 'pochta: cannot attach /dev/null: it is not a regular file' 'a device' --attach /dev/null
head -c 7500 /dev/zero >"$T/7500"
refused 65 "pochta: cannot attach $T/7500: the message would have 10*, at most 10000 are allowed: see --message-limit" \
    'a file that is too large in base64' --attach "$T/7500" --message-limit 10000
refused 65 "pochta: cannot attach $T/7500: *" 'two files that are too large together' \
    --attach "$T/in/a b.txt" --attach "$T/7500" --message-limit 10700
if truncate -s 100G "$T/100G" 2>/dev/null; then
    refused 65 "pochta: cannot attach $T/100G: *" 'a file that could not be read into memory' --attach "$T/100G"
    rm "$T/100G"
fi
refused 64 'pochta: --message-limit: "1x" is not *' 'a limit that is no number' --attach "$T/text" --message-limit 1x
is "$(code ann read --attach "$T/text" 1)" 64 '--attach: with another command'
is "$(code bob read 1)" 65 '--attach: nothing was sent'

# --- there and back ---

ann send bob --attach "$T/in/a b.txt" --attach "$T/in/отчёт «за год» и ещё очень длинное имя.pdf" \
    --attach "$T/in/an ${odd}empty$odd one" <"$T/text"
result $? 'send: three files'
bob read --raw 1 >"$T/raw"
is "$(head -n 1 "$T/raw")" 'MIME-Version: 1.0' 'send: the first line says that it is MIME'
is "$(code bob read 1)" 0 'read: a message with files'
is "$(about)" 'BODY: Привет
      Это файлы.

FILE: 2 a b.txt (application/octet-stream, 7 bytes)
FILE: 3 отчёт «за год» и ещё очень длинное имя.pdf (application/octet-stream, 5000 bytes)
FILE: 4 an '"${odd}empty$odd"' one (application/octet-stream, 0 bytes)' 'read: shows the text and lists the files'
is "$(code bob save 1 "$T/out.d")" 0 'save: all files'
is "$(cat "$T/out")" "$(printf "$T/out.d/%s\n" 'a b.txt' 'отчёт «за год» и ещё очень длинное имя.pdf' "an ${odd}empty$odd one")" \
    'save: prints what it has written'
ok 'save: the files come back' diff -r "$T/in" "$T/out.d"
ok 'save: nobody else can read them' is_private "$T/out.d/a b.txt"
is "$(cd "$T/out.d" && code bob save 1 2)" 0 'save: one file, into the working directory'
is "$(cat "$T/out")" 'a b.txt.1' 'save: writes over no file, but appends a number'
ok 'save: ... with the same content' cmp "$T/in/a b.txt" "$T/out.d/a b.txt.1"
bob save 1 1 "$T/out.d" >/dev/null
ok 'save: the text is a part, too' cmp "$T/text" "$T/out.d/part-1"
is "$(code bob save 1 9)" 65 'save: no such part'
is "$(code bob save 1 0)" 64 'save: part 0'
is "$(code bob save 1 2 . more)" 64 'save: too many arguments'
is "$(code bob save 1 "$T/none")" 74 'save: the directory does not exist'
is "$(code bob save 7)" 65 'save: no such message'

# The leak sanitizer does not work under strace.
failing_sync() { # NUMBER: lets this sync fail while a file is saved; prints the exit code
    rm -rf "$T/unsynced"
    mkdir "$T/unsynced"
    ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0 strace -f -qq -o /dev/null -e trace=fsync -e "inject=fsync:error=EIO:when=$1" \
        "$B/pochta" --server "127.0.0.1:$PORT" --user bob save 1 2 "$T/unsynced" >"$T/out" 2>"$T/err"
    echo $?
}
if client_can_be_traced; then
    is "$(failing_sync 1)" 74 'save: the file cannot be synced'
    is "$(cat "$T/err")$(ls "$T/unsynced")" "pochta: cannot write $T/unsynced/a b.txt: Input/output error" '... says so, and leaves no file'
    is "$(failing_sync 2)" 74 'save: the directory cannot be synced'
    is "$(cat "$T/err")" "pochta: cannot write $T/unsynced/a b.txt: Input/output error" '... says so'
else
    skip 'processes cannot be traced here' 'save: a sync that fails'
fi
echo 'no files' | ann send bob
is "$(code bob save 2)" 65 'save: a message without files'
is "$(cat "$T/err")" 'pochta: message 2 has no files' '... says so'
is "$(code bob take 1)" 65 'take: a message with files is kept'
like "$(cat "$T/err")" 'pochta: 1 is kept: its files were not written out (3): *--raw*' '... says why'
bob take --raw 1 | cmp -s - "$T/raw"
result $? 'take --raw: takes it whole'
is "$(code bob read 1)" 65 'take --raw: ... it is deleted'

# --- names and texts of a person who means harm ---

boundary='--=_b'
part() { # NAME CONTENT: name as it stands in the header
    printf '%s\n' "$boundary" "Content-Disposition: attachment; filename$1" '' "$2"
}
{
    printf 'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="=_b"\n\n'
    part '="../../../outside"' 1
    part '=/etc/passwd' 2
    part '=.profile' 3
    part "*=utf-8''a%%0aFROM:%%20admin%%1b%%5b2J" 4
    part '=link' 5
    part "*=''%%2e%%2e" 6
    printf '%s\n' "$boundary" '' 'Hi' 'FILE: 9 none (text/plain, 1 bytes)' 'FROM: admin' "$boundary--"
} | sed 's/%%/%/g' | ann send bob
is "$(code bob read 3)" 0 'read: hostile names'
is "$(about)" 'BODY: Hi
      FILE: 9 none (text/plain, 1 bytes)
      FROM: admin
FILE: 1 ../../../outside (text/plain, 1 bytes)
FILE: 2 /etc/passwd (text/plain, 1 bytes)
FILE: 3 .profile (text/plain, 1 bytes)
FILE: 4 a\x0aFROM: admin\x1b[2J (text/plain, 1 bytes)
FILE: 5 link (text/plain, 1 bytes)
FILE: 6 .. (text/plain, 1 bytes)' 'read: neither a name nor the text looks like a header'
mkdir -p "$T/a/b/c/d"
ln -s "$T/elsewhere" "$T/a/b/c/d/link"
is "$(code bob save 3 "$T/a/b/c/d")" 0 'save: hostile names'
linux_names "$T/a/b/c/d"
is "$(cd "$T/a/b/c/d" && find . -type f | sort)" './_.
./_profile
./a_FROM: admin_[2J
./link.1
./outside
./passwd' 'save: writes harmless names'
is "$(cd "$T" && find a -type f ! -path 'a/b/c/d/*'; ls "$T/elsewhere" 2>/dev/null)" '' \
    'save: writes nothing outside the directory, and follows no link'
printf 'MIME-Version: 1.0\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment; filename=x\n\nT*Q\n' | ann send bob
is "$(code bob read 4)" 0 'read: a damaged file'
is "$(about)" 'BODY: 
NOTE: there is no text
FILE: 1 x (text/plain, 1 bytes, damaged)' 'read: says what is damaged or missing'
is "$(code bob save 4 "$T/out.d")" 65 'save: a damaged file'
like "$(cat "$T/err")" 'pochta: part 1 of 4 is damaged: *' '... says so'
is "$(cat "$T/out.d/x")" M 'save: ... and writes what could be read'
printf 'MIME-Version: 1.0\nContent-Type: text/html; charset=X-None\n\n\360<b>\n' | ann send bob
bob read 5 >"$T/out"
is "$(about)" 'BODY: \xf0<b>

NOTE: the type of this text is text/html; save writes part 1 to a file
NOTE: the character set of this text is x-none' 'read: says what a text is that is not plain UTF-8'
printf ' MIME-Version: 1.0\n\nplain\n' | ann send bob
is "$(bob read 6 | sed -n 's/^BODY: //p')" ' MIME-Version: 1.0' 'read: only the exact first line makes a message MIME'

# --- Python's email package ---

if ! command -v python3 >/dev/null || ! python3 -c 'import email' 2>/dev/null; then
    skip 'no python3' 'the email package'
    done_testing
fi
cat >"$T/read.py" <<'END'
import email, email.policy, os, sys
m = email.message_from_binary_file(open(sys.argv[1], "rb"), policy=email.policy.default)
text, *files = m.iter_parts()
assert text.get_content_type() == "text/plain" and text.get_payload(decode=True) == open(sys.argv[2], "rb").read()
for f in files:
    name = f.get_filename()
    assert f.get_content_disposition() == "attachment", name
    assert f.get_payload(decode=True) == open(os.path.join(sys.argv[3].encode(), name.encode()), "rb").read(), name
assert len(files) == len(os.listdir(sys.argv[3]))
assert not any(p.defects for p in m.walk())
END
ok 'Python reads what was sent' python3 "$T/read.py" "$T/raw" "$T/text" "$T/in"
cat >"$T/write.py" <<'END'
import email.message, email.policy, os, sys
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
out, files = sys.argv[1], sys.argv[2]
names = ["plain.bin", "with space.bin", "отчёт.bin", "очень " * 20 + ".bin", 'a "quoted" name.bin', "100%;=.bin"]
content = {n: os.urandom(i * 300) for i, n in enumerate(names)}
for n in names:
    open(os.path.join(files.encode(), n.encode()), "wb").write(content[n])
text = "Привет, " * 40 + "\nend\n"
new = email.message.EmailMessage(policy=email.policy.default.clone(max_line_length=100))
new.set_content(text, cte="quoted-printable")
for n in names:
    new.add_attachment(content[n], maintype="application", subtype="x-test", filename=n)
old = MIMEMultipart()
alternative = MIMEMultipart("alternative")
alternative.attach(MIMEText(text, "plain", "utf-8"))
alternative.attach(MIMEText("<p>" + text, "html", "utf-8"))
old.attach(alternative)
for n in names:
    part = MIMEApplication(content[n])
    part.add_header("Content-Disposition", "attachment", filename=n if n.isascii() else ("utf-8", "", n))
    old.attach(part)
for i, m in enumerate([new, old]):
    del m["MIME-Version"]
    open("%s.%d" % (out, i), "wb").write(b"MIME-Version: 1.0\n" + m.as_bytes())
open(out + ".text", "wb").write(text.encode())
END
mkdir "$T/theirs" "$T/saved.0" "$T/saved.1"
ok 'Python writes two messages' python3 "$T/write.py" "$T/python" "$T/theirs"
for kind in 0 1; do
    ann send bob <"$T/python.$kind"
    id=$((kind + 7))
    bob save $id "$T/saved.$kind" >/dev/null
    bob read $id >"$T/out"
    about | sed 's/^BODY: //; s/^      //' | head -n 2 >"$T/shown"
    ok "read: shows Python's text ($kind)" cmp "$T/python.text" "$T/shown"
done
linux_names "$T/saved.0" && linux_names "$T/saved.1"
ok 'save: writes the files that Python sent' diff -r "$T/theirs" "$T/saved.0"
rm "$T/saved.1/part-2"
ok 'save: ... of a message with an alternative text, too' diff -r "$T/theirs" "$T/saved.1"

done_testing
