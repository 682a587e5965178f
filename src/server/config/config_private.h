/* SPDX-License-Identifier: ISC */
/*
 * config_private: shared by the files of this room: config (the table, reading), value (the types),
 * clash and print. Pure, except for reading the file and printing.
 */
#ifndef CONFIG_CONFIG_PRIVATE_H
#define CONFIG_CONFIG_PRIVATE_H

#include <stddef.h>

#include "base/units.h"
#include "config/config.h"

struct config_key;

/* The type of a key. A value that is printed is read as the same value. */
struct config_type {
    bool many; /* may be given several times: the values add up, CONFIG_VALUES at most */

    /*
     * Stores a value in the key's member; with many, after the values already there. False: why has
     * the error, and what is allowed.
     */
    bool (*set)(const struct config_key *key, void *member, struct span value,
                char why[CONFIG_WHY_BYTES]);

    /* Appends the i-th value; i is 0 unless many. */
    void (*print)(const struct config_key *key, const void *member, unsigned i, struct buf *out);

    /* Of numbers. */
    const struct unit *units;
    const char *rule;
};

/* The types of keys.h. */
extern const struct config_type config_time, config_days, config_size, config_path, config_user,
    config_places, config_loopback, config_networks, config_domains, config_word;

struct config_key {
    const char *name, *value, *standard, *help; /* standard: the default */
    bool live;
    const struct config_type *type;
    size_t offset, size; /* of the member of struct config */
    uint64_t min, max;   /* of a number */
};

/* The i-th key, or NULL from CONFIG_KEY_COUNT on. */
const struct config_key *config_key(unsigned i);

/* The index of the key with this name, or -1. */
int config_find(struct span name);

/* The member of a key. */
void *config_member(struct config *c, const struct config_key *key);
const void *config_value(const struct config *c, const struct config_key *key);

/* Sets all keys to their defaults, and clears everything else. */
void config_set_defaults(struct config *c);

/*
 * Sets the i-th key to one value, or adds the value. The first value from a stronger source
 * replaces those of the weaker ones. False: why has the error.
 */
bool config_set(struct config *c, unsigned i, struct span value, enum config_source source,
                unsigned line, char why[CONFIG_WHY_BYTES]);

/* Copies the i-th key with its origin. */
void config_copy(struct config *c, const struct config *from, unsigned i);

/* Parses the contents of a file. False: why has the error, "PATH:LINE: ...". */
bool config_parse(struct config *c, const char *path, struct span text, char why[CONFIG_WHY_BYTES]);

/*
 * Whether two values name one address and port, or one Unix socket, so that only the first could be
 * bound. why has the error then: "KEY: ...", or "PATH:LINE: KEY: ..." if the second is in the file.
 */
bool config_clashes(const struct config *c, char why[CONFIG_WHY_BYTES]);

#endif
