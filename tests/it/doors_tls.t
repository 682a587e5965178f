#!/bin/sh
# SPDX-License-Identifier: ISC
# Mail programs with TLS, as docs/tls.md has it: stunnel with the services of contrib/stunnel.conf that are commented
# out there, Python's clients, and mutt with the documented settings.
. "$(dirname "$0")/lib.sh"
root=$here/../..
start_server --log-level info --pop3 127.0.0.1:0 --submission 127.0.0.1:0 --domains example.org --proxy-from 127.0.0.2
is "$(lines 'Register|2|ann|secret' 'Start|1|2' | grep -c Yes)" 2 'a user'

documented() { # PATTERN: the line of docs/tls.md, for this test's host
    sed -n "s/^    \(.*$1.*\)/\1/p" "$root/docs/tls.md" | sed "s/mail\.example\.org/localhost/g; s|=cert\.pem|=$T/cert.pem|"
}
# The two services as they are once their semicolons are gone, with free ports and those of the server.
(cd "$T" && eval "$(documented 'openssl req')") >"$T/req" 2>&1
sed -n '1,/^\[pochta\]/{/^\[pochta\]/!p}; s/^;\(\[\|[a-z]* = \)/\1/p' "$root/contrib/stunnel.conf" |
    sed -e "s|/etc/stunnel/pochta|$T|; s|^accept = .*|accept = 127.0.0.1:0|" \
        -e "s|^connect = 127.0.0.1:1110\$|connect = 127.0.0.1:$(port_of pop3)|" \
        -e "s|^connect = 127.0.0.1:1587\$|connect = 127.0.0.1:$(port_of submission)|; s|^debug = .*|debug = info|" >"$T/stunnel.conf"
is "$(grep -c '^\[' "$T/stunnel.conf") $(grep -c '^connect = 127.0.0.1:\(1110\|1587\)$' "$T/stunnel.conf")" '2 0' 'both services are there'
: >"$T/stunnel.log"
stunnel4 "$T/stunnel.conf" >"$T/stunnel.log" 2>&1 3>&- 4>&- 5>&- 6>&- &
children="$children $!"
bound() { sed -n "s/.*Service \[$1\].* bound to 127\.0\.0\.1://p" "$T/stunnel.log"; } # SERVICE: its port
both_bound() { [ -n "$(bound pop3s)" ] && [ -n "$(bound submissions)" ]; }
ok 'stunnel has both' wait_for 20 both_bound || note "$(cat "$T/stunnel.log")"

cat >"$T/mail" <<'END'
From: ann@example.org
To: ann@example.org
Subject: =?utf-8?B?0KfQsNC5?=

At five?
END
is "$(timeout 60 python3 - "$(bound submissions)" "$(bound pop3s)" "$T" <<'END' 2>&1
import poplib, smtplib, ssl, sys
smtps, pop3s, t = sys.argv[1:]
trusts = ssl.create_default_context(cafile=f"{t}/cert.pem")
with smtplib.SMTP_SSL("localhost", int(smtps), context=trusts) as smtp:
    smtp.login("ann", "secret")
    smtp.sendmail("ann@example.org", ["ann@example.org"], open(f"{t}/mail").read())
pop = poplib.POP3_SSL("localhost", int(pop3s), context=trusts)
pop.user("ann")
pop.pass_("secret")
print(b"\n".join(pop.retr(1)[1]) + b"\n" == open(f"{t}/mail", "rb").read())
pop.quit()
try:
    poplib.POP3_SSL("localhost", int(pop3s), context=ssl.create_default_context())
except ssl.SSLCertVerificationError as e:
    print("not trusted")
END
)" 'True
not trusted' 'a mail is sent and read with TLS; the certificate counts'
is "$(grep -c 'event=login result=ok user=ann addr=127\.0\.0\.1 ' "$T/log")" 2 "the log has the client's address, not that of stunnel"

# --- mutt, with the settings of the page ---

# shellcheck source=tests/it/mutt.sh
. "$here/mutt.sh"
documented 'set [a-z_]*=' | sed "s|@localhost/|@localhost:PORT/|; /pops:/s/PORT/$(bound pop3s)/; /smtps:/s/PORT/$(bound submissions)/" >"$T/settings"
is "$(wc -l <"$T/settings")" 3 'the page has the settings of mutt'
cat "$T/settings" - >>"$T/muttrc" <<'END'
set pop_pass=secret smtp_pass=secret copy=no pop_delete=no
END
send_by_mutt() { echo tea | HOME=$T mutt -n -F "$T/muttrc" -s 'by mutt' -- ann; }
is "$(code send_by_mutt)" 0 'mutt sends with them'
mutt_does "$(sed -n 's/^set spoolfile=//p' "$T/settings")" \
    "<tag-pattern>~A<enter><tag-prefix><copy-message>$T/copied<enter>" || diag "mutt: $(cat "$T/shown")"
is "$(grep '^Subject:' "$T/copied")" 'Subject: =?utf-8?B?0KfQsNC5?=
Subject: by mutt' '... and reads'
done_testing
