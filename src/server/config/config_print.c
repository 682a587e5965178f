/* The configuration as text for people: the help, what counts, and an example. */
#include <stdio.h>
#include <string.h>

#include "config/config_private.h"

#define OPTION_COLUMNS 24

static void print_option(const char *option, const char *help, const char *standard)
{
    if (strlen(option) > OPTION_COLUMNS)
        printf("  %s\n  %*s %s", option, OPTION_COLUMNS, "", help);
    else
        printf("  %-*s %s", OPTION_COLUMNS, option, help);
    printf(*standard ? " (%s)\n" : "%s\n", standard);
}

void config_print_help(void)
{
    const struct config_key *key;
    char option[80];

    printf("usage: pochtad [--OPTION VALUE]...\n\n"
           "The Pochta mail server. SIGTERM ends it, SIGHUP has it read its file again.\n"
           "Options, and keys of the file, are:\n\n");
    print_option("--config FILE", "read lines \"key = value\"; options win over them", "");
    for (unsigned i = 0; (key = config_key(i)); i++) {
        snprintf(option, sizeof option, "--%s %s", key->name, key->value);
        print_option(option, key->help, key->standard);
    }
    printf("\nOptions alone:\n\n");
    print_option("--check-config", "only say what is wrong with the configuration", "");
    print_option("--print-config", "print what counts, and where it is from", "");
    print_option("--example-config", "print a file with all keys and their defaults", "");
    print_option("--help", "this text", "");
    print_option("--version", "the version", "");
}

static void print_origin(const struct config *c, const struct config_origin *origin, unsigned i)
{
    switch (origin->source) {
    case CONFIG_DEFAULT:
        printf("# default\n");
        break;
    case CONFIG_FILE:
        printf("# %s:%u\n", c->file, origin->line[i]);
        break;
    case CONFIG_OPTION:
        printf("# option\n");
        break;
    }
}

void config_print(const struct config *c)
{
    const struct config_key *key;
    struct buf value;

    buf_init(&value, SIZE_MAX / 2);
    for (unsigned i = 0; (key = config_key(i)); i++) {
        for (unsigned n = 0; n < c->origin[i].n; n++) {
            buf_clear(&value);
            key->type->print(key, config_value(c, key), n, &value);
            print_origin(c, &c->origin[i], n);
            printf("%s =%s%.*s\n", key->name, value.n > 0 ? " " : "",
                   SPAN_PRINTF(buf_span(&value)));
        }
    }
    buf_free(&value);
}

void config_print_example(void)
{
    const struct config_key *key;

    printf(
        "# The configuration of pochtad, see pochtad.conf(5). Every key stands here with its\n"
        "# default: take the # before it away to change it. \"pochtad --config FILE\n"
        "# --check-config\" says what is wrong, \"pochtactl reload\" has a server read it again.\n"
        "# A TIME is a number of seconds, or with ms, s, m, h or d behind it; DAYS are a\n"
        "# number, or with d, h, m or s behind it; a SIZE is a number of bytes, or with K, M or\n"
        "# G behind it.\n");
    for (unsigned i = 0; (key = config_key(i)); i++)
        printf("\n# %s: %s%s\n#%s =%s%s\n", key->value, key->help,
               key->reload == CONFIG_RESTART ? " (needs a restart)" : "", key->name,
               *key->standard ? " " : "", key->standard);
}
