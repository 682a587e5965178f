/* SPDX-License-Identifier: ISC */
#include "config/config.h"

#include <stdlib.h>

#include "config/config_private.h"
#include "log/log.h"
#include "os/file.h"
#include "random.h"
#include "session/session.h"
#include "tap.h"

#define FILE_LIMIT ((size_t)1 << 20)

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
    ok(os_file_replace(OS_FILE_CWD, path, span_str(text)), "(write the file)");
}

/* The text of an error that comes from the file: "PATH:LINE: ...". */
static void is_file_error(const char *why, const char *want)
{
    size_t n = strlen(path);

    is_str(strncmp(why, path, n) == 0 ? why + n : why, want,
           "config_read: the error names file, line and reason");
}

static void test_defaults(void)
{
    struct config c;
    char why[CONFIG_WHY_BYTES];

    is_int(READ(NULL), CONFIG_OK, "config_read: without options");
    ok(c.listen.n == 1 && strcmp(c.listen.at[0].host, "127.0.0.1") == 0 &&
           strcmp(c.listen.at[0].port, "5555") == 0,
       "defaults: listen");
    is_str(c.store, "mailstore", "defaults: store");
    is_str(c.port_file, "", "defaults: port-file");
    ok(c.idle_ms == 1800000 && c.frame_ms == 30000 && c.write_ms == 60000, "defaults: times");
    ok(c.log_to == LOG_TO_STDERR && c.log_level == EVENT_NOTICE, "defaults: log");
    ok(c.message_bytes == 10 << 20 && c.memory_bytes == 256 << 20, "defaults: sizes");
    ok(READ("--idle", "5", "--help", "--nonsense", NULL) == CONFIG_OK && c.action == CONFIG_HELP,
       "options: nothing is read after --help");
    ok(READ("--version", NULL) == CONFIG_OK && c.action == CONFIG_VERSION, "options: --version");
}

static void test_doors(void)
{
    static const char *const wrong[] = {
        "0.0.0.0:24", "[::]:24", "192.0.2.1:24", "[::ffff:1.2.3.4]:24",
        "run/lmtp",   "/a ",     "24",           "/a\n"};
    struct config c;
    char why[CONFIG_WHY_BYTES];

    ok(READ(NULL) == CONFIG_OK && c.pop3.n == 0 && c.submission.n == 0 && c.lmtp.n == 0 &&
           c.submission_trusted.n == 0 && c.domains.n == 1,
       "doors: off by default");
    is_str(c.domains.at[0], "localhost", "doors: the domain by default");
    is_int(READ("--lmtp", "/run/lmtp", "--lmtp", "127.0.0.9:24", "--lmtp", "[::1]:24", "--lmtp",
                "mail.example:24", NULL),
           CONFIG_OK, "lmtp: a path, loopback addresses and a name");
    ok(c.lmtp.n == 4 && strcmp(c.lmtp.at[0].host, "/run/lmtp") == 0 && !*c.lmtp.at[0].port,
       "lmtp: a path has no port");
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        ok(READ("--lmtp", wrong[i], NULL) == CONFIG_BAD_USAGE, "lmtp: not \"%s\"", wrong[i]);
        ok(strstr(why, "lmtp has no login") != NULL, "... and it says why");
    }
    ok(READ("--domains", "One.Example", "--domains=localhost", NULL) == CONFIG_OK &&
           c.domains.n == 2 && strcmp(c.domains.at[0], "one.example") == 0,
       "domains: in small letters; the first is the main one");
    ok(READ("--domains", "", NULL) == CONFIG_BAD_USAGE, "domains: not an empty one");
    ok(READ("--lmtp", "/run/lmtp", NULL) == CONFIG_OK && config_lacks_domain(&c),
       "config_lacks_domain: lmtp without a domain");
    ok(READ("--submission", "a:25", NULL) == CONFIG_OK && config_lacks_domain(&c),
       "config_lacks_domain: submission without a domain");
    ok(READ("--pop3", "a:110", NULL) == CONFIG_OK && !config_lacks_domain(&c),
       "config_lacks_domain: pop3 needs none");
    ok(READ("--lmtp", "/run/lmtp", "--domains", "a.b", NULL) == CONFIG_OK &&
           !config_lacks_domain(&c),
       "config_lacks_domain: there is one");
}

