#!/bin/sh
# SPDX-License-Identifier: ISC
# Mail from outside by LMTP: Postfix delivers over the Unix socket that pochtad.conf(5) describes, in a directory of its
# group, and understands each answer; fetchmail, msmtp, swaks, Python's LMTP client, and one that says everything at once.
. "$(dirname "$0")/lib.sh"
PATH=$PATH:/usr/sbin
mkdir "$T/lmtp"
chmod 711 "$T"
can_be_tried() { [ "$(id -u)" = 0 ] && [ -e /usr/lib/postfix/sbin/master ]; }
if can_be_tried; then
    chgrp postfix "$T/lmtp"
    chmod 2750 "$T/lmtp"
fi
start_server --log-level info --pop3 127.0.0.1:0 --lmtp 127.0.0.1:0 --lmtp "$T/lmtp/socket" --domains example.org
pochta() { POCHTA_PASSWORD=secret "$B/pochta" --server "127.0.0.1:$PORT" --user "$@"; } # USER COMMAND...
is "$(lines 'Register|2|ann|secret' 'Register|2|bob|secret' 'Start|1|2' | grep -c Yes)" 3 'two users'

# --- Postfix, which listens nowhere: its queue and configuration are in $T, and mail comes by its sendmail ---

cat >"$T/mail" <<'END'
From: =?koi8-r?B?5dfB?= <eve@far.example>
To: Ann <ann@example.org>, bob+lists@example.org
Subject: =?koi8-r?B?/sHK?=
Message-ID: <1@far.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=koi8-r
Content-Transfer-Encoding: 8bit

END
printf '\363 \314\311\315\317\316\317\315.\n.\n..\n' >>"$T/mail"

start_postfix() {
    mkdir "$T/postfix" "$T/queue" "$T/data"
    chown postfix "$T/data"
    cat >"$T/postfix/main.cf" <<END
compatibility_level = 3.6
queue_directory = $T/queue
data_directory = $T/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = mx.example.org
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
virtual_mailbox_domains = example.org
virtual_transport = lmtp:unix:$T/lmtp/socket
default_transport = error:there is no way out
alias_maps =
alias_database =
maillog_file = $T/postfix/log
maillog_file_prefixes = $T/postfix
END
    cat >"$T/postfix/master.cf" <<END
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
lmtp unix - - n - - lmtp
postlog unix-dgram n - n - 1 postlogd
END
    postfix -c "$T/postfix" check >"$T/check" 2>&1 || diag "$(cat "$T/check")"
    setsid /usr/lib/postfix/sbin/master -c "$T/postfix" -d >>"$T/check" 2>&1 3>&- 4>&- 5>&- 6>&- &
    POSTFIX=$!
    children="$children $POSTFIX"
}
posts() { sendmail -i -C "$T/postfix" -f eve@far.example "$@" <"$T/mail"; } # RECIPIENT...
has_become() { # STATUS COUNT: whether the log has as many recipients with this status, who went to the socket
    : >>"$T/postfix/log"
    [ "$(grep -c "postfix/lmtp.*relay=[^ ]*$T/lmtp/socket\].*status=$1 " "$T/postfix/log")" -ge "$2" ]
}
has_ended() { ! kill -0 -- "-$1" 2>/dev/null; } # GROUP
logged() { sed -n "s/.*postfix\/lmtp.*to=<$1>.*status=//p" "$T/postfix/log" | tail -n 1; } # RECIPIENT

n=0 # how many messages each of the two should have
if can_be_tried; then
    start_postfix
    n=2
    is "$(code posts ann@example.org bob+lists@example.org nobody@example.org)" 0 'Postfix takes a mail'
    ok '... delivers it to two users' wait_for 60 has_become sent 2
    ok '... and not to one who does not exist' wait_for 60 has_become bounced 1
    is "$(logged ann@example.org)" 'sent (250 2.0.0 ann: stored as message 1)' '... the answer is that of the user'
    is "$(logged bob+lists@example.org)" 'sent (250 2.0.0 bob: stored as message 1)' '... also of one with a detail'
    like "$(logged nobody@example.org)" 'bounced (host *lmtp/socket* said: 550 5.1.1 no such user (in reply to RCPT TO command))' \
        '... and of the one who does not exist'
    is "$(pochta bob list | cut -f 5-)" "mail-outside	Subject: Чай" 'list shows the subject'
    like "$(pochta bob read 1)" '*From: *Ева*eve@far.example*С лимоном.*' '... the text can be read'
    posts ann@example.org
    ok 'the same mail is sent again' wait_for 60 has_become sent 3
    is "$(pochta ann list | wc -l)" 1 '... and is there once'
    sed 's/^Subject: .*/Subject: Чай/; s/<1@/<utf8@/' "$T/mail" >"$T/mail8"
    sendmail -i -C "$T/postfix" -f eve@far.example ann@example.org bob@example.org <"$T/mail8"
    ok 'a mail with a subject in UTF-8 that is not encoded is delivered' wait_for 60 has_become sent 5
    is "$(pochta ann list | tail -n 1 | cut -f 5-)" "mail-outside	Subject: Чай" '... and list shows the subject'
    kill_child TERM "$POSTFIX"
    wait "$POSTFIX" 2>/dev/null
    ok 'Postfix has ended' wait_for 20 has_ended "$POSTFIX"
else
    skip 'Postfix is not there, or this is not root' 'Postfix delivers'
