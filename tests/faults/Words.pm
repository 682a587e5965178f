# SPDX-License-Identifier: ISC
# Which words are true after a fault. A request that is right may be refused only for what has happened: so
# "no such message" is never true here, nor "wrong name or password".
package Words;
use strict;
use warnings;

my $storage = qr/storage error|can only be read after a storage error|cannot be read at present/;

# For a session, by error.
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
    # What follows a sync could not be looked at, so it counts as failed.
    "stat ENOMEM" => qr/short of memory|can only be read after a storage error|storage error, outcome unknown/,
    # At the start the log could not be opened.
    "open EMFILE" => qr/has too many files open|can only be read after a storage error|storage error, outcome unknown/,
    "open ENOMEM" => qr/short of memory|can only be read after a storage error|storage error, outcome unknown/,
);

# Faults that nobody notices: by kind and error, or error alone.
my %hidden = map { $_ => 1 } "EINTR", "SHORT", "400", "-400", "close EIO", "send EAGAIN", "receive EAGAIN",
    "accept EAGAIN", "accept ECONNABORTED", "print ENOSPC";

# Faults after which the connection may end without a word.
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

# A datagram that the server has no means for is lost; so its client may only know that no answer came.
sub true_over_udp { # WORDS PLAN...
    my ($words, @plans) = @_;
    return true_in_session($words, @plans)
        || $words =~ /no answer|the connection was lost|does not answer|silent for too long/;
}

# What a program that ends says about it, by error.
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

# What is never the reason here, whatever is said beside it.
my $never = qr/another server is using it|is on another file system|belongs to user|not a Pochta store|no Maildir/;

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
