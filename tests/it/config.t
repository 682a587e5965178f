#!/bin/sh
# SPDX-License-Identifier: ISC
# The configuration: valid and invalid values of each key, the file, and what is printed. reload.t
# tests reading it again.
. "$(dirname "$0")/lib.sh"
conf=$T/pochtad.conf
example=$here/../../contrib/pochtad.conf

pochtad() { "$B/pochtad" "$@"; }
effective() { pochtad "$@" --print-config | grep -v '^#'; } # OPTION...: effective values, without origins
keys() { pochtad --example-config | sed -n 's/^#\([a-z-]*\) =.*/\1/p'; }

# --- each key ---

# Gives each key values of its kind: those that are read are printed as such, and what is said of
# the others names file, line, key, value and what is allowed. Both ends of a range are in it. Prints
# what is otherwise, and last how many values there were.
try_values() { perl -e '
    my ($program, $file) = @ARGV;
    my %kinds = (
        TIME => [ { "90" => "90s", "120m" => "2h", "1500ms" => "1500ms", "007s" => "7s" },
                  [ "", "s", "-1", "1.5", "7x", "7 s", "7mm", "+7", "0x7", "7S" ],
                  "is not a duration (30s, 5m, 2h)" ],
        DAYS => [ { "2" => "2d", "36h" => "36h", "0" => "0", "48h" => "2d", "90s" => "90s" },
                  [ "", "d", "-1", "1.5", "7x", "7ms" ],
                  "is not a number of days (7, 36h)" ],
        SIZE => [ { "70000" => "70000", "70656" => "69K", "2048K" => "2M" },
                  [ "", "K", "-1", "1.5", "7x", "70k", "70KB", "7T" ],
                  "is not a number (5000, 64K, 10M, 1G)" ],
        DIR => [ { "/a b=#c" => "/a b=#c", "x" => "x" }, [ "", "a\tb", "x" x 4096 ],
                 "a path must " ],
        FILE => [ { "/a b=#c" => "/a b=#c", "" => "" }, [ "a\tb", "x" x 4096 ], "a path must " ],
        NETWORK => [ { "10.1.0.0/16" => "10.1.0.0/16", "::1/128" => "::1", "" => "" },
                     [ "10.1.0.0/8", "localhost", "127.0.0.1:25" ], "is not an address or a network" ],
        "NAME[:GROUP]" => [ { "nobody" => "nobody", "a:b" => "a:b", "" => "" },
                            [ ":", ":b", "a:", "a\tb", "x" x 64, "a:" . "x" x 64 ],
                            "is not NAME or NAME:GROUP" ],
        "ADDR:PORT" => [ { "[::1]:25" => "[::1]:25", "localhost:0" => "localhost:0" },
                         [ "5555", "a:65536", "::1:25", ":25", "a:" ], "is not ADDR:PORT" ]);
    $kinds{BYTES} = [ { "70" => "70", "1K" => "1K" }, @{$kinds{SIZE}}[1, 2] ];
    $kinds{NUMBER} = [ { "70000" => "70000", "069K" => "69K" }, @{$kinds{SIZE}}[1, 2] ];
    sub run { # VALUE: what is printed of the key, or what is said
        my ($key, $value, $what) = @_;
        open my $f, ">", $file or die;
        print $f "\n$key = $value\n";
        close $f;
        open my $p, "-|", "$program --config $file $what 2>&1" or die;
        my $text = do { local $/; <$p> };
        close $p;
        return $? >> 8, $? ? $text : $what =~ /check/ ? $text : $text =~ /^\Q$key\E = ?(.*)$/m ? $1 : $text;
    }
    my ($kind, $tried);
    my @example = qx{$program --example-config};
    for (@example) {
        ($kind) = /^# ([^ ]+): / if /^# [^ ]+: /;
        my ($key) = /^#([a-z-]+) =/ or next;
        my ($good, $bad, $rule) = $kinds{$kind} ? @{$kinds{$kind}} : ();
        if (!$good && $kind =~ /\|/) {
            my @words = split /\|/, $kind;
            $good = { map { $_ => $_ } @words };
            $bad = [ "", "loud", uc $words[-1], "$words[0]x", $kind ];
            $rule = "is not one of " . join ", ", @words;
        }
        print "$key: no values of the kind $kind are known here\n" unless $good;
        for (sort keys %$good) {
            my ($code, $got) = run($key, $_, "--print-config");
            print "$key = $_: $code $got\n" if $code || $got ne $good->{$_};
            ($code, $got) = run($key, $_, "--check-config");
            print "check $key = $_: $code $got\n" if $code || $got ne "";
            $tried++;
        }
        my @none = $key eq "listen" ? "" : (); # of its kind the only one that must be there
        for (@{$bad // []}, @none) {
            my ($code, $got) = run($key, $_, "--check-config");
            my $value = length > 100 || $kind =~ /DIR|FILE/ ? "" : "\"$_\"";
            print "$key = $_: $code $got"
                if $code != 78 || index($got, "pochtad: $file:2: $key: $value") || $got !~ /\Q$rule\E/;
            $tried++;
        }
        next unless $kind =~ /^(TIME|DAYS|SIZE|NUMBER|BYTES)$/;
        my ($code, $got) = run($key, "99999999999999999999", "--check-config");
        my ($least, $most) = $got =~ /^pochtad: \Q$file:2: $key:\E "\d+" is not between (\w+) and (\w+)$/;
        print "$key: $code $got" unless $code == 78 && defined $most;
        for ($least, $most) {
            ($code, $got) = run($key, $_, "--print-config");
            print "$key = $_, an end of its range: $code $got\n" if $code || $got ne $_;
            $tried++;
        }
        my ($number, $unit) = $most =~ /^(\d+)(\w*)$/;
        ($code) = run($key, $number + 1 . $unit, "--check-config");
        print "$key: more than $most is taken\n" unless $code == 78;
        ($code) = run($key, 0, "--check-config");
        print "$key: 0 and the least, $least\n" unless $code == ($least eq "0" ? 0 : 78);
        $tried++;
    }
    print "$tried\n"' "$B/pochtad" "$conf"; }

ok 'there are keys' test "$(keys | wc -l)" -ge 18
tried=$(try_values)
ok 'each key: valid values are read and printed, invalid ones rejected with a message' \
    test "$tried" -gt $((7 * $(keys | wc -l))) 2>/dev/null || note "$tried"
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

# --- what is printed ---

printf '\nidle = 120s\nlisten = a:1\n\nlisten = b:2\nquota_bytes=1048576\n' >"$conf"
pochtad --clients 5 --config "$conf" --print-config --log-level=debug >"$T/printed"
is "$(grep -B 1 -e ^idle -e ^listen -e ^quota-bytes -e '^clients ' -e ^log-level -e ^store "$T/printed" |
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
sed 's/^#\([a-z-]* =\)/\1/' "$example" >"$conf"
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
