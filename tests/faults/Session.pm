# SPDX-License-Identifier: ISC
# A session of ann, which makes each request once, and a session of bob, who logged in before and must not be
# disturbed. When the server has ended, the answers are compared with the store.
package Session;
use strict;
use warnings;
use Control;
use Mail;
use Server;
use Words;

my $long = "long " . "z" x 70000; # longer than the delivery log takes

# The store that a run begins with: three letters for ann, one for bob.
sub make_store {
    my $server = shift;
    $server->use_store(undef);
    $server->start(undef) or die "the server does not start: " . $server->log;
    my $c = $server->connect;
    for my $payload ("Start|1|2|", (map { "Register|2|$_|secret|" } qw(ann bob)), "Login|2|bob|secret|",
        (map { "Send mes|2|ann|first $_|" } 1 .. 3), "Login|2|ann|secret|", "Send mes|2|bob|first 4|") {
        Server::say($c, $payload);
        my $answer = Server::hear($c, 20) // "";
        die "$payload: $answer" unless $answer =~ /^Answer\|\d+\|Yes\|/;
    }
    return;
}

# The same store after a server was killed: three more letters for ann are in the delivery log, two of them only
# there.
sub make_crashed_store {
    my $server = shift;
    $server->use_store("$server->{dir}/../store");
    $server->start(Control->new("$server->{dir}/control")) or die "the server does not start: " . $server->log;
    my $c = $server->connect;
    for my $payload ("Login|2|bob|secret|", map { "Send mes|2|ann|logged $_|" } 1 .. 3) {
        Server::say($c, $payload);
        my $answer = Server::hear($c, 20) // "";
        die "$payload: $answer" unless $answer =~ /^Answer\|\d+\|Yes\|/;
    }
    $server->kill;
    unlink map { glob "$server->{store}/users/ann/000000000$_-*" } 5, 6;
    return;
}

sub new { # SERVER CONTROL PLAN...
    my ($class, $server, $control, @plans) = @_;
    return bless {server => $server, control => $control, plans => \@plans, letters => {},
        password => {ann => "secret", bob => "secret"}}, $class;
}

sub wrong { my ($self, $what) = @_; $self->{server}->wrong($what); return; }
sub lasts { return grep { $_->{ever} } @{$_[0]{plans}}; }
sub may_cut { return grep { Words::may_cut($_) } @{$_[0]{plans}}; }

sub end_of_fault { my $self = shift; $self->{control}->disarm if $self->lasts; return; }

# Returns "yes", "no" (the reason was true), "unknown", "cut", or "wrong", which was reported.
sub ask { # CONNECTION PAYLOAD PATTERN
    my ($self, $c, $payload, $pattern) = @_;
    my $what = $payload =~ s/(.{60}).*/$1.../r;
    Server::say($c, $payload) or return "cut";
    my $answer = Server::hear($c, $self->lasts ? Server::WAITING_S : Server::ANSWER_S);
    if (!defined $answer && $self->lasts) { # the server may wait until there is enough again
        $self->end_of_fault;
        $answer = Server::hear($c, Server::ANSWER_S);
    }
    if (!defined $answer) { $self->wrong("$what: no answer"); return "wrong"; }
    if ($answer eq "") {
        $self->wrong("$what: the connection ends without a word") unless $self->may_cut || $c->{refused};
        return "cut";
    }
    $self->{answer} = $answer;
    return Mail::judge($self, $c, $what, $answer, $pattern) if $c->{answer};
    return "yes" if $answer =~ /^Answer\|\d+\|Yes\|$pattern$/s;
    if (my ($kind, $words) = $answer =~ /^(?:Answer\|2\|(Noop)|(?:Exit\|1))\|(.*)\|$/) {
        # If a recovery could not bring back a mailbox's letters, for lack of room or memory, the mailbox stays
        # shut until the next start.
        $self->wrong("$what: not true: $words") unless Words::true_in_session($words, @{$self->{plans}})
            || ($self->{crashed} && @{$self->{plans}} && Words::is_of_storage($words));
        return "no" if $kind;
        return $words =~ /outcome unknown/ ? "unknown" : "cut";
    }
    $self->wrong("$what: answered " . ($answer =~ s/(.{100}).*/$1.../r));
    return "wrong";
}

# Returns a connection on which this user is logged in. After two failed logins, ends the fault.
sub log_in { # USER
    my ($self, $user) = @_;
    for my $try (1 .. 6) {
        my $c = $self->{server}->connect;
        if (!$c) { $self->wrong("cannot connect"); return; }
        my $all = "yes";
        for my $payload ("Start|1|2|", "Login|2|$user|$self->{password}{$user}|") {
            $all = $self->ask($c, $payload, $payload =~ /^Start/ ? '2\|' : "");
            last if $all ne "yes";
        }
        return $c if $all eq "yes";
        $self->end_of_fault if $try > 1;
    }
    $self->wrong("$user cannot log in");
    return;
}

