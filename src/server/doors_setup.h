/* SPDX-License-Identifier: ISC */
/*
 * doors_setup: what the sessions of mail programs need (session/doors_service.h), from the
 * configuration and the store. For one thread.
 */
#ifndef SERVER_DOORS_SETUP_H
#define SERVER_DOORS_SETUP_H

#include "config/config.h"
#include "session/doors_service.h"

struct doors_setup {
    struct service_doors doors; /* points into the configuration, which must outlive it */
    const char *domains[CONFIG_VALUES];
    struct door_key *key;
};

/* Opens the key of the store. False: the failure was logged. */
bool doors_setup_open(struct doors_setup *d, struct store *s, const struct config *c);

/* For a doors_setup that was opened, or is all zeros. */
void doors_setup_close(struct doors_setup *d);

#endif
