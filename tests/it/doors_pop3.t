#!/bin/sh
# SPDX-License-Identifier: ISC
# Mail programs read a mailbox by POP3: curl, Python's poplib, s-nail, mutt, getmail, mpop and fetchmail. All of them
# find the same messages; getmail, mpop and fetchmail, which leave them on the server, fetch each once.
. "$(dirname "$0")/lib.sh"
. "$here/mutt.sh"
start_server --log-level info --pop3 127.0.0.1:0 --lmtp 127.0.0.1:0 --domains example.org
P=$(port_of pop3)
ctl() { "$B/pochtactl" --store "$T/store" "$@"; }
without() { ! command -v "$1" >/dev/null || return 1; skip "there is no $1" "$2"; } # PROGRAM NAME

# From, subject and text of each message in an mbox, or in the files of a directory: a line each, sorted.
cat >"$T/read.py" <<'END'
import email, email.header, email.utils, mailbox, os, sys
path = sys.argv[1]
if os.path.isdir(path):
    mails = [email.message_from_binary_file(open(f"{path}/{name}", "rb")) for name in os.listdir(path)]
else:
    mails = list(mailbox.mbox(path, create=False))
rows = []
for m in mails:
    subject = str(email.header.make_header(email.header.decode_header(m["Subject"])))
    text = m.get_payload(decode=True).decode(m.get_content_charset()).replace("\r\n", "\n").rstrip("\n")
    rows.append((email.utils.parseaddr(m["From"])[1], subject, repr(text)))
for row in sorted(rows):
    print(*row, sep="\t")
END
read_back() { python3 "$T/read.py" "$1" 2>&1; } # MBOX_OR_DIRECTORY

lines 'Register|2|ann|secret' 'Register|2|bob|secret' 'Start|1|2' 'Login|2|bob|secret' \
    'Send mes|2|ann|Subject: tea\n\nAt five?' 'Send mes|2|ann|Привет, Анна\nкак дела?' \
    'Send mes|2|ann|Subject: dots\n\n.\n..two\n.end' >"$T/answers"
python3 - "$(port_of lmtp)" <<'END' >"$T/lmtp" 2>&1
import email.header, smtplib, sys
with smtplib.LMTP("127.0.0.1", int(sys.argv[1])) as lmtp:
    mail = f"From: Eve <eve@far.example>\nSubject: {email.header.Header('Чай', 'koi8-r').encode()}\n" \
        "Content-Type: text/plain; charset=koi8-r\nContent-Transfer-Encoding: 8bit\n\nС лимоном.\n"
    lmtp.sendmail("eve@far.example", ["ann@example.org"], mail.replace("\n", "\r\n").encode("koi8-r"))
END
is "$(cat "$T/lmtp")" '' 'mail comes from outside'
all="$(printf '%s\t%s\t%s\n' bob@example.org dots "'.\\n..two\\n.end'" bob@example.org tea "'At five?'" \
    bob@example.org 'Привет, Анна' "'Привет, Анна\\nкак дела?'" eve@far.example 'Чай' "'С лимоном.'")"

# --- that leave the messages where they are ---

if ! without curl 'curl'; then
    mkdir "$T/curl"
    for i in 1 2 3 4; do curl -s "pop3://ann:secret@127.0.0.1:$P/$i" >"$T/curl/$i"; done
    is "$(read_back "$T/curl")" "$all" 'curl gets each message'
    is "$(curl -s "pop3://ann%40example.org:secret@127.0.0.1:$P/" | tr -d '\r' | cut -d ' ' -f 2 | tr '\n' ' ')" \
        "$(for i in 1 2 3 4; do wc -c <"$T/curl/$i"; done | tr '\n' ' ')" '... with the sizes that it lists, logged in with an address'
    is "$(code curl -s "pop3://ann:wrong@127.0.0.1:$P/")" 67 '... and says that a password is wrong'
fi
mkdir "$T/poplib"
is "$(timeout 60 python3 - "$P" "$T/poplib" <<'END' 2>&1
import poplib, sys
pop = poplib.POP3("127.0.0.1", int(sys.argv[1]))
pop.user("ann")
pop.pass_("secret")
sizes = [int(line.split()[1]) for line in pop.list()[1]]
for i, size in enumerate(sizes, 1):
    _, text, octets = pop.retr(i)
    open(f"{sys.argv[2]}/{i}", "wb").write(b"\n".join(text))
    if octets != size or pop.top(i, 0)[1] != text[:text.index(b"") + 1]:
        print(i, octets, size)