static void test_clashes(void)
{
    static const struct {
        const char *options[4];
        const char *why; /* "": no two are the same */
    } table[] = {
        {{"--pop3=[::1]:9", "--submission=[0::1]:9"},
         "submission: [0::1]:9 is taken by pop3 = [::1]:9; each needs an address or port of its "
         "own"},
        {{"--pop3=127.0.0.1:5555"},
         "pop3: 127.0.0.1:5555 is taken by listen = 127.0.0.1:5555; each needs an address or port "
         "of its own"},
        {{"--pop3=0.0.0.0:5555"}, "pop3: 0.0.0.0:5555 is taken by listen = 127.0.0.1:5555; "},
        {{"--pop3=a.b:9", "--listen=[::]:9", "--lmtp=[::1]:9"},
         "lmtp: [::1]:9 is taken by listen = [::]:9; "},
        {{"--pop3=a.b:9", "--pop3=c.d:9", "--pop3=a.b:9"},
         "pop3: a.b:9 is taken by pop3 = a.b:9; "},
        {{"--udp=127.0.0.1:9", "--udp=127.0.0.1:9"}, "udp: 127.0.0.1:9 is taken by udp = "},
        {{"--lmtp=/a", "--lmtp=/b", "--lmtp=/a"}, "lmtp: /a is taken by lmtp = /a; "},
        {{"--udp=127.0.0.1:5555"}, ""},
        {{"--pop3=127.0.0.2:5555", "--submission=127.0.0.1:5556"}, ""},
        {{"--pop3=127.0.0.1:0", "--pop3=127.0.0.1:0", "--listen=127.0.0.1:0"}, ""},
        {{"--pop3=[::]:5555", "--lmtp=[::1]:5556", "--submission=0.0.0.0:5556"}, ""},
        {{"--lmtp=/a", "--lmtp=/A"}, ""},
    };
    struct config c;
    char why[CONFIG_WHY_BYTES];

    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const char *want = table[i].why;
        int result = READ(table[i].options[0], table[i].options[1], table[i].options[2], NULL);
        is_int(result, *want ? CONFIG_BAD_USAGE : CONFIG_OK, "clash: %s", table[i].options[0]);
        ok(strncmp(why, want, strlen(want)) == 0 && !*want == !*why, "... \"%s\"", why);
    }
    write_file("pop3 =\npop3 = 127.0.0.1:7\n\nlmtp = 127.0.0.1:7\n");
    is_int(READ("--config", path, NULL), CONFIG_BAD_FILE, "clash: in a file");
    is_file_error(why, ":4: lmtp: 127.0.0.1:7 is taken by pop3 = 127.0.0.1:7; each needs an "
                       "address or port of its own");
    is_int(READ("--config", path, "--pop3=127.0.0.1:8", NULL), CONFIG_OK,
           "... not with an option in place of one of the values");
    is_int(READ("--config", path, "--lmtp=127.0.0.1:7", NULL), CONFIG_BAD_FILE,
           "... of a file and an option");
    ok(strncmp(why, "lmtp: 127.0.0.1:7 is taken", 26) == 0, "... which has no line");
    write_file("listen = 127.0.0.1:7\nlisten =127.0.0.1:6\nlisten = 127.0.0.1:7\n");
    is_int(READ("--config", path, NULL), CONFIG_BAD_FILE, "clash: of one key");
    is_file_error(why, ":3: listen: 127.0.0.1:7 is taken by listen = 127.0.0.1:7; each needs an "
                       "address or port of its own");
}

static void test_networks(void)
{
    struct config c;
    char why[CONFIG_WHY_BYTES];

    is_int(READ("--submission-trusted=192.168.1.5/24", NULL), CONFIG_BAD_USAGE,
           "networks: bits after the prefix");
    is_str(
        why,
        "submission-trusted: \"192.168.1.5/24\" is not a network, since bits after its prefix are "
        "set; write 192.168.1.0/24",
        "... the error has the network");
    is_int(READ("--proxy-from=::1/64", NULL), CONFIG_BAD_USAGE, "networks: likewise of IPv6");
    ok(strstr(why, "write ::/64"), "... %s", why);
    is_int(READ("--proxy-from=10.0.0.1/33", NULL), CONFIG_BAD_USAGE, "networks: a long prefix");
    ok(strstr(why, "is not an address or a network ("), "... %s", why);
    is_int(READ("--proxy-from=10.0.0.0/24", "--proxy-from=10.0.0.1", NULL), CONFIG_OK,
           "networks: one, and an address");
    is_int(c.proxy_from.n, 2, "... both are taken");
}

