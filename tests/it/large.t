#!/bin/sh
# SPDX-License-Identifier: ISC
# Sizes around 2^31 and 2^32: lengths of frames, limits, files of messages, and sums of them. The same on 32 bits,
# except where such a machine has too little memory.
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/it/fake_server.sh
. "$here/fake_server.sh"
yes='Answer|1|Yes|' no='Answer|2|Noop|'
lengths='2147483647 2147483648 4294967286 4294967295 4294967296 4294967306 9999999999'

client() { POCHTA_PASSWORD=secret "$B/pochta" --server "${WHERE:-127.0.0.1:$PORT}" --user "$@"; }
fsck() { "$B/pochtactl" --store "$T/store" fsck "$@" 2>&1; }
begins() { printf '%010d%s' "$@"; } # LENGTH BYTES: a frame that ends too early
together() { tr '\n' ' '; }
login=$(frame 'Login|2|ann|secret|')

# --- limits ---

largest() { # KEY: the largest value that can be configured
    "$B/pochtad" "--$1" 99999999999999999999 --check-config 2>&1 | sed -n 's/.*is not between [0-9KMG]* and //p'
}
bytes_of() { echo $((${1%G} * 1073741824)); } # SIZE, such as 2G
case $(largest memory) in
1024G) most=1G bits=64 ;;
2G) most=512M bits=32 ;;
*) most='' bits='' ;;
esac
ok 'the largest memory is what such a machine can have' test -n "$bits"
is "$(largest message-max)" "$most" '... and so is the largest message'
is "$(largest index-memory)" "$(largest memory)" '... and the memory for indexes'
is "$(largest quota-bytes)" 1048576G 'a quota may be larger than all memory'
case $most in 1G) limit=$((2 * 1073741824 + 4096)) ;; *) limit=$((1073741824 + 4096)) ;; esac

# --- frames that are announced to the server ---

start_server --memory 64K
register ann
for length in $lengths; do
    like "$(begins "$length" 'Noop|0|' | exchange | decode | together)" \
        "${no}the frame is too long: at most 4096 bytes before login| Exit|1|*| " "a frame of $length bytes before Login"
    like "$({ printf %s "$login" && begins "$length" 'Noop|0|'; } | exchange | decode | together)" \
        "$yes ${no}the frame is too long: at most 20975616 bytes| Exit|1|*| " '... and after it'
done
stop_server

start_server --memory 64K --message-max "$most"
for length in $lengths $((limit - 1)) $limit $((limit + 1)); do
    expected="$yes ${no}the frame is too long: at most $limit bytes| Exit|1|the frame is too long| "
    [ "$length" -gt "$limit" ] || expected="$yes ${no}the request is incomplete and was not carried out: the frame is shorter than its length says| "
    is "$({ printf %s "$login" && begins "$length" 'Noop|0|'; } | exchange | decode | together)" "$expected" \
        "the largest limit, $limit, and a frame of $length bytes"
done
# All of it is sent, though the server has no memory for it.
{ printf %s "$login" && begins "$limit" '' && head -c "$limit" /dev/zero && frame 'Noop|0|'; } |
    exchange | decode | together >"$T/out"
like "$(cat "$T/out")" "$yes ${no}*memory*| $yes " "a frame of $limit bytes, for which there is no memory: the session goes on"
stop_server

# --- frames that are announced to the client ---

for length in $lengths; do
    fake_server "raw:$(begins "$length" 'Answer|2|Yes|2|')"
    like "$(WHERE=$FAKE && code client ann list) $(cat "$T/err")" '7[56] *' "the client hears of a frame of $length bytes"
    fake_server 'Answer|2|Yes|2|' "$yes" "raw:$(begins "$length" 'Answer|2|Yes|1^ann^2017-12-03T12:51:33Z^5^0^hello^|')"
    is "$(WHERE=$FAKE && code client ann read --raw 1) $(cat "$T/out")" '0 hello' '... in an answer, whose message comes whole'
    fake_server 'Answer|2|Yes|2|' "$yes" "raw:$(begins "$length" 'Exit|1|why|')"
    like "$(WHERE=$FAKE && code client ann read 1) $(cat "$T/err")" '7[56] *' '... as a farewell'
done

# --- files and sums ---

