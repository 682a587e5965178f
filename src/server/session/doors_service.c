/* SPDX-License-Identifier: ISC */
#include "session/doors_service.h"

bool doors_is_ours(const struct service_doors *d, struct span domain)
{
    for (unsigned i = 0; i < d->ndomains; i++)
        if (span_eq_folded(domain, span_str(d->domains[i])))
            return true;
    return span_eq_folded(domain, SPAN("localhost")) || door_key_is_ours(d->key, domain);
}

bool doors_is_trusted(const struct service_doors *d, const char *address)
{
    struct address client;
    return address_parse(span_str(address), &client) &&
           address_in_any(&client, d->trusted, d->ntrusted);
}