fi

# --- Python's LMTP client, over both, and a client that does not wait for answers ---

is "$(timeout 60 python3 - "$T/lmtp/socket" "$(port_of lmtp)" "$T/mail" <<'END' 2>&1
import smtplib, socket, sys
path, port, name = sys.argv[1:]
mail = open(name, "rb").read().replace(b"\n", b"\r\n")
for place in ((path, 0), ("127.0.0.1", int(port))): # one recipient each: the class reads one answer
    with smtplib.LMTP(*place) as lmtp:
        for to in ("ann@example.org", "no@example.org", "Bob+x@Example.ORG"):
            try:
                lmtp.sendmail("eve@far.example", [to], mail.replace(b"<1@", b"<py-%d@" % place[1]), ["BODY=8BITMIME"])
            except smtplib.SMTPRecipientsRefused as e:
                print(*(f"{to} {code}" for to, (code, words) in e.recipients.items()))
# Commands until DATA at once; then the mail, and all of another one, whose DATA is refused for want of recipients.
with socket.create_connection(("127.0.0.1", int(port))) as s:
    answers = s.makefile("rb")
    s.sendall(b"LHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<ann@example.org>\r\nRCPT TO:<no@example.org>\r\n"
        b"RCPT TO:<bob@example.org>\r\nDATA\r\n")
    codes = []
    while not codes or codes[-1] != "354":
        line = answers.readline()
        codes += [line[:3].decode()] * (line[3:4] == b" ")
    s.sendall(mail.replace(b"<1@", b"<2@").replace(b"\n.", b"\n..") + b".\r\nMAIL FROM:<eve@far.example>\r\n"
        b"RCPT TO:<no@example.org>\r\nDATA\r\nRSET\r\nQUIT\r\n")
    print(*codes, *(line[:3].decode() for line in answers))
END
)" 'no@example.org 550
no@example.org 550
220 250 250 250 550 250 354 250 250 250 550 503 250 221' 'LMTP by Python, and many commands at once'
is "$(for user in ann bob; do pochta $user list | wc -l; done | tr '\n' ' ')" "$((n + 3)) $((n + 3)) " '... each mail has arrived'
texts() { # USER: the texts that POP3 gives, without the fields
    python3 -c '
import poplib, sys
pop = poplib.POP3("127.0.0.1", int(sys.argv[1]))
pop.user(sys.argv[2])
pop.pass_("secret")
for i in range(pop.stat()[0]):
    lines = pop.retr(i + 1)[1]
    print(b"\n".join(lines[lines.index(b"") + 1:]).decode("koi8-r"))
pop.quit()' "$(port_of pop3)" "$1"
}
is "$(texts ann | sort | uniq -c | tr -s ' ')" " $((n + 3)) .
 $((n + 3)) ..
 $((n + 3)) С лимоном." '... byte for byte'

# --- programs that can deliver by LMTP in place of a mail server ---

without() { ! command -v "$1" >/dev/null || return 1; skip "there is no $1" "$2"; } # PROGRAM NAME
last() { pochta "$1" list | tail -n 1 | cut -f 5-; } # USER
named() { sed "s/^Subject: .*/Subject: by $1/; s/<1@/<$1@/" "$T/mail"; } # PROGRAM: a mail of its own
both="mail-outside	Subject: by"
if ! without msmtp msmtp; then
    by_msmtp() {
        named msmtp | msmtp -C /dev/null --protocol=lmtp --host 127.0.0.1 --port "$(port_of lmtp)" --tls=off \
            -f eve@far.example "$@"
    }
    is "$(code by_msmtp ann@example.org bob@example.org) $(last ann) $(last bob)" "0 $both msmtp $both msmtp" 'msmtp delivers to two'
    ok '... and its exit code tells of one who does not exist' test "$(code by_msmtp ann@example.org no@example.org)" != 0
fi
if ! without swaks swaks; then
    named swaks >"$T/swaks"
    by_swaks() {
        swaks --hide-all --protocol LMTP --pipeline --socket "$T/lmtp/socket" --from eve@far.example --to "$1" \
            --data "$T/swaks"
    }
    is "$(code by_swaks ann@example.org,bob@example.org) $(last ann) $(last bob)" "0 $both swaks $both swaks" \
        'swaks delivers through the socket, and sends commands together'
fi
if ! without fetchmail fetchmail; then # from one mailbox into another one
    printf 'poll 127.0.0.1 protocol pop3 port %s user ann password secret is bob here fetchall nokeep sslproto "" lmtp %s\n' \
        "$(port_of pop3)" "smtphost \"127.0.0.1/$(port_of lmtp)\" smtpaddress example.org" >"$T/fetch"
    chmod 600 "$T/fetch"
    by_fetchmail() { HOME=$T timeout 60 fetchmail -f "$T/fetch" -i "$T/ids" --pidfile "$T/pid" --nodetach; }
    is "$(lines 'Login|2|bob|secret' 'Send mes|2|ann|Subject: by fetchmail' | grep -c Yes)" 2 'one more message for ann'
    is "$(code by_fetchmail) $(last ann) $(last bob)" "0  $both fetchmail" 'fetchmail fetches by POP3 and delivers by LMTP'
    is "$(pochta bob list | cut -f 5- | sort | uniq -d)" "mail-outside	Subject: Чай" '... and what bob had already has not come again'
fi
done_testing
