/* SPDX-License-Identifier: ISC */
#include "server/doors_setup.h"

bool doors_setup_open(struct doors_setup *d, struct store *s, const struct config *c)
{
    if (door_key_open(s, c->domains.at[0], &d->key) != ST_OK)
        return false;
    for (unsigned i = 0; i < c->domains.n; i++)
        d->domains[i] = c->domains.at[i];
    d->doors = (struct service_doors){.domains = d->domains,
                                      .ndomains = c->domains.n,
                                      .trusted = c->submission_trusted.at,
                                      .ntrusted = c->submission_trusted.n,
                                      .key = d->key};
    return true;
}

void doors_setup_close(struct doors_setup *d)
{
    door_key_free(d->key);
}
