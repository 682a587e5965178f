# SPDX-License-Identifier: ISC
# A server whose calls fail: starts it on a copy of a store, checks how it ends, and reads the store afterwards.
package Server;
use strict;
use warnings;
use Control;
use IO::Socket::INET;
use POSIX qw(:sys_wait_h);
use Socket qw(IPPROTO_TCP TCP_NODELAY);
use Time::HiRes qw(sleep time);

use constant {START_S => 20, STOP_S => 30, ANSWER_S => 20, WAITING_S => 0.4};

sub new { # BUILD DIR: a directory of its own
    my ($class, $build, $dir) = @_;
    mkdir $dir;
    return bless {build => $build, dir => $dir, program => "$build/pochtad", wrong => []}, $class;
}

sub wrong { my ($self, $what) = @_; push @{$self->{wrong}}, $what; return; }

sub copy { # FROM TO: a directory
    my ($from, $to) = @_;
    mkdir $to, 0700 or die "$to: $!";
    opendir my $d, $from or die "$from: $!";
    for my $name (grep { !/^\.\.?$/ } readdir $d) {
        if (-d "$from/$name") { copy("$from/$name", "$to/$name"); next; }
        next if -S "$from/$name";
        open my $in, "<:raw", "$from/$name" or die "$from/$name: $!";
        open my $out, ">:raw", "$to/$name" or die "$to/$name: $!";
        local $/;
        print $out readline($in) // "";
        chmod 0600, "$to/$name";
    }
    return;
}

sub remove_tree {
    my $dir = shift;
    opendir my $d, $dir or return;
    for my $name (grep { !/^\.\.?$/ } readdir $d) {
        my $path = "$dir/$name";
        if (-d $path && !-l $path) { remove_tree($path) } else { unlink $path }
    }
    rmdir $dir;
    return;
}

