#!/bin/sh
# SPDX-License-Identifier: ISC
# What a store keeps for its doors: a message that a mail program sends again is stored once, also after a kill and a
# restore; and a message has the same bytes for ever, although the domain changes.
. "$(dirname "$0")/lib.sh"
store=$T/store

# Says lines to a port, each after the answer to the one before; prints the answers, those of RETR whole. "." ends
# a text, which is said in one piece.
cat >"$T/say" <<'END_OF_PERL'
use IO::Socket::INET;
my ($port, @lines) = @ARGV;
my $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port", Timeout => 10) or die "cannot connect: $!\n";
sub hear {
    my $whole = shift;
    while (defined(my $line = <$s>)) {
        print $line =~ s/\r\n/\n/r;
        return if $whole ? $line eq ".\r\n" || $line =~ /^-/ : $line !~ /^\d{3}-/;
    }
}
hear();
for (@lines) {
    print $s s/\n/\r\n/gr, "\r\n";
    hear(/^(RETR|LIST$)/);
}
END_OF_PERL
say() { timeout 20 perl "$T/say" "$@"; }
encode() { printf '\0%s\0secret' "$1" | base64; } # NAME: the response of PLAIN
letter() { # ID TEXT [DOMAIN]: from ann to bob
    say "$(port_of submission)" 'EHLO test' "AUTH PLAIN $(encode ann)" 'MAIL FROM:<ann@ship.example>' \
        "RCPT TO:<bob@${3:-ship.example}>" DATA "From: ann@ship.example
Message-ID: <$1@test>
Subject: letter $1

$2
." QUIT >"$T/said"
    grep -c '^250 .*' "$T/said" >/dev/null && sed -n '/^354/,$p' "$T/said" | sed -n 2p | cut -c 1-3
}
mail() { say "$(port_of pop3)" 'USER bob' 'PASS secret' "$1" QUIT | sed '1,3d; $d'; } # COMMAND
count() { as bob 'Status|0|' | cut -d '|' -f 4; }
doors() { start_server --pop3 127.0.0.1:0 --submission 127.0.0.1:0 --domains "$1"; } # DOMAIN
since() { awk '$1 == "domain" { time = $2 } END { print time }' "$store/doors"; }
is_past() { [ "$(date +%s)" -gt "$(since)" ]; }

# --- the same message again ---

doors ship.example
register ann bob
is "$(letter 1 hello) $(count)" '250 1' 'a letter through the door'
is "$(letter 1 hello) $(count)" '250 1' 'the same again: it is there once'
is "$(letter 2 hello) $(count)" '250 2' 'another Message-ID: it is another letter'
stop_server KILL
doors ship.example
is "$(letter 1 hello) $(count)" '250 2' 'after a kill it is still known'
"$B/pochtactl" --store "$store" backup "$T/backups" >"$T/out"
stop_server
mv "$store" "$T/old"
doors ship.example
"$B/pochtactl" --store "$store" restore "$T/backups" >"$T/out" 2>"$T/err"
is $? 1 'a restore beside a server that has made another key'
like "$(cat "$T/err")" 'pochtactl: doors: it was restored; restart the server, which still uses another key' '... says so'
stop_server
doors ship.example
is "$(letter 1 hello) $(count)" '250 2' 'in the restored store the letter is known, too'

# --- another domain ---

as ann 'Send mes|2|bob|by our own client|' >"$T/out"
mail 'RETR 3' >"$T/before" && mail 'LIST' >"$T/sizes"
like "$(grep '^From:' "$T/before")" '*ann@ship.example*' 'a letter of our client comes under the domain'
stop_server
doors port.example
mail 'RETR 3' >"$T/after"
ok 'with another domain it has the same bytes' cmp "$T/before" "$T/after"
mail 'LIST' >"$T/after"
ok '... and so have all sizes' cmp "$T/sizes" "$T/after"
wait_for 20 is_past
as ann 'Send mes|2|bob|later|' >"$T/out"
like "$(mail 'RETR 4' | grep '^From:')" '*ann@port.example*' 'a later letter comes under the new domain'
is "$(letter 3 hello) $(count)" '250 5' 'mail to the old domain is still taken'
is "$(letter 4 hello port.example) $(count)" '250 6' '... and to the new one'

# --- a damaged key ---

stop_server
cp "$store/doors" "$T/doors"
sed 's/^key ./key x/' "$T/doors" >"$store/doors"
"$B/pochtad" --store "$store" --listen 127.0.0.1:0 --pop3 127.0.0.1:0 >"$T/out" 2>&1
is $? 73 'with a damaged key a server with doors does not start'
like "$(cat "$T/out")" '*the file doors of the store is damaged: stop the server, and copy the newest file DATE.doors of a backup over it*' \
    '... and says what to do'
start_server
is "$(count)" 6 'a server without doors starts'
stop_server
cp "$(find "$T/backups" -name '*.doors')" "$store/doors"
doors port.example
is "$(letter 1 hello) $(count)" '250 6' 'with the file of the backup it starts, and knows the letters'
grep -F -q "$(sed -n 's/^key \(.\{32\}\).*/\1/p' "$T/doors")" "$T/log" "$T/out" "$T/err" "$T/said"
is $? 1 'the key is in no log'
done_testing
