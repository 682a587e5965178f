#!/bin/sh
# client.t: the commands of pochta, their exit codes, and what they do when the server misbehaves.
# shellcheck source=tests/it/lib.sh
. "$(dirname "$0")/lib.sh"

unset POCHTA_SERVER POCHTA_USER POCHTA_PROXY_COMMAND
POCHTA_PASSWORD=secret
export POCHTA_PASSWORD

at() { # PORT NAME COMMAND...
    where=127.0.0.1:$1 who=$2 udp=${POCHTA_UDP:-}
    [ "$1" = "$PORT" ] || udp='' # a peer of this test
    shift 2
    POCHTA_UDP=$udp "$B/pochta" --server "$where" --user "$who" "$@"
}

ann() { at "$PORT" ann "$@"; }
bob() { at "$PORT" bob "$@"; }

# A peer of one purpose: answers one frame after the other with the given payloads, notes what it
# was sent, closes after the last one.
fake_server() { # PAYLOAD...: sets FAKE
    rm -f "$T/fake.port" "$T/fake.log"
    perl -e '
        use IO::Socket;
        my ($port, $log) = splice @ARGV, 0, 2;
        my $listener = IO::Socket::INET->new(LocalAddr => "127.0.0.1", Listen => 5) or die;
        open my $f, ">", "$port.new" or die;
        print $f $listener->sockport;
        close $f;
        rename "$port.new", $port;
        open my $l, ">", $log or die;
        $l->autoflush;
        my $c = $listener->accept;
        for my $answer (@ARGV) {
            last if read($c, my $n, 10) != 10;
            read $c, my $payload, $n;
            print $l "$payload\n";
            print $c $answer =~ /^raw:(.*)/s ? $1 : sprintf "%010d%s", length $answer, $answer;
            $c->flush;
        }' "$T/fake.port" "$T/fake.log" "$@" &
    children="$children $!"
    wait_for 20 test -s "$T/fake.port"
    FAKE=$(cat "$T/fake.port")
}

# A wire to the real server that breaks once: when the answer to the first Send or Resend is there.
breaking_wire() { # sets WIRE
    perl -e '
        use IO::Socket;
        my ($port, $server) = @ARGV;
        my $listener = IO::Socket::INET->new(LocalAddr => "127.0.0.1", Listen => 5) or die;
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
    WIRE=$(cat "$T/wire.port")
}

# --- the command line ---

is "$(code "$B/pochta")" 64 'no command, and no terminal: usage error'
is "$(code "$B/pochta" --help)" 0 'help is a success'
like "$(cat "$T/out")" 'usage: pochta *' '... and is written to standard output'
like "$("$B/pochta" --version)" 'pochta [0-9]*' 'version'
is "$(code "$B/pochta" fly)" 64 'an unknown command'
like "$(cat "$T/err")" 'pochta: no such command: fly: see *' '... is named, and what is allowed'
is "$(code "$B/pochta" --bogus list)" 64 'an unknown option'
is "$(code "$B/pochta" --password secret list)" 64 'no option takes a password'
is "$(code "$B/pochta" list --user)" 64 'an option without its value'
is "$(code "$B/pochta" list)" 64 'no user'
is "$(code "$B/pochta" --user ann list more)" 64 'too many arguments'
is "$(code "$B/pochta" --user ann send)" 64 'too few arguments'
is "$(code "$B/pochta" --user ann list --raw)" 64 '--raw where it means nothing'
is "$(code "$B/pochta" --user ann --server nowhere list)" 64 'a server without a port'
is "$(code "$B/pochta" --user ann --password-file - send bob)" 64 \
    'standard input cannot be password and message'
is "$(code env -u POCHTA_PASSWORD "$B/pochta" --user ann list)" 64 'no password and no terminal'
is "$(code "$B/pochta" --user ann --password-file "$T/none" list)" 66 'no password file'
is "$(code env -u POCHTA_PASSWORD "$B/pochta" --user ann --password-file "$T" list)" 66 \
    'a directory for a password file'
is "$(code at 1 ann list)" 69 'nobody listens'

# --- accounts ---

start_server --idle 600
is "$(code ann register)" 0 'register'
is "$(code ann register)" 65 'register a name that is taken'
is "$(code bob register)" 0 'register another'
is "$(POCHTA_PASSWORD=wrong && code ann list)" 77 'a wrong password'
is "$(code at "$PORT" nobody list)" 77 'an unknown user'
printf 'secret\r\nmore\n' >"$T/password"
is "$(unset POCHTA_PASSWORD && code ann --password-file "$T/password" list)" 0 \
    'the password from the first line of a file'
is "$(unset POCHTA_PASSWORD && echo secret | ann --password-file - status | head -n 1)" 'messages 0' \
    'the password from standard input'
is "$(POCHTA_USER=ann POCHTA_SERVER=127.0.0.1:$PORT "$B/pochta" status | head -n 1)" 'messages 0' \
    'user and server from variables'

