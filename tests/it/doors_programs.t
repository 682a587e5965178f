#!/bin/sh
# SPDX-License-Identifier: ISC
# Mail programs send by submission: msmtp, mutt, s-nail, curl, swaks and Python's smtplib. Each sends a mail with a
# Russian subject, text and name of a file, to an address with a detail and to another user in Cc. It arrives once, also
# if it is sent again. A wrong password, and a sender who is somebody else, end in an error of the program.
. "$(dirname "$0")/lib.sh"
start_server --log-level info --pop3 127.0.0.1:0 --submission 127.0.0.1:0 --domains example.org
P=$(port_of submission)
HOME=$T
export HOME
pochta() { POCHTA_PASSWORD=secret "$B/pochta" --server "127.0.0.1:$PORT" --user "$@"; } # USER COMMAND...
is "$(lines 'Register|2|ann|secret' 'Register|2|bob|secret' 'Register|2|cat|secret' | grep -c Yes)" 3 'three users'
file=$T/чай.bin
perl -e 'print pack "C*", 0 .. 255' >"$file"
text='В пять, в саду?
.
..две точки
From the beginning.'
printf '%s\n' "$text" >"$T/text"

# The mail as a program of the user would write it, for those programs that only send.
cat >"$T/write.py" <<'END'
import email.message, email.policy, sys
name, sender, file = sys.argv[1:]
m = email.message.EmailMessage(policy=email.policy.SMTP.clone(cte_type="8bit"))
m["From"], m["To"], m["Cc"] = f"Ann <{sender}>", "Bob <bob+tea@example.org>", "cat@example.org"
m["Subject"], m["Message-ID"] = f"Чай от {name}", f"<{name}@laptop>"
m.set_content(sys.stdin.read(), cte="8bit")
m.add_attachment(open(file, "rb").read(), maintype="application", subtype="octet-stream", filename="чай.bin")
sys.stdout.buffer.write(m.as_bytes())
END
write() { python3 "$T/write.py" "$1" "$2" "$file" <"$T/text" >"$T/mail"; } # NAME FROM: into $T/mail, with CR LF

# The mailbox of a user as POP3 gives it: From, To, Cc, subject, text and files, a line for each message.
cat >"$T/read.py" <<'END'
import email, email.policy, poplib, sys
pop = poplib.POP3("127.0.0.1", int(sys.argv[1]))
pop.user(sys.argv[2])
pop.pass_("secret")
for n in range(1, pop.stat()[0] + 1):
    m = email.message_from_bytes(b"\r\n".join(pop.retr(n)[1]) + b"\r\n", policy=email.policy.default)
    addresses = [a.addr_spec for field in ("From", "To", "Cc") for a in m[field].addresses]
    files = [f"{part.get_filename()} {part.get_content() == bytes(range(256))}" for part in m.iter_attachments()]
    print(*addresses, m["Subject"], repr(m.get_body().get_content().replace("\r\n", "\n")), *files, sep="|")
pop.quit()
END
mailbox() { timeout 60 python3 "$T/read.py" "$(port_of pop3)" "$1" 2>&1; } # USER

count() { for user in bob cat; do pochta $user list | wc -l; done | tr '\n' ' '; } # of the messages that have arrived

# Each program is a function FROM PASSWORD that sends the mail of its name.

via_msmtp() {
    write msmtp "$1"
    tr -d '\r' <"$T/mail" | msmtp -C /dev/null --host 127.0.0.1 --port "$P" --tls=off --auth=plain --user ann \
        --passwordeval "echo $2" -f "$1" -t
}
via_mutt() { # its Message-ID is given, so that it is the same twice
    cat >"$T/muttrc" <<END
set from=$1 realname=Ann smtp_url="smtp://ann@127.0.0.1:$P/" smtp_pass=$2 ssl_starttls=no ssl_force_tls=no
set smtp_authenticators=login charset=utf-8 send_charset=utf-8 hostname=example.org copy=no record='' tmpdir=$T
set rfc2047_parameters=yes
my_hdr Message-ID: <mutt@laptop>
END
    LC_ALL=C.UTF-8 mutt -n -F "$T/muttrc" -s 'Чай от mutt' -c cat@example.org -a "$file" -- bob+tea@example.org <"$T/text"
}
via_s_nail() {
    LC_ALL=C.UTF-8 s-nail -n -# -S v15-compat -S sendwait -S ttycharset=utf-8 -S mta="smtp://ann:$2@127.0.0.1:$P" \
        -S smtp-auth=plain -S from="Ann <$1>" -S hostname=example.org -s 'Чай от s_nail' -a "$file" -c cat@example.org \
        bob+tea@example.org <"$T/text"
}
via_curl() {
    write curl "$1"
    curl -s -S --max-time 60 --url "smtp://127.0.0.1:$P/laptop" --user "ann:$2" --mail-from "$1" \
        --mail-rcpt bob+tea@example.org --mail-rcpt cat@example.org --upload-file "$T/mail"
}
via_swaks() {
    write swaks "$1"
    swaks --hide-all --server 127.0.0.1 --port "$P" --auth LOGIN --auth-user ann --auth-password "$2" --from "$1" \
        --to bob+tea@example.org,cat@example.org --data "$T/mail"
}
via_smtplib() {
    write smtplib "$1"
    timeout 60 python3 -c '
import smtplib, sys
port, sender, password, mail = sys.argv[1:]
with smtplib.SMTP("127.0.0.1", int(port)) as smtp:
    smtp.login("ann", password)
    options = ["BODY=8BITMIME"]
    smtp.sendmail(sender, ["bob+tea@example.org", "cat@example.org"], open(mail, "rb").read(), options)' \
        "$P" "$1" "$2" "$T/mail"
}

try() { # NAME: a program
    if ! command -v "$(echo "$1" | sed 's/smtplib/python3/; s/_/-/')" >/dev/null; then
        skip "there is no $1" "$1 sends"
        return
    fi
    is "$(code "via_$1" ann@example.org secret)" 0 "$1 sends"
    n=$((n + 1))
    is "$(count)" "$n $n " '... to both recipients'
    is "$(mailbox bob | tail -n 1)" "ann@example.org|bob+tea@example.org|cat@example.org|Чай от $1|$shown|чай.bin True" \
        '... and POP3 gives what was sent'
    is "$(mailbox cat | tail -n 1)" "$(mailbox bob | tail -n 1)" '... to each of them'
    is "$(pochta bob list | tail -n 1 | cut -f 5-)" "ann	Subject: Чай от $1" '... list shows who sent it, and the subject'
    like "$(pochta bob read "$n")" '*From: *ann@example.org*В пять, в саду?*' '... the text can be read'
    mkdir "$T/$1"
    pochta bob save "$n" "$T/$1" >"$T/out"
    ok '... and the file can be saved' cmp "$file" "$T/$1/чай.bin"
    if [ "$1" != s_nail ]; then # which cannot be told the Message-ID
        is "$(code "via_$1" ann@example.org secret) $(count)" "0 $n $n " '... sent again, it is there once'
    fi
    fails "$1" ann@example.org wrong 'with a wrong password'
    fails "$1" cat@example.org secret 'as somebody else'
}
fails() { # NAME FROM PASSWORD WHAT
    ok "$1 sends nothing $4, and its exit code says so" test "$(code "via_$1" "$2" "$3")" != 0
    is "$(count)" "$n $n " '... nothing has arrived'
}
n=0 shown=$(python3 -c 'import sys; print(repr(sys.stdin.read()))' <"$T/text")
for program in msmtp mutt s_nail curl swaks smtplib; do try "$program"; done
done_testing