print(pop.stat() == (len(sizes), sum(sizes)), len(set(line.split()[1] for line in pop.uidl()[1])), sorted(pop.capa()))
pop.quit()
END
)" "True 4 ['AUTH-RESP-CODE', 'IMPLEMENTATION', 'PIPELINING', 'RESP-CODES', 'SASL', 'TOP', 'UIDL', 'USER']" \
    'poplib gets sizes, beginnings and unique ids'
is "$(read_back "$T/poplib")" "$all" '... and each message'
if ! without s-nail 's-nail'; then
    printf 'copy * %s\nquit\n' "$T/snail" |
        HOME=$T LC_ALL=C.UTF-8 timeout 60 s-nail -n -# -S v15-compat -R -f "pop3://ann:secret@127.0.0.1:$P" >"$T/out" 2>&1
    is "$(read_back "$T/snail")" "$all" 's-nail copies them'
fi
if ! without mutt 'mutt'; then
    mutt_does "pop://ann:secret@127.0.0.1:$P/" "<tag-pattern>~A<enter><tag-prefix><copy-message>$T/mutt.mbox<enter>" \
        -e 'set ssl_force_tls=no ssl_starttls=no pop_delete=no'
    is "$(read_back "$T/mutt.mbox")" "$all" 'mutt copies them'
fi
if ! without getmail 'getmail'; then
    cat >"$T/getmailrc" <<END
[retriever]
type = SimplePOP3Retriever
server = 127.0.0.1
port = $P
username = ann
password = secret
[destination]
type = MDA_external
path = /usr/bin/tee
arguments = ("-a", "$T/getmail.mbox")
allow_root_commands = true
unixfrom = true
[options]
read_all = false
delete = false
END
    get_mail() { HOME=$T timeout 60 getmail --getmaildir "$T" --rcfile "$T/getmailrc" >"$T/out" 2>&1; }
    get_mail && get_mail
    is "$(tail -n 1 "$T/out" | tr -s ' ')" ' 0 messages (0 bytes) retrieved, 4 skipped' 'getmail fetches no message twice'
    is "$(read_back "$T/getmail.mbox")" "$all" '... and fetches all'
fi
if ! without mpop 'mpop'; then # which sends many commands at once
    cat >"$T/mpoprc" <<END
account default
host 127.0.0.1
port $P
tls off
auth plain
user ann
password secret
keep on
received_header off
delivery mbox $T/mpop.mbox
uidls_file $T/uidls
END
    chmod 600 "$T/mpoprc"
    get_by_mpop() { HOME=$T timeout 60 mpop -C "$T/mpoprc" >"$T/out" 2>&1; }
    get_by_mpop && get_by_mpop
    like "$(tail -n 1 "$T/out")" 'new: no messages, total: 4 messages *' 'mpop fetches no message twice'
    is "$(read_back "$T/mpop.mbox")" "$all" '... and fetches all'
fi
if ! without fetchmail 'fetchmail'; then
    mkdir "$T/fetched"
    printf 'poll 127.0.0.1 protocol pop3 port %s uidl user ann password secret %s sslproto "" mda "%s"\n' \
        "$P" "keep" "cat >$T/fetched/\$\$" >"$T/keeps"
    sed 's/ keep / fetchall nokeep /' "$T/keeps" >"$T/deletes"
    chmod 600 "$T/keeps" "$T/deletes"
    fetch_mail() { HOME=$T timeout 60 fetchmail -f "$T/$1" -i "$T/ids$1" --pidfile "$T/pid" --nodetach >"$T/out" 2>&1; }
    fetch_mail keeps
    is "$(read_back "$T/fetched")" "$all" 'fetchmail fetches all messages'
    rm -r "$T/fetched" && mkdir "$T/fetched"
    is "$(code fetch_mail keeps) $(ls "$T/fetched")" '1 ' '... and none twice'
fi
is "$(ctl mailbox ann list | cut -f 2 | sort | uniq -c | tr -s ' ')" ' 4 read' 'all of them are still there, and have been read'

# --- that delete them ---

if ! without fetchmail 'fetchmail, which deletes'; then
    fetch_mail deletes
    is "$(read_back "$T/fetched")" "$all" 'fetchmail fetches all messages and deletes them'
    is "$(ctl mailbox ann list | cut -f 2 | sort | uniq -c | tr -s ' ')" ' 4 deleted' '... they are in the trash'
    is "$(grep -o 'event=delete .*messages=[0-9]*' "$T/log")" 'event=delete result=ok user=ann messages=4' '... as the log says'
fi
done_testing
