#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "mail.h"
#include "os_file.h"

#define FILE_LIMIT (1024 * 1024)

enum type { TYPE_PLACES, TYPE_PATH, TYPE_TIME, TYPE_DAYS, TYPE_SIZE, TYPE_TARGET, TYPE_LEVEL };

struct key {
    const char *name, *value, *standard, *help;
    enum type type;
    size_t offset;     /* in struct config */
    uint64_t min, max; /* of a time in milliseconds, of a size in bytes */
};

#define KEY(member) offsetof(struct config, member)
#define DAY_MS      UINT64_C(86400000)

static const struct key keys[] = {
    {"listen", "ADDR:PORT", "127.0.0.1:5555", "address to listen on; may be given several times",
     TYPE_PLACES, KEY(listen), 0, 0},
    {"store", "DIR", "mailstore", "directory that holds all mail", TYPE_PATH, KEY(store), 0, 0},
    {"port-file", "FILE", "", "gets a line \"tcp ADDR PORT\" for each socket", TYPE_PATH,
     KEY(port_file), 0, 0},
    {"idle", "TIME", "30m", "a client that says nothing for so long is sent away", TYPE_TIME,
     KEY(idle_ms), 1, 30 * DAY_MS},
    {"frame-timeout", "TIME", "30s", "a frame begun must be complete after so long", TYPE_TIME,
     KEY(frame_ms), 1, DAY_MS},
    {"write-timeout", "TIME", "60s", "a client that reads nothing for so long is dropped",
     TYPE_TIME, KEY(write_ms), 1, DAY_MS},
    {"message-max", "SIZE", "10M", "the largest message", TYPE_SIZE, KEY(message_bytes), 1,
     1024 * 1024 * 1024},
    {"clients", "NUMBER", "10000", "at a time; fewer where descriptors are short", TYPE_SIZE,
     KEY(clients), 1, 1000000},
    {"memory", "SIZE", "256M", "for the long frames of all clients together", TYPE_SIZE,
     KEY(memory_bytes), 65536, UINT64_C(1) << 40},
    {"index-memory", "SIZE", "64M", "for the indexes of mailboxes that nobody uses just now",
     TYPE_SIZE, KEY(index_bytes), 0, UINT64_C(1) << 40},
    {"trash-days", "DAYS", "7", "deleted messages and accounts can be brought back so long",
     TYPE_DAYS, KEY(trash_ms), 0, 36500 * DAY_MS},
    {"kept-accounts", "SIZE", "1G", "deleted accounts have so much together; 0: no limit",
     TYPE_SIZE, KEY(kept_bytes), 0, UINT64_C(1) << 50},
    {"quota-bytes", "SIZE", "0", "of one mailbox with its trash; 0: no limit", TYPE_SIZE,
     KEY(quota_bytes), 0, UINT64_C(1) << 50},
    {"quota-messages", "NUMBER", "0", "in one mailbox with its trash; 0: no limit", TYPE_SIZE,
     KEY(quota_messages), 0, UINT32_MAX},
    {"reserve-bytes", "SIZE", "16M", "free space below which nothing new is accepted", TYPE_SIZE,
     KEY(reserve_bytes), 0, UINT64_C(1) << 50},
    {"reserve-inodes", "NUMBER", "1000", "likewise free inodes", TYPE_SIZE, KEY(reserve_inodes), 0,
     UINT32_MAX},
    {"log-to", "WHERE", "stderr", "where the log goes: stderr, syslog", TYPE_TARGET, KEY(log_to), 0,
     0},
    /*
     * Not info, which has some lines a session and one a letter: a busy server would fill its disk
     * with them. Up to notice a client can cause a line only at a price: a login that fails is
     * slowed down, a change of an account takes a password's hash and a sync, who is refused is
     * told of once a second.
     */
    {"log-level", "LEVEL", "notice", "what is logged: error, warning, notice, info, debug",
     TYPE_LEVEL, KEY(log_level), 0, 0},
};

#define KEYS (sizeof keys / sizeof *keys)

struct unit {
    const char *name;
    uint64_t factor;
};

static const struct unit time_units[] = {{"ms", 1},      {"", 1000},    {"s", 1000}, {"m", 60000},
                                         {"h", 3600000}, {"d", DAY_MS}, {NULL, 0}};
static const struct unit day_units[] = {{"", DAY_MS}, {"d", DAY_MS}, {"h", 3600000},
                                        {"m", 60000}, {"s", 1000},   {NULL, 0}};
static const struct unit size_units[] = {
    {"", 1}, {"K", 1024}, {"M", 1024 * 1024}, {"G", 1024 * 1024 * 1024}, {NULL, 0}};

struct number_type {
    const struct unit *units;
    const char *rule, *unit;
};

