/* SPDX-License-Identifier: ISC */
/*
 * config: the configuration of pochtad, from its command line and its file. The list in keys.h
 * describes every key. An option --KEY VALUE means the same as a line "KEY = VALUE" in the file,
 * and overrides it. In the name of a key - and _ are the same.
 */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/buf.h"
#include "base/domain.h"
#include "config/keys.h"
#include "os/local.h"
#include "os/net.h"
#include "os/process.h"

#define CONFIG_VALUES     16 /* the most values of a key that may be given several times */
#define CONFIG_PATH_BYTES 4096
#define CONFIG_WHY_BYTES  512
#define CONFIG_USER_BYTES (2 * OS_PROCESS_NAME_BYTES)

struct config_places {
    struct address_place at[CONFIG_VALUES];
    unsigned n;
};

struct config_networks {
    struct address_net at[CONFIG_VALUES];
    unsigned n;
};

struct config_domains {
    char at[CONFIG_VALUES][DOMAIN_BYTES];
    unsigned n;
};

/* The values of udp_versions. */
enum config_udp { CONFIG_UDP_1, CONFIG_UDP_2, CONFIG_UDP_BOTH };

/* The first value of registration: anyone may register. */
#define CONFIG_REGISTRATION_OPEN 0

/* Where the values of a key come from, the weakest first. */
enum config_source { CONFIG_DEFAULT, CONFIG_FILE, CONFIG_OPTION };

struct config_origin {
    enum config_source source;
    unsigned n;                   /* the number of values */
    unsigned line[CONFIG_VALUES]; /* of each value in the file, from 1 */
};

/* What pochtad is asked to do. */
enum config_action {
    CONFIG_SERVE,
    CONFIG_CHECK,   /* --check-config: only report errors in the configuration */
    CONFIG_PRINT,   /* --print-config: only print the effective configuration */
    CONFIG_EXAMPLE, /* --example-config: only print a file with the defaults */
    CONFIG_HELP,
    CONFIG_VERSION
};

#define CONFIG_MEMBER_time(name)     uint64_t name;
#define CONFIG_MEMBER_days(name)     uint64_t name;
#define CONFIG_MEMBER_size(name)     uint64_t name;
#define CONFIG_MEMBER_path(name)     char name[CONFIG_PATH_BYTES];
#define CONFIG_MEMBER_user(name)     char name[CONFIG_USER_BYTES];
#define CONFIG_MEMBER_places(name)   struct config_places name;
#define CONFIG_MEMBER_loopback(name) struct config_places name;
#define CONFIG_MEMBER_networks(name) struct config_networks name;
#define CONFIG_MEMBER_domains(name)  struct config_domains name;
#define CONFIG_MEMBER_word(name)     unsigned name;

#define CONFIG_MEMBER(member, type, ...) CONFIG_MEMBER_##type(member)
#define CONFIG_INDEX(member, ...)        CONFIG_KEY_##member,

enum config_index { CONFIG_KEYS(CONFIG_INDEX, CONFIG_INDEX) CONFIG_KEY_COUNT };

struct config {
    CONFIG_KEYS(CONFIG_MEMBER, CONFIG_MEMBER)

    enum config_action action;
    const char *file; /* --config FILE, points into argv; or NULL */
    struct config_origin origin[CONFIG_KEY_COUNT];
};

enum config_result {
    CONFIG_OK,
    CONFIG_BAD_USAGE, /* the error in why is on the command line */
    CONFIG_BAD_FILE /* the error in why is in the file, "FILE:LINE: KEY: ...", or arises with it */
};

/*
 * Reads the command line and the file that it names; all other keys have their defaults. Reads
 * nothing after --help, --version and --example-config. With CONFIG_BAD_FILE, *c may have the
 * command line alone.
 */
enum config_result config_read(int argc, char **argv, struct config *c, char why[CONFIG_WHY_BYTES]);

/* The name of a key, and its default as written in a file. */
const char *config_name(enum config_index i);
const char *config_default(enum config_index i);

/* Whether submission or lmtp is served, but only for addresses at localhost. */
bool config_lacks_domain(const struct config *c);

/*
 * Copies all LIVE keys from next to running. Appends the names of the RESTART keys whose values
 * differ to restart, each ended by LF.
 */
void config_adopt(struct config *running, const struct config *next, struct buf *restart);

/*
 * Print on standard output: the text for --help; the effective configuration as a file, with the
 * origin of each value; a file with every key and its default, all commented out.
 */
void config_print_help(void);
void config_print(const struct config *c);
void config_print_example(void);

#endif