static void test_options(void)
{
    struct config c;
    char why[CONFIG_WHY_BYTES];

    is_int(READ("--listen", "[::1]:0", "--listen=0.0.0.0:25", "--store", "/srv/mail",
                "--port-file=a=b", NULL),
           CONFIG_OK, "options: both forms");
    ok(c.listen.n == 2 && strcmp(c.listen.at[0].host, "::1") == 0 &&
           strcmp(c.listen.at[1].port, "25") == 0,
       "options: addresses add up");
    is_str(c.store, "/srv/mail", "options: a path");
    is_str(c.port_file, "a=b", "options: a value with =");
    ok(READ("--frame_timeout=5", NULL) == CONFIG_OK && c.frame_ms == 5000, "options: _ for -");
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
        is_int(READ(option, NULL), CONFIG_BAD_USAGE, "%s is rejected", option);
        ok(strstr(why, bad[i]) && strncmp(why, "idle: ", 6) == 0, "%s", why);
    }
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        snprintf(option, sizeof option, "--memory=%s", sizes[i].text);
        ok(READ(option, NULL) == CONFIG_OK && c.memory_bytes == sizes[i].bytes, "%s", option);
    }
    is_int(READ("--memory=1k", NULL), CONFIG_BAD_USAGE, "options: an unknown unit");
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
    ok(READ(NULL) == CONFIG_OK && c.registration == REGISTRATION_OPEN,
       "registration: open by default");
    ok(READ("--registration=closed", NULL) == CONFIG_OK && c.registration == REGISTRATION_CLOSED,
       "registration: closed");
    ok(READ("--registration=invite", NULL) == CONFIG_OK && c.registration == REGISTRATION_INVITE,
       "registration: invite");
    is_int(READ("--log-level=loud", NULL), CONFIG_BAD_USAGE, "log-level: an unknown word");
    is_str(why, "log-level: \"loud\" is not one of error, warning, notice, info, debug",
           "... the error lists the words");
    is_int(READ("--log-to=", NULL), CONFIG_BAD_USAGE, "log-to: an empty value");
    is_str(why, "log-to: \"\" is not one of stderr, syslog", "... the error lists the words");
}

static void test_bad_usage(void)
{
    struct config c;
    char why[CONFIG_WHY_BYTES];

    is_int(READ("--bark", "1", NULL), CONFIG_BAD_USAGE, "options: an unknown one");
    is_str(why, "unknown option --bark; --help lists all options", "... the error names it");
    is_int(READ("bark", NULL), CONFIG_BAD_USAGE, "options: a word that is not an option");
    is_str(why, "\"bark\" is not an option; --help lists all options", "... the error names it");
    is_int(READ("--store", NULL), CONFIG_BAD_USAGE, "options: a missing value");
    is_str(why, "--store needs a value", "... the error names the option");
    is_int(READ("--store=", NULL), CONFIG_BAD_USAGE, "store: an empty path");
    is_int(READ("--listen", "5555", NULL), CONFIG_BAD_USAGE, "listen: an invalid address");
    is_int(READ("--listen=a:1", "--listen=a:2", "--listen=a:3", "--listen=a:4", "--listen=a:5",
                "--listen=a:6", "--listen=a:7", "--listen=a:8", "--listen=a:9", "--listen=a:10",
                "--listen=a:11", "--listen=a:12", "--listen=a:13", "--listen=a:14", "--listen=a:15",
                "--listen=a:16", NULL),
           CONFIG_OK, "listen: the most addresses");
    is_int(c.listen.n, CONFIG_VALUES, "... all are taken");
    is_int(READ("--listen=a:1", "--listen=a:2", "--listen=a:3", "--listen=a:4", "--listen=a:5",
                "--listen=a:6", "--listen=a:7", "--listen=a:8", "--listen=a:9", "--listen=a:10",
                "--listen=a:11", "--listen=a:12", "--listen=a:13", "--listen=a:14", "--listen=a:15",
                "--listen=a:16", "--listen=a:17", NULL),
           CONFIG_BAD_USAGE, "listen: one address too many");
    is_str(why, "listen: may be given at most 16 times", "... the error lists the words");
}

static void test_file(void)
{
    struct config c;
    char why[CONFIG_WHY_BYTES];

    write_file(
        "# a comment\n\n  idle = 7s\t\r\nlisten=[::1]:1\nlisten = 127.0.0.1:2\n\tstore = a b");
    is_int(READ("--config", path, NULL), CONFIG_OK, "file: is read");
    ok(c.idle_ms == 7000 && c.listen.n == 2, "file: its keys count");
    is_str(c.store, "a b", "file: a last line without a line feed");
    is_int(READ("--idle", "9s", "--config", path, "--listen", "a:3", NULL), CONFIG_OK,
           "file: with options");
    ok(c.idle_ms == 9000 && c.listen.n == 1 && strcmp(c.listen.at[0].port, "3") == 0,
       "... options override the file");
    is_str(c.store, "a b", "... but not its other keys");
}

