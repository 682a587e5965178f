#!/bin/sh
# SPDX-License-Identifier: ISC
# The commands of mail programs that are not run here, in the order in which their sources send them: Thunderbird
# (Pop3Client and SmtpClient in comm-central) and K-9 (com.fsck.k9.mail.store.pop3 and com.fsck.k9.mail.transport.smtp).
# Answers have what these programs look for, and nothing at which they stop.
. "$(dirname "$0")/lib.sh"
start_server --pop3 127.0.0.1:0 --submission 127.0.0.1:0 --domains example.org
is "$(lines 'Register|2|ann|secret' 'Register|2|bob|secret' 'Start|1|2' | grep -c Yes)" 3 'two users'
pochta() { POCHTA_PASSWORD=secret "$B/pochta" --server "127.0.0.1:$PORT" --user "$@"; } # USER COMMAND...

# A conversation, from standard input: "> LINE" is sent; "+ LINE" is sent with the line after it, in one packet;
# "< PATTERN" is what the next line must be, and "<* PATTERN" each of those up to a line with a dot. At the end the
# server closes. Prints what differs, or that all is as expected.
converse() { # PORT
    timeout 60 perl -MIO::Socket::INET -e '
    my $s = IO::Socket::INET->new("127.0.0.1:$ARGV[0]") or die;
    my ($wrong, $held) = (0, "");
    sub heard {
        my $line = <$s> // "nothing\r\n";
        $line = "without CR LF: $line" unless $line =~ s/\r\n\z//;
        return $line;
    }
    sub compare {
        my ($line, $pattern) = @_;
        return if $line =~ /^(?:$pattern)\z/;
        print "$line: not $pattern\n";
        $wrong++;
    }
    while (<STDIN>) {
        chomp;
        if (/^\+ (.*)/) { $held .= "$1\r\n" }
        elsif (/^>(?: (.*))?$/) { syswrite $s, $held . ($1 // "") . "\r\n"; $held = "" }
        elsif (/^< (.*)/) { compare(heard(), $1) }
        elsif (/^<\* (.*)/) {
            my $pattern = $1;
            while ((my $line = heard()) ne ".") { compare($line, $pattern); last if $line =~ /nothing/ }
        }
    }
    compare(heard(), "without CR LF: nothing|nothing");
    print $wrong ? "$wrong wrong\n" : "all as expected\n"' "$1" 2>&1
}
P=$(port_of pop3) S=$(port_of submission) id='[0-9a-f]{16}\.'
plain=$(printf '\0ann@example.org\0secret' | base64) wrong=$(printf '\0ann@example.org\0wrong' | base64)
bob=$(printf '\0bob\0secret' | base64)

# --- Thunderbird sends ---

is "$(converse "$S" <<END
< 220 example\.org .*ESMTP
> EHLO [127.0.0.1]
< 250-example\.org
< 250-PIPELINING
< 250-SIZE [1-9][0-9]*
< 250-8BITMIME
< 250-SMTPUTF8
< 250-AUTH PLAIN LOGIN
< 250 ENHANCEDSTATUSCODES
> AUTH PLAIN $wrong
< 535 5\.7\.8 .*
> AUTH LOGIN
< 334 VXNlcm5hbWU6
> YW5uQGV4YW1wbGUub3Jn
< 334 UGFzc3dvcmQ6
> c2VjcmV0
< 235 .*
> MAIL FROM:<ann@example.org> BODY=8BITMIME SIZE=374
< 250 .*
> RCPT TO:<bob@example.org>
< 250 .*
> RCPT TO:<no@example.org>
< 550 .*
> DATA
< 354 .*
+ Message-ID: <b8a7@example.org>
+ Date: Mon, 30 Nov 2026 12:00:00 +0300
+ MIME-Version: 1.0
+ User-Agent: Mozilla Thunderbird
+ Content-Language: ru
+ To: bob@example.org
+ From: =?UTF-8?B?0JDQvdC90LA=?= <ann@example.org>
+ Subject: =?UTF-8?B?0KfQsNC5?=
+ Content-Type: text/plain; charset=UTF-8; format=flowed
+ Content-Transfer-Encoding: 8bit
+
+ В пять, в саду?
> .
< 250 .*
> MAIL FROM:<ann@example.org> BODY=8BITMIME SIZE=99
< 250 .*
> RCPT TO:<no@example.org>
< 550 .*
> QUIT
< 221 .*
END
)" 'all as expected' 'Thunderbird sends, at first with a wrong password'

# --- K-9 sends: it does not wait for the answers to MAIL and RCPT, nor for that to QUIT ---

is "$(converse "$S" <<END
< 220 .*
> EHLO ehlo.thunderbird.net
< 250-example\.org
< 250-PIPELINING
< 250-SIZE [1-9][0-9]*
< 250-8BITMIME
< 250-SMTPUTF8
< 250-AUTH PLAIN LOGIN
< 250 ENHANCEDSTATUSCODES
> AUTH PLAIN $plain
< 235 2\.[0-9.]+ .*
+ MAIL FROM:<ann@example.org> BODY=8BITMIME
+ RCPT TO:<bob@example.org>
> RCPT TO:<ann@example.org>
< 250 2\.[0-9.]+ .*
< 250 2\.[0-9.]+ .*
< 250 2\.[0-9.]+ .*
> DATA
< 354 .*
+ Date: Mon, 30 Nov 2026 12:00:00 +0300
+ From: Ann <ann@example.org>
+ To: bob@example.org
+ CC: ann@example.org
+ Subject: =?UTF-8?Q?=D0=A1_=D0=BB=D0=B8=D0=BC=D0=BE=D0=BD=D0=BE=D0=BC?=
+ User-Agent: K-9 Mail for Android
+ Message-ID: <2F1C@example.org>
+ MIME-Version: 1.0
+ Content-Type: text/plain;
+  charset=utf-8
+ Content-Transfer-Encoding: 8bit
+
+ ..и с сахаром
> .
< 250 2\.[0-9.]+ .*
> QUIT
< 221 .*
END
)" 'all as expected' 'K-9 sends'
is "$(converse "$S" <<END
< 220 .*
> EHLO ehlo.thunderbird.net
< 250-.*
< 250-.*
< 250-.*
< 250-.*
< 250-.*
< 250-.*
< 250 .*
> AUTH PLAIN $plain
< 235 .*
+ MAIL FROM:<boss@example.org> BODY=8BITMIME
> RCPT TO:<bob@example.org>
< 553 5\.7\.1 .*
< 503 5\.[0-9.]+ .*
> QUIT
< 221 .*
END
)" 'all as expected' '... as somebody else: each of its commands has an answer'
is "$(pochta bob list | cut -f 5-)" "ann	Subject: Чай
ann	Subject: С лимоном" 'both have arrived'
is "$(pochta ann list | cut -f 5-)" "ann	Subject: С лимоном" '... also in Cc'

