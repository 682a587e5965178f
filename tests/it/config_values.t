#!/bin/sh
# SPDX-License-Identifier: ISC
# config_values.t: each key of the configuration with many values, valid and invalid.
. "$(dirname "$0")/lib.sh"
conf=$T/pochtad.conf

keys() { "$B/pochtad" --example-config | sed -n 's/^#\([a-z0-9-]*\) =.*/\1/p'; }

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
                     [ "10.1.0.0/33", "localhost", "127.0.0.1:25" ], "is not an address or a network" ],
        "NAME[:GROUP]" => [ { "nobody" => "nobody", "a:b" => "a:b", "" => "" },
                            [ ":", ":b", "a:", "a\tb", "x" x 64, "a:" . "x" x 64 ],
                            "is not NAME or NAME:GROUP" ],
        "ADDR:PORT" => [ { "[::1]:25" => "[::1]:25", "localhost:0" => "localhost:0" },
                         [ "5555", "a:65536", "::1:25", ":25", "a:" ], "is not ADDR:PORT" ]);
    $kinds{"ADDR:PORT|PATH"} =
        [ { "127.0.0.7:24" => "127.0.0.7:24", "[::1]:24" => "[::1]:24", "localhost:0" => "localhost:0",
            "/run/a b=#c" => "/run/a b=#c", "/" . "x" x 106 => "/" . "x" x 106, "" => "" },
          [ "0.0.0.0:24", "[::]:24", "192.0.2.1:24", "[::ffff:10.0.0.1]:24", "5555", "run/lmtp", "/a\tb",
            "/" . "x" x 107 ], "is not a loopback address (127.0.0.1:24) or an absolute path of at most 107 bytes (/run/pochta/lmtp); lmtp has no login" ];
    $kinds{DOMAIN} = [ { "example.org" => "example.org", "A-1.X" => "a-1.x", "x" x 63 => "x" x 63 },
                       [ "", ".", "a..b", ".a", "a.", "-a", "a-.b", "a b", "a_b", "a\@b", "\xd0\xb0", "x" x 64,
                         "x." x 126 . "xx" ], "is not a domain (example.org)" ];
    $kinds{BYTES} = [ { "70" => "70", "1K" => "1K" }, @{$kinds{SIZE}}[1, 2] ];
    $kinds{BITS} = [ { "48" => "48", "064" => "64" }, @{$kinds{SIZE}}[1, 2] ];
    $kinds{PERCENT} = [ { "70" => "70", "007" => "7" }, @{$kinds{SIZE}}[1, 2] ];
    $kinds{NUMBER} = [ { "70000" => "70000", "069K" => "69K" }, @{$kinds{SIZE}}[1, 2] ];
    sub run { # VALUE: what is printed of the key, or what is said
        my ($key, $value, $what) = @_;
        open my $f, ">", $file or die;
        print $f "\n$key = $value\n";
        print $f "domains = example.org\n" if $key =~ /^(submission|lmtp)$/; # config.t has the warning without it
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

done_testing
