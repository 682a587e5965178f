/* SPDX-License-Identifier: ISC */
/*
 * doors_service: what all sessions with mail programs share: for which domains the server accepts
 * mail, and which clients need no login. Does not change while sessions run; safe for threads.
 */
#ifndef SESSION_DOORS_SERVICE_H
#define SESSION_DOORS_SERVICE_H

#include <stdbool.h>

#include "base/address.h"
#include "base/span.h"
#include "store/door_key.h"

struct service_doors {
    const char *const *domains;        /* in lower case, the main one first */
    unsigned ndomains;                 /* at least 1 */
    const struct address_net *trusted; /* clients that may send without a login */
    unsigned ntrusted;
    const struct door_key *key; /* makes tokens, and knows the domains of earlier messages */
};

/*
 * Whether mail for an address in this domain is for a user of this server: the domain is one of
 * those above, or was the main one earlier, or is localhost. Case is ignored.
 */
bool doors_is_ours(const struct service_doors *d, struct span domain);

/*
 * Whether a client may send without a login. address: as session_host.address returns it; a client
 * of a Unix socket has 127.0.0.1.
 */
bool doors_is_trusted(const struct service_doors *d, const char *address);

#endif
