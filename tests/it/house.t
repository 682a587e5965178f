#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# The rooms of docs/house.md: each file lies in one, includes only its own room and those it stands on,
# and takes part in no circle; the libraries call only what their room may call; a program links only
# its rooms; functions and files are short enough to be read whole. The list of tests that do not run
# over UDP is checked, too. Each check is then shown a tree in which it must find something.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(basename dirname);
use File::Find;
use File::Temp qw(tempdir);
use Test::More;

my $root = abs_path(dirname(__FILE__) . "/../..");
my $B = $ENV{B} // "$root/build";
chdir $root or die;

# --- the rooms ---

my (@rooms, %folder, %below); # in order; where each lies; the rooms that each may use, itself included

sub read_rooms {
    open my $house, "<", "docs/house.md" or die;
    while (<$house>) {
        my ($room, $folder, $on) = /^\| `(\w+)` \| `([\w\/]+)` \| (.*?) \|/ or next;
        push @rooms, $room;
        $folder{$room} = $folder;
        $below{$room} = {$room => 1};
        for my $lower ($on =~ /`(\w+)`/g) {
            die "$room stands on $lower, which is not above it in the table" unless $below{$lower};
            $below{$room}{$_} = 1 for keys %{$below{$lower}};
        }
    }
}
read_rooms();

sub files { # below these folders, those that match
    my ($pattern, @folders) = @_;
    my @found;
    find({no_chdir => 1, wanted => sub { push @found, $_ if -f && /$pattern/ }}, grep { -d } @folders);
    return sort @found;
}

sub room_of {
    my $dir = dirname(shift);
    for my $room (@rooms) {
        return $room if $dir eq $folder{$room} || ($dir =~ m{^include/(\w+)$} && $1 eq $room);
    }
    return;
}

sub content { my $file = shift; open my $f, "<", $file or die "$file: $!"; local $/; return <$f>; }

sub includes { # of a file: [room, header] each; a header beside the file is of its room
    my ($file, $room) = @_;
    return map { m{^(\w+)/(\w+)\.h$} ? [$1, $2] : m{^(\w+)\.h$} ? [$room, $1] : () }
        content($file) =~ /^#include "(.*)"/mg;
}

# --- the checks: each returns what is wrong, a line each ---

sub outside { # files that lie in no room
    return map { "$_ lies in no room" } grep { !room_of($_) && !m{^src/common/os/windows/} } files(qr/\.[ch]$/, "src", "include");
}