static const struct number_type number_types[] = {
    [TYPE_TIME] = {time_units, "a number of seconds, or with ms, s, m, h or d behind it", "ms"},
    [TYPE_DAYS] = {day_units, "a number of days, or with d, h, m or s behind it", "ms"},
    [TYPE_SIZE] = {size_units, "a number, or with K, M or G behind it", ""},
};

static bool parse_units(const char *text, const struct unit *units, uint64_t *value)
{
    size_t digits = strspn(text, "0123456789");
    uint64_t number;

    if (!span_u64(span_of(text, digits), UINT64_C(1) << 50, &number))
        return false;
    for (; units->name; units++) {
        if (strcmp(text + digits, units->name) == 0) {
            *value = number > UINT64_MAX / units->factor ? UINT64_MAX : number * units->factor;
            return true;
        }
    }
    return false;
}

static bool set_place(struct config *c, const char *value, char why[CONFIG_WHY_BYTES])
{
    if (c->listens == CONFIG_PLACES) {
        snprintf(why, CONFIG_WHY_BYTES, "listen: at most %d addresses", CONFIG_PLACES);
        return false;
    }
    if (!os_net_parse(span_str(value), &c->listen[c->listens])) {
        snprintf(why, CONFIG_WHY_BYTES,
                 "listen: \"%.100s\" is not ADDR:PORT, as in 127.0.0.1:5555 or [::1]:5555", value);
        return false;
    }
    c->listens++;
    return true;
}

static bool set_path(const struct key *key, char *path, const char *value,
                     char why[CONFIG_WHY_BYTES])
{
    if (strlen(value) >= CONFIG_PATH_BYTES || (!*value && *key->standard)) {
        snprintf(why, CONFIG_WHY_BYTES, "%s: a path has 1 to %d bytes", key->name,
                 CONFIG_PATH_BYTES - 1);
        return false;
    }
    strcpy(path, value);
    return true;
}

static bool set_number(const struct key *key, uint64_t *number, const char *value,
                       char why[CONFIG_WHY_BYTES])
{
    const struct number_type *type = &number_types[key->type];
    uint64_t parsed;

    if (!parse_units(value, type->units, &parsed)) {
        snprintf(why, CONFIG_WHY_BYTES, "%s: \"%.100s\" is not %s", key->name, value, type->rule);
        return false;
    }
    if (parsed < key->min || parsed > key->max) {
        snprintf(why, CONFIG_WHY_BYTES,
                 "%s: \"%.100s\" is not between %" PRIu64 " and %" PRIu64 " %s", key->name, value,
                 key->min, key->max, type->unit);
        return false;
    }
    *number = parsed;
    return true;
}

static const char *target_name(unsigned target)
{
    static const char *const names[] = {[LOG_TO_STDERR] = "stderr", [LOG_TO_SYSLOG] = "syslog"};

    return target < sizeof names / sizeof *names ? names[target] : NULL;
}

/* One of some words: name_of gives each by its number, and NULL behind the last. */
static bool set_word(const struct key *key, unsigned *word, const char *(*name_of)(unsigned number),
                     const char *value, char why[CONFIG_WHY_BYTES])
{
    size_t used;

    for (unsigned i = 0; name_of(i); i++) {
        if (strcmp(name_of(i), value) != 0)
            continue;
        *word = i;
        return true;
    }
    used = (size_t)snprintf(why, CONFIG_WHY_BYTES, "%s: \"%.100s\" is none of", key->name, value);
    for (unsigned i = 0; name_of(i); i++)
        used += (size_t)snprintf(why + used, CONFIG_WHY_BYTES - used, "%s %s", i ? "," : "",
                                 name_of(i));
    return false;
}

static bool set(struct config *c, const struct key *key, const char *value,
                char why[CONFIG_WHY_BYTES])
{
    void *member = (char *)c + key->offset;

    switch (key->type) {
    case TYPE_PLACES:
        return set_place(c, value, why);
    case TYPE_PATH:
        return set_path(key, member, value, why);
    case TYPE_TIME:
    case TYPE_DAYS:
    case TYPE_SIZE:
        return set_number(key, member, value, why);
    case TYPE_TARGET:
        return set_word(key, member, target_name, value, why);
    case TYPE_LEVEL:
        return set_word(key, member, event_level_name, value, why);
    }
    return false;
}

static bool same_name(struct span a, const char *b)
{
    for (size_t i = 0; i < a.n; i++)
        if (a.p[i] != b[i] && !(a.p[i] == '_' && b[i] == '-'))
            return false;
    return b[a.n] == '\0';
}

static const struct key *find_key(struct span name)
{
    for (size_t i = 0; i < KEYS; i++)
        if (same_name(name, keys[i].name))
            return &keys[i];
    return NULL;
}

static struct span trim(struct span s)
{
    while (s.n > 0 && strchr(" \t\r", s.p[0]))
        s = span_skip(s, 1);
    while (s.n > 0 && strchr(" \t\r", s.p[s.n - 1]))
        s.n--;
    return s;
}

