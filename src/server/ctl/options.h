/* SPDX-License-Identifier: ISC */
/*
 * options: the command line of pochtactl, parsed and checked against the table of verbs.
 */
#ifndef CTL_OPTIONS_H
#define CTL_OPTIONS_H

#include "admin/verbs.h"

/* The exit code of a verb that checks something and has findings. */
#define CTL_FINDINGS 1

struct ctl_options {
    const char *store;  /* --store DIR, or NULL */
    const char *config; /* --config FILE, or NULL */
    const char *batch;  /* --batch FILE, or NULL; then there are no arguments */
    uint64_t keep;      /* --keep N, or 0 */
    const char *at;     /* --at DATE, or NULL */
    const char *delay;  /* --delay TIME, or NULL */
    uint64_t delay_ms;  /* ... or 0 */
    bool json, prometheus, repair, usage, help, version;
    const struct verb *verb; /* NULL with help or version */
    char **args;             /* of the verb */
    int nargs;
};

/*
 * Parses a command line with getopt_long: options may stand before, between and after the words of
 * the command. Reorders argv, into which *o points. False: an error is appended to why. For one
 * thread.
 */
bool ctl_options_parse(struct ctl_options *o, int argc, char **argv, struct buf *why);

#endif
