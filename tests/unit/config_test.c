#include "config.h"

#include <stdlib.h>

#include "os_file.h"
#include "tap.h"

static char path[4096]; /* of the file that tests write */

static enum config_result read_options(struct config *c, char *why, const char *const *options)
{
    char bytes[4000], *argv[20];
    size_t used = 0;
    int argc = 1;

    argv[0] = bytes;
    for (; *options; options++) {
        argv[argc++] = strcpy(bytes + used, *options);
        used += strlen(*options) + 1;
    }
    argv[argc] = NULL;
    why[0] = '\0';
    return config_read(argc, argv, c, why);
}

/* Reads options, the last of which is followed by NULL. */
#define READ(...) read_options(&c, why, (const char *[]){__VA_ARGS__})

static void write_file(const char *text)
{
    ok(os_file_replace(OS_FILE_CWD, path, span_str(text)), "a file");
}

/* The text of an error that comes from the file: "PATH:LINE: ...". */
static void is_file_error(const char *why, const char *want)
{
    size_t n = strlen(path);

    is_str(strncmp(why, path, n) == 0 ? why + n : why, want, "names file, line and what is wrong");
}

static void test_defaults(void)
{
    struct config c;
    char why[CONFIG_WHY_BYTES];

    is_int(READ(NULL), CONFIG_OK, "no options");
    ok(c.listens == 1 && strcmp(c.listen[0].host, "127.0.0.1") == 0 &&
           strcmp(c.listen[0].port, "5555") == 0,
       "the usual address");
    is_str(c.store, "mailstore", "the usual store");
    is_str(c.port_file, "", "no port file");
    ok(c.idle_ms == 1800000 && c.frame_ms == 30000 && c.write_ms == 60000, "the usual times");
    ok(c.log_to == LOG_TO_STDERR && c.log_level == EVENT_NOTICE, "the usual log");
    ok(c.message_bytes == 10 << 20 && c.memory_bytes == 256 << 20, "the usual sizes");
    is_int(READ("--idle", "5", "--help", "--nonsense", NULL), CONFIG_HELP, "help");
    is_int(READ("--version", NULL), CONFIG_VERSION, "version");
}

static void test_options(void)
{
    struct config c;
    char why[CONFIG_WHY_BYTES];

    is_int(READ("--listen", "[::1]:0", "--listen=0.0.0.0:25", "--store", "/srv/mail",
                "--port-file=a=b", NULL),
           CONFIG_OK, "options, in both forms");
    ok(c.listens == 2 && strcmp(c.listen[0].host, "::1") == 0 &&
           strcmp(c.listen[1].port, "25") == 0,
       "addresses add up");
    is_str(c.store, "/srv/mail", "a path");
    is_str(c.port_file, "a=b", "a value with =");
    ok(READ("--frame_timeout=5", NULL) == CONFIG_OK && c.frame_ms == 5000, "_ for -");
}

static void test_units(void)
{
    static const struct {
        const char *text;
        uint64_t idle_ms;
    } times[] = {{"7", 7000},      {"7ms", 7},        {"7s", 7000}, {"7m", 420000},
                 {"7h", 25200000}, {"7d", 604800000}, {"007", 7000}};
    static const char *const bad[] = {"",    "s",   "-1", "1.5", "7x",
                                      "7 s", "7mm", "0",  "31d", "99999999999999999999"};
    static const struct {
        const char *text;
        uint64_t bytes;
    } sizes[] = {{"70000", 70000}, {"100K", 102400}, {"3M", 3145728}, {"1G", 1073741824}};
    struct config c;
    char why[CONFIG_WHY_BYTES], option[64];

    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        snprintf(option, sizeof option, "--idle=%s", times[i].text);
        ok(READ(option, NULL) == CONFIG_OK && c.idle_ms == times[i].idle_ms, "%s", option);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        snprintf(option, sizeof option, "--idle=%s", bad[i]);
        is_int(READ(option, NULL), CONFIG_BAD_USAGE, "%s", option);
        ok(strstr(why, bad[i]) && strncmp(why, "idle: ", 6) == 0, "%s", why);
    }
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        snprintf(option, sizeof option, "--memory=%s", sizes[i].text);
        ok(READ(option, NULL) == CONFIG_OK && c.memory_bytes == sizes[i].bytes, "%s", option);
    }
    is_int(READ("--memory=1k", NULL), CONFIG_BAD_USAGE, "no such unit");
}

