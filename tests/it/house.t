#!/bin/sh
# The house: each file stands on a floor, as docs/house.md says, and includes only its own floor or
# lower ones; system calls are made where it says; functions can be seen whole. And the list of tests
# that are not run over UDP.
. "$(dirname "$0")/lib.sh"
cd "$here/../.." || exit 1

# Of a tree with docs/house.md, include/ and src/: what does not keep to the floors.
check_floors() { perl -e '
    my (%floor, %side);
    open my $house, "<", "docs/house.md" or die;
    while (<$house>) {
        my ($n, $where, $what) = /^\| (\d) \| (.*?) \| (.*) \|$/ or next;
        my ($dir) = $where =~ m{`src/(\w+)};
        $floor{"$dir/$_"} = $n for $what =~ /`([\w*]+)`/g;
    }
    sub floor_of {
        my ($dir, $name) = @_;
        $name =~ s/_(private|table)$//;
        return $floor{"$dir/$name"} if $floor{"$dir/$name"};
        for (sort keys %floor) { # menu* and the like
            my ($d, $prefix) = m{^(\w+)/(\w+)\*$} or next;
            return $floor{$_} if $d eq $dir && index($name, $prefix) == 0;
        }
        return;
    }
    sub dir_of_header { my $h = shift; -e "include/$h" ? "common" : -e "src/server/$h" ? "server" : "client" }
    # What only floor 2 may have, but for sem_open in one file, umask and sysconf in another.
    my $system = qr{^(?:unistd|fcntl|dirent|poll|netdb|termios|sys/.*|netinet/.*|arpa/.*|syslog)\.h$};
    my %except = ("src/server/lock.c" => "fcntl.h", "src/server/main.c" => "sys/stat.h unistd.h");
    for my $file (glob("include/*.h src/*/*.[ch]")) {
        my ($dir, $name) = $file =~ m{^include/(\w+)} ? ("common", $1) : $file =~ m{src/(\w+)/(\w+)};
        my $mine = floor_of($dir, $name);
        print("$file has no floor\n"), next unless $mine;
        open my $f, "<", $file or die;
        while (<$f>) {
            if (/^#include "(\w+)\.h"/) {
                my $other = dir_of_header("$1.h");
                my $its = floor_of($other, $1) or next;
                print "$file (floor $mine) includes $1.h (floor $its)\n" if $its > $mine;
                print "$file includes $1.h of the $other\n" if $other ne "common" && $other ne $dir;
            } elsif (/^#include <(.*)>/ && $mine != 2 && index($except{$file} // "", $1) < 0) {
                my $header = $1;
                print "$file (floor $mine) includes $header\n" if $header =~ $system;
            }
        }
    }'; }

long_functions() { # what has more than 60 lines
    find src include -name '*.[ch]' -exec ctags --c-kinds=f --fields=+ne -f - {} + |
        perl -ne 'my ($b) = /\tline:(\d+)/; my ($e) = /\tend:(\d+)/; my @f = split /\t/;
            print "$f[1]: $f[0] has ", $e - $b + 1, " lines\n" if $e && $e - $b >= 60'
}

# Of the list of tests that tests/run does not run over UDP: what names no test, no versions or no reason.
check_excepted() { perl -ne '
    next if /^#/;
    my ($test, $versions, $why) = /^(\w+) +(1|2|1,2) +(\S.*)$/;
    print "no line of not_over_udp: $_" unless $why;
    print "not_over_udp: there is no $test.t\n" if $why && ! -e "tests/it/$test.t";
    print "not_over_udp has $test twice\n" if $why && $seen{$test}++' tests/it/not_over_udp; }

is "$(check_floors)" '' 'each file includes only its own floor or a lower one'
is "$(long_functions)" '' 'no function has more than 60 lines'
is "$(find src include -name '*.[ch]' -exec wc -l {} + | awk '$2 != "total" && $1 > 500')" '' \
    'no file has more than 500 lines'
is "$(check_excepted)" '' 'each test that is not run over UDP is there, and has a reason'

# The same checks see what is wrong.
mkdir "$T/tree" "$T/tree/tests" && cp -R docs include src "$T/tree" && cp -R tests/it "$T/tree/tests" && cd "$T/tree" || exit 1
echo '#include "store.h"' >>src/common/span.c
echo '#include "session.h"' >>src/server/mail.c
echo '#include <unistd.h>' >>src/common/frame.c
echo '#include "store.h"' >>src/client/view.c
echo 'int x;' >src/server/stray.c
{
    echo 'void stray_long(void)'
    echo '{'
    yes '    x();' | head -n 58
    echo '}'
} >src/client/long.c
is "$(check_floors | sort)" 'src/client/long.c has no floor
src/client/view.c includes store.h of the server
src/common/frame.c (floor 1) includes unistd.h
src/common/span.c (floor 1) includes store.h (floor 3)
src/common/span.c includes store.h of the server
src/server/mail.c (floor 3) includes session.h (floor 4)
src/server/stray.c has no floor' 'control: what stands on the wrong floor is found'
printf '%s\n' 'gone 1 no more' 'send 1' 'send 3 for nothing' 'udp 1,2 so it is' >>tests/it/not_over_udp
is "$(check_excepted)" 'not_over_udp: there is no gone.t
no line of not_over_udp: send 1
no line of not_over_udp: send 3 for nothing
not_over_udp has udp twice' 'control: so is a test without a reason, or that is not there'
is "$(long_functions)" 'src/client/long.c: stray_long has 61 lines' 'control: a long function too'
cd "$here" || exit 1
done_testing
