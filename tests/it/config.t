#!/bin/sh
# SPDX-License-Identifier: ISC
# The configuration: the file, and what is printed. config_values.t tries the values of each key, reload.t
# reads it again.
. "$(dirname "$0")/lib.sh"
conf=$T/pochtad.conf
example=$here/../../contrib/pochtad.conf

pochtad() { "$B/pochtad" "$@"; }
effective() { pochtad "$@" --print-config | grep -v '^#'; } # OPTION...: effective values, without origins
keys() { pochtad --example-config | sed -n 's/^#\([a-z0-9-]*\) =.*/\1/p'; }

# --- each key ---

unknown_to_tests() {
    for key in $(keys); do
        grep -q -e "--$key\>" -e "'$key = " "$here"/*.t || echo "$key"
    done
}
is "$(unknown_to_tests)" '' 'each key has a test with a running server'

# --- the file ---

refused() { # WORDS NAME: what is said of $conf, after its name
    is "$(code pochtad --config "$conf" --check-config) $(cat "$T/err" "$T/out")" \
        "78 pochtad: $conf:$1" "$2"
}
fits() { # NAME
    is "$(code pochtad --config "$conf" --check-config) $(cat "$T/err" "$T/out")" '0 ' "$1"
}
printf 'idle = 7s\nmessage-max = 5M' >"$conf"
fits 'the last line may lack its newline'
printf '# a comment\r\n\r\nidle = 7s\r\nmessage-max=5M\r\n' >"$conf"
fits 'CR LF: fine'
is "$(effective --config "$conf" | grep -e idle -e message-max)" 'idle = 7s
message-max = 5M' '... a CR is not part of a value'
ln -s pochtad.conf "$T/link"
is "$(effective --config "$T/link" | grep idle)" 'idle = 7s' 'a symbolic link is followed'
: >"$conf"
fits 'an empty file is valid'
printf 'idle = 7s\nstore = a\000b\n' >"$conf"
refused '2: the line contains a NUL byte; this must be a text file' 'a NUL'
printf 'idle = 7s\n#\nidle = 8s\n' >"$conf"
refused '3: idle: already set in line 1' 'a key twice'
printf 'idel = 7s\n' >"$conf"
refused '1: unknown key "idel"; pochtad --help lists all keys' 'an unknown key'
printf 'idle 7s\n' >"$conf"
refused '1: not a line "key = value", and no comment, which begins with #' 'a line that is not KEY = VALUE'
for value in 'store = /var/mail # the mail' 'store = #1' "port-file = /run/port$(printf '\t')# or none" 'user = pochta # not root' \
    'idle = 7s # seconds'; do
    printf '%s\n' "$value" >"$conf"
    refused "1: ${value%% =*}: \"${value#*= }\" contains \" #\"; a comment needs a line of its own" \
        "a comment after a value: $value"
done
printf 'store = /var/mail#1\n' >"$conf"
fits 'a # within a word is part of it'
is "$(code pochtad --store 'a #b' --check-config) $(cat "$T/err")" \
    '64 pochtad: store: "a #b" contains " #"; a comment needs a line of its own' '... in an option, too'
printf 'idle = 7x\n' >"$conf"
is "$(code pochtad --idle 7 --config "$conf" --check-config)" 78 'an invalid value is an error even if an option overrides it'
perl -e 'print "#\n" x (1 << 20)' >"$conf"
refused ' cannot read the file: larger than 1 MiB' '2 MiB'
rm "$conf" && mkdir "$conf"
refused ' cannot read the file: Is a directory' 'a directory'
rmdir "$conf" && mkfifo "$conf"
refused ' cannot read the file: not a regular file' 'a FIFO'
rm "$conf"
refused ' cannot read the file: No such file or directory' 'no file'
: >"$conf" && chmod 0 "$conf"
if [ "$(id -u)" = 0 ]; then
    skip 'root may read anything' 'no permission'
else
    refused ' cannot read the file: Permission denied' 'no permission'
fi
rm -f "$conf"

printf 'pop3 = 127.0.0.1:21601\nsubmission = 127.0.0.1:21601\n' >"$conf"
refused '2: submission: 127.0.0.1:21601 is taken by pop3 = 127.0.0.1:21601; each needs an address or port of its own' \
    'two keys with one address'
for key in submission lmtp; do
    printf '%s = 127.0.0.1:25\n' "$key" >"$conf"
    is "$(code pochtad --config "$conf" --check-config) $(cat "$T/err" "$T/out")" \
        '0 pochtad: warning: domains is only localhost: submission and lmtp refuse mail for all other domains' \
        "$key without a domain: a warning"
    printf 'domains = LOCALHOST\ndomains = example.org\n' >>"$conf"
    fits '... not with one'
done
printf 'pop3 = 127.0.0.1:110\n' >"$conf"
fits 'pop3 needs no domain'

# --- what is printed ---

printf '\nidle = 120s\nlisten = a:1\n\nlisten = b:2\nquota_bytes=1048576\n' >"$conf"
pochtad --clients 5 --config "$conf" --print-config --log-level=debug >"$T/printed"
is "$(grep -B 1 -e ^idle -e ^listen -e ^quota-bytes -e '^clients ' -e ^log-level -e '^store ' "$T/printed" |
    grep -v '^--$')" "# $conf:3
listen = a:1
# $conf:5
listen = b:2
# default
store = mailstore
# $conf:2
idle = 2m
# option
clients = 5
# $conf:6
quota-bytes = 1M
# option
log-level = debug" '--print-config prints the effective values and their origin'
is "$(effective --config "$T/printed")" "$(grep -v '^#' "$T/printed")" '... as a file with the same effect'
is "$(effective --config "$conf" --listen c:3 | grep listen)" 'listen = c:3' \
    'addresses in an option replace those of the file'
is "$(pochtad --example-config | diff - "$example")" '' 'contrib/pochtad.conf is the example'
is "$(effective --config "$example")" "$(effective)" '... which changes nothing'
sed 's/^#\([a-z0-9-]* =\)/\1/' "$example" >"$conf"
is "$(effective --config "$conf")" "$(effective)" '... nor do its lines without the #'
is "$(pochtad --config "$conf" --print-config | grep -c "^# $conf:")" "$(keys | wc -l)" '... which are all keys'
is "$(code pochtad --print-config --config "$T/none")" 78 '--print-config of a file that is not there'
if [ -c /dev/full ]; then
    is "$("$B/pochtad" --example-config >/dev/full; echo $?)" 74 'a disk that is full'
else
    skip 'no /dev/full' 'a disk that is full'
fi

# --- installed ---

install_in() { # DIR PREFIX
    env -u MAKEFLAGS -u MFLAGS make -s -C "$here/../.." -o all install B="$B" PREFIX="$2" \
        DESTDIR="$T/$1" >"$T/make" 2>&1 || cat "$T/make"
}
install_in usr /usr
ok 'installed in /usr: /etc/pochta/pochtad.conf' cmp "$example" "$T/usr/etc/pochta/pochtad.conf"
echo '# mine' >"$T/usr/etc/pochta/pochtad.conf"
install_in usr /usr
is "$(cat "$T/usr/etc/pochta/pochtad.conf")" '# mine' '... an existing one stays'
install_in local /usr/local
ok 'another prefix: the configuration is below it' cmp "$example" "$T/local/usr/local/etc/pochta/pochtad.conf"
done_testing