# --- Thunderbird reads: older versions ask for the mechanisms with a bare AUTH before CAPA ---

is "$(converse "$P" <<END
< \+OK.*
> AUTH
< \+OK.*
<* PLAIN
> CAPA
< \+OK.*
< TOP
< USER
< SASL PLAIN
<* [A-Z].*
> AUTH PLAIN
< \+ ?
> $bob
< \+OK.*
> STAT
< \+OK 2 [1-9][0-9]*
> LIST
< \+OK.*
<* [12] [1-9][0-9]*
> UIDL
< \+OK.*
<* ([12]) $id\1
> TOP 1 10
< \+OK.*
<* .*
> RETR 2
< \+OK [1-9][0-9]* .*
< Date: .*
< From: Ann <ann@example\.org>
<* (?!\.)[^\r]*|\.\.и с сахаром
> QUIT
< \+OK.*
END
)" 'all as expected' 'Thunderbird reads, and leaves the messages there'
is "$(pochta bob list | cut -f 2 | tr '\n' ' ')" 'Unread Normal ' '... what it has fetched is read'
is "$(converse "$P" <<END
< \+OK.*
> CAPA
< \+OK.*
<* [A-Z].*
> AUTH PLAIN
< \+ ?
> $(printf '\0bob\0wrong' | base64)
< -ERR \[AUTH\] .*
> USER bob
< \+OK.*
> PASS secret
< \+OK.*
> STAT
< \+OK 2 [1-9][0-9]*
> LIST
< \+OK.*
<* [12] [1-9][0-9]*
> UIDL
< \+OK.*
<* ([12]) $id\1
> DELE 2
< \+OK.*
> NOOP
< \+OK.*
> QUIT
< \+OK.*
END
)" 'all as expected' 'Thunderbird deletes, at first with a wrong password'

# --- K-9 reads ---

is "$(converse "$P" <<END
< \+OK.*
> CAPA
< \+OK.*
< TOP
< USER
< SASL PLAIN
<* UIDL|[A-Z].*
> AUTH PLAIN
< \+.*
> $bob
< \+OK.*
> STAT
< \+OK 1 [1-9][0-9]*
> UIDL
< \+OK.*
<* 1 ${id}1
> LIST
< \+OK.*
<* 1 [1-9][0-9]*
> LIST 1
< \+OK 1 [1-9][0-9]*
> UIDL 1
< \+OK 1 ${id}1
> TOP 1 431
< \+OK.*
<* .*
> RETR 1
< \+OK.*
<* .*
> QUIT
< \+OK.*
END
)" 'all as expected' 'K-9 reads'
is "$(pochta bob list | cut -f 2,5-)" "Normal	ann	Subject: Чай" 'the rest is there, and read'
is "$(converse "$P" <<END
< \+OK Pochta POP3 server ready
> QUIT
< \+OK farewell
END
)" '+OK bye: not \+OK farewell
1 wrong' 'the same comparison sees what is wrong'
done_testing
