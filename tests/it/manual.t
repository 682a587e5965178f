#!/bin/sh
# SPDX-License-Identifier: ISC
# The manual pages: they are well formed, the protocol's page knows the server's requests and no
# others, that of the configuration its keys, its examples go as they say, no page refers to one that is not there, all are installed.
. "$(dirname "$0")/lib.sh"
docs=$here/../../docs
start_server

lint_pages() { mandoc -T lint -W warning "$1"/*.[1-8] 2>&1; } # DIR

# "Send mes (SND)", one a line.
server_requests() { lines Help | tr '|' '\n' | sed -n 's/^\([^(]* ([^)]*)\).*/\1/p' | sort; }
page_requests() { # DIR
    sed -n 's/ \(Ar\|Oo\) .* Pq / Pq /; s/^\.It Cm \(.*\) Pq Cm \(.*\)/\1 (\2)/p' \
        "$1/pochta-protocol.7" | sort
}
unlike_server() { # DIR: - what the page lacks, + what it has for itself
    server_requests >"$T/server"
    page_requests "$1" >"$T/page"
    diff "$T/server" "$T/page" | sed -n 's/^</-/p; s/^>/+/p'
}

# "store, default mailstore, dir, restart", one a line, as the table of keys has it.
server_keys() {
    "$B/pochtad" --example-config | sed -n '
        /^# [^ ]*: /{s/^# \([^ ]*\): .*(needs a restart)$/\1, restart/; s/^# \([^ ]*\): .*/\1/; h;}
        /^#[a-z0-9-]* =/{s/^#\([a-z0-9-]*\) =\(.*\)/\1, default\2/; s/default$/default none/; G
            s/\(.*\)\n\(.*\)/\1, \L\2/; p;}' | sort
}
page_keys() { # DIR
    sed -n 's/^\.It Cm \([a-z0-9-]*\) \(Ar\|Cm\) \(.*\) Pq default\( Cm\)* \([^ ]*\)\(.*\)$/\1, default \5, \3\6/p' \
        "$1/pochtad.conf.5" | sed 's/ ; No needs a restart$/, restart/; s/ | /|/g' | sort
}
unlike_keys() { # DIR: - what the page lacks, + what it has for itself
    server_keys >"$T/server"
    page_keys "$1" >"$T/page"
    diff "$T/server" "$T/page" | sed -n 's/^</-/p; s/^>/+/p' | sort
}

missing_pages() { # DIR: the pages of ours that others refer to
    sed -n 's/^\.Xr \(pochta[a-z.-]*\) \([1-8]\).*/\1.\2/p' "$1"/*.[1-8] | sort -u |
        while read -r page; do [ -e "$1/$page" ] || echo "$page"; done
}

# Runs what stands behind "$ " in the protocol's page, to the end of a line that does not end in \
# or |, on the server. Prints what is not answered as the lines behind it say, but for dates; then
# how many went right.
try_examples() { # DIR
    perl -e '
    my ($port, $page) = @ARGV;
    my ($inside, @examples, $right);
    sub undated {
        my $s = shift;
        $s =~ s/\^\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}\^/^DATE^/g;
        $s =~ s/\^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\^/^UTC^/g;
        return $s =~ s/\n\z//r;
    }
    open my $f, "<", "$page/pochta-protocol.7" or die;
    while (<$f>) {
        $inside = /^\.Bd -literal/ if /^\.[BE]d/;
        next if !$inside || /^\./;
        s/\\e/\\/g;
        if (s/^\$ //) { push @examples, { command => $_, expected => "" } }
        elsif ($examples[-1]{command} =~ /[\\|]\n\z/) { $examples[-1]{command} .= $_ }
        else { $examples[-1]{expected} .= $_ }
    }
    for (@examples) {
        my $command = $_->{command} =~ s/\b5555\b/$port/r;
        my ($got, $expected) = map { undated($_) } scalar qx{$command}, $_->{expected};
        if ($got eq $expected) { $right++ } else { print "$command$got\n" }
    }
    printf "%d of %d\n", $right, scalar @examples' "$PORT" "$1"
}

# Version and date are those of the Makefile, on the pages that are installed and at the head of the changes.
setting() { sed -n "s/^$1  *= //p" "$here/../../Makefile"; } # NAME
dated() { # DIR: the pages that have a date of their own
    for page in "$1"/*.[1-8]; do [ "$(grep '^\.Dd\|^\.Os' "$page")" = '.Dd $Mdocdate$
.Os' ] || basename "$page"; done
}

installed_pages() { # what make install puts there, as man1/pochta.1
    env -u MAKEFLAGS -u MFLAGS make -s -C "$here/../.." -o all install B="$B" PREFIX=/usr \
        DESTDIR="$T/root" >"$T/make" 2>&1 || cat "$T/make"
    (cd "$T/root/usr/share/man" && find . -type f) | cut -c 3- | sort
}

is "$(lint_pages "$docs")" '' 'mandoc finds no errors in the pages'
ok 'the server names its requests' test "$(server_requests | wc -l)" -gt 12
is "$(unlike_server "$docs")" '' 'the page of the protocol has the requests of the server'
ok 'the server names its keys' test "$(server_keys | wc -l)" -gt 17
is "$(unlike_keys "$docs")" '' 'the page of the configuration has its keys, with their defaults'
n=$(grep -c '^\$ ' "$docs/pochta-protocol.7")
is "$(try_examples "$docs")" "$n of $n" 'the server answers the examples as the page says'
is "$(missing_pages "$docs")" '' 'all pages that are referred to exist'
is "$(installed_pages)" \
    "$(cd "$docs" && ls ./*.[1-8] | sed 's|^\./\(.*\.\(.\)\)$|man\2/\1|' | sort)" \
    'make install puts each page into its section'

is "$(dated "$docs")" '' 'no page has a date of its own'
is "$(grep -h '^\.Dd\|^\.Os' "$T"/root/usr/share/man/*/* | sort -u)" ".Dd $(date -d "$(setting DATE)" +'%B %-d, %Y')
.Os Pochta $(setting VERSION)" '... those that are installed have date and version of the Makefile'
is "$("$B/pochtad" --version)" "pochtad $(setting VERSION)" '... as has the server'
is "$(sed -n '/^## /{s/^## //p;q;}' "$here/../../CHANGES.md")" "$(setting VERSION) ($(setting DATE))" '... and the head of CHANGES.md'

