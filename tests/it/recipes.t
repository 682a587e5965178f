#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# The recipes of docs/hacking.md, followed on a copy of the tree: a command, also one of POP3, a verb, a key, a setting
# and a text of the client, a kind of listener and a call of the operating system are added as they say. No file needs to
# be touched that a recipe does not name, it counts them right, and what was added works.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use Test::More;

my $root = abs_path(dirname(__FILE__) . "/../..");
my $B = abs_path($ENV{B} // "$root/build");
my $T = tempdir("pochta-recipes.XXXXXX", TMPDIR => 1, CLEANUP => 1);
plan skip_all => "the recipes do not depend on a sanitizer" if `nm "$B/base.a"` =~ /__[at]san/;

sub content { my $file = shift; open my $f, "<", $file or die "$file: $!"; local $/; return <$f>; }
sub write_file { my ($file, $text) = @_; open my $f, ">", $file or die "$file: $!"; print $f $text; close $f or die; }

# What a recipe has me do: a file, and what is put into it before the first match of a pattern (undef:
# at its end), or a function that returns the whole new file.
my @recipes = (
    ["Add a command to the protocol",
        ["include/proto/opcode.h", qr/^ +ROW\(HELP,/m, qq{    ROW(BEEP, beep, "Beep", "BEEP", 0, 0, 0, "", "beeps") \\\n}],
        ["src/server/session/cmd_help.c", undef, q{
void cmd_beep(struct session *s, const struct span *arg, size_t nargs)
{
    char text[32];
    (void)arg, (void)nargs;
    snprintf(text, sizeof text, "beep %lld", (long long)s->service->limits.beep_ms);
    reply_text(s, text);
}
}],
        ["tests/unit/proto/opcode_test.c", qr/^ +\{"Help", "HELP"\}/m, qq{        {"Beep", "BEEP"},\n}],
        ["docs/pochta-protocol.7", undef, ".\\\" Beep\n"]],
    ["Add a command to POP3",
        ["src/server/doors/pop3_command.h", qr/^ +X\(UNKNOWN,/m, qq{    X(BEEP, beep, 0, 0, POP3_BEFORE) \\\n}],
        ["src/server/doors/pop3_list.c", undef, q{
void pop3_beep(struct pop3 *p, const struct pop3_command *c)
{
    (void)c;
    pop3_ok(p, "beep");
}
}],
        ["tests/unit/doors/pop3_command_test.c", sub { content("tests/unit/doors/pop3_command_test.c") =~ s/"QUIT"\}/"QUIT", "BEEP"}/r }],
        ["docs/pochta-doors.7", undef, ".\\\" BEEP\n"]],
    ["Add a verb to pochtactl",
        ["src/server/admin/verbs.h", qr/^ +X\(kick,/m, qq{    X(ping, "ping", 0, 0, VERB_QUERY, "", "answer", "see whether the server answers") \\\n}],
        ["src/server/control.c", qr/^static void verb_kick/m, q{static void verb_ping(struct request *r)
{
    buf_add_str(&r->answer->text, os_clock_beeps() ? "pong\n" : "");
}

}],
        ["docs/pochtactl.8", undef, ".\\\" ping\n"]],
    ["Add a key to the configuration",
        ["src/server/config/keys.h", qr/^ +LIVE\(frame_ms,/m, qq{    LIVE(beep_ms, time, "beep", "TIME", "7s", 1, CONFIG_DAY_MS, "length of a beep") \\\n}],
        ["src/server/session/service.h", qr/^ +_Atomic int64_t frame_ms/m, "    _Atomic int64_t beep_ms;\n"],
        ["src/server/reload.c", qr/^#define TO_frame_ms/m, "#define TO_beep_ms session->beep_ms\n"],
        ["docs/pochtad.conf.5", undef, ".\\\" beep\n"],
        ["contrib/pochtad.conf", undef, "#beep = 7s\n"]],
    ["Add a setting of the client",
        ["src/client/settings.h", qr/^    X\(idle_ms, time/m, qq{    X(beep_ms, time, "beep", "TIME", "7s", 1, 86400000, NULL, NULL, N_("length of a beep")) \\\n}],
        ["src/client/catalogue_options.c", qr/^ +ROW\("; default: %s"/m, qq{    ROW("length of a beep", "длительность гудка"),\n}],
        ["docs/pochta.1", undef, ".\\\" beep\n"]],
    ["Add a text of the client",
        ["src/client/verbs.c", qr/^ +options_describe\(&text\);/m, qq{    buf_printf(&text, "%s\\n\\n", _("beeps are short"));\n}],
        ["src/client/catalogue_verbs.c", qr/^ +ROW\(/m, qq{    ROW("beeps are short", "гудки короткие"),\n}]],
    ["Add a kind of listener",
        ["src/server/net/hall_listener.c", sub { content("src/server/net/tcp_listener.c") =~ s/tcp_listener/hall_listener/gr =~ s/TCP_LISTENER/HALL_LISTENER/gr =~ s/"tcp"/"hall"/gr }],
        ["src/server/net/hall_listener.h", sub { content("src/server/net/tcp_listener.h") =~ s/tcp_listener/hall_listener/gr =~ s/TCP_LISTENER/HALL_LISTENER/gr }],
        ["src/server/net/listeners.c", sub { content("src/server/net/listeners.c")
            =~ s/^(#include "net\/)tcp(_listener.h")/$1hall$2\n$1tcp$2/mr =~ s/^( +\{&)tcp(_listener_kind, offsetof\(struct config, )listen/$1hall$2hall)},\n$1tcp$2listen/mr }],
        ["src/server/config/keys.h", qr/^ +LIVE\(frame_ms,/m, qq{    RESTART(hall, places, "hall", "ADDR:PORT", "", 0, 0, "address of the hall") \\\n}],
        ["docs/pochtad.conf.5", undef, ".\\\" hall\n"],
        ["contrib/pochtad.conf", undef, "#hall =\n"]],
    ["Add a call of the operating system",
        ["include/os/clock.h", qr/^#endif/m, "/* Whether beeps can be timed. */\nint os_clock_beeps(void);\n\n"],
        ["src/common/os/clock.c", undef, "\nint os_clock_beeps(void)\n{\n    return os_clock_ms() > 0;\n}\n"]],
);

my %word = (1 => "One", 2 => "Two", 3 => "Three", 4 => "Four", 5 => "Five", 6 => "Six");
my $hacking = content("$root/docs/hacking.md");
system("cp", "-a", (map { "$root/$_" } qw(Makefile include src tests docs contrib)), $T) == 0 or die;
system("cp", "-a", $B, "$T/build") == 0 or die;
chdir $T or die;

sub follow {
    my ($title, @steps) = @_;
    my ($section) = $hacking =~ /^## \Q$title\E\n(.*?)(?=^## |\z)/ms or die "hacking.md has no $title";
    like($section, qr/^$word{@steps} files?:$/m, "$title: " . @steps . " files are touched, as the recipe says");
    for (@steps) {
        my ($file, $where, $text) = @$_;
        my $pattern = $file;
        my @named = map { quotemeta($_) =~ s/(KIND|SUBJECT|\\\*)/\\w+/gr } $section =~ /`([\w\/.*-]+)`/g;
        ok(grep({ $file =~ /^$_(\/\w+\.[ch])?$/ } @named), "$title: it names $file");
        my $old = -e $file ? content($file) : "";
        my $new = ref $where eq "CODE" ? $where->() : defined $where ? $old =~ s/(?=$where)/$text/r : $old . $text;
        isnt($new, $old, "$title: $file changes");
        write_file($file, $new);
    }
}
follow(@$_) for @recipes;

is(system("make -j2 all build/unit/proto/opcode_test build/unit/doors/pop3_command_test >make.log 2>&1"), 0, "the tree builds") or diag(content("make.log"));
is(system("build/unit/proto/opcode_test >opcode.log"), 0, "the command is found by its words");
is(system("build/unit/doors/pop3_command_test >pop3_command.log"), 0, "so is the command of POP3");

my $server = fork() // die;
if (!$server) {
    open STDERR, ">", "log";
    exec qw(build/pochtad --listen 127.0.0.1:0 --hall 127.0.0.1:0 --pop3 127.0.0.1:0 --beep 9s --store store --port-file port) or die;
}
for (1 .. 400) { last if -s "port" || waitpid($server, 1) > 0; select undef, undef, undef, 0.05; }
my %port = -s "port" ? map { /^(\w+) \S+ (\d+)$/ } split /\n/, content("port") : ();
ok($port{hall}, "the listener has a port of its own") or diag(content("log"));
is(`printf 'Beep\\n' | nc -N 127.0.0.1 $port{hall}`, "Answer|2|Yes|beep 9000|\n", "the command answers there, with the key's value");
like(`printf 'BEEP\\r\\n' | nc -N 127.0.0.1 $port{pop3}`, qr/^\+OK beep\r$/m, "the command of POP3 answers at its port");
is(`build/pochtactl --store store ping`, "pong\n", "the verb answers");
is(`XDG_CONFIG_HOME=/dev/null POCHTA_BEEP=60s build/pochta --print-config | grep -B 1 beep`, "# the variable POCHTA_BEEP\nbeep = 1m\n",
    "the client has the setting");
like(`LC_ALL=ru_RU.UTF-8 build/pochta --help`, qr/длительность гудка.*гудки короткие|гудки короткие.*длительность гудка/s,
    "the setting's help and the text are shown in Russian");
is(system("B=build tests/it/language.t >language.log 2>&1"), 0, "the catalogue has what it should")
    or diag(grep { /^(#|not ok)/ } content("language.log"));
kill TERM => $server;
waitpid $server, 0;
is($?, 0, "the server ends in order");
done_testing();