sub upward { # includes of a room that this one does not stand on
    my $room = shift;
    my @wrong;
    for my $file (grep { (room_of($_) // "") eq $room } files(qr/\.[ch]$/, "src", "include")) {
        push @wrong, map { "$file includes $$_[0]/$$_[1].h" } grep { !$below{$room}{$$_[0]} } includes($file, $room);
    }
    return @wrong;
}

sub circles { # modules (x.c, x.h and x_private.h are one) that need each other
    my (%needs, %at, %low, @stack, %on, @circles);
    for my $file (files(qr/\.[ch]$/, "src", "include")) {
        my $room = room_of($file) // next;
        my $module = "$room/" . basename($file) =~ s/(_private)?\.[ch]$//r;
        for (includes($file, $room)) {
            my $other = "$$_[0]/" . $$_[1] =~ s/_private$//r;
            $needs{$module}{$other} = 1 if $other ne $module;
        }
    }
    my $visit; # Tarjan's strongly connected components
    $visit = sub {
        my $m = shift;
        $at{$m} = $low{$m} = 1 + keys %at;
        push @stack, $m;
        $on{$m} = 1;
        for (sort keys %{$needs{$m} // {}}) {
            $visit->($_) unless $at{$_};
            $low{$m} = $low{$_} if $on{$_} && $low{$_} < $low{$m};
        }
        return if $low{$m} != $at{$m};
        my @circle;
        do { push @circle, pop @stack; delete $on{$circle[-1]} } until $circle[-1] eq $m;
        push @circles, "circle: " . join(" ", sort @circle) if @circle > 1;
    };
    $at{$_} || $visit->($_) for sort keys %needs;
    return sort @circles;
}

# What a room may call beside the rooms that it stands on. The pure rooms: nothing that depends on
# anything but its arguments. The rooms above os: no system call.
my @pure = (qw(__errno_location __assert_fail __stack_chk_fail _GLOBAL_OFFSET_TABLE_ malloc calloc realloc free),
    qw(memchr memcmp memcpy memmove memset strdup strchr strcmp strcpy strlen strncmp strrchr strspn strcspn strpbrk strstr),
    qw(snprintf vsnprintf qsort qsort_r bsearch inet_pton inet_ntop),
    qw(__cpu_model)); # which instructions the machine has: results do not depend on it
my @threads = (map { "pthread_$_" } qw(create join kill attr_init attr_destroy attr_setstacksize), map { ("mutex_$_", "cond_$_") }
    qw(init destroy lock unlock signal broadcast wait timedwait));
my @console = qw(stdin stdout stderr printf fprintf vfprintf puts putc fputc fputs fwrite fflush ferror clearerr getopt_long optarg optind opterr optopt);
my %may = (base => \@pure, proto => \@pure, mime => \@pure, udp => \@pure);
my %more = ( # beside these, and why
    store => [qw(sem_open sem_close sem_unlink sem_post sem_getvalue sem_trywait), # the named semaphores of the lock
        qw(sem_init sem_wait sem_destroy)], # of a thread that waits until its message is seen
    server => [qw(sigemptyset sigaddset sigwait sigtimedwait pthread_sigmask mallopt)], # signals and memory of the process
);

my %symbols; # of each file that was looked at

sub symbols { # external ones of these files: those needed (U), or those defined (T)
    my ($kind, @files) = @_;
    my %found;
    for my $file (@files) {
        $symbols{abs_path($file)} //= [map { /\s([A-Z]) (\S+)$/ ? [$1 eq "U" ? "U" : "T", $2] : () } `nm "$file" 2>/dev/null`];
        $found{$$_[1]} = 1 for grep { $$_[0] eq $kind } @{$symbols{abs_path($file)}};
    }
    return \%found;
}

sub objects { # of a room, in a build: its archive, and its main.o if it has one
    my ($build, $room) = @_;
    my $main = "$build/" . $folder{$room} =~ s/^src\///r . "/main.o";
    return ("$build/$room.a", -e $main ? $main : ());
}

sub calls { # what a room calls and may not
    my ($build, $room) = @_;
    my $defined = symbols("T", map { objects($build, $_) } keys %{$below{$room}});
    my %may = map { $_ => 1 } @{$may{$room} // [@pure, @threads, @console, "strerror"]}, @{$more{$room} // []};
    return map { "$room calls $_" } grep {
        my $plain = s/^__(\w+)_chk$/$1/r =~ s/64$//r;
        !$$defined{$_} && !$may{$plain} && !$may{$_}
    } sort keys %{symbols("U", objects($build, $room))};
}

sub links { # a program's symbols that are of rooms it may not use
    my ($build, $program, $room) = @_;
    my $linked = symbols("T", "$build/$program");
    my $own = symbols("T", map { objects($build, $_) } keys %{$below{$room}});
    return map {
        my $other = $_;
        map { "$program links $_ of $other" } grep { $$linked{$_} && !$$own{$_} } sort keys %{symbols("T", objects($build, $other))}
    } grep { !$below{$room}{$_} } @rooms;
}

sub long { # functions of more than 60 lines, files of more than 500
    my @wrong;
    for (`find src include -name '*.[ch]' -exec ctags --c-kinds=f --fields=+ne -f - {} +`) {
        my ($name, $file) = split /\t/;
        my ($b) = /\tline:(\d+)/;
        my ($e) = /\tend:(\d+)/;
        push @wrong, "$file: $name has " . ($e - $b + 1) . " lines" if $e && $e - $b >= 60;
    }
    for my $file (files(qr/\.[ch]$/, "src", "include")) {
        my $lines = () = content($file) =~ /\n/g;
        push @wrong, "$file has $lines lines" if $lines > 500;
    }
    return @wrong;
}

sub systems { # files outside os that name a system or include a header of one
    return map { my $file = $_; map { "$file: $_" } content($file) =~ /\b(_WIN32|__linux__|(?:windows|winsock2|sys\/\w+|unistd|fcntl|poll)\.h)\b/g }
        grep { !m{^(src/common|include)/os/} } files(qr/\.[ch]$/, "src/client", "src/common", "include");
}

sub twins { # functions of include/os that only Windows has, or whose twins do not lie side by side
    my $declared = join "", map { content($_) } files(qr/\.h$/, "include/os");
    my (%linux, @wrong);
    my @functions = map { [(split /\t/)[0], basename((split /\t/)[1], ".c")] }
        `ctags --c-kinds=f --extras=-F -f - src/common/os/*.c`;
    $linux{$$_[0]} = $$_[1] for grep { $$_[1] !~ /_windows$/ } @functions;
    for (grep { $$_[1] =~ /_windows$/ && $declared =~ /\b$$_[0]\(/ } @functions) {
        my ($name, $file) = @$_;
        my $other = $linux{$name} // "";
        my $subject = $file =~ s/_windows$//r;
        push @wrong, "$file.c: there is no $name for Linux" unless $other;
        push @wrong, "$name lies in $other.c and in $file.c" if $other && $other !~ /^$subject/ && $subject !~ /^$other/;
    }
    return @wrong;
}

sub numbered { # errors without their words: an errno is told by store_failed or in os_error_text's words
    return map { my $file = $_; map { "$file: $_" } content($file) =~ /(errno %[du])/g } files(qr/\.[ch]$/, "src");
}

sub plain_reads { # atomics used as an index, and atomic pointers with an index: gcc 12 reads these like plain variables
    my (%atomic, @wrong);
    my %text = map { $_ => content($_) } files(qr/\.[ch]$/, "src", "include");
    for (map { /^\s*(?:static )?((?:_Atomic(?:\([^)]*\))?|atomic_\w+)\s[^;()]*);/mg } values %text) {
        my ($type, $names) = s/\/\*.*?\*\///gsr =~ /^(_Atomic\(.*\*\)|_Atomic \w+|\w+)\s(.*)/s or next;
        $atomic{$_} = $type =~ /\*/ for map { /(\w+)\s*(?:=.*)?$/s ? $1 : () } split /,/, $names;
    }
    my $all = join "|", sort keys %atomic;
    my $pointers = join("|", grep { $atomic{$_} } sort keys %atomic) || "-";
    for my $file (sort keys %text) {
        push @wrong, map { "$file: $_" } $text{$file} =~ /(\[[\w\->.(]*\b(?:$all)\)*\]|(?:->|\.)(?:$pointers)\)*\[)/g;
    }
    return @wrong;
}

sub unlicensed { # files without a line that names the licence
    return map { "$_ does not name the licence" }
        grep { content($_) !~ /^.{0,4}SPDX-License-Identifier: ISC\b/m } files(qr/\.([cht]|sh|pl)$/, "src", "include", "tests");
}

sub excepted { # lines of not_over_udp that name no test, no versions or no reason
    my (@wrong, %seen);
    for (split /^/, content("tests/it/not_over_udp")) {
        next if /^#/;
        my ($test, $versions, $why) = /^(\w+) +(1|2|1,2) +(\S.*)$/;
        push(@wrong, "not a line of not_over_udp: $_" =~ s/\n//r), next unless $why;
        push @wrong, "not_over_udp: there is no $test.t" if !grep { -e } glob "tests/{it,cases}/$test.t";
        push @wrong, "not_over_udp has $test twice" if $seen{$test}++;
    }
    return @wrong;
}

sub none { # WRONG, NAME
    my ($wrong, $name) = @_;
    is(join("\n", @$wrong), "", $name);
}

none([outside()], "each file lies in a room");
none([upward($_)], "$_ includes only the rooms it stands on") for @rooms;
none([circles()], "no two modules include each other in a circle");
none([long()], "functions have at most 60 lines, files at most 500");
none([unlicensed()], "each source file names the licence");
none([systems()], "only the room os knows which system it is");
none([twins()], "a function for Windows is the twin of one for Linux, and lies beside it");
none([numbered()], "no message has the number of an error in place of its words");
none([plain_reads()], "no atomic variable is an index, and no atomic pointer has one");
none([excepted()], "each test that does not run over UDP exists and has a reason");
my %program = (pochtad => "server", pochtactl => "ctl", pochta => "client");
my $plain = !%{symbols("U", "$B/base.a")} || !grep { /^__[atu]b?san/ } keys %{symbols("U", "$B/base.a")};
SKIP: {
    skip "a sanitizer's build calls the sanitizer", 1 unless $plain;
    ok(-e "$B/$_.a", "$_ is a library of its own") for @rooms;
    none([calls($B, $_)], "$_ calls only what it may") for grep { $_ ne "os" } @rooms;
    none([links($B, $_, $program{$_})], "$_ links only the rooms of $program{$_}") for sort keys %program;
}

# --- controls: the same checks, of a tree in which something is wrong ---

my $T = tempdir("pochta-house.XXXXXX", TMPDIR => 1, CLEANUP => 1);
system("cp", "-R", "docs", "include", "src", $T) == 0 && system("mkdir -p $T/tests && cp -R tests/it tests/cases $T/tests") == 0 or die;
chdir $T or die;

sub append { my ($file, @lines) = @_; open my $f, ">>", $file or die "$file: $!"; print $f map { "$_\n" } @lines; close $f; }

append("src/common/base/recent.c", '#include "store/store.h"');
append("src/server/store/ownership.c", '#include "session/session.h"');
append("src/client/view.c", '#include "store/store.h"');
append("include/base/span.h", '#include "base/buf.h"');
append("src/server/stray/stray.c", "int x;") if mkdir "src/server/stray";
append("src/client/long.c", "void stray_long(void)", "{", ("    x();") x 58, "}");
append("src/client/number.c", 'puts("it failed (errno %d)");');
append("src/client/shared.c", "static atomic_int chosen = 1, last; /* shared */", "struct s {", "    _Atomic(const char *) shared_text;",
    "    atomic_int many[2];", "};", "int f(struct s *s) { return t[chosen] + t[(last)] + s->shared_text[1] + s->many[1] + t[s->many[0] + chosen]; }");
append("src/client/long.h", ("/* a line */") x 501);
append("src/client/ids.c", "#ifdef _WIN32", "#include <unistd.h>", "#endif");
append("include/os/random.h", "void os_random_seed(void);", "void os_random_dice(void);");
append("src/common/os/random_windows.c", "void os_random_seed(void)", "{", "}", "void os_random_dice(void)", "{", "}");
append("src/common/os/stack.c", "void os_random_dice(void)", "{", "}");
append("tests/it/not_over_udp", "gone 1 no more", "send 1", "send 3 for nothing", "udp 1,2 so it is");
is(join("\n", outside()), "src/server/stray/stray.c lies in no room", "control: a file in no room is found");
is(join("\n", map { upward($_) } @rooms), join("\n", "src/common/base/recent.c includes store/store.h",
    "src/server/store/ownership.c includes session/session.h", "src/client/view.c includes store/store.h"),
    "control: an include of a higher or a foreign room is found");
is(join("\n", circles()), "circle: base/buf base/digits base/span", "control: a circle is found");
is(join("\n", long()), "src/client/long.c: stray_long has 61 lines\nsrc/client/long.h has 501 lines",
    "control: a long function and a long file are found");
is(join("\n", systems()), "src/client/ids.c: _WIN32\nsrc/client/ids.c: unistd.h", "control: a name of a system is found");
is(join("\n", sort(twins())), "os_random_dice lies in stack.c and in random_windows.c\nrandom_windows.c: there is no os_random_seed for Linux",
    "control: a function without a twin, or far from it, is found");
is(join("\n", numbered()), "src/client/number.c: errno %d", "control: a number in place of words is found");
is(join("\n", plain_reads()), join("\n", map { "src/client/shared.c: $_" } "[chosen]", "[(last)]", "->shared_text["),
    "control: an atomic variable as an index, and an atomic pointer with one, are found");
like(join("\n", unlicensed()), qr/^src\/client\/long.c does not name the licence\n/, "control: a file that does not name the licence is found");
like(join("\n", excepted()), qr/^not_over_udp: there is no gone.t\nnot a line of not_over_udp: send 1\n.*send 3.*\nnot_over_udp has udp twice$/,
    "control: a test without a reason, or that is not there, is found");
SKIP: {
    skip "a sanitizer's build calls the sanitizer", 2 unless $plain;
    mkdir "build";
    system("ln -s '$B'/* build/") == 0 or die;
    unlink "build/base.a", "build/store.a", "build/pochta";
    append("bad.c", "#include <stdio.h>", "#include <signal.h>", "#include <time.h>",
        "int bad(void) { return kill(1, 0) + (fopen(\"x\", \"r\") != 0) + nanosleep(0, 0); }");
    append("main.c", "int bad(void);", "int session_run(void) { return bad(); }", "int main(void) { return session_run(); }");
    system("cc -c bad.c && cp '$B'/base.a '$B'/store.a build/ && ar rs build/base.a bad.o 2>ar.log && ar rs build/store.a bad.o 2>>ar.log" .
        " && cc -o build/pochta main.c bad.o") == 0 or die;
    is(join("\n", calls("build", "base"), calls("build", "store")), join("\n", map { my $r = $_; map { "$r calls $_" } qw(fopen kill nanosleep) } qw(base store)),
        "control: a call that a room may not make is found");
    is(join("\n", links("build", "pochta", "client")), "pochta links session_run of session", "control: a room that a program may not use is found");
}
chdir $root;
done_testing();
