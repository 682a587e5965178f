# SPDX-License-Identifier: ISC
# The messages that are true after a fault. A correct request may be refused only because of the fault: so
# "no such message" is never true here, nor is "wrong name or password".
package Words;
use strict;
use warnings;

my $storage = qr/storage error|can only be read after a storage error|cannot be read at present/;

# The messages in a session, for each error.
my %session = (
    ENOMEM => qr/short of memory|out of resources|storage error, outcome unknown/,
    EAGAIN => qr/out of resources/,
    EMFILE => qr/out of resources|has too many files open|storage error, outcome unknown/,
    ENOSPC => qr/the server's disk is full|storage error, outcome unknown|can only be read after a storage error/,
    EIO => $storage,
    ENOLCK => $storage,
    EPERM => $storage,
    ECONNRESET => qr/the request is incomplete/,
    ENOBUFS => qr/out of resources/,
    # The fstat after a sync failed, so the sync counts as failed.
    "stat ENOMEM" => qr/short of memory|can only be read after a storage error|storage error, outcome unknown/,
    # The log could not be opened when the server started.
    "open EMFILE" => qr/has too many files open|can only be read after a storage error|storage error, outcome unknown/,
    "open ENOMEM" => qr/short of memory|can only be read after a storage error|storage error, outcome unknown/,
);

# Faults that have no effect, by kind and error, or by error alone.
my %hidden = map { $_ => 1 } "EINTR", "SHORT", "400", "-400", "close EIO", "send EAGAIN", "receive EAGAIN",
    "accept EAGAIN", "accept ECONNABORTED", "print ENOSPC";

# Faults after which the connection may end without a message.
my %cuts = map { $_ => 1 } "send ECONNRESET", "receive ECONNRESET";

sub is_of_storage { return $_[0] =~ $storage; }
sub is_hidden { my $p = shift; return $hidden{$p->{error}} || $hidden{"$p->{kind} $p->{error}"}; }
sub may_cut { my $p = shift; return $cuts{"$p->{kind} $p->{error}"}; }

sub true_in_session { # WORDS PLAN...
    my ($words, @plans) = @_;
    for my $p (@plans) {
        my $right = is_hidden($p) ? undef : $session{"$p->{kind} $p->{error}"} // $session{$p->{error}};
        return 1 if $right && $words =~ $right;
    }
    return 0;
}

# The tool says what the server answers, or that it does not answer.
sub true_to_tool { # WORDS PLAN...
    my ($words, @plans) = @_;
    return 1 if true_in_session($words, @plans) || true_reason($words, @plans);
    return $words =~ /does not answer|does not send|no answer|out of memory|control.sock|answer is incomplete/;
}

# The server loses a datagram for which it has no memory or socket; the client then says that no answer came.
sub true_over_udp { # WORDS PLAN...
    my ($words, @plans) = @_;
    return true_in_session($words, @plans)
        || $words =~ /no answer|the connection was lost|does not answer|silent for too long/;
}

# The messages of a program that ends by itself, for each error.
my %reason = (
    ENOMEM => qr/out of memory|cannot allocate memory|memory allocation failure|resource temporarily unavailable/i,
    EAGAIN => qr/resource temporarily unavailable|cannot start a thread|temporary failure/i,
    EMFILE => qr/too many open files|out of system resources/i,
    ENOSPC => qr/no space left|disk is full/i,
    EIO => qr/input\/output error|storage error/i,
    ENOLCK => qr/no locks available/i,
    EPERM => qr/operation not permitted/i,
    ENOBUFS => qr/no buffer space available/i,
    ECONNRESET => qr/the connection was lost|connection reset/i,
    ECONNREFUSED => qr/connection refused|no server is running|does not listen/i,
);

# Messages that are never true here, even together with a true one.
my $never = join "|", "another server is using it", "has just been removed or replaced", "is on another file system",
    "belongs to user", "not a Pochta store", "no Maildir";

sub true_reason { # WORDS PLAN...
    my ($words, @plans) = @_;
    return 0 if $words =~ $never;
    for my $p (@plans) {
        my $right = is_hidden($p) ? undef : $reason{$p->{error}};
        return 1 if $right && $words =~ $right;
    }
    return 0;
}

1;
