#!/bin/sh
# SPDX-License-Identifier: ISC
# client.t: the commands of pochta, their exit codes, and what they do when the server misbehaves.
# shellcheck source=tests/it/lib.sh
. "$(dirname "$0")/lib.sh"

unset POCHTA_SERVER POCHTA_USER POCHTA_PROXY_COMMAND
POCHTA_PASSWORD=secret
export POCHTA_PASSWORD

# Some commands need more than version 1 of the protocol, which UDP's version 1 has not.
at() { # ADDRESS NAME COMMAND...; exec=exec: in the place of this shell, so that a signal reaches it
    where=$1 who=$2 udp=${POCHTA_UDP:-}
    shift 2
    for word; do
        case $word in list | status | watch)
            ! over udp1 || [ "$where" != "127.0.0.1:$PORT" ] || where=127.0.0.1:$TCP_PORT ;;
        esac
    done
    [ "$where" = "127.0.0.1:$PORT" ] || udp='' # a server of this test
    ${exec:-} env POCHTA_UDP="$udp" "$B/pochta" --server "$where" --user "$who" "$@"
}

ann() { at "127.0.0.1:$PORT" ann "$@"; }
bob() { at "127.0.0.1:$PORT" bob "$@"; }

# shellcheck source=tests/it/fake_server.sh
. "$here/fake_server.sh"

# A proxy to the real server that breaks once: instead of passing on the answer to a Send or Resend.
breaking_wire() { # sets WIRE
    perl -e '
        use IO::Socket;
        my ($port, $server) = @ARGV;
        my $listener = IO::Socket::INET->new(LocalAddr => "127.0.0.2", Listen => 5) or die;
        open my $f, ">", "$port.new" or die;
        print $f $listener->sockport;
        close $f;
        rename "$port.new", $port;
        my $broken = 0;
        sub frame {
            my $from = shift;
            return if read($from, my $n, 10) != 10;
            read $from, my $payload, $n;
            return "$n$payload";
        }
        while (my $client = $listener->accept) {
            my $to = IO::Socket::INET->new("127.0.0.1:$server") or die;
            while (defined(my $request = frame($client))) {
                print $to $request;
                $to->flush;
                my $answer = frame($to);
                last if $request =~ /^\d+(Send mes|Resend)/ && !$broken++;
                print $client $answer;
                $client->flush;
            }
        }' "$T/wire.port" "$TCP_PORT" &
    children="$children $!"
    wait_for 20 test -s "$T/wire.port"
    WIRE=127.0.0.2:$(cat "$T/wire.port")
}

# --- the command line ---

is "$(code "$B/pochta")" 64 'without a command and a terminal: usage error'
is "$(code "$B/pochta" --help)" 0 '--help: exit code 0'
like "$(cat "$T/out")" 'usage: pochta *' '--help: writes to standard output'
like "$("$B/pochta" --version)" 'pochta [0-9]*' '--version: prints the version'
for option in --raw --json --yes --edit --delete --new-password-file=x --invite-file=x --exec=x --format=mbox --attach=x; do
    like "$(code "$B/pochta" $option) $(cat "$T/err")" '64 pochta: the menu has no --raw, --json, *' \
        "$option without a command: usage error"
done
like "$(code "$B/pochta" --udp --proxy-command cat list) $(cat "$T/err")" \
    '64 pochta: a proxy command and udp cannot both be set; *' 'a proxy command with udp: usage error'
