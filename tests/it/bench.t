#!/bin/sh
# SPDX-License-Identifier: ISC
# The tools of the benchmark: the load generator takes no wrong answer for a right one, in any of its
# protocols; what strace saw is counted right; and the page says what the results say.
# shellcheck source=tests/it/lib.sh
. "$(dirname "$0")/lib.sh"
bench=$here/../bench
cr=$(printf '\r')

# A server for one connection: says each ANSWER when it has received something; but the first at once if
# GREETS is 1. Lines end with CRLF. sets PLAYED.
play() { # GREETS ANSWER...
    rm -f "$T/played.port"
    perl -MIO::Socket::INET -e '
        my ($port, $greets) = splice @ARGV, 0, 2;
        my $listener = IO::Socket::INET->new(LocalAddr => "127.0.0.1", Listen => 5) or die;
        open my $f, ">", "$port.new" or die;
        print $f $listener->sockport;
        close $f;
        rename "$port.new", $port;
        my $c = $listener->accept;
        for my $i (0 .. $#ARGV) {
            last if ($i > 0 || !$greets) && !sysread $c, my $heard, 65536;
            syswrite $c, $ARGV[$i] =~ s/\r?\n/\r\n/gr . "\r\n";
        }
        sysread $c, my $rest, 65536;' "$T/played.port" "$@" &
    children="$children $!"
    wait_for 20 test -s "$T/played.port"
    PLAYED=127.0.0.1:$(cat "$T/played.port")
}

generate() { code timeout 20 "$B/bench/generate" "$@"; }

right() { # NAME PROTOCOL OPERATION [OPTION...]: of what is played
    title=$1 protocol=$2
    shift 2
    is "$(generate "$protocol" "$PLAYED" "$@" times=1)" 0 "$protocol: $title"
    like "$(cat "$T/out")" '* 1' "$protocol: $title: one operation is counted"
}

wrong() { # WHY NAME PROTOCOL OPERATION [OPTION...]
    why=$1 title=$2 protocol=$3
    shift 3
    is "$(generate "$protocol" "$PLAYED" "$@" times=1)" 1 "$protocol: $title"
    like "$(head -n 1 "$T/err" | tr -d "$cr")" "bench: $why*" "$protocol: $title: the reason"
}

pipelined='250 ok
250 ok
354 go on'
hello='250-bench
250 PIPELINING'

play 1 '220 hello' "$hello" "$pipelined" '250 2.0.0 saved'
right 'a message that is saved' lmtp send
play 1 '220 hello' "$hello" '250 ok
550 no such user
503 no recipient'
wrong 'wrong answer: 550 no such user' 'a recipient that is refused' lmtp send
play 1 '220 hello' "$hello" "$pipelined" '452 4.2.2 quota exceeded'
wrong 'wrong answer: 452' 'a message that is refused' lmtp send

play 1 '220 hello' "$hello" "$pipelined" '250 2.0.0 Ok: queued as 123'
right 'a message that is queued' smtp send
play 1 '220 hello' "$hello" "$pipelined" '451 4.3.0 queue file write error'
wrong 'wrong answer: 451' 'a message that is not queued' smtp send
play 1 '421 too busy'
wrong 'wrong answer: 421' 'a server that is too busy' smtp send

message='Subject: bench

xxxxxxxxxx'
play 1 '+OK hello' '+OK' '+OK in' "+OK 30 octets
$message
."
right 'a message' pop3 show bytes=30
play 1 '+OK hello' '+OK' '+OK in' "+OK 31 octets
$message
."
wrong 'a message of another size: +OK 31' 'a length that was not expected' pop3 show bytes=30
play 1 '+OK hello' '+OK' '+OK in' "+OK 30 octets
${message}xx."
wrong 'another message' 'a message that ends otherwise' pop3 show bytes=30
play 1 '+OK hello' '+OK' '-ERR wrong password'
wrong 'wrong answer: -ERR' 'a login that is refused' pop3 show bytes=30

