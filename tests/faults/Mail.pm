# SPDX-License-Identifier: ISC
# What mail programs ask while calls of the server fail: ann sends by submission, a mail server delivers by LMTP,
# and ann reads and deletes by POP3.
package Mail;
use strict;
use warnings;
use MIME::Base64 qw(encode_base64);
use Server;
use Words;

our @ways = qw(submission lmtp pop3);
our @options = ((map { ("--$_", "127.0.0.1:0") } @ways), "--domains", "ship.example");

# Whole answers, at the beginning of what has arrived.
my $code = qr/(?:\d{3}-[^\n]*\n)*+\d{3} [^\n]*\n/;
my $line = qr/[+-][^\n]*\n/;
my $lines = qr/-[^\n]*\n|\+[^\n]*\n(?:(?!\.\r\n)[^\n]*\n)*+\.\r\n/;

# The text that a program sends, and as the store has it.
my $mark = "MIME-Version: 1.0\n";
my %text = (
    short => "From: ann\@ship.example\r\nMessage-ID: <1\@ship.example>\r\nSubject: short\r\n\r\nshort mail\r\n",
    long => "From: ann\@ship.example\r\nSubject: long\r\n\r\n" . "long mail\r\n" x 7000, # it has no Message-ID
    outside => "From: eve\@elsewhere.example\r\nMessage-ID: <2\@elsewhere.example>\r\n\r\n..outside\r\n",
);

# A refusal must be true; what follows it may be the end of the connection.
sub judge { # SESSION CONNECTION WHAT ANSWER PATTERN: as Session::ask
    my ($self, $c, $what, $answer, $pattern) = @_;
    return "yes" if $answer =~ /^(?:$pattern)/s;
    my ($words) = $answer =~ /([^\n]*?)\r?\n$/;
    $what =~ s/\s.*//s;
    $self->wrong("$what: not true: $words") unless Words::true_in_session($words, @{$self->{plans}});
    $c->{refused} = 1;
    return $words =~ /outcome unknown/ ? "unknown" : $words =~ /^421/ ? "cut" : "no";
}

sub ask { # SESSION CONNECTION LINE PATTERN ANSWER
    my ($self, $c, $said, $pattern, $answer) = @_;
    $c->{answer} = $answer // $code;
    return $self->ask($c, defined $said ? "$said\r\n" : "", $pattern);
}

# Returns a connection that is ready. After two failures, ends the fault.
sub enter { # SESSION WAY
    my ($self, $way) = @_;
    my @login = $way eq "pop3" ? ([undef, '\+OK', $line], ["USER ann", '\+OK', $line], ["PASS secret", '\+OK', $line])
        : ([undef, "220"], [$way eq "lmtp" ? "LHLO test" : "EHLO test", "250"]);
    push @login, ["AUTH PLAIN " . encode_base64("\0ann\0secret", ""), "235"] if $way eq "submission";
    for my $try (1 .. 6) {
        my $c = $self->{server}->connect($self->{server}{ports}{$way});
        if (!$c) { $self->wrong("cannot connect by $way"); return; }
        my $all = "yes";
        for my $step (@login) {
            $all = ask($self, $c, @$step);
            last if $all ne "yes";
        }
        return $c if $all eq "yes";
        $self->end_of_fault if $try > 1;
    }
    $self->wrong("cannot log in by $way");
    return;
}

# Sends a text once. Returns an outcome for each recipient; of submission they have one together.
sub send_once { # SESSION WAY TEXT RECIPIENT...
    my ($self, $way, $text, @to) = @_;
    my $c = enter($self, $way) // return map { "gone" } @to;
    for my $step (["MAIL FROM:<ann\@ship.example>", "250"], (map { ["RCPT TO:<$_>", "250"] } @to), ["DATA", "354"]) {
        return map { "no" } @to if ask($self, $c, @$step) ne "yes";
    }
    my $hits = $self->{control}->hits;
    my $all = ask($self, $c, ($text =~ s/^\./../mgr) . ".", "250");
    my @outcomes = ($all);
    push @outcomes, ask($self, $c, undef, "250") while $way eq "lmtp" && @outcomes < @to && $outcomes[-1] !~ /cut|wrong/;
    push @outcomes, $way eq "lmtp" ? "cut" : $all while @outcomes < @to;
    $self->wrong("a mail was answered 250 after a sync that failed")
        if $to[0] ne "staff" && $hits < $self->{control}->hits && $self->sync_failed && !grep { $_ ne "yes" } @outcomes;
    # Of several recipients some may have it.
    return map { $_ eq "yes" || ($_ eq "no" && ($way eq "lmtp" || @to == 1)) ? $_ : "unknown" } @outcomes;
}