sub content { my $path = shift; open my $f, "<:raw", $path or return ""; local $/; return readline($f) // ""; }

sub use_store { # FROM: uses a copy of this store, or an empty directory
    my ($self, $from) = @_;
    $self->{store} = "$self->{dir}/store";
    remove_tree($self->{store});
    copy($from, $self->{store}) if $from;
    return;
}

# Starts a program with its output in DIR/out and DIR/err; with a control, calls of it fail.
sub spawn {
    my ($self, $control, $input, @command) = @_;
    my $pid = fork // die "fork: $!";
    return $pid if $pid;
    my $name = $command[0] =~ s{.*/}{}r;
    if ($control || $name eq "pochtad") {
        $ENV{LD_PRELOAD} = "$self->{build}/cheap_hashes.so" . ($control ? ":$self->{build}/faults.so" : "");
        $ENV{MALLOC_PERTURB_} = 165; # so that use of memory before it is written, or after it is freed, shows
    }
    if ($control) {
        $ENV{FAULTS} = $control->{path};
        $ENV{FAULTS_IN} = $name;
    }
    open STDIN, "<", $input // "/dev/null";
    open STDOUT, ">", "$self->{dir}/out";
    open STDERR, $name eq "pochtad" ? ">>" : ">", "$self->{dir}/" . ($name eq "pochtad" ? "log" : "err");
    exec @command or POSIX::_exit(127);
}

sub ended { # PID SECONDS: the wait status, or undef: the program hung and was killed
    my ($pid, $seconds) = @_;
    my $until = time + $seconds;
    my $pause = 0.001;
    while (time < $until) {
        return $? if waitpid($pid, WNOHANG) == $pid;
        sleep $pause;
        $pause = 0.02 if ($pause *= 1.3) > 0.02;
    }
    kill KILL => $pid;
    waitpid $pid, 0;
    return;
}

# Starts the server. False: it has ended, with the wait status $self->{status}.
sub start {
    my ($self, $control, @options) = @_;
    my ($log, $port) = ("$self->{dir}/log", "$self->{dir}/port");
    unlink $log, $port;
    open my $config, ">", "$self->{dir}/config.pochtad" or die;
    print $config "idle = 20m\n";
    close $config;
    $self->{pid} = $self->spawn($control, undef, $self->{program}, "--config", "$self->{dir}/config.pochtad",
        "--listen", "127.0.0.1:0", "--store", $self->{store}, "--port-file", $port, "--login-delay", "0",
        "--recipients-per-minute", "0",
        "--connections-per-minute", "0", @options);
    my $until = time + START_S;
    my $pause = 0.002;
    until (-s $port) {
        if (waitpid($self->{pid}, WNOHANG) == $self->{pid}) {
            ($self->{status}, $self->{pid}) = ($?, undef);
            return 0;
        }
        if (time > $until) {
            $self->wrong("the server hangs at its start");
            $self->kill;
            return 0;
        }
        sleep $pause;
    }
    ($self->{port}) = content($port) =~ /^tcp\s+\S+\s+(\d+)/m;
    ($self->{udp}) = content($port) =~ /^udp\s+\S+\s+(\d+)/m;
    $self->{ports} = {content($port) =~ /^(\w+)\s+\S+\s+(\d+)$/mg};
    return 1;
}

sub kill {
    my $self = shift;
    return unless $self->{pid};
    CORE::kill KILL => $self->{pid};
    waitpid $self->{pid}, 0;
    $self->{pid} = undef;
    return;
}

sub is_dead {
    my $self = shift;
    return 0 unless $self->{pid} && waitpid($self->{pid}, WNOHANG) == $self->{pid};
    ($self->{status}, $self->{pid}) = ($?, undef);
    return 1;
}

sub stop {
    my $self = shift;
    return unless $self->{pid};
    CORE::kill TERM => $self->{pid};
    $self->{status} = ended($self->{pid}, STOP_S);
    $self->{pid} = undef;
    $self->wrong("the server hangs when it is to stop") unless defined $self->{status};
    return;
}

sub say_status {
    my $status = shift;
    return "hangs" unless defined $status;
    return $status & 127 ? "is ended by signal " . ($status & 127) : "ends with exit code " . ($status >> 8);
}

# Runs a program to its end. Returns its wait status (undef: it hung), standard output and standard error.
sub run {
    my ($self, $control, $input, @command) = @_;
    my $pid = $self->spawn($control, $input, @command);
    my $status = ended($pid, 20);
    return ($status, content("$self->{dir}/out"), content("$self->{dir}/err"));
}

sub log { my $self = shift; return content("$self->{dir}/log"); }

# --- connections ---

sub connect { # PORT: another one than that of clients
    my ($self, $port) = @_;
    my $socket = IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $port // $self->{port}, Timeout => 10)
        or return;
    setsockopt $socket, IPPROTO_TCP, TCP_NODELAY, 1;
    return {socket => $socket, in => "", mail => 0};
}

sub frame { my $payload = shift; return sprintf "%010d%s", length $payload, $payload; }

# Returns the next frame that is not Mail, or what $c->{answer} matches, if that is set; "" at the end of the
# connection; undef if none comes in time.
sub hear {
    my ($c, $seconds) = @_;
    my $until = time + $seconds;
    while (1) {
        if ($c->{answer}) {
            return $1 if $c->{in} =~ s/^($c->{answer})//;
        } elsif ($c->{in} =~ /^(\d{10})/ && length $c->{in} >= 10 + $1) {
            my $payload = substr $c->{in}, 10, $1;
            substr $c->{in}, 0, 10 + $1, "";
            return $payload unless $payload =~ /^Mail\|/;
            $c->{mail}++;
            next;
        }
        my $left = $until - time;
        return if $left <= 0;
        my $ready = "";
        vec($ready, fileno $c->{socket}, 1) = 1;
        next unless select $ready, undef, undef, $left;
        my $n = sysread $c->{socket}, $c->{in}, 65536, length $c->{in};
        return "" unless $n;
    }
}

sub say {
    my ($c, $payload) = @_;
    local $SIG{PIPE} = "IGNORE";
    my $bytes = $c->{answer} ? $payload : frame($payload);
    while (length $bytes) {
        my $n = syswrite $c->{socket}, $bytes;
        return 0 unless $n;
        substr $bytes, 0, $n, "";
    }
    return 1;
}

# --- the contents of the store ---

# The messages in a directory, without tombstones: {id => {state, from, token, body}}.
sub messages_in { # DIR
    my $dir = shift;
    my %messages;
    for my $file (glob "$dir/*") {
        my ($id, $state, $size, $from, $token) =
            $file =~ m{/(\d{10})-(\w),t=-?\d+,s=(\d+),.*?,f=([^,]+)(?:,k=(\w+))?$} or next;
        next if $state eq "x";
        my $bytes = content($file);
        $messages{$id + 0} = {state => $state, from => $from, token => $token // "",
            body => length $bytes >= $size ? substr $bytes, length($bytes) - $size : "TOO SHORT"};
    }
    return \%messages;
}

sub mailboxes { # WHERE: {user => messages_in}
    my ($self, $where) = @_;
    return {map { (s{.*/}{}r, messages_in($_)) } glob "$self->{store}/" . ($where // "users") . "/*"};
}

sub hash_of { # USER
    my ($self, $user) = @_;
    return content("$self->{store}/users/$user/account") =~ /^password (\S+)/m ? $1 : undef;
}

1;