list='+OK two
1 a
2 b
.'
play 1 '+OK hello' '+OK' '+OK in' "$list" '+OK bye'
right 'a session of a mail program that looks for mail' pop3 check count=2
play 1 '+OK hello' '+OK' '+OK in' "$list" '+OK bye'
wrong 'another number of messages: +OK two' 'a list of another number' pop3 check count=3
play 1 '+OK hello' '+OK' '+OK in' "$list" '-ERR still there'
wrong 'wrong answer: -ERR still' 'a QUIT that is refused' pop3 check count=2

play 0 ':1'
right 'an LPUSH' redis send
play 0 '-OOM no memory'
wrong 'wrong answer: -OOM' 'an LPUSH that is refused' redis send
play 0 '*1
$4
xxxx'
right 'an LRANGE' redis show bytes=4
play 0 '*1
$3
xxx'
wrong 'wrong answer' 'an LRANGE with another size' redis show bytes=4
play 0 '*2
$4
xxxx
$4
xxxx'
wrong 'wrong answer' 'an LRANGE with another number' redis show bytes=4

start_server --lmtp 127.0.0.1:0 --pop3 127.0.0.1:0 --domains bench.invalid
register ann0 empty0 box0
PLAYED=127.0.0.1:$(port_of lmtp)
is "$(generate lmtp "$PLAYED" send user=box times=20)" 0 'lmtp: messages that differ'
PLAYED=127.0.0.1:$(port_of pop3)
right 'all of them have been stored' pop3 check user=box count=20
right 'a message that is shown' pop3 show user=box count=20
is "$(generate pop3 "$PLAYED" check user=box count=20 times=3)" 0 'pop3: a new connection each time'
like "$(cat "$T/out")" '* 3' '... is an operation each'
PLAYED=127.0.0.1:$TCP_PORT
right 'a message that is sent' pochta send user=ann bytes=100
right 'a message that is shown' pochta show user=ann bytes=100
right 'all messages' pochta all user=ann bytes=100 count=1
wrong 'wrong answer' 'a login that is refused' pochta send user=nobody
wrong 'wrong answer' 'a message that there is not' pochta show user=empty
wrong 'another number of messages, or bytes' 'a message of another size' pochta show user=ann bytes=1000
wrong 'another number of messages, or bytes' 'another number of messages' pochta all user=ann bytes=50 count=2

"$B/bench/echo" "$T/echo.port" 10 1000 &
children="$children $!"
wait_for 20 test -s "$T/echo.port"
PLAYED=127.0.0.1:$(cut -d ' ' -f 3 "$T/echo.port")
right 'as many bytes as there should be' echo show request=10 bytes=1000
wrong 'bytes follow the answer' 'more bytes than there should be' echo show request=10 bytes=999

# --- what strace saw ---