static void test_words(void)
{
    struct config c;
    char why[CONFIG_WHY_BYTES], option[64];

    for (unsigned level = 0; event_level_name(level); level++) {
        snprintf(option, sizeof option, "--log-level=%s", event_level_name(level));
        ok(READ(option, NULL) == CONFIG_OK && c.log_level == level, "%s", option);
    }
    ok(READ("--log-to=syslog", NULL) == CONFIG_OK && c.log_to == LOG_TO_SYSLOG, "--log-to");
    is_int(READ("--log-level=loud", NULL), CONFIG_BAD_USAGE, "another word");
    is_str(why, "log-level: \"loud\" is none of error, warning, notice, info, debug", "is refused");
    is_int(READ("--log-to=", NULL), CONFIG_BAD_USAGE, "none");
    is_str(why, "log-to: \"\" is none of stderr, syslog", "is refused, too");
}

static void test_bad_usage(void)
{
    struct config c;
    char why[CONFIG_WHY_BYTES];

    is_int(READ("--bark", "1", NULL), CONFIG_BAD_USAGE, "an unknown option");
    is_str(why, "unknown option --bark; --help lists them", "is named");
    is_int(READ("bark", NULL), CONFIG_BAD_USAGE, "a word");
    is_str(why, "\"bark\" is not an option; --help lists them", "is none");
    is_int(READ("--store", NULL), CONFIG_BAD_USAGE, "a value that is missing");
    is_str(why, "--store needs a value", "is missed");
    is_int(READ("--store=", NULL), CONFIG_BAD_USAGE, "a store without a name");
    is_int(READ("--listen", "5555", NULL), CONFIG_BAD_USAGE, "an address that is none");
    is_int(READ("--listen=a:1", "--listen=a:2", "--listen=a:3", "--listen=a:4", "--listen=a:5",
                "--listen=a:6", "--listen=a:7", "--listen=a:8", "--listen=a:9", "--listen=a:10",
                "--listen=a:11", "--listen=a:12", "--listen=a:13", "--listen=a:14", "--listen=a:15",
                "--listen=a:16", NULL),
           CONFIG_OK, "as many addresses as there may be");
    is_int(c.listens, CONFIG_PLACES, "all of them");
}

static void test_file(void)
{
    struct config c;
    char why[CONFIG_WHY_BYTES];

    write_file(
        "# a comment\n\n  idle = 7s\t\r\nlisten=[::1]:1\nlisten = 127.0.0.1:2\n\tstore = a b");
    is_int(READ("--config", path, NULL), CONFIG_OK, "is read");
    ok(c.idle_ms == 7000 && c.listens == 2, "its keys count");
    is_str(c.store, "a b", "the last line, too");
    is_int(READ("--idle", "9s", "--config", path, "--listen", "a:3", NULL), CONFIG_OK,
           "with options");
    ok(c.idle_ms == 9000 && c.listens == 1 && strcmp(c.listen[0].port, "3") == 0, "they win");
    is_str(c.store, "a b", "over what they say");
}

static void test_bad_file(void)
{
    struct config c;
    char why[CONFIG_WHY_BYTES];

    write_file("idle = 7s\n\nbark = 1\n");
    is_int(READ("--config", path, NULL), CONFIG_BAD_FILE, "with an unknown key");
    is_file_error(why, ":3: unknown key \"bark\"");
    write_file("idle\n");
    is_int(READ("--config", path, NULL), CONFIG_BAD_FILE, "with half a line");
    is_file_error(why, ":1: a line is \"key = value\", or begins with #");
    write_file("\n\nidle = x");
    is_int(READ("--config", path, NULL), CONFIG_BAD_FILE, "with a wrong value");
    is_file_error(why,
                  ":3: idle: \"x\" is not a number of seconds, or with ms, s, m, h or d behind it");
    write_file("config = other\n");
    is_int(READ("--config", path, NULL), CONFIG_BAD_FILE, "that names another");
    is_int(READ("--config", "/nonexistent/file", NULL), CONFIG_BAD_FILE, "no file at all");
    ok(strstr(why, "/nonexistent/file: cannot be read: "), "%s", why);
}

int main(void)
{
    const char *tmp = getenv("TMPDIR");
    char directory[4000];

    snprintf(directory, sizeof directory, "%.100s/config_test.XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(directory))
        return 1;
    snprintf(path, sizeof path, "%s/pochtad.conf", directory);
    test_defaults();
    test_options();
    test_units();
    test_words();
    test_bad_usage();
    test_file();
    test_bad_file();
    ok(os_file_remove_tree(OS_FILE_CWD, directory), "removed");
    return done_testing();
}