# Beside the pages and the programs. Paths in them follow PREFIX.
is "$(cd "$T/root/usr" && find lib share/doc -type f | sort | tr '\n' ' ')" \
    'lib/systemd/system/pochtad.service lib/systemd/system/pochtad.socket lib/sysusers.d/pochta.conf lib/tmpfiles.d/pochta.conf share/doc/pochta/fail2ban/pochtad.conf share/doc/pochta/haproxy.cfg share/doc/pochta/stunnel.conf ' \
    '... and what systemd, fail2ban and stunnel take'
is "$(grep -o '^Exec.*/pochtad.conf\|^ExecReload=[^ ]*' "$T/root/usr/lib/systemd/system/pochtad.service")" \
    'ExecStart=/usr/sbin/pochtad --config /etc/pochta/pochtad.conf
ExecReload=/usr/sbin/pochtactl' '... the unit with the paths of programs and configuration'

# The same checks see what is wrong.
bad=$T/docs
mkdir "$bad" && cp "$docs"/*.[1-8] "$bad"
sed -i '/^\.It Cm Resend /d; s/(SH_EX)/(SH_EXACT)/; s/^\(\.It Cm Show exact .*\)SH_EX$/\1SHOW/' \
    "$bad/pochta-protocol.7"
sed -i '/^\.It Cm idle /d; s/^\(.It Cm store .*\) ;.*/\1/; s/^\(.It Cm clients .*\)10000$/\11000/
    s/log-to Cm stderr | syslog/log-to Cm stderr/' "$bad/pochtad.conf.5"
printf '.It Cm bark Ar time Pq default Cm 1h\n' >>"$bad/pochtad.conf.5"
sed -i 's/^\.Dd .*/.Dd November 1, 2026/' "$bad/pochtad.8"
printf '.Xr pochta-nowhere 5\n.Bl -bullet\n' >>"$bad/pochta.1"
like "$(lint_pages "$bad")" '*pochta.1:*' 'control: a page that is not well formed is found'
is "$(unlike_server "$bad")" '- Resend (RSND)
- Show exact (SH_EX)
+ Show exact (SHOW)' 'control: a request that is missing or has another name is found'
is "$(unlike_keys "$bad")" '+ bark, default 1h, time
+ clients, default 1000, number
+ log-to, default stderr, stderr
+ store, default mailstore, dir
- clients, default 10000, number
- idle, default 30m, time
- log-to, default stderr, stderr|syslog
- store, default mailstore, dir, restart' 'control: a key that is missing or described wrongly is found'
is "$(dated "$bad")" pochtad.8 'control: a page with a date of its own is found'
is "$(missing_pages "$bad")" pochta-nowhere.5 'control: a missing page is found'
cat >"$bad/pochta-protocol.7" <<'END'
.Bd -literal
$ printf 'Noop\en' |
    nc -N 127.0.0.1 5555
Answer|1|Yes|
$ printf 'Noop\en' | nc -N 127.0.0.1 5555
Answer|1|No|
.Ed
END
is "$(try_examples "$bad")" "printf 'Noop\n' | nc -N 127.0.0.1 $PORT
Answer|1|Yes|
1 of 2" 'control: an example with another answer is found'
done_testing
