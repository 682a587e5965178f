/*
 * config_private: what the modules of the configuration (config, config_table, config_value,
 * config_print) share. All but the reading of the file is pure.
 */
#ifndef CONFIG_CONFIG_PRIVATE_H
#define CONFIG_CONFIG_PRIVATE_H

#include <stddef.h>

#include "config/config.h"

struct config_key;

/* What a value looks like. A value that is printed is read as the same value. */
struct config_type {
    bool many; /* may be given several times: the values add up, CONFIG_VALUES at most */

    /*
     * Puts a value where the key's member is, behind those that are there if there may be many.
     * False: why says what is wrong with it, and what is allowed.
     */
    bool (*set)(const struct config_key *key, void *member, struct span value,
                char why[CONFIG_WHY_BYTES]);

    /* Adds the i-th value, 0 where there is but one. */
    void (*print)(const struct config_key *key, const void *member, unsigned i, struct buf *out);

    /* Of numbers. */
    const struct config_unit *units;
    const char *rule;
};

/*
 * The types, and what of a row in the table each uses:
 *
 *     time, days, size   uint64_t, in milliseconds or as a number; min, max
 *     path               char [CONFIG_PATH_BYTES]; may be empty where its default is
 *     user               char [CONFIG_USER_BYTES]; may be empty where its default is
 *     places             struct config_places; an empty value, where its default is, adds none
 *     networks           struct config_networks; an empty value adds none
 *     word               unsigned: which of the words that value lists as "this|that" it is, from 0
 */
extern const struct config_type config_time, config_days, config_size, config_path, config_user,
    config_places, config_networks, config_word;

enum config_reload { CONFIG_LIVE, CONFIG_RESTART }; /* what it takes for a change to count */

struct config_key {
    const char *name, *value, *standard, *help;
    enum config_reload reload;
    const struct config_type *type;
    size_t offset, size; /* of the member of struct config */
    uint64_t min, max;   /* of a number */
};

/* The i-th key. NULL: there are no more. */
const struct config_key *config_key(unsigned i);

/* Which key has this name, or -1. */
int config_find(struct span name);

/* The member of a key. */
void *config_member(struct config *c, const struct config_key *key);
const void *config_value(const struct config *c, const struct config_key *key);

/* All keys have their defaults, and there is nothing else. */
void config_set_defaults(struct config *c);

/* One value for the i-th key; the first from a stronger source replaces what there is. */
bool config_set(struct config *c, unsigned i, struct span value, enum config_source source,
                unsigned line, char why[CONFIG_WHY_BYTES]);

/* The i-th key is in c as it is in from. */
void config_copy(struct config *c, const struct config *from, unsigned i);

/* The contents of a file. False: why is "PATH:LINE: what is wrong". */
bool config_parse(struct config *c, const char *path, struct span text, char why[CONFIG_WHY_BYTES]);

#endif