# Asks as ann, who logs in again if the connection was lost.
sub step { # PAYLOAD PATTERN
    my ($self, $payload, $pattern) = @_;
    $self->{ann} //= $self->log_in("ann") // return "gone";
    my $hits = $self->{control}->hits;
    my $outcome = $self->ask($self->{ann}, $payload, $pattern // "");
    $self->{ann} = undef if $outcome eq "unknown" || $outcome eq "cut" || $outcome eq "wrong";
    $outcome = "unknown" if $outcome eq "cut" || $outcome eq "wrong";
    $self->{steps}{$payload =~ s/\|.*//r} = $outcome;
    my $is_change = $payload =~ /^(Send|Resend|Import|Delete|Restore|Register|Password)/;
    $self->wrong("$payload: Yes after a sync that failed")
        if $is_change && $outcome eq "yes" && $hits < $self->{control}->hits && $self->sync_failed;
    $self->bystander if ++$self->{count} % 6 == 0;
    return $outcome;
}

# Whether a sync by a session has failed.
sub sync_failed {
    my $self = shift;
    my ($plan) = @{$self->{plans}};
    return $plan && $plan->{kind} eq "sync" && grep {
        Control::function_at($self->{server}{program}, $_) =~ /^(session_run|talk|run_submission|run_lmtp|pop3_run)$/
    } $self->{control}->frames(0);
}

sub bystander {
    my $self = shift;
    $self->{bob} //= $self->log_in("bob") // return;
    my $hits = $self->{control}->hits;
    my $outcome = $self->ask($self->{bob}, "Status|0|", '(\d+\|){5}');
    return if $outcome eq "yes" || ($outcome eq "cut" && $self->may_cut && !($self->{bob} = undef));
    $self->wrong("bob is not served: $self->{answer}") if $hits == $self->{control}->hits;
    $self->{bob} = undef if $outcome ne "no";
    return;
}

sub send_letter { # VERB TO BODY REST
    my ($self, $verb, $to, $body, $rest) = @_;
    my $payload = $verb eq "Import mes" ? "Import mes|4|2020-01-02T03:04:05Z|0|$body|$rest|"
        : "Send mes|3|$to|$body|$rest|";
    my $outcome = $self->step($payload, '\d+\^ann\^[^^]*\^\d+\^\d\^\^\|');
    # A request with a token may be repeated until its answer is known.
    for (1 .. 3) {
        last if $outcome ne "unknown";
        my $again = $self->step($payload, '\d+\^ann\^[^^]*\^\d+\^\d\^\^\|');
        $outcome = "yes" if $again eq "yes";
        last if $again eq "no";
    }
    $self->{letters}{"$to $body"} = $outcome unless ($self->{letters}{"$to $body"} // "") eq "yes";
    return $outcome;
}

sub script {
    my $self = shift;
    my $token = "0123456789abcdef";
    $self->bystander;
    $self->{registered} = $self->step("Register|2|eve|secret|");
    $self->step("Status|0|", '(\d+\|){5}');
    $self->send_letter("Send mes", "bob", "short letter", "${token}01");
    $self->send_letter("Send mes", "bob", "short letter", "${token}01"); # a repeat
    $self->send_letter("Send mes", "bob", $long, "${token}02");
    $self->send_letter("Send mes", "ann", "to herself", "${token}03");
    my $outcome = $self->step("Resend|3|bob|2|${token}04|", '\d+\^ann\^.*');
    $self->{letters}{"bob first 2"} = $outcome;
    $self->send_letter("Import mes", "ann", "imported", "${token}05");
    $self->step("Show list|0|", '(\d+\^\w+\^[^^]*\^\d+\^\d\^[^^]*\^\|){3,}');
    $self->step("Show unread|0|", '.*');
    $self->step("Show all|0|", '(\d+\^\w+\^[^^]*\^\d+\^\d\^[^^]*\^\|){3,}');
    $self->step("Show exact|1|1|", '1\^bob\^[^^]*\^\d+\^\d\^first 1\^\|');
    $self->step("Peek mes|1|2|", '2\^bob\^[^^]*\^\d+\^\d\^first 2\^\|');
    $self->step("Mark mes|2|2|2|");
    $self->{deleted} = $self->step("Delete mes|1|3|");
    $self->step("Show deleted|0|", '.*');
    if ($self->{deleted} eq "yes") {
        $self->{restored} = $self->step("Restore mes|1|3|");
    }
    $self->step("Check user|1|bob|");
    $self->step("Watch|0|");
    $self->send_letter("Send mes", "ann", "announced", "${token}06");
    my $old = $self->{password}{ann};
    my $changed = $self->step("Password|2|$old|other|");
    if ($changed eq "yes") {
        $self->{password}{ann} = "other";
    } elsif ($changed ne "no" && !$self->{ann}) {
        return $self->{password_open} = 1;
    }
    $self->step("Help|0|", '.*');
    $self->step("Logout|0|");
    if ($self->{registered} eq "yes") {
        if ($self->{ann} && $self->ask($self->{ann}, "Login|2|eve|secret|", "") eq "yes") {
            $self->{removed} = $self->ask($self->{ann}, "Delete user|0|", "");
        }
        $self->{ann} = undef;
    }
    $self->bystander;
    return;
}

# The tool asks a running server, while calls of the server fail.
sub ask_by_tool {
    my $self = shift;
    my $server = $self->{server};
    for my $row (["user add eve", "word\n"], ["user list"], ["user list --usage"], ["stats"], ["who"], ["invite add"], ["log info"],
                 ["reload"], ["user disable eve"], ["user enable eve"], ["fsck"], ["user delete eve"]) {
        my ($words, $input) = @$row;
        my $file;
        if ($input) {
            $file = "$server->{dir}/input";
            open my $f, ">", $file or die;
            print $f $input;
        }
        my ($status, $out, $err) = $server->run(undef, $file, "$server->{build}/pochtactl", "--store",
            $server->{store}, split " ", $words);
        my $code = defined $status ? $status >> 8 : -1;
        $self->{done}{$words} = $code == 0 ? "yes"
            : $err =~ /outcome unknown|does not answer|no answer|incomplete/ ? "unknown" : "no";
        next if $code == 0 || ($words =~ / eve$/ && ($self->{done}{"user add eve"} // "") ne "yes");
        $self->wrong("pochtactl $words: " . Server::say_status($status) . ": $err")
            unless $code > 0 && Words::true_to_tool($err, @{$self->{plans}});
        $self->end_of_fault if $self->lasts;
    }
    return;
}

# Clients ask a server over UDP, while calls of the server fail.
sub ask_by_datagrams {
    my $self = shift;
    my $server = $self->{server};
    local %ENV = (%ENV, POCHTA_SERVER => "127.0.0.1:$server->{udp}", POCHTA_PASSWORD => "secret",
        POCHTA_USER => "ann",
        XDG_STATE_HOME => "$server->{dir}/state", XDG_CONFIG_HOME => "$server->{dir}/config",
        XDG_DATA_HOME => "$server->{dir}/data", POCHTA_IDLE => "5s");
    my $input = "$server->{dir}/input";
    open my $f, ">", $input or die;
    print $f "by datagrams";
    close $f;
    for my $words ("send bob", "list") {
        my ($status, $out, $err) = $server->run(undef, $input, "$server->{build}/pochta", "--udp", split " ", $words);
        my $code = defined $status ? $status >> 8 : -1;
        $self->{letters}{"bob by datagrams"} = $code == 0 ? "yes" : "unknown" if $words eq "send bob";
        $self->wrong("pochta --udp $words: " . Server::say_status($status) . ": $err")
            unless $code == 0 || ($code > 0 && Words::true_over_udp($err, @{$self->{plans}}));
        $self->end_of_fault if $self->lasts && $code != 0;
    }
    return;
}

sub prepare { # SCRIPT
    my ($self, $script) = @_;
    return if $script !~ /^(delivery|control|mail)$/;
    my @plans = @{$self->{plans}};
    $self->{plans} = [];
    $self->{ann} = $self->log_in("ann") if $script eq "delivery";
    Mail::prepare($self) if $script eq "mail";
    $self->bystander;
    $self->{plans} = \@plans;
    return;
}

# After the fault the server must serve as before; only after a storage error it may refuse changes.
sub is_well {
    my $self = shift;
    my @plans = @{$self->{plans}};
    $self->{control}->disarm;
    $self->{plans} = [grep {
        $self->{crashed} || $_->{error} =~ /^(EIO|ENOSPC|ENOLCK|EPERM)$/ || $_->{kind} =~ /^(open|stat)$/ } @plans];
    $self->{ann} = undef;
    if (!$self->{password_open}) {
        my $c = $self->log_in("ann");
        # After an I/O error, a letter is left out of lists for some time.
        my $least = (grep { $_->{error} eq "EIO" } @plans) ? 0 : 3;
        $least-- if $least && ($self->{deleted} // "no") ne "no" && ($self->{restored} // "no") eq "no";
        $self->ask($c, "Show list|0|", "(\\d+\\^[\\w-]+\\^[^^]*\\^\\d+\\^\\d\\^[^^]*\\^\\|){$least,}") eq "yes"
            or $self->{crashed} or $self->wrong("afterwards ann cannot list her letters") if $c;
        $self->{letters}{"bob afterwards"} = $self->ask($c, "Send mes|2|bob|afterwards|", '.*') if $c;
    }
    $self->{plans} = \@plans;
    return;
}

sub run { # SCRIPT
    my ($self, $script) = @_;
    my $token = "0123456789abcdef";
    if ($script eq "session") {
        $self->script;
    } elsif ($script eq "delivery") {
        $self->send_letter("Send mes", "bob", "short letter", "${token}01");
        $self->send_letter("Send mes", "bob", $long, "${token}02");
    } elsif ($script eq "control") {
        $self->ask_by_tool;
    } elsif ($script eq "datagrams") {
        $self->ask_by_datagrams;
    } elsif ($script eq "mail") {
        Mail::run($self);
    } elsif ($script eq "stop") {
        $self->{letters}{"bob short letter"} = "yes";
        my $c = $self->log_in("ann");
        $self->ask($c, "Send mes|2|bob|short letter|", '.*');
    }
    $self->is_well if $script ne "stop";
    for my $c (grep { defined } @$self{"ann", "bob"}) {
        close $c->{socket};
    }
    return;
}

# Checks that the store matches the answers.
sub compare {
    my $self = shift;
    my $users = $self->{server}->mailboxes;
    my $letters = $self->{letters};
    for my $user ("ann", "bob") {
        my %found;
        for my $id (sort keys %{$users->{$user}}) {
            my $m = $users->{$user}{$id};
            $found{$m->{body}}++;
            $self->wrong("$user has letter $id as broken") if $m->{state} eq "b";
        }
        for my $key (grep { /^$user / } keys %$letters) {
            my $body = $key =~ s/^\w+ //r;
            my ($outcome, $n) = ($letters->{$key}, $found{$body} // 0);
            my $short = $body =~ s/(.{20}).*/$1.../sr;
            $outcome = $n == 0 && Mail::is_named($self, $users, $user) ? "no" : "yes" if $outcome eq "group";
            $self->wrong("$user has the letter '$short' $n times, answered $outcome")
                if $outcome eq "yes" ? $n != 1 : $outcome eq "no" ? $n != 0 : $n > 1;
        }
        my @logged = grep { /^logged/ } keys %found;
        $self->wrong("ann has not all letters of the log: @logged")
            if $user eq "ann" && $self->{crashed} && @logged != 3;
        for my $body ($user eq "ann" ? map { "first $_" } 1 .. 3 : "first 4") {
            $self->wrong("$user has lost '$body'") unless ($found{$body} // 0) == 1;
        }
    }
    $self->compare_state($users);
    $self->compare_accounts($users);
    return;
}

sub compare_state {
    my ($self, $users) = @_;
    my $state = ($users->{ann}{3} // {state => "?"})->{state};
    my $deleted = $self->{deleted} // return;
    return if $deleted eq "unknown" || $deleted eq "gone";
    my $restored = $self->{restored} // "no";
    return if $restored eq "unknown" || $restored eq "gone";
    my $expected = $deleted eq "yes" && $restored ne "yes" ? "d" : "[un]";
    $self->wrong("letter 3 is $state; deleted: $deleted, restored: $restored") unless $state =~ /^$expected$/;
    return;
}

sub compare_accounts {
    my ($self, $users) = @_;
    my $hash = $self->{server}->hash_of("ann") // "";
    my @passwords = $self->{password_open} ? ("secret", "other") : ($self->{password}{ann});
    $self->wrong("ann's password is not as was answered")
        unless grep { (crypt($_, $hash) // "") eq $hash } @passwords;
    my ($registered, $removed) = ($self->{registered} // "gone", $self->{removed} // "no");
    my $is_there = exists $users->{eve};
    if (my $done = $self->{done}) {
        ($registered, $removed) = ($done->{"user add eve"} // "no", $done->{"user delete eve"} // "no");
    }
    $self->wrong("eve is " . ($is_there ? "" : "not ") . "there; registered: $registered, deleted: $removed")
        if ($registered eq "no" && $is_there) || ($registered eq "yes" && $removed eq "yes" && $is_there)
        || ($registered eq "yes" && $removed eq "no" && !$is_there);
    return;
}

1;