is "$(code "$B/pochta" fly)" 64 'an unknown command: usage error'
like "$(cat "$T/err")" 'pochta: no such command: fly: see *' 'an unknown command: the message names it and says where help is'
is "$(code "$B/pochta" --bogus list)" 64 'an unknown option: usage error'
is "$(code "$B/pochta" --password secret list)" 64 '--password does not exist: usage error'
is "$(code "$B/pochta" list --user)" 64 'an option without its value: usage error'
is "$(code "$B/pochta" list)" 64 'no user: usage error'
is "$(code "$B/pochta" --user ann list more)" 64 'too many arguments: usage error'
is "$(code "$B/pochta" --user ann send)" 64 'too few arguments: usage error'
is "$(code "$B/pochta" --user ann list --raw)" 64 '--raw with list: usage error'
is "$(code "$B/pochta" --user ann --server nowhere: list)" 64 'a server with an empty port: usage error'
is "$("$B/pochta" -h)" "$("$B/pochta" --help)" '-h: the same as --help'
is "$("$B/pochta" -V)" "$("$B/pochta" --version)" '-V: the same as --version'
is "$(code "$B/pochta" -x list) $(cat "$T/err")" '64 pochta: -x: no such option: see pochta --help' 'an unknown option of one letter'
is "$(code "$B/pochta" -Vx) $(cat "$T/err")" '64 pochta: -Vx: no such option: see pochta --help' '... after one that is known'
for server in 127.0.0.9 '[::1]' ::1 mail.example; do
    is "$(code env -u POCHTA_UDP "$B/pochta" --user ann --server "$server" --proxy-command '>&2 echo %h %p' list) $(head -n 1 "$T/err" | tr -d '\r')" \
        "69 $(echo "$server" | tr -d '[]') 5555" "--server $server means port 5555"
done
is "$(code "$B/pochta" --user ann --password-file - send bob)" 64 \
    'standard input cannot be both password file and message'
is "$(code setsid -w env -u POCHTA_PASSWORD "$B/pochta" --user ann list)" 64 'no password and no terminal: usage error'
is "$(code "$B/pochta" --user ann --password-file "$T/none" list)" 66 'the password file does not exist'
is "$(code env -u POCHTA_PASSWORD "$B/pochta" --user ann --password-file "$T" list)" 66 \
    'the password file is a directory'
if [ -e /dev/full ]; then
    "$B/pochta" --help >/dev/full 2>"$T/err"
    is "$?" 74 '--help: standard output is a full disk'
fi
is "$(code at 127.0.0.1:1 ann list)" 69 'no server listens at the address'

# --- accounts ---

start_server --idle 600
is "$(code ann register)" 0 'register: creates an account'
is "$(code ann register)" 65 'register: refused if the name is taken'
is "$(code bob register)" 0 'register: creates another account'
is "$(POCHTA_PASSWORD=wrong && code ann list)" 77 'login: a wrong password'
is "$(code at "127.0.0.1:$PORT" nobody list)" 77 'login: an unknown user'
printf 'secret\r\nmore\n' >"$T/password"
is "$(unset POCHTA_PASSWORD && code ann --password-file "$T/password" list)" 0 \
    '--password-file: reads the first line of a file'
is "$(unset POCHTA_PASSWORD && echo secret | ann --password-file - status | head -n 1)" 'messages 0' \
    '--password-file -: reads standard input'
is "$(POCHTA_USER=ann POCHTA_SERVER=127.0.0.1:$PORT code "$B/pochta" show)" 0 \
    'user and server come from variables'

# --- there and back ---

perl -e 'print map chr, 0 .. 255' >"$T/bytes"
as_told <"$T/bytes" >"$T/bytes.told"
ok 'send: every byte there is' ann send bob <"$T/bytes"
printf 'first line\nsecond | line ^ with \\ all\n' >"$T/text"
as_told <"$T/text" >"$T/text.told"
ok 'send: two lines' ann send bob <"$T/text"
ok 'send: an empty message' ann send bob </dev/null
like "$(bob status | tr '\n' ' ')" 'messages 3 unread 3 bytes 294 quota-bytes [0-9]* quota-messages *' \
    'status'
