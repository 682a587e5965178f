/* SPDX-License-Identifier: ISC */
/*
 * door_service: what the sessions of mail programs need (session/doors_service.h), from the
 * configuration and the store. For one thread.
 */
#ifndef SERVER_DOOR_SERVICE_H
#define SERVER_DOOR_SERVICE_H

#include "config/config.h"
#include "session/doors_service.h"

struct door_service {
    struct service_doors doors; /* points into the configuration, which must outlive it */
    const char *domains[CONFIG_VALUES];
    struct door_key *key;
};

/* Opens the key of the store. False: the failure was logged. */
bool door_service_open(struct door_service *d, struct store *s, const struct config *c);

/* For a door_service that was opened, or is all zeros. */
void door_service_close(struct door_service *d);

#endif
