# SPDX-License-Identifier: ISC
# crowd.pl PORT COUNT [FILE]: so many clients at once. Each connects and says Noop, or logs in as the user
# in LOGIN; prints how many
# were answered Yes, how many Exit, how many were closed or reset without a word, and how many are
# left without an answer after 60 s; what each Exit says goes to standard error. With FILE, once that
# is there, those who were answered Yes say Noop, and the same is printed again. Then all leave.
use strict;
use warnings;
use Socket;
use IO::Poll qw(POLLIN POLLHUP POLLERR);
use Time::HiRes qw(time sleep);

my ($port, $count, $file) = @ARGV;
my (@clients, %got);
$| = 1;
$SIG{PIPE} = 'IGNORE';

my $noop = '0000000007Noop|0|';
my $first = $ENV{LOGIN} ? sprintf '%010d%s', length "Login|2|$ENV{LOGIN}|secret|", "Login|2|$ENV{LOGIN}|secret|" : $noop;

sub ask {
    my $what = shift;
    syswrite $_, $what for @_;
}

sub hear {
    my %open = map { fileno($_) => $_ } @_;
    my ($deadline, $poll) = (time + 60, IO::Poll->new);
    my ($yes, $exit, $lost, @yes) = (0, 0, 0);
    $poll->mask($_ => POLLIN) for @_;
    my $answered = sub {
        my ($c, $n) = @_;
        my $text = $got{fileno $c} // '';
        if ($text eq '0000000013Answer|1|Yes|') { $yes++; push @yes, $c }
        elsif ($text =~ /^\d{10}(Exit\|1\|[^|]+\|)$/) { $exit++; print STDERR "$1\n" }
        elsif (!$n) { $lost++ }
        else { return }
        $poll->remove($c);
        delete $open{fileno $c};
        delete $got{fileno $c};
    };
    $got{fileno $_} && $answered->($_, 1) for @_;
    while (%open && time < $deadline) {
        $poll->poll(1);
        for my $c ($poll->handles(POLLIN | POLLHUP | POLLERR)) {
            my $n = sysread $c, $got{ fileno $c }, 1000, length($got{ fileno $c } // '');
            $answered->($c, $n);
        }
    }
    print "$yes $exit $lost ", scalar(keys %open), "\n";
    return @yes;
}

for (1 .. $count) {
    socket(my $c, PF_INET, SOCK_STREAM, 0) or die "socket: $!";
    connect($c, pack_sockaddr_in($port, INADDR_LOOPBACK)) or die "connect: $!";
    push @clients, $c;
    ask($first, $c);
    sysread $c, $got{fileno $c}, 1000 if $ENV{LOGIN}; # before a login there is a share of the places
}
my @yes = hear(@clients);
exit unless defined $file;
sleep 0.02 until -e $file;
ask($noop, @yes);
hear(@yes);