/* given[i]: the command line has said it, so the file does not count. */
static bool read_line(struct config *c, struct span line, const bool *given,
                      char why[CONFIG_WHY_BYTES])
{
    struct span name;
    const struct key *key;
    char value[CONFIG_PATH_BYTES + 1];

    line = trim(line);
    if (line.n == 0 || line.p[0] == '#')
        return true;
    if (!span_cut(&line, '=', &name)) {
        snprintf(why, CONFIG_WHY_BYTES, "a line is \"key = value\", or begins with #");
        return false;
    }
    name = trim(name);
    line = trim(line);
    key = find_key(name);
    if (!key) {
        snprintf(why, CONFIG_WHY_BYTES, "unknown key \"%.*s\"", name.n < 100 ? (int)name.n : 100,
                 name.p);
        return false;
    }
    if (given[key - keys])
        return true;
    snprintf(value, sizeof value, "%.*s", SPAN_PRINTF(line));
    return set(c, key, value, why);
}

static bool read_file(struct config *c, const char *path, bool given[KEYS],
                      char why[CONFIG_WHY_BYTES])
{
    struct buf file;
    struct span rest, line;
    char wrong[CONFIG_WHY_BYTES];
    bool ok;

    buf_init(&file, FILE_LIMIT);
    ok = os_file_load(OS_FILE_CWD, path, &file) && buf_add_char(&file, '\n');
    if (!ok)
        snprintf(why, CONFIG_WHY_BYTES, "%.300s: cannot be read: %s", path, strerror(errno));
    rest = buf_span(&file);
    for (unsigned n = 1; ok && span_cut(&rest, '\n', &line); n++) {
        ok = read_line(c, line, given, wrong);
        if (!ok)
            snprintf(why, CONFIG_WHY_BYTES, "%.200s:%u: %.280s", path, n, wrong);
    }
    buf_free(&file);
    return ok;
}

static void set_defaults(struct config *c)
{
    char why[CONFIG_WHY_BYTES];

    for (size_t i = 0; i < KEYS; i++)
        if (keys[i].type != TYPE_PLACES)
            set(c, &keys[i], keys[i].standard, why);
}

/* One option that has a value, "--key VALUE" or "--key=VALUE". */
static bool read_option(struct config *c, const char *option, const char *next, bool given[KEYS],
                        const char **file, int *used, char why[CONFIG_WHY_BYTES])
{
    struct span rest = span_str(option + 2), name = rest;
    bool has_value = span_cut(&rest, '=', &name);
    const char *value = has_value ? rest.p : next;
    const struct key *key = find_key(name);

    *used = has_value ? 1 : 2;
    if (!key && !span_eq(name, SPAN("config"))) {
        snprintf(why, CONFIG_WHY_BYTES, "unknown option %.100s; --help lists them", option);
        return false;
    }
    if (!value) {
        snprintf(why, CONFIG_WHY_BYTES, "%.100s needs a value", option);
        return false;
    }
    if (!key) {
        *file = value;
        return true;
    }
    given[key - keys] = true;
    return set(c, key, value, why);
}

enum config_result config_read(int argc, char **argv, struct config *c, char why[CONFIG_WHY_BYTES])
{
    bool given[KEYS] = {false};
    const char *file = NULL;
    int used;

    *c = (struct config){.listens = 0};
    set_defaults(c);
    for (int i = 1; i < argc; i += used) {
        if (strcmp(argv[i], "--help") == 0)
            return CONFIG_HELP;
        if (strcmp(argv[i], "--version") == 0)
            return CONFIG_VERSION;
        if (strncmp(argv[i], "--", 2) != 0) {
            snprintf(why, CONFIG_WHY_BYTES, "\"%.100s\" is not an option; --help lists them",
                     argv[i]);
            return CONFIG_BAD_USAGE;
        }
        if (!read_option(c, argv[i], argv[i + 1], given, &file, &used, why))
            return CONFIG_BAD_USAGE;
    }
    if (file && !read_file(c, file, given, why))
        return CONFIG_BAD_FILE;
    if (c->listens == 0 && !set_place(c, find_key(SPAN("listen"))->standard, why))
        return CONFIG_BAD_USAGE;
    return CONFIG_OK;
}

void config_print_help(void)
{
    char option[40];

    printf("usage: pochtad [--OPTION VALUE]...\n\n"
           "The Pochta mail server. SIGTERM ends it. Options, and keys of the file, are:\n\n");
    printf("  %-24s %s\n", "--config FILE", "read lines \"key = value\"; options win over them");
    for (size_t i = 0; i < KEYS; i++) {
        snprintf(option, sizeof option, "--%s %s", keys[i].name, keys[i].value);
        printf("  %-24s %s", option, keys[i].help);
        printf(*keys[i].standard ? " (%s)\n" : "%s\n", keys[i].standard);
    }
    printf("  %-24s %s\n  %-24s %s\n", "--help", "this text", "--version", "the version");
}