# Sends a text until it is known what became of it.
sub send_mail { # SESSION WAY NAME RECIPIENT...
    my ($self, $way, $name, @to) = @_;
    my %outcome;
    for (1 .. 3) {
        my @outcomes = send_once($self, $way, $text{$name}, @to);
        for my $i (0 .. $#to) {
            my $before = $outcome{$to[$i]} // "no";
            $outcome{$to[$i]} = $before eq "yes" || ($before eq "unknown" && $outcomes[$i] ne "yes")
                ? $before : $outcomes[$i];
        }
        last unless grep { $_ eq "unknown" } values %outcome;
    }
    for my $to (@to) {
        my $outcome = $outcome{$to};
        # It is sent to a group if one member has it.
        $outcome = $outcome eq "yes" ? "group" : "unknown" if $to eq "staff";
        $self->{letters}{"$_ $mark$text{$name}"} = $outcome for $to eq "staff" ? ("ann", "bob") : $to;
    }
    return;
}

sub read_mail { # SESSION
    my $self = shift;
    my $c = enter($self, "pop3") // return;
    for my $row (["STAT", '\+OK \d+ \d+\r', $line], ["LIST", '\+OK', $lines], ["UIDL", '\+OK', $lines],
        ["RETR 1", '\+OK \d+ bytes\r\n.*\nfirst 1\r\n\.\r\n', $lines], ["TOP 2 0", '\+OK', $lines]) {
        my $outcome = ask($self, $c, @$row);
        return if $outcome =~ /cut|wrong/;
        next unless $outcome eq "yes" && $self->{answer} =~ /^\+OK (\d+) bytes\r\n(.*)\.\r\n$/s;
        $self->wrong("RETR says $1 bytes and sends " . length $2) if $1 != length $2;
    }
    my $marked = ask($self, $c, "DELE 3", '\+OK', $line);
    return if $marked =~ /cut|wrong/;
    my $hits = $self->{control}->hits;
    my $deleted = ask($self, $c, "QUIT", '\+OK', $line);
    # Any other refusal is the end of the session, and leaves it open.
    $deleted = "unknown" if $deleted eq "no" && $self->{answer} !~ /deleted messages not removed/;
    $self->{deleted} = $marked ne "yes" ? "no" : $deleted =~ /yes|no/ ? $deleted : "unknown";
    $self->wrong("QUIT was answered +OK after a sync that failed")
        if $self->{deleted} eq "yes" && $hits < $self->{control}->hits && $self->sync_failed;
    return;
}

# Whether the sender was told, or the log says, that this member of the group does not have it.
sub is_named { # SESSION USERS MEMBER
    my ($self, $users, $member) = @_;
    return $self->{server}->log =~ /event=undelivered result=error/
        || grep { $_->{body} =~ /^Not all members of staff .*\n  $member: /s } values %{$users->{ann}};
}

sub prepare { # SESSION
    my $server = $_[0]{server};
    my ($status, undef, $err) = $server->run(undef, undef, "$server->{build}/pochtactl", "--store", $server->{store},
        qw(group add staff ann bob));
    die "pochtactl group add: $err" unless defined $status && $status == 0;
    return;
}

sub run { # SESSION
    my $self = shift;
    $self->{deleted} = "no";
    send_mail($self, "submission", "short", "ann", "bob");
    send_mail($self, "submission", "long", "staff");
    $self->bystander;
    send_mail($self, "lmtp", "outside", "ann", "bob");
    read_mail($self);
    $self->bystander;
    return;
}

1;
