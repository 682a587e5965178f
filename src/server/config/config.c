/* SPDX-License-Identifier: ISC */
#include "config/config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/key_value.h"
#include "config/config_private.h"
#include "os/file.h"

#define FILE_LIMIT (1024 * 1024)

/* --- the table --- */

#define ROW(live, member, type, name, value, standard, min, max, help) \
    {name,                                                             \
     value,                                                            \
     standard,                                                         \
     help,                                                             \
     live,                                                             \
     &config_##type,                                                   \
     offsetof(struct config, member),                                  \
     sizeof(((struct config *)0)->member),                             \
     min,                                                              \
     max},
#define LIVE(member, ...)    ROW(true, member, __VA_ARGS__)
#define RESTART(member, ...) ROW(false, member, __VA_ARGS__)

static const struct config_key keys[] = {CONFIG_KEYS(LIVE, RESTART)};

const struct config_key *config_key(unsigned i)
{
    return i < CONFIG_KEY_COUNT ? &keys[i] : NULL;
}

const char *config_name(enum config_index i)
{
    return config_key(i)->name;
}

const char *config_default(enum config_index i)
{
    return config_key(i)->standard;
}

int config_find(struct span name)
{
    for (unsigned i = 0; i < CONFIG_KEY_COUNT; i++)
        if (key_value_is(name, keys[i].name))
            return (int)i;
    return -1;
}

/* --- values --- */

void *config_member(struct config *c, const struct config_key *key)
{
    return (char *)c + key->offset;
}

const void *config_value(const struct config *c, const struct config_key *key)
{
    return (const char *)c + key->offset;
}

bool config_set(struct config *c, unsigned i, struct span value, enum config_source source,
                unsigned line, char why[CONFIG_WHY_BYTES])
{
    const struct config_key *key = &keys[i];
    struct config_origin *origin = &c->origin[i];
    if (source > origin->source) {
        memset(config_member(c, key), 0, key->size);
        *origin = (struct config_origin){.source = source};
    }
    if (!key->type->many && origin->n > 0) {
        if (source == CONFIG_FILE) {
            snprintf(why, CONFIG_WHY_BYTES, "%s: already set in line %u", key->name,
                     origin->line[0]);
            return false;
        }
        origin->n = 0;
    }
    if (origin->n == CONFIG_VALUES) {
        snprintf(why, CONFIG_WHY_BYTES, "%s: may be given at most %d times", key->name,
                 CONFIG_VALUES);
        return false;
    }
    if (key_value_has_comment(value)) {
        snprintf(why, CONFIG_WHY_BYTES,
                 "%s: \"%.*s\" contains \" #\"; a comment needs a line of its own", key->name,
                 SPAN_PRINTF(span_first(value, 100)));
        return false;
    }
    if (!key->type->set(key, config_member(c, key), value, why))
        return false;
    origin->line[origin->n++] = line;
    return true;
}

void config_copy(struct config *c, const struct config *from, unsigned i)
{
    const struct config_key *key = &keys[i];
    memcpy(config_member(c, key), config_value(from, key), key->size);
    c->origin[i] = from->origin[i];
}

void config_set_defaults(struct config *c)
{
    const struct config_key *key;
    char why[CONFIG_WHY_BYTES];
    *c = (struct config){.file = NULL};
    for (unsigned i = 0; (key = config_key(i)); i++)
        config_set(c, i, span_str(key->standard), CONFIG_DEFAULT, 0, why);
}

/* --- the file --- */

static bool take_named(struct config *c, struct span name, struct span value, unsigned line,
                       char why[CONFIG_WHY_BYTES])
{
    int key = config_find(name);
    if (key >= 0)
        return config_set(c, (unsigned)key, value, CONFIG_FILE, line, why);
    snprintf(why, CONFIG_WHY_BYTES, "unknown key \"%.*s\"; pochtad --help lists all keys",
             SPAN_PRINTF(span_first(name, 100)));
    return false;
}

bool config_parse(struct config *c, const char *path, struct span text, char why[CONFIG_WHY_BYTES])
{
    struct key_value_file file = {.rest = text};
    struct span name, value;
    enum key_value found;
    const char *wrong;
    char error[CONFIG_WHY_BYTES];
    while ((found = key_value_next(&file, &name, &value, &wrong)) == KEY_VALUE_GIVEN &&
           take_named(c, name, value, file.line, error))
        ;
    if (found == KEY_VALUE_NONE)
        return true;
    snprintf(why, CONFIG_WHY_BYTES, "%.200s:%u: %.280s", path, file.line,
             found == KEY_VALUE_WRONG ? wrong : error);
    return false;
}

/* Why a file cannot be read; clearer than the system for the errors that os_file_load makes. */
static const char *load_error(int error)
{
    if (error == EINVAL)
        return "not a regular file";
    if (error == EFBIG)
        return "larger than 1 MiB";
    return strerror(error);
}