row=$(bob list | sed -n 2p)
tab=$(printf '\t')
like "$row" "2${tab}Unread${tab}38${tab}??? ??? ?? ??:??:?? 20??${tab}ann${tab}first line" 'list: a row has id, state, bytes, date, sender and first line'
is "$(bob list | wc -l)" 3 'list: one line for each message'
bob read --raw 1 >"$T/back"
ok 'read --raw: every byte comes back' cmp "$T/bytes.told" "$T/back"
bob read --raw 3 >"$T/back"
ok 'read --raw: an empty message comes back' cmp /dev/null "$T/back"
bob read 2 >"$T/block"
is "$(sed 's/^TIME: .*/TIME: X/' "$T/block")" "$(
    printf '%s\n' 'Message with ID = 2' 'ID: 2' 'TIME: X' 'FROM: ann' 'LEN: 38' 'STATE: Unread' \
        'BODY: first line' '      second | line ^ with \ all' | as_told
)" 'read: prints the message'
is "$(bob list | cut -f 2 | sort -u)" Normal 'list: messages that were read are Normal'
is "$(bob unread)" '' 'unread: prints nothing after all were read'
is "$(code bob read 77)" 65 'read: a message that does not exist'
is "$(code bob read two)" 64 'read: an ID that is not a number'
is "$(code ann send nobody)" 67 'send: the recipient does not exist'

large=3000000
over udp1 && large=100000 # of more, some may be lost for good
head -c $large /dev/urandom | as_told >"$T/large"
ok 'send: a large message' ann send bob <"$T/large"
bob read --raw 4 >"$T/back"
ok 'read --raw: the large message comes back' cmp "$T/large" "$T/back"
bob show >"$T/shown"
is "$(grep -c '^Message with ID = ' "$T/shown")" 4 'show: prints all messages'

# --- what is shown is harmless ---

printf 'a\033[2Jb\177c\302\233d\342\200\256e\377f\rg\th\n' >"$T/nasty"
ok 'send: every kind of control character' ann send bob <"$T/nasty"
cr='\x0d' rest=''
over udp1 && cr=' ' rest=' g\\x09h' # no CR ends the first line
is "$(bob read 5 | sed -n 's/^BODY: //p')" "$(printf '%s\t%s' 'a\x1b[2Jb\x7fc\u009bd\u202ee\xfff'"$cr"g h)" \
    'read: control characters are shown as escapes'
like "$(bob list | tail -n 1)" '*a\\x1b\[2Jb\\x7fc\\u009bd\\u202ee\\xfff'"$rest" 'list: control characters are shown as escapes'
printf 'Hi\n\nMessage with ID = 6\nID: 6\nFROM: admin\r\nBODY: your password?\n' >"$T/forged"
ok 'send: lines like those that show prints' ann send bob <"$T/forged"
bob show >"$T/shown"
is "$(grep -c -e '^Message with' -e '^ID' -e '^FROM' -e '^BODY' "$T/shown")" 24 \
    'show: the text of a message cannot look like another message'
is "$(bob read 6 | sed -n 's/\r/CR/; 8,12p')" "$(printf '%s\n' '' '      Message with ID = 6' '      ID: 6' \
    "      FROM: admin$(over udp1 && echo ' ')" '      BODY: your password?')" 'read: lines are indented, CR LF ends one'

# --- take ---

is "$(code bob take 5)" 0 'take: a message that contains escapes'
is "$(code bob read 5)" 65 'take: ... it is deleted'
bob take 2 >/dev/full 2>"$T/err"
is "$?" 74 'take: standard output is a full disk'
like "$(cat "$T/err")" 'pochta: cannot write standard output: No space*' 'take: the error says that there is no space'
is "$(bob read --raw 2 | cksum)" "$(cksum <"$T/text.told")" 'take: then the message is kept'
perl -e 'pipe R, W; close R; open STDOUT, ">&", W; exec @ARGV' "$B/pochta" \
    --server "127.0.0.1:$PORT" --user bob take 2 2>/dev/null
is "$?" 74 'take: standard output is a pipe without a reader'
bob take 2 >&- 2>/dev/null
is "$?" 74 'take: standard output is closed'
is "$(bob read --raw 2 | cksum)" "$(cksum <"$T/text.told")" 'take: the message is kept after both failures'
bob take --raw 2 >"$T/back"
ok 'take --raw: writes the message' cmp "$T/text.told" "$T/back"
is "$(code bob read 2)" 65 'take --raw: deletes the message'

# --- delete, forward, unread ---