# --- there and back ---

perl -e 'print map chr, 0 .. 255' >"$T/bytes"
as_told <"$T/bytes" >"$T/bytes.told"
ok 'send' ann send bob <"$T/bytes"
printf 'first line\nsecond | line ^ with \\ all\n' >"$T/text"
as_told <"$T/text" >"$T/text.told"
ok 'send more' ann send bob <"$T/text"
ok 'send nothing at all' ann send bob </dev/null
like "$(bob status | tr '\n' ' ')" 'messages 3 unread 3 bytes 294 quota-bytes [0-9]* quota-messages *' \
    'status'
row=$(bob list | sed -n 2p)
tab=$(printf '\t')
like "$row" "2${tab}Unread${tab}38${tab}??? ??? ?? ??:??:?? 20??${tab}ann${tab}first line" 'list'
is "$(bob list | wc -l)" 3 'one line for each message'
bob read --raw 1 >"$T/back"
ok 'every byte comes back with --raw' cmp "$T/bytes.told" "$T/back"
bob read --raw 3 >"$T/back"
ok 'an empty message comes back' cmp /dev/null "$T/back"
bob read 2 >"$T/block"
is "$(sed 's/^TIME: .*/TIME: X/' "$T/block")" "$(
    printf '%s\n' 'Message with ID = 2' 'ID: 2' 'TIME: X' 'FROM: ann' 'LEN: 38' 'STATE: Unread' \
        'BODY: first line' 'second | line ^ with \ all' | as_told
)" 'read'
is "$(bob list | cut -f 2 | sort -u)" Normal 'read messages are Normal'
is "$(bob unread)" '' 'no message is unread'
is "$(code bob read 77)" 65 'read a message that is not there'
is "$(code bob read two)" 64 'an id that is no number'
is "$(code ann send nobody)" 67 'send to nobody'

large=3000000
over udp1 && large=100000 # of more, some may be lost for good
head -c $large /dev/urandom | as_told >"$T/large"
ok 'send a large message' ann send bob <"$T/large"
bob read --raw 4 >"$T/back"
ok 'it comes back' cmp "$T/large" "$T/back"
bob show >"$T/shown"
is "$(grep -c '^Message with ID = ' "$T/shown")" 4 'show has all messages'

# --- what is shown is harmless ---

printf 'a\033[2Jb\177c\302\233d\342\200\256e\377f\rg\th\n' >"$T/nasty"
ann send bob <"$T/nasty"
is "$(bob read 5 | sed -n 's/^BODY: //p')" "$(printf '%s\t%s' 'a\x1b[2Jb\x7fc\u009bd\u202ee\xfff\x0dg' h)" \
    'control characters are shown as escapes'
like "$(bob list | tail -n 1)" '*a\\x1b\[2Jb\\x7fc\\u009bd\\u202ee\\xfff' '... in a list too'

# --- take ---

is "$(code bob take 5)" 65 'take a message that cannot be shown as it is'
like "$(cat "$T/err")" '*is kept*--raw*' '... it is kept, and what to do is said'
bob take 2 >/dev/full 2>"$T/err"
is "$?" 74 'take when the disk is full'
like "$(cat "$T/err")" 'pochta: cannot write standard output: No space*' '... is said'
is "$(bob read --raw 2 | cksum)" "$(cksum <"$T/text.told")" '... and the message is still there'
perl -e 'pipe R, W; close R; open STDOUT, ">&", W; exec @ARGV' "$B/pochta" \
    --server "127.0.0.1:$PORT" --user bob take 2 2>/dev/null
is "$?" 74 'take into a pipe that nobody reads'
bob take 2 >&- 2>/dev/null
is "$?" 74 'take without a standard output'
is "$(bob read --raw 2 | cksum)" "$(cksum <"$T/text.told")" '... and the message is still there'
bob take --raw 2 >"$T/back"
ok 'take writes the message' cmp "$T/text.told" "$T/back"
is "$(code bob read 2)" 65 '... and it is gone'

# --- delete, forward, unread ---

is "$(code bob delete 3)" 0 'delete'
is "$(code bob delete 3)" 65 'delete what is gone'
is "$(code bob forward 1 ann)" 0 'forward'
is "$(code bob forward 1 nobody)" 67 'forward to nobody'
is "$(ann unread | sed -n 's/^FROM: //p')" bob 'unread shows it, from the one who forwarded'
is "$(ann list | cut -f 2)" Normal '... and it becomes Normal'
ann read --raw 1 >"$T/back"
ok 'a forwarded message is the same' cmp "$T/bytes.told" "$T/back"

# --- a connection that breaks ---

breaking_wire
before=$(bob list | wc -l)
ok 'send, over a wire that breaks before the answer' at "$WIRE" ann send bob <"$T/text"
is "$(bob list | wc -l)" $((before + 1)) 'the message arrived once'

# --- watch ---

