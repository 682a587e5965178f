/* SPDX-License-Identifier: ISC */
/* The configuration as text: the help, the effective configuration, and an example. */
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
    printf(
        "usage: pochtad [--OPTION VALUE]...\n\n"
        "The Pochta mail server. SIGTERM stops it; SIGHUP makes it read its configuration again.\n"
        "Options, which are also the keys of the configuration file, with defaults:\n\n");
    print_option("--config FILE", "read this configuration file; options override it", "");
    for (unsigned i = 0; (key = config_key(i)); i++) {
        snprintf(option, sizeof option, "--%s %s", key->name, key->value);
        print_option(option, key->help, key->standard);
    }
    printf("\nOptions that are not keys:\n\n");
    print_option("--check-config", "only report errors in the configuration", "");
    print_option("--print-config", "print the effective configuration, with its origin", "");
    print_option("--example-config", "print a configuration file with all keys and defaults", "");
    print_option("--help", "print this help", "");
    print_option("--version", "print the version", "");
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
        "# The configuration of pochtad, see pochtad.conf(5). It shows every key with its "
        "default:\n"
        "# to change one, remove the # before it. \"pochtad --config FILE --check-config\" "
        "reports\n"
        "# errors; \"pochtactl reload\" makes a running server read the file again.\n"
        "# TIME is a number of seconds, or a number with a unit: ms, s, m, h or d. DAYS is a "
        "number\n"
        "# of days, or a number with d, h, m or s. SIZE, NUMBER and BYTES are numbers, which may\n"
        "# have the unit K, M or G.\n");
    for (unsigned i = 0; (key = config_key(i)); i++)
        printf("\n# %s: %s%s\n#%s =%s%s\n", key->value, key->help,
               key->live ? "" : " (needs a restart)", key->name, *key->standard ? " " : "",
               key->standard);
}
