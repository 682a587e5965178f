/*
 * ctl_options: the command line of pochtactl, taken apart and held against the table of verbs.
 * Pure.
 */
#ifndef CTL_OPTIONS_H
#define CTL_OPTIONS_H

#include "admin/ctl_table.h"

struct ctl_options {
    const char *store;  /* --store DIR, or NULL */
    const char *config; /* --config FILE, or NULL */
    bool json, prometheus, repair, help, version;
    struct ctl_verb verb;
    char **args; /* of the verb */
    int nargs;
};

/*
 * Options may stand before, between and behind the words of the command; a value follows as the
 * next argument or after "=". argv is put in another order. False: why says in words what is wrong
 * and what is allowed. With help or version there is no verb.
 */
bool ctl_options_parse(struct ctl_options *o, char **argv, struct buf *why);

#endif