is "$(code bob delete 3)" 0 'delete: exit code 0'
is "$(code bob delete 3)" 65 'delete: a message that is already deleted'
is "$(code bob forward 1 ann)" 0 'forward: exit code 0'
is "$(code bob forward 1 nobody)" 67 'forward: the recipient does not exist'
is "$(ann unread | sed -n 's/^FROM: //p')" bob 'unread: prints the forwarded message, from its forwarder'
is "$(ann list | cut -f 2)" Normal 'unread: the message becomes Normal'
ann read --raw 1 | tail -c 256 >"$T/back"
ok 'forward: every byte is forwarded' cmp "$T/bytes.told" "$T/back"

# --- a connection that breaks ---

breaking_wire
before=$(bob list | wc -l)
ok 'send: the connection breaks before the answer' at "$WIRE" ann send bob <"$T/text"
is "$(bob list | wc -l)" $((before + 1)) 'send: then the message arrives once'

# A new one: each breaks only once.
rm "$T/wire.port"
breaking_wire
before=$(bob list | wc -l)
is "$(code at "$WIRE" ann forward 1 bob)" 0 'forward: the connection breaks before the answer'
is "$(bob list | wc -l)" $((before + 1)) 'forward: then the message arrives once'

# --- watch ---

: >"$T/watched"
exec='exec' bob watch >"$T/watched" 2>"$T/watch.err" &
watcher=$!
children="$children $watcher"
has_watched() { [ "$(grep -c '' "$T/watched")" -ge "$1" ]; }
# Nothing shows whether it watches yet: send it messages until one is announced.
until has_watched 1 || gone "$watcher"; do echo 'hello, bob' | ann send bob; done
printf 'a\tb|c\033\nsecond line' | ann send bob
row=$(bob list | tail -n 1)
ok 'watch: prints a line for each new message' wait_for 20 grep -qxF "$row" "$T/watched"
like "$row" "*${tab}Unread${tab}18${tab}*${tab}ann${tab}$(printf %s 'a\\x09b|c\\x1b' | as_told)" 'watch: the line has the form of list'
"$B/pochtactl" --store "$T/store" kick bob >/dev/null
ok 'watch: connects again when the server ends the connection' wait_for 20 grep -qx 'pochta: watch: connected again' "$T/watch.err"
is "$(head -n 1 "$T/watch.err")" 'pochta: watch: kicked by the administrator' 'watch: prints the reason of the server'
kill_child TERM "$watcher"
wait "$watcher" 2>/dev/null
is "$(code bob watch more)" 64 'watch: an argument is a usage error'
if [ -e /dev/full ]; then
    exec='exec' bob watch >/dev/full 2>"$T/watch.err" &
    watcher=$!
    children="$children $watcher"
    until gone "$watcher"; do echo 'hello, bob' | ann send bob; done
    wait "$watcher"
    is $? 74 'watch: ends when standard output cannot be written'
fi
mail='Mail|1|9^ann^2017-12-03T12:51:33Z^3^2^abc^|'
fake_server 'Answer|2|Yes|2|' 'Answer|1|Yes|' 'Answer|1|Yes|' \
    "raw:0000000013Answer|1|Yes|00000000${#mail}$(printf %s "$mail")" "Answer|2|Yes|${mail#Mail|1|}"
exec='exec' at "$FAKE" ann watch >"$T/out" 2>"$T/err" </dev/null &
watcher=$!
children="$children $watcher"
ok 'watch: the connection is lost' wait_for 20 grep -q 'connecting again' "$T/err"
kill_child TERM "$watcher"
wait "$watcher" 2>/dev/null
like "$(cat "$T/out")" "9${tab}Unread${tab}3${tab}*${tab}ann${tab}abc" 'watch: prints mail that arrived with the answer to Watch'
fake_server 'Answer|2|Yes|2|' 'Answer|1|Yes|' 'Answer|2|Noop|unknown command|'
is "$(code at "$FAKE" ann watch)" 65 'watch: the server does not know Watch'
fake_server 'Answer|2|Yes|2|' 'Answer|1|Yes|' "raw:00000000${#mail}${mail}0000000013Answer|1|Yes|"
is "$(code at "$FAKE" ann list)" 0 'list: an unexpected announcement of mail is ignored'

# --- other servers ---