static void test_text_file(void)
{
    struct config c;
    char why[CONFIG_WHY_BYTES], text[CONFIG_PATH_BYTES + 100];

    write_file("# \xc3\xa9\r\nidle = 7s\r\nstore = a=b c#d\r\nport-file =\r\n");
    is_int(READ("--config", path, "--port-file", "x", NULL), CONFIG_OK, "file: lines end in CR LF");
    is_str(c.store, "a=b c#d", "file: a value extends to the end of the line");
    write_file("idle = 7s\nstore = x\nidle = 7s\n");
    is_int(READ("--config", path, NULL), CONFIG_BAD_FILE, "file: a key twice");
    is_file_error(why, ":3: idle: already set in line 1");
    ok(READ("--idle=5", "--idle=6", NULL) == CONFIG_OK && c.idle_ms == 6000,
       "options: the later of two counts");
    write_file("idle = x\n");
    is_int(READ("--config", path, "--idle=6", NULL), CONFIG_BAD_FILE,
           "file: a wrong value that an option overrides");
    snprintf(text, sizeof text, "store = %0*d\n", CONFIG_PATH_BYTES - 1, 0);
    write_file(text);
    ok(READ("--config", path, NULL) == CONFIG_OK && strlen(c.store) == CONFIG_PATH_BYTES - 1,
       "file: the longest path");
    snprintf(text, sizeof text, "#\nstore = %0*d\n", CONFIG_PATH_BYTES, 0);
    write_file(text);
    is_int(READ("--config", path, NULL), CONFIG_BAD_FILE, "file: a path that is too long");
    is_file_error(why, ":2: store: a path must have 1 to 4095 bytes");
    write_file("store = a\tb\n");
    is_int(READ("--config", path, NULL), CONFIG_BAD_FILE, "file: a path with a tab");
    is_int(READ("--store= a", NULL), CONFIG_BAD_USAGE, "options: a path that no line can have");
}

static void test_no_text(void)
{
    static const char nul[] = "idle = 7s\nstore = a\0b\n";
    struct config c;
    char why[CONFIG_WHY_BYTES], *large = malloc(FILE_LIMIT + 1);
    struct span file = {nul, sizeof nul - 1};

    ok(os_file_replace(OS_FILE_CWD, path, file), "(write the file)");
    is_int(READ("--config", path, NULL), CONFIG_BAD_FILE, "file: a NUL byte");
    is_file_error(why, ":2: the line contains a NUL byte; this must be a text file");
    memset(large, '\n', FILE_LIMIT + 1);
    ok(os_file_replace(OS_FILE_CWD, path, span_of(large, FILE_LIMIT)), "(write the file)");
    is_int(READ("--config", path, NULL), CONFIG_OK, "file: the largest size");
    ok(os_file_replace(OS_FILE_CWD, path, span_of(large, FILE_LIMIT + 1)), "(write the file)");
    is_int(READ("--config", path, NULL), CONFIG_BAD_FILE, "file: too large");
    is_file_error(why, ": cannot read the file: larger than 1 MiB");
    free(large);
    is_int(READ("--config", "/", NULL), CONFIG_BAD_FILE, "file: a directory");
    is_str(why, "/: cannot read the file: Is a directory", "... the error names it");
    is_int(READ("--config", "/dev/null", NULL), CONFIG_BAD_FILE, "file: a device");
    is_str(why, "/dev/null: cannot read the file: not a regular file", "... the error names it");
}

/* Any file is parsed, or rejected with an error; nothing after its end is read. */
static void test_random(void)
{
    static const char *const pieces[] = {"=",  " = ", "\n",     "#",  "\r",    "7",
                                         "ms", "K",   "notice", ":1", "[::1]", "|"};
    struct config c;
    char why[CONFIG_WHY_BYTES], bytes[300];
    unsigned good = 0;

    random_begin();
    for (int round = 0; round < 20000; round++) {
        size_t n = 0;
        while (n < 200 && random_below(20)) {
            const struct config_key *key = config_key((unsigned)random_below(2 * CONFIG_KEY_COUNT));
            const char *piece = key ? key->name : pieces[random_below(12)];
            if (random_below(10))
                n += (size_t)snprintf(bytes + n, sizeof bytes - n, "%s", piece);
            else
                n += random_bytes(bytes + n, 20).n;
        }
        struct span text = exact(span_of(bytes, n));
        config_set_defaults(&c);
        why[0] = '\0';
        bool understood = config_parse(&c, "file", text, why);
        good += understood;
        if (understood != !*why || (!understood && strncmp(why, "file:", 5) != 0)) {
            random_diag();
            ok(false, "round %d: %s", round, why);
        }
        exact_free(text);
    }
    ok(good > 100 && good < 19900, "config_parse: %u random files are valid", good);
}