cat >"$T/trace" <<END
11 fsync(5</mnt/data/users/ann/new-00ff-1>) = 0
11 fsync(5</mnt/data/users/ann/new-00ff-2>) = 0
12 fsync(5</mnt/data/users/ann/new-00ff-3> <unfinished ...>
13 fdatasync(7</mnt/data/log/1> <unfinished ...>
12 <... fsync resumed>) = 0
13 renameat2(4</mnt/data/users/ann>, "new-00ff-1", 4</mnt/data/users/ann>, "0000000001-u,t=1", RENAME_NOREPLACE) = 0
13 rename("/mnt/data/tmp/1795957299.M1P2.vm", "/mnt/data/new/1795957299.M1P2.vm") = 0
14 openat(AT_FDCWD</>, "/mnt/data/x", O_RDONLY) = 3
14 openat(AT_FDCWD</>, "/mnt/data/dsync", O_WRONLY|O_DSYNC) = 3
END
is "$("$bench/syncs" "$T/trace" 2 /mnt/data | tr '\t' ' ')" '2 fsync users/ann/*
1 O_DSYNC dsync
1 fdatasync log/1
1 rename to new/
1 renameat2 to users/ann/' 'syncs counts what strace saw from a line on'

# --- the page ---

results() { # RATE_OF_POCHTA RATE_OF_REDIS
    printf '%s\t' fact ext4 redis - - 'Redis 7.0' && echo -
    for round in 0 1 2; do
        printf '%s\t' send-64 ext4 pochta 64 "$round" "$1" && echo /s
        printf '%s\t' send-64 ext4 redis 64 "$round" "$(($2 + round * 100))" && echo /s
    done
    printf '%s\t' heading ext4 'First use' - first - && echo -
    printf '%s\t' row ext4 '1 client, against Dovecot' 'least 10' first 9.50 && echo 9.00-10.00
    printf '%s\t' row ext4 '  until the Login, ms' - first 3 && echo 2-4
    printf '%s\t' powercut ext4 redis-always 50 0 1234 && echo acknowledged
    printf '%s\t' powercut ext4 redis-always 50 0 5 && echo gone
    for transport in udp tcp; do
        for figure in 9.5:Mbit/s 1.1:bytes/byte "300:ms" '400:p99 ms' 200:answers; do
            printf '%s\t' links ext4 $transport-15 5 0 "${figure%%:*}" && echo "${figure#*:}"
        done
    done
    printf '%s\t' heading ext4 Links - links - && echo -
    printf '%s\t' row ext4 'Part of the link' - links 0.83 && echo 0.83-0.83
    printf '%s\t' heading ext4 '100000 accounts beside 1000' - million - && echo -
    printf '%s\t' row ext4 'Stop, ms, 1000 accounts' - million 18.04 && echo 18.04-18.04
    printf '%s\t' row ext4 'Stop, ms, 100000 accounts' 'most 1000' million 1234.56 && echo 1234.56-1234.56
    printf '%s\t' row ext4 'fsck: letters of 1 KB a second' - million 23456 && echo 23456-23456
}
page() { "$bench/page" "$T/results" "$@" 2>"$T/err"; }
on_page() { page | grep -qF -e "$1"; } # TEXT

results 1000 3900 >"$T/results"
ok 'the page has the median of the rounds and their ends' on_page '| Redis | 4,000 | 3,900 to 4,100 |'
ok '... how many times as fast Pochta is' on_page '| 0.250 (0.244 to 0.256) |'
ok '... which peers are faster' on_page 'Faster than Pochta here: Redis (4 times).'
ok '... which targets are missed' on_page '| 1 client, against Dovecot | at least 10 | 9.50 | 9.00 to 10.00 | **missed** |'
ok '... and where they were measured' on_page '| **First use**, on ext4 | | | | |'
ok '... the rows of other parts' on_page '| ... until the Login, ms | 3 | 2 to 4 |'
ok '... what is gone after power cuts' on_page '| Redis, `appendfsync always` | ext4 | 50 | 1,234 | 5 |'
ok '... links' on_page '| 15 ms | 5 % | TCP of the kernel | 9.50 | 1.10 | 300 | 400 | 200 |'
ok '... with a store of many accounts beside one of few' on_page '| Stop, ms | 18.0 | 1,235 | syncs |'
ok '... which are in the heading' on_page '| | 1,000 accounts | 100,000 accounts | bounded by |'
ok '... and a figure that does not depend on their number' on_page '| fsck: letters of 1 KB a second | 23,456 |  | reading'
ok '... versions' on_page '| Redis | Redis 7.0 |'
is "$(page a/b-c.svg | grep svg)" '![b c](a/b-c.svg)' '... and the plots'
results 8000 3900 >"$T/results"
is "$(page | grep -c Faster)" 0 'a peer that is slower is not called faster'
echo 'send-64	ext4	redis	64	0	fast	/s' >>"$T/results"
is "$(page >/dev/null; echo $?)" 1 'a value that is not a number is an error'
like "$(cat "$T/err")" 'page: *:29: "fast" is not a number' '... which names the line'
done_testing
