/* SPDX-License-Identifier: ISC */
#include "net/admission.h"

#include "os/clock.h"

static uint64_t limit_of(const struct registry *r, enum refusal why)
{
    switch (why) {
    case REFUSED_CLIENTS:
        return r->limits.clients;
    case REFUSED_FORGEABLE:
        return r->limits.forgeable;
    case REFUSED_ADDRESS:
        return r->limits.address.at_once;
    case REFUSED_RATE:
        return r->limits.address.per_minute;
    default:
        return 0;
    }
}

void admission_refuse(struct registry *r, struct transport *t, const char *address,
                      enum refusal why)
{
    pthread_mutex_lock(&r->mutex);
    uint64_t limit = limit_of(r, why);
    pthread_mutex_unlock(&r->mutex);
    reject_tell(&r->refusals, t, address, why, limit);
}

bool admission_count(struct registry *r, struct connection *c, enum refusal *why)
{
    struct peers *peers = c->kind->forgeable ? r->forged : r->peers;
    enum peers_result result =
        peers_enter(peers, &c->peer.address, &r->limits.address, os_clock_ms(), &c->slot);
    *why = result == PEERS_TOO_MANY ? REFUSED_ADDRESS : REFUSED_RATE;
    return result == PEERS_TAKEN;
}

bool admission_admit(struct registry *r, struct connection *c, enum refusal *why)
{
    *why = REFUSED_DRAINING;
    if (leaving_refuses(r->service->leaving, os_clock_ms()))
        return false;
    *why = REFUSED_CLIENTS;
    if (r->count >= r->limits.clients)
        return false;
    *why = REFUSED_FORGEABLE;
    bool forgeable = c && c->kind->forgeable;
    while (forgeable && r->forgeable - r->leaving >= r->limits.forgeable)
        if (!registry_make_room(r, forgeable))
            return false;
    *why = REFUSED_RESOURCES;
    if (!c)
        return false;
    if (r->early[forgeable] >= registry_early_share(r, forgeable))
        registry_make_room(r, forgeable);
    c->proxied =
        c->kind->proxies && address_in_any(&c->peer.address, r->limits.proxy, r->limits.proxies);
    return c->proxied || admission_count(r, c, why);
}