/* A printed value is read as the same value, and every default can be read. */
static void test_print(void)
{
    static const char *const values[] = {"7",    "90",  "90m",   "36h",    "1500ms",   "0",  "3K",
                                         "1536", "a b", "debug", "syslog", "[::1]:25", "h:0"};
    const struct config_key *key;
    struct config c, again;
    char why[CONFIG_WHY_BYTES];
    struct buf text;
    unsigned printed = 0;

    buf_init(&text, SIZE_MAX / 2);
    for (unsigned i = 0; (key = config_key(i)); i++) {
        for (size_t v = 0; v < sizeof values / sizeof *values; v++) {
            config_set_defaults(&c);
            config_set_defaults(&again);
            if (!config_set(&c, i, span_str(values[v]), CONFIG_FILE, 1, why))
                continue;
            buf_clear(&text);
            key->type->print(key, config_value(&c, key), 0, &text);
            if (!config_set(&again, i, buf_span(&text), CONFIG_FILE, 1, why) ||
                memcmp(config_value(&c, key), config_value(&again, key), key->size) != 0)
                ok(false, "%s = %s", key->name, values[v]);
            printed++;
        }
        ok(key->type->many || *key->standard || key->type == &config_path ||
               key->type == &config_user,
           "%s", key->name);
    }
    buf_free(&text);
    ok(printed > 50, "config_set: %u values are the same after printing and reading", printed);
}

static void test_adopt(void)
{
    struct config c, next;
    char why[CONFIG_WHY_BYTES];
    struct buf restart;

    buf_init(&restart, 1000);
    READ("--idle=5", "--store=a", "--listen=a:1", NULL);
    next = c;
    config_adopt(&c, &next, &restart);
    is_int(restart.n, 0, "config_adopt: nothing has changed");
    READ("--idle=6", "--store=b", "--listen=a:1", "--listen=a:2", "--log-level=debug", NULL);
    config_adopt(&next, &c, &restart);
    ok(next.idle_ms == 6000 && next.log_level == EVENT_DEBUG,
       "config_adopt: live keys are changed");
    ok(strcmp(next.store, "a") == 0 && next.listen.n == 1, "config_adopt: other keys are not");
    ok(span_eq(buf_span(&restart), SPAN("listen\nstore\n")), "config_adopt: ... but are listed");
    buf_free(&restart);
}

static void test_bad_file(void)
{
    struct config c;
    char why[CONFIG_WHY_BYTES];

    write_file("idle = 7s\n\nbark = 1\n");
    is_int(READ("--config", path, NULL), CONFIG_BAD_FILE, "file: an unknown key");
    is_file_error(why, ":3: unknown key \"bark\"; pochtad --help lists all keys");
    write_file("idle\n");
    is_int(READ("--config", path, NULL), CONFIG_BAD_FILE, "file: a line without =");
    is_file_error(why, ":1: not a line \"key = value\", and no comment, which begins with #");
    write_file("\n\nidle = x");
    is_int(READ("--config", path, NULL), CONFIG_BAD_FILE, "file: a wrong value");
    is_file_error(why, ":3: idle: \"x\" is not a duration (30s, 5m, 2h)");
    write_file("config = other\n");
    is_int(READ("--config", path, NULL), CONFIG_BAD_FILE, "file: config is no key");
    is_int(READ("--config", "/nonexistent/file", NULL), CONFIG_BAD_FILE, "file: does not exist");
    ok(strstr(why, "/nonexistent/file: cannot read the file: "), "%s", why);
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
    test_doors();
    test_clashes();
    test_networks();
    test_options();
    test_units();
    test_words();
    test_bad_usage();
    test_file();
    test_text_file();
    test_no_text();
    test_bad_file();
    test_random();
    test_print();
    test_adopt();
    ok(os_file_remove_tree(OS_FILE_CWD, directory), "removed");
    return done_testing();
}
