# SPDX-License-Identifier: ISC
# The file through which a test controls tests/it/faults.c, which is preloaded into a program: the test writes
# which calls must fail, and reads what happened to them. Each run has a file of its own.
package Control;
use strict;
use warnings;
use POSIX ();

use constant {SHORT => -1, FRAMES => 24, CALLS => 16384, LEAKS => 64};

our @kinds = qw(memory map thread open create read list write print sync name remove stat lock semaphore
    descriptor socket accept connect send receive wait random clock close owner resolve);
my %number = map { $kinds[$_] => $_ } 0 .. $#kinds;

my $plans_at = 8;
my $counts_at = $plans_at + 2 * 24;
my $hits_at = $counts_at + 8;
my $frames_at = $hits_at + 8;
my $calls_at = $frames_at + 2 * 4 * FRAMES;
my $end_at = $calls_at + 4 + 8 * CALLS;
my $bytes = $end_at + 12 + 4 * LEAKS;

# The errors of each kind of call, and whether an error may last. An error that passes by itself, such as EINTR,
# happens only once. For the clock, the error is a number of days.
our %errors = (
    memory => [[ENOMEM => 1]],
    map => [[ENOMEM => 1]],
    thread => [[EAGAIN => 1]],
    open => [[EMFILE => 1], [EIO => 1], [ENOMEM => 0]],
    create => [[ENOSPC => 1], [EMFILE => 1], [EIO => 1]],
    read => [[EIO => 1], [EINTR => 0], [SHORT => 1]],
    list => [[EIO => 1], [ENOMEM => 0]],
    print => [[ENOSPC => 1], [EINTR => 0], [SHORT => 1]],
    write => [[ENOSPC => 1], [EIO => 1], [EINTR => 0], [SHORT => 1]],
    sync => [[EIO => 1], [ENOSPC => 0]],
    name => [[EIO => 1], [ENOSPC => 1], [ENOMEM => 0]],
    remove => [[EIO => 1]],
    stat => [[EIO => 1], [ENOMEM => 0]],
    lock => [[ENOLCK => 1], [EINTR => 0]],
    semaphore => [[EMFILE => 1], [ENOSPC => 1]],
    descriptor => [[EMFILE => 1]],
    socket => [[ENOBUFS => 1]],
    connect => [[ECONNREFUSED => 1]],
    accept => [[EMFILE => 1], [ENOMEM => 1], [ECONNABORTED => 0], [EINTR => 0], [EAGAIN => 0]],
    send => [[ECONNRESET => 0], [EINTR => 0], [EAGAIN => 0], [SHORT => 1]],
    receive => [[ECONNRESET => 0], [EINTR => 0], [EAGAIN => 0], [SHORT => 1]],
    wait => [[EINTR => 0], [ENOMEM => 0]],
    random => [[EINTR => 0], [SHORT => 1]],
    clock => [[400 => 1], [-400 => 1]],
    close => [[EIO => 1], [EINTR => 0]],
    owner => [[EPERM => 1]],
    resolve => [[EAGAIN => 0], [ENOMEM => 0]],
);

sub code_of { # NAME: the number of an error
    my $name = shift;
    return $name eq "SHORT" ? SHORT : $name =~ /^-?\d+$/ ? $name : POSIX->can($name)->();
}

sub new { # PATH
    my ($class, $path) = @_;
    unlink $path;
    open my $file, "+>", $path or die "$path: $!";
    truncate $file, $bytes;
    return bless {path => $path, file => $file}, $class;
}

sub put {
    my ($self, $at, $data) = @_;
    sysseek $self->{file}, $at, 0 or die;
    syswrite($self->{file}, $data) == length $data or die "$self->{path}: $!";
}

sub get { # AT COUNT: numbers
    my ($self, $at, $n) = @_;
    sysseek $self->{file}, $at, 0 or die;
    sysread($self->{file}, my $data, 4 * $n) == 4 * $n or die "$self->{path}: $!";
    return unpack "L*", $data;
}

# A plan is a hash: kind, nth, ever, error, and from and to: one of the callers must be between these addresses.
sub arm {
    my ($self, @plans) = @_;
    for my $i (0 .. $#plans) {
        my $p = $plans[$i];
        $self->put($plans_at + 24 * $i, pack "LLLlLL", $number{$p->{kind}}, $p->{nth}, $p->{ever} ? 1 : 0,
            code_of($p->{error}), $p->{from} // 0, $p->{to} // 0);
    }
    $self->put(0, pack "L", 1);
}

sub trace { my $self = shift; $self->put(4, pack "L", 1); $self->put(0, pack "L", 1); }
sub disarm { $_[0]->put(0, pack "L", 0); }
sub hits { my @h = $_[0]->get($hits_at, 2); return $h[0] + $h[1]; }

sub frames { # for each plan, the callers of its first failed call: offsets in the program
    my ($self, $plan) = @_;
    return grep { $_ } $self->get($frames_at + 4 * FRAMES * $plan, FRAMES);
}

sub calls { # all calls of a traced run: [kind, hash of the callers] each
    my $self = shift;
    my ($n) = $self->get($calls_at, 1);
    die "more calls than the file has room for: $n" if $n > CALLS;
    my @words = $self->get($calls_at + 4, 2 * $n);
    return map { [$kinds[$words[2 * $_]], $words[2 * $_ + 1]] } 0 .. $n - 1;
}

sub left { # after the end: open descriptors, and the places where blocks were allocated and not freed
    my $self = shift;
    my ($ended, $fds, $leaks, @leak) = $self->get($end_at, 3 + LEAKS);
    return $ended ? ($fds, @leak[0 .. $leaks - 1]) : ();
}

# --- names of functions ---

my %symbols; # for each program: sorted [address, name]

sub read_symbols {
    my $program = shift;
    return $symbols{$program} //= do {
        open my $nm, "-|", "nm", $program or die;
        my @all = map { /^([0-9a-f]+) [tT] (\w[\w.]*)/ ? [hex $1, $2] : () } <$nm>;
        [sort { $a->[0] <=> $b->[0] } @all];
    };
}

sub function_at { # PROGRAM OFFSET
    my ($all, $offset) = (read_symbols($_[0]), $_[1]);
    my ($low, $high) = (0, $#$all);
    while ($low < $high) {
        my $middle = int(($low + $high + 1) / 2);
        if ($all->[$middle][0] <= $offset) { $low = $middle } else { $high = $middle - 1 }
    }
    return $all->[$low][1] =~ s/\..*//r;
}

sub range_of { # PROGRAM FUNCTION: its first address, and the address after it
    my ($all, $name) = (read_symbols($_[0]), $_[1]);
    for my $i (0 .. $#$all - 1) {
        return (from => $all->[$i][0], to => $all->[$i + 1][0]) if $all->[$i][1] =~ /^\Q$name\E(\.(?!cold)|$)/;
    }
    die "$_[0] has no function $name";
}

1;