: >"$T/watched"
bob watch >"$T/watched" 2>"$T/watch.err" &
watcher=$!
children="$children $watcher"
has_watched() { [ "$(grep -c '' "$T/watched")" -ge "$1" ]; }
# Whether it watches yet cannot be seen: it is sent letters until one was announced.
until has_watched 1 || gone "$watcher"; do echo 'hello, bob' | ann send bob; done
printf 'a\tb|c\033\nsecond line' | ann send bob
row=$(bob list | tail -n 1)
ok 'watch: a line for each letter that comes' wait_for 20 grep -qxF "$row" "$T/watched"
like "$row" "*${tab}Unread${tab}18${tab}*${tab}ann${tab}$(printf %s 'a\\x09b|c\\x1b' | as_told)" '... of the form of list'
"$B/pochtactl" --store "$T/store" kick bob >/dev/null
wait "$watcher"
is $? 75 '... until the server ends the connection'
is "$(cat "$T/watch.err")" 'pochta: watch: kicked by the administrator' '... for a reason'
is "$(code bob watch more)" 64 'watch has no arguments'
if [ -e /dev/full ]; then
    bob watch >/dev/full 2>"$T/watch.err" &
    watcher=$!
    children="$children $watcher"
    until gone "$watcher"; do echo 'hello, bob' | ann send bob; done
    wait "$watcher"
    is $? 74 '... ends when its lines cannot be written'
fi
mail='Mail|1|9^ann^2017-12-03T12:51:33Z^3^2^abc^|'
fake_server 'Answer|2|Yes|2|' 'Answer|1|Yes|' \
    "raw:0000000013Answer|1|Yes|00000000${#mail}$(printf %s "$mail")"
is "$(code at "$FAKE" ann watch)" 75 'watch, on a connection that is lost'
like "$(cat "$T/out")" "9${tab}Unread${tab}3${tab}*${tab}ann${tab}abc" '... has printed what came with the answer'
fake_server 'Answer|2|Yes|2|' 'Answer|1|Yes|' 'Answer|2|Noop|unknown command|'
is "$(code at "$FAKE" ann watch)" 65 'watch, of a server that does not know it'
fake_server 'Answer|2|Yes|2|' 'Answer|1|Yes|' "raw:00000000${#mail}${mail}0000000013Answer|1|Yes|"
is "$(code at "$FAKE" ann list)" 0 'news that nobody asked for do no harm'

# --- other servers ---

fake_server 'Answer|1|Yes|' 'Answer|1|Yes|' 'Answer|2|Yes|1^a^b^0^2^^|'
ok 'send to a server of version 1' at "$FAKE" ann send bob <"$T/text"
is "$(sed -n 3,4p "$T/fake.log")" "$(printf 'Send mes|2|bob|0^^^0^0^first line\nsecond   line   with \\ all')" \
    '... without token and escapes'
fake_server 'Answer|1|Yes|' 'Answer|1|Yes|'
is "$(code at "$FAKE" ann send bob)" 75 'a lost connection in version 1 is not repeated'
like "$(cat "$T/err")" '*may have been sent, or not*' '... the doubt is told'
fake_server 'Answer|2|Yes|2|' 'Exit|1|out of order|'
is "$(code at "$FAKE" ann list)" 75 'Exit instead of an answer'
like "$(cat "$T/err")" '*: out of order' '... the reason is told'
fake_server 'Answer|2|Yes|2|' 'Answer|1|Yes|' 'Answer|2|Noop|no\q|'
is "$(code at "$FAKE" ann list)" 76 'an unknown escape'
fake_server 'Answer|2|Yes|2|' 'Answer|2|Noop|the server is short of memory, try again later|'
is "$(code at "$FAKE" bob list)" 75 'a login that fails for now'
fake_server 'Answer|2|Yes|2|' 'Answer|2|Noop|wrong name or password|'
is "$(code at "$FAKE" bob list)" 77 'a login that fails for good'
fake_server 'raw:HTTP/1.1 400 Bad Request'
is "$(code at "$FAKE" ann list)" 76 'not a mail server'
fake_server 'Answer|2|Yes|2|' 'Answer|1|Yes|' "raw:9999999999Answer|2|Yes|$(printf '\033')"
is "$(code at "$FAKE" ann list)" 75 'an answer that ends too soon'
fake_server 'Answer|2|Yes|2|' "Answer|2|Noop|go$(printf '\033')away|"
code at "$FAKE" ann list >/dev/null
like "$(cat "$T/err")" '*go\\x1baway' "a server's words are harmless too"
fake_server 'Answer|2|Yes|2|' 'Answer|1|Yes|' 'Answer|2|Yes|9^ann^x^3^0^abc^|' 'Answer|1|Yes|'
is "$(code at "$FAKE" ann take 7)" 76 'another message than the one that was asked for'
is "$(wc -l <"$T/fake.log")" 3 '... is not deleted'

done_testing