static bool read_file(struct config *c, const char *path, char why[CONFIG_WHY_BYTES])
{
    struct buf file;
    buf_init(&file, FILE_LIMIT);
    bool ok = os_file_load_path(path, &file);
    if (ok)
        ok = config_parse(c, path, buf_span(&file), why);
    else
        snprintf(why, CONFIG_WHY_BYTES, "%.300s: cannot read the file: %s", path,
                 load_error(errno));
    buf_free(&file);
    return ok;
}

/* --- the command line --- */

static const struct {
    const char *name;
    enum config_action action;
} flags[] = {{"--check-config", CONFIG_CHECK},
             {"--print-config", CONFIG_PRINT},
             {"--example-config", CONFIG_EXAMPLE},
             {"--help", CONFIG_HELP},
             {"--version", CONFIG_VERSION}};

static bool read_flag(struct config *c, const char *option)
{
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        if (strcmp(option, flags[i].name) != 0)
            continue;
        c->action = flags[i].action;
        return true;
    }
    return false;
}

/* Reads "--key VALUE" or "--key=VALUE"; *used becomes its number of words. */
static bool read_option(struct config *c, const char *option, const char *next, int *used,
                        char why[CONFIG_WHY_BYTES])
{
    struct span rest = span_str(option + 2), name = rest;
    bool has_value = span_cut(&rest, '=', &name);
    const char *value = has_value ? rest.p : next;
    bool is_file = span_eq(name, SPAN("config"));
    int key = config_find(name);

    *used = has_value ? 1 : 2;
    if (key < 0 && !is_file) {
        snprintf(why, CONFIG_WHY_BYTES, "unknown option %.100s; --help lists all options", option);
        return false;
    }
    if (!value) {
        snprintf(why, CONFIG_WHY_BYTES, "%.100s needs a value", option);
        return false;
    }
    if (!is_file)
        return config_set(c, (unsigned)key, span_str(value), CONFIG_OPTION, 0, why);
    c->file = value;
    return true;
}

static bool read_command_line(struct config *c, int argc, char **argv, char why[CONFIG_WHY_BYTES])
{
    int used;
    for (int i = 1; i < argc && c->action < CONFIG_EXAMPLE; i += used) {
        used = 1;
        if (read_flag(c, argv[i]))
            continue;
        if (strncmp(argv[i], "--", 2) != 0) {
            snprintf(why, CONFIG_WHY_BYTES, "\"%.100s\" is not an option; --help lists all options",
                     argv[i]);
            return false;
        }
        if (!read_option(c, argv[i], argv[i + 1], &used, why))
            return false;
    }
    return true;
}

enum config_result config_read(int argc, char **argv, struct config *c, char why[CONFIG_WHY_BYTES])
{
    struct config file;
    config_set_defaults(c);
    if (!read_command_line(c, argc, argv, why))
        return CONFIG_BAD_USAGE;
    if (c->action >= CONFIG_EXAMPLE)
        return CONFIG_OK;
    if (!c->file)
        return config_clashes(c, why) ? CONFIG_BAD_USAGE : CONFIG_OK;
    config_set_defaults(&file);
    if (!read_file(&file, c->file, why))
        return CONFIG_BAD_FILE;
    for (unsigned i = 0; config_key(i); i++)
        if (c->origin[i].source != CONFIG_OPTION)
            config_copy(c, &file, i);
    return config_clashes(c, why) ? CONFIG_BAD_FILE : CONFIG_OK;
}

bool config_lacks_domain(const struct config *c)
{
    return (c->submission.n > 0 || c->lmtp.n > 0) && c->domains.n == 1 &&
           strcmp(c->domains.at[0], config_default(CONFIG_KEY_domains)) == 0;
}

/* --- reload --- */

static bool is_same(const struct config *a, const struct config *b, unsigned i)
{
    const struct config_key *key = &keys[i];
    struct buf texts[2];
    bool same = a->origin[i].n == b->origin[i].n;
    buf_init(&texts[0], SIZE_MAX / 2);
    buf_init(&texts[1], SIZE_MAX / 2);
    for (unsigned n = 0; same && n < a->origin[i].n; n++) {
        buf_clear(&texts[0]);
        buf_clear(&texts[1]);
        key->type->print(key, config_value(a, key), n, &texts[0]);
        key->type->print(key, config_value(b, key), n, &texts[1]);
        same = span_eq(buf_span(&texts[0]), buf_span(&texts[1]));
    }
    buf_free(&texts[0]);
    buf_free(&texts[1]);
    return same;
}

void config_adopt(struct config *running, const struct config *next, struct buf *restart)
{
    const struct config_key *key;
    for (unsigned i = 0; (key = config_key(i)); i++) {
        if (key->live)
            config_copy(running, next, i);
        else if (!is_same(running, next, i))
            buf_printf(restart, "%s\n", key->name);
    }
}