fake_server 'Answer|1|Yes|' 'Answer|1|Yes|' 'Answer|2|Yes|1^a^b^0^2^^|'
ok 'send: the server speaks version 1' at "$FAKE" ann send bob <"$T/text"
is "$(sed -n 3,4p "$T/fake.log")" "$(printf 'Send mes|2|bob|0^^^0^0^first line\nsecond   line   with \\ all')" \
    'send: version 1 has no token and no escapes'
fake_server 'Answer|1|Yes|' 'Answer|1|Yes|' raw:
is "$(code at "$FAKE" ann send bob)" 75 'send: is not repeated in version 1 when the connection is lost'
like "$(cat "$T/err")" '*may have been sent, or not*' 'send: then says that the message may have been sent'
fake_server 'Answer|2|Yes|2|' 'Exit|1|out of order|'
is "$(code at "$FAKE" ann list)" 75 'list: Exit instead of an answer'
like "$(cat "$T/err")" '*: out of order' 'list: prints the reason of Exit'
fake_server 'Answer|2|Yes|2|' 'Answer|1|Yes|' 'Answer|2|Noop|no\q|'
is "$(code at "$FAKE" ann list)" 76 'list: an answer with an unknown escape'
fake_server 'Answer|2|Yes|2|' 'Answer|2|Noop|the server is short of memory, try again later|'
is "$(code at "$FAKE" bob list)" 75 'login: a failure that is temporary'
fake_server 'Answer|2|Yes|2|' 'Answer|2|Noop|wrong name or password|'
is "$(code at "$FAKE" bob list)" 77 'login: a failure that is permanent'
fake_server 'raw:HTTP/1.1 400 Bad Request'
is "$(code at "$FAKE" ann list)" 76 'list: the peer is not a mail server'
fake_server 'Answer|2|Yes|2|' 'Answer|1|Yes|' "raw:9999999999Answer|2|Yes|$(printf '\033')"
is "$(code at "$FAKE" ann list)" 75 'list: the answer is cut off'
fake_server 'Answer|2|Yes|2|' "Answer|2|Noop|go$(printf '\033')away|"
code at "$FAKE" ann list >/dev/null
like "$(cat "$T/err")" '*go\\x1baway' "list: control characters in the server's reason are escaped"
fake_server 'Answer|2|Yes|2|' 'Answer|1|Yes|' 'Answer|2|Yes|9^ann^x^3^0^abc^|' 'Answer|1|Yes|'
is "$(code at "$FAKE" ann take 7)" 76 'take: the server sends a different message'
is "$(wc -l <"$T/fake.log")" 3 'take: the different message is not deleted'

# --- a server that falls silent: idle ---

ms() { echo $(($(date +%s%N) / 1000000)); }
is_dropped() { # TEST OPTION...: a silent server, after the time given for it, and long before the default
    name=$1
    shift
    began=$(ms)
    is "$(code at "$FAKE" ann "$@" list)" 75 "$name: the server is silent: exit code 75"
    took=$(($(ms) - began))
    is "$(cat "$T/err")" 'pochta: list: the server has been silent for too long' '... the message says so'
    ok "... after 2 seconds" test "$took" -ge 2000 -a "$took" -lt 30000
}
fake_server 'Answer|2|Yes|2|' 'Answer|1|Yes|' raw: raw:
is_dropped 'no answer' --idle 2s
fake_server 'Answer|2|Yes|2|' 'Answer|1|Yes|' 'raw:0000000059Answer|2|Yes|9^ann^' raw:
is_dropped 'half an answer' --idle=2
fake_server 'Answer|2|Yes|2|' 'Answer|1|Yes|' raw: raw:
mkdir -p "$XDG_CONFIG_HOME/pochta"
echo 'idle = 2s' >"$XDG_CONFIG_HOME/pochta/config"
is_dropped 'the key idle'
echo 'idle = 5s' >"$XDG_CONFIG_HOME/pochta/config"
fake_server 'Answer|2|Yes|2|' 'Answer|1|Yes|' 'slow:0000000054Answer|2|Yes|9^a^x^28^0^an answer that takes seven s^|'
is "$(code at "$FAKE" ann list)" 0 'one that is slow is not silent'

done_testing
