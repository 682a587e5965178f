# SPDX-License-Identifier: ISC
# The programs that end by themselves: each row is one run of pochtactl or pochta while its calls fail. Its
# messages and its exit code must be true, and the store must match them.
package Programs;
use strict;
use warnings;
use Server;
use Words;

# A row: the words of the command; its input; before, what is done first, and does not fail; done, which looks
# at the store, the output and the errors and returns 1 if the command was carried out, 0 if not, or "" if they do not
# show it; other options.
sub has_user { my $user = shift; return sub { -d "$_[0]{store}/users/$user" ? 1 : 0 } }
sub count_letters { # USER BODY
    my ($user, $body) = @_;
    return sub { scalar grep { $_->{body} eq $body && $_->{state} ne "d" } values %{$_[0]->mailboxes->{$user}} };
}
sub in_state { # ID STATE
    my ($id, $state) = @_;
    return sub { (($_[0]->mailboxes->{ann}{$id} // {})->{state} // "?") =~ /$state/ ? 1 : 0 };
}
sub has_password { # USER PASSWORD
    my ($user, $password) = @_;
    return sub { my $hash = $_[0]->hash_of($user) // ""; (crypt($password, $hash) // "") eq $hash ? 1 : 0 };
}
sub prints { my $pattern = shift; return sub { $_[1] =~ $pattern ? 1 : 0 } }
sub holds { # PATH PATTERN: whether a file below DIR has the pattern
    my ($path, $pattern) = @_;
    return sub { join("", map { Server::content($_) } glob "$_[0]{dir}/$path") =~ $pattern ? 1 : 0 };
}

# Each of these also checks that the copy is whole; if it is not, there must be a finding about it.
sub bodies { my $m = Server::messages_in($_[0]); return join ", ", map { $m->{$_}{body} } sort keys %$m; }
sub check_whole { # SERVER ERRORS USER COPY
    my ($server, $err, $user, $copy) = @_;
    $server->wrong("the copy of $user is not whole") unless
        $err =~ m{^pochtactl: $user[:/]}m || bodies($copy // "") eq bodies("$server->{store}/users/$user");
    return;
}
sub backs_up {
    my ($server, undef, $err) = @_;
    my ($list) = glob "$server->{dir}/backup/2*Z";
    return 0 unless $list;
    for my $user ("ann", "bob") {
        next unless Server::content($list) =~ /^$user /m || $err !~ /^pochtactl: $user: /m;
        my ($copy) = glob "$server->{dir}/backup/accounts/$user-*/*";
        check_whole($server, $err, $user, $copy);
    }
    return 1;
}
sub exports {
    my ($server, undef, $err) = @_;
    return 0 unless -e "$server->{dir}/exported/pochta-export";
    check_whole($server, $err, "ann", "$server->{dir}/exported");
    return 1;
}
sub purge { Server::remove_tree($_) for glob "$_[0]{store}/removed/ann-*"; return; }
sub is_back { # COPY: where ann comes from
    my $copy = shift;
    return sub {
        my ($server, undef, $err) = @_;
        return 0 unless -d "$server->{store}/users/ann";
        check_whole($server, $err, "ann", glob "$server->{dir}/$copy");
        return 1;
    };
}

my %tool = (
    "user add carol" => {input => "word\n", done => has_user("carol")},
    "user delete bob" => {done => sub { -d "$_[0]{store}/users/bob" ? 0 : 1 }},
    "user list" => {states => 1, done =>
        prints(qr/^ann\tenabled\t.*^bob\tenabled\t|^bob\tenabled\t.*^ann\tenabled\t/sm)},
    "user list --usage" => {states => 1, done =>
        prints(qr/^ann\tenabled\t3\t.*^bob\tenabled\t1\t|^bob\tenabled\t1\t.*^ann\tenabled\t3\t/sm)},
    "user add --batch -" => {input => "carol\t\$y\$j9T\$F5\$" . "x" x 43 . "\n", done => has_user("carol")},
    "mailbox ann list" => {states => 1, done => prints(qr/^1\t.*\tfirst 1\n2\t.*\n3\t.*\tfirst 3\n$/)},
    "mailbox ann show 1" => {done => prints(qr/^id: 1\n.*\n\nfirst 1$/s)},
    "mailbox ann delete 2" => {done => in_state(2, "d")},
    "user passwd ann" => {input => "word\n", done => has_password("ann", "word")},
    "user disable ann" => {done => sub { Server::content("$_[0]{store}/users/ann/account") =~ /^disabled/m ? 1 : 0 }},
    "invite add" => {done => prints(qr/^[0-9a-f]{32}\n$/)},
    "group add staff ann bob" => {done => sub { -s "$_[0]{store}/groups/staff" ? 1 : 0 }},
    "fsck" => {done => prints(qr/, 4 messages, 0 findings$/)},
    "doctor" => {done => sub { "" }},
    "backup DIR/backup" => {done => \&backs_up},
    "restore DIR/backup" => {before => ["backup DIR/backup", "user delete ann", \&purge], done => is_back("backup/accounts/ann-*/*")},
    "restore DIR/backup ann 2" => {before => ["backup DIR/backup",
        sub { unlink glob "$_[0]{store}/users/ann/0000000002-*" }], done => in_state(2, "u")},
    "user export ann DIR/exported" => {done => \&exports},
    "user import DIR/exported" => {before => ["user export ann DIR/exported", "user delete ann", \&purge],
        done => is_back("exported")},
);

my %client = (
    "send bob" => {input => "from the client", done => count_letters("bob", "from the client")},
    "list" => {done => prints(qr/first 1.*first 2.*first 3/s)},
    "show" => {done => prints(qr/first 1.*first 2.*first 3/s)},
    "take --raw 1" => {done => sub { $_[1] eq "first 1" && in_state(1, "d")->(@_) ? 1 : 0 }},
    "delete 2" => {done => in_state(2, "d")},
    "search first" => {done => prints(qr/first 1.*first 3/s)},
    "reply 1" => {input => "an answer", done => sub {
        scalar grep { $_->{body} =~ /an answer$/ } values %{$_[0]->mailboxes->{bob}} }},
    "forward 1 bob" => {done => sub {
        scalar grep { $_->{body} =~ /\n\nfirst 1/ } values %{$_[0]->mailboxes->{bob}} }},
    "export --format maildir DIR/maildir" => {done => holds("maildir/*/*", qr/first 3/)},
    "export --format mbox DIR/mbox" => {done => holds("mbox", qr/first 3/)},
    "import --format mbox DIR/letters" => {done => sub {
        scalar grep { $_->{body} =~ /imported/ } values %{$_[0]->mailboxes->{ann}} }},
    "register" => {user => "carol", done => has_user("carol")},
    "password" => {done => has_password("ann", "word"), new_password => 1},
    "status" => {done => prints(qr/^messages 3\n/)},
    "send --attach DIR/letters bob" => {input => "see there", done => sub {
        scalar grep { $_->{body} =~ /see there/ } values %{$_[0]->mailboxes->{bob}} }},
);

sub names { return ((map { "tool $_" } sort keys %tool), (map { "client $_" } sort keys %client),
    map { "udp $_" } "send bob", "list"); }

# Exit codes of sysexits.h: after a failure of the machine the code must not mean an error of the user, nor a
# refusal of the server.
my %right_code = map { $_ => 1 } 66, 69 .. 75, 78;

sub check_end { # the rules for the end of every program
    my ($server, $program, $row, $status, $out, $err, $done, @plans) = @_;
    if (!defined $status) { $server->wrong("hangs"); return; }
    if ($status & 127) { $server->wrong("is ended by signal " . ($status & 127) . " $err"); return; }
    my $code = $status >> 8;
    # A list may show an account or a message that cannot be read, with its state.
    my $state = (grep { $_->{error} =~ /ENOMEM|EMFILE/ } @plans) ? "busy" : "broken";
    my $said = $row->{states} && $out =~ /\t(?:$state|unreadable)\t/;
    $server->wrong("exit code 0, but it is not done ($done): $out$err")
        if $code == 0 && $done ne "" && $done ne "1" && !$said;
    $server->wrong("done $done times") if $done ne "" && $done > 1;
    # fsck and doctor report as a finding a file that cannot be read.
    my $finds = $code == 1 && $program =~ /tool (fsck|doctor)/;
    return if $code == 0 || $finds;
    my $hidden = grep { Words::is_hidden($_) && $_->{kind} ne "print" } @plans;
    $server->wrong("exit code $code although nothing is wrong: $err") if $hidden == @plans;
    return if $hidden == @plans;
    my ($last) = $err =~ /([^\n]*)\n*$/;
    # A finding about something that the copy lacks gives exit code 1.
    my $lacks = $code == 1 && $program =~ /tool (backup|restore|user export|user import) /;
    $server->wrong("exit code $code: $last") unless $right_code{$code} || $lacks;
    # If writing to standard error fails, the exit code is enough.
    my $may_be_mute = grep { $_->{kind} eq "print" } @plans;
    $server->wrong("not true (exit code $code): $err")
        unless $may_be_mute || Words::true_reason($err, @plans);
    return;
}

# Runs a row, with a server running unless the program is the tool.
sub run {
    my ($server, $control, $name, $normal, @plans) = @_;
    my ($kind, $words) = $name =~ /^(\w+) (.*)/;
    my $row = $kind eq "tool" ? $tool{$words} : $client{$words};
    my $dir = $server->{dir};
    my $program = "$server->{build}/" . ($kind eq "tool" ? "pochtactl" : "pochta");
    my @command = ($program, $kind eq "tool" ? ("--store", $server->{store}) : (), split " ", $words);
    s/^DIR/$dir/ for @command;
    if ($kind eq "tool") {
        Server::remove_tree("$dir/$_") for "backup", "exported";
        for my $first (@{$row->{before} // []}) {
            if (ref $first) { $first->($server); next; }
            my ($status, $out, $err) =
                $server->run(undef, undef, $program, "--store", $server->{store}, map { s/^DIR/$dir/r } split " ", $first);
            die "$first: $out$err" if $status;
        }
    }
    my $input;
    if (defined $row->{input}) {
        $input = "$dir/input";
        open my $f, ">", $input or die;
        print $f $row->{input};
    }
    if ($kind ne "tool") {
        $server->start(undef, $kind eq "udp" ? ("--udp", "127.0.0.1:0") : ()) or die "no server: " . $server->log;
        Server::remove_tree("$dir/$_") for "state", "config", "data", "maildir";
        unlink "$dir/mbox";
        open my $f, ">", "$dir/letters" or die;
        print $f "From bob Mon Jan  6 10:00:00 2020\n\nimported\n\n";
        close $f;
        if ($row->{new_password}) {
            open my $p, ">", "$dir/word" or die;
            print $p "word\n";
            push @command, "--new-password-file", "$dir/word";
        }
        unshift @command, shift @command, "--udp" if $kind eq "udp";
    }
    local %ENV = (%ENV, POCHTA_SERVER => "127.0.0.1:" . ($kind eq "udp" ? $server->{udp} : $server->{port} // 0),
        POCHTA_USER => $row->{user} // "ann", POCHTA_PASSWORD => "secret", POCHTA_IDLE => "5s",
        XDG_STATE_HOME => "$dir/state",
        XDG_CONFIG_HOME => "$dir/config", XDG_DATA_HOME => "$dir/data", HOME => $dir, LC_ALL => "C");
    @plans ? $control->arm(@plans) : $control->trace;
    my ($status, $out, $err) = $server->run($control, $input, @command);
    $control->disarm;
    my $done = $row->{done}->($server, $out, $err);
    check_end($server, $name, $row, $status, $out, $err, $done, @plans);
    if (my ($fds, @leaks) = $control->left) {
        $server->wrong("$fds descriptors are open at the end instead of $normal") if $normal && $fds > $normal;
        my %seen;
        $server->wrong("memory is not freed: allocated in " .
            join ", ", grep { !$seen{$_}++ } map { Control::function_at($program, $_) } @leaks) if @leaks && $normal;
    }
    $server->stop;
    my ($fsck, $found, $trouble) = $server->run(undef, undef, "$server->{build}/pochtactl", "--store",
        $server->{store}, "fsck");
    $server->wrong("fsck: " . Server::say_status($fsck) . " $found$trouble") if !defined $fsck || $fsck != 0;
    return $program;
}

1;
