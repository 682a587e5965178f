/* SPDX-License-Identifier: ISC */
/*
 * store_place: which store pochtactl works on. For one thread.
 */
#ifndef CTL_STORE_PLACE_H
#define CTL_STORE_PLACE_H

#define CTL_STORE_VARIABLE "POCHTA_STORE"
#define CTL_STORE_HERE     "mailstore" /* of a server that was started without configuration */
#define CTL_STORE_PACKAGED "/var/lib/pochta" /* of contrib/pochtad.service */

/* Where a store may be named: pointers that may be NULL. An empty variable counts as not set. */
struct ctl_store_names {
    const char *option;   /* of --store */
    const char *config;   /* the key store, if the file of --config sets it */
    const char *variable; /* the value of POCHTA_STORE */
    const char *here, *packaged;
};

struct ctl_store_place {
    const char *path; /* one of the names */
    const char *from; /* how it was found: "from POCHTA_STORE". NULL: it was given */
};

/*
 * Takes the first of: the option; the configuration; the variable; here, if it is a store, or if
 * this user may not see whether it is one; packaged, if it is a directory; here.
 */
struct ctl_store_place ctl_store_find(const struct ctl_store_names *names);

/* The same with the variable and the places of this system. */
struct ctl_store_place ctl_store_find_here(const char *option, const char *config);

#endif
