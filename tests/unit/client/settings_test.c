/* SPDX-License-Identifier: ISC */
/* Lines of the configuration file, variables and options. tests/it/settings.t tests the rest. */
#include "client/settings.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/units.h"
#include "tap.h"

static char root[] = "/dev/shm/pochta-settings.XXXXXX";

/* What is wrong with a file, or "". */
static void parse_is(const char *file, const char *want)
{
    static int count;
    char why[SETTINGS_WHY_BYTES] = "";
    struct settings s;
    settings_init(&s);
    snprintf(s.path, sizeof s.path, "%s", "F");
    buf_add_str(&s.file, file);
    bool good = settings_parse(&s, why);
    is_int(good, !*want, "file %d", ++count);
    is_str(why, want, "... what is wrong with it");
    settings_free(&s);
}

static void test_lines(void)
{
    parse_is("", "");
    parse_is("# nothing\n\n", "");
    parse_is("server = a:1\nuser=ann\nudp = yes\nidle = 5m", "");
    parse_is("udp = 0\n", "");
    parse_is("udp = 1\n", "");
    parse_is("udp = no\n", "");
    parse_is("user =\n", "");
    parse_is("password-file = ~/secret\n", "");
    parse_is("password-file = /secret\n", "");
    parse_is("password-file =\n", "");
    parse_is("proxy-command = ssh -W %h:%p relay\n", "");
    parse_is("message-limit = 64M\n", "");
    parse_is("\n\nodd = 1\n", "F:3: unknown key \"odd\"; pochta --print-config lists all");
    parse_is("\033 = 1\n", "F:1: unknown key \"\\x1b\"; pochta --print-config lists all");
    parse_is("user = ann\nuser = bob\n", "F:2: user: already set in line 1");
    parse_is("user = ann # me\n",
             "F:1: user: the value contains \" #\"; a comment needs a line of its own");
    parse_is("udp = maybe\n", "F:1: udp: \"maybe\" is not yes or no");
    parse_is("idle = soon\n", "F:1: idle: \"soon\" is not " UNITS_TIME_RULE);
    parse_is("idle = 1ms\n", "F:1: idle: \"1ms\" is not between 1s and 1d");
    parse_is("idle = 2d\n", "F:1: idle: \"2d\" is not between 1s and 1d");
    parse_is("message-limit = 65M\n", "F:1: message-limit: \"65M\" is not between 0 and 64M");
    parse_is("password-file = secret\n",
             "F:1: password-file: \"secret\" is not a path that begins with / or ~/");
    parse_is("server = :\n", "F:1: server: \":\" is not <host> or <host>:<port>, as in "
                             "mail.example.org, 192.168.0.200:5555 or [::1]:5555");
}

/* What settings_read says, with these lines in the file. */
static enum error_code read_with(struct settings *s, const char *const given[SETTINGS_COUNT],
                                 char said[1000])
{
    int file = memfd_create("stderr", MFD_CLOEXEC), before = fcntl(2, F_DUPFD_CLOEXEC, 10);
    dup2(file, 2);
    enum error_code code = settings_read(s, given);
    dup2(before, 2);
    close(before);
    said[pread(file, said, 999, 0)] = '\0';
    close(file);
    return code;
}

static void write_file(const char *content)
{
    char path[100];
    snprintf(path, sizeof path, "%s/pochta/config", root);
    os_file_replace(OS_FILE_CWD, path, span_str(content));
}

/* The command line comes before the variables, and these before the file. */
static void test_sources(void)
{
    static const struct {
        const char *file, *variable, *option, *user, *line;
    } rows[] = {
        {"", NULL, NULL, NULL, "# default\nuser =\n"},
        {"user = f\n", NULL, NULL, "f", "/pochta/config:1\nuser = f\n"},
        {"user = f\n", "v", NULL, "v", "# the variable POCHTA_USER\nuser = v\n"},
        {"user = f\n", "", NULL, "f", "/pochta/config:1\nuser = f\n"},
        {"user = f\n", "v", "o", "o", "# option\nuser = o\n"},
        {"user = f\n", NULL, "", NULL, "# option\nuser =\n"},
    };
    const char *given[SETTINGS_COUNT] = {NULL};
    struct settings s;
    struct buf out;
    char said[1000];
    buf_init(&out, 10000);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        write_file(rows[i].file);
        unsetenv("POCHTA_USER");
        if (rows[i].variable)
            setenv("POCHTA_USER", rows[i].variable, 1);
        given[SETTINGS_user] = rows[i].option;
        is_int(read_with(&s, given, said), ERROR_NONE, "row %zu", i);
        is_str(s.user ? s.user : "", rows[i].user ? rows[i].user : "", "... the user");
        buf_clear(&out);
        settings_print(&s, &out);
        buf_add_char(&out, '\0');
        ok(strstr(out.p, rows[i].line), "... and where it comes from");
        settings_free(&s);
    }
    buf_free(&out);
}

static void test_wrong(void)
{
    const char *given[SETTINGS_COUNT] = {NULL};
    struct settings s;
    char said[1000];
    write_file("odd\n");
    is_int(read_with(&s, given, said), ERROR_CONFIG, "a wrong file");
    ok(strstr(said, "/pochta/config:1: "), "... and its line");
    settings_free(&s);
    write_file("");
    setenv("POCHTA_UDP", "maybe", 1);
    is_int(read_with(&s, given, said), ERROR_USAGE, "a wrong variable");
    is_str(said, "pochta: POCHTA_UDP: \"maybe\" is not yes or no\n", "... and what is allowed");
    settings_free(&s);
    unsetenv("POCHTA_UDP");
    given[SETTINGS_idle_ms] = "soon";
    is_int(read_with(&s, given, said), ERROR_USAGE, "a wrong option");
    ok(strstr(said, "pochta: --idle: \"soon\" is not "), "... and what is allowed");
    settings_free(&s);
    given[SETTINGS_idle_ms] = NULL;
    setenv("XDG_CONFIG_HOME", "/dev/null", 1);
    is_int(read_with(&s, given, said), ERROR_NONE, "no directory is no error");
    settings_free(&s);
}

/* What cannot be a file. */
static void test_no_file(void)
{
    const char *given[SETTINGS_COUNT] = {NULL};
    struct settings s;
    char said[1000], path[100];
    setenv("XDG_CONFIG_HOME", root, 1);
    snprintf(path, sizeof path, "%s/pochta/config", root);
    os_file_remove_tree(OS_FILE_CWD, path);
    mkfifo(path, 0600);
    is_int(read_with(&s, given, said), ERROR_CONFIG, "a pipe is no file");
    ok(strstr(said, "/pochta/config: cannot read the file: not a regular file"), "... and why");
    settings_free(&s);
    unsetenv("XDG_CONFIG_HOME");
    unsetenv("HOME");
    is_int(read_with(&s, given, said), ERROR_NONE, "without a home there is no file");
    settings_free(&s);
}

int main(void)
{
    char path[100];
    if (!mkdtemp(root))
        return 1;
    snprintf(path, sizeof path, "%s/pochta", root);
    os_file_make_dir(OS_FILE_CWD, path);
    setenv("XDG_CONFIG_HOME", root, 1);
    test_lines();
    test_sources();
    test_wrong();
    test_no_file();
    os_file_remove_tree(OS_FILE_CWD, root);
    return done_testing();
}