users=$T/store/users
make_large() { perl "$here/large_message.pl" "$users/ann" "$@"; } # ID BYTES
if ! truncate -s 5G "$T/sparse" 2>/dev/null || [ "$(du -k "$T/sparse" | cut -f 1)" -gt 1024 ]; then
    skip 'the file system has no files with holes' 'large files'
    done_testing
fi
rm "$T/sparse"
first=2147483748 second=4294967295
one=$(make_large 1 $first)
two=$(make_large 2 $second)
is "$(stat -c %s "$users/ann/$one")" $((first + 94)) 'there is a file of more than 2 GiB'
is "$(fsck)" '1 mailboxes, 2 messages, 0 findings' 'fsck reads two large messages'

# Both together have more than 6 GiB on the disk.
start_server --quota-bytes 7G
is "$(as ann 'Status|0|' | cut -d '|' -f 4-6)" "2|2|$((first + second))" 'the sum of their sizes'
is "$("$B/pochtactl" --store "$T/store" user list --usage | cut -f 1,3,5,6)" "ann	2	$((first + second))	$((7 << 30))" \
    '... as the tool says it'
is "$(as ann 'Show list|0|' | tr '|' '\n' | grep -c -e "^1^ann^DATE^$first^2^large^" -e "^2^ann^DATE^$second^2^large^")" 2 'a list shows them'
sizes() { # reads frames; prints their first fields, their length and the number of zeros
    perl -e '
        binmode STDIN;
        while (read(STDIN, my $digits, 10) == 10) {
            my ($left, $zeros, $begin) = ($digits, 0, "");
            while ($left > 0) {
                my $n = read STDIN, my $piece, $left < 1 << 20 ? $left : 1 << 20;
                last if !$n;
                $begin = $piece =~ s/\0.*//sr if $begin eq "";
                $zeros += $piece =~ tr/\0//;
                $left -= $n;
            }
            $begin =~ s/\n.*//s;
            print "$digits ", $left ? "CUT SHORT " : "", "$zeros $begin\n";
        }'
}
is "$({ printf %s "$login" && frame 'Show exact|1|1|'; } | exchange | sizes | sed -n '2s/\^[^^]*:[^^]*\^/^DATE^/p')" \
    "$((first + 59)) $((first - 6)) Answer|2|Yes|1^ann^DATE^$first^2^large" 'all of a large message is sent'
is "$({ printf %s "$login" && frame 'Peek mes|1|2|'; } | exchange | head -c 33 | tail -c 10)" $((second + 59)) \
    'the length of a frame of more than 4 GiB'
is "$(code client ann read 1)" 76 'the client does not take a message of that size'
like "$(cat "$T/err")" '*larger than this program accepts*' '... and says so'
like "$(as ann 'Resend|2|ann|1|')" "$no*memory*|" 'a large message is not sent again: there is no memory for it'
like "$(as ann 'Send mes|2|ann|small|')" 'Answer|2|Yes|3^ann^*' 'below the quota there is room'
stop_server
start_server --quota-bytes 6G
like "$(as ann 'Send mes|2|ann|small|')" "$no*full*|" '... and nothing is stored above it'
make_large 4 $second >/dev/null
stop_server
start_server
like "$(as ann 'Show all|0|')" "$no*too long*|" 'an answer of more than ten digits is refused'
is "$(as ann 'Delete mes|1|4|' 'Status|0|' | tail -n 1 | cut -d '|' -f 4-6)" "3|2|$((first + second + 5))" \
    'one is deleted'
is "$(as ann 'Delete user|0|' 'Noop|0|' | head -n 1)" "$yes" 'an account with more than 4 GiB can be deleted'
is "$("$B/pochtactl" --store "$T/store" user restore ann && as ann 'Status|0|' | cut -d '|' -f 4-6)" "3|2|$((first + second + 5))" \
    '... and restored'
stop_server

# A fault beyond 2 GiB is found.
one=$(find "$users/ann" -name '*1-*' -printf %f) # it has been read
printf x | dd of="$users/ann/$one" bs=1 seek=$((first + 50)) conv=notrunc 2>/dev/null
truncate -s -1 "$users/ann/$two"
is "$(fsck | sort)" "$(printf '%s\n' "1 mailboxes, 4 messages, 2 findings" "ann/$one: the checksum is wrong" \
    "ann/$two: the file's length is wrong" | sort)" 'damage near their ends is found'
done_testing
