/* SPDX-License-Identifier: ISC */
#include "net/reject.h"

#include <inttypes.h>
#include <stdio.h>

#include "os/clock.h"
#include "proto/frame.h"

#define REASON_BYTES 128

void reject_init(struct reject *r, struct counters *counters)
{
    *r = (struct reject){.counters = counters};
    pthread_mutex_init(&r->mutex, NULL);
}

void reject_destroy(struct reject *r)
{
    pthread_mutex_destroy(&r->mutex);
}

/* Writes the reason in words, with the key that sets the limit and its value, if there is one. */
static void format_reason(enum refusal why, uint64_t limit, char words[REASON_BYTES])
{
    static const struct {
        const char *words, *key;
    } all[REFUSALS] = {
        [REFUSED_DRAINING] = {"the server accepts no more clients", NULL},
        [REFUSED_CLIENTS] = {"too many clients", "clients"},
        [REFUSED_FORGEABLE] = {"too many clients in version 1 over UDP", "udp-clients"},
        [REFUSED_ADDRESS] = {"too many connections from your address", "clients-per-address"},
        [REFUSED_RATE] = {"your address connects too often", "connections-per-minute"},
        [REFUSED_PROXY] = {"connections from your address must begin with a PROXY protocol header",
                           NULL},
        [REFUSED_RESOURCES] = {"the server is out of resources, try again later", NULL},
    };

    if (all[why].key)
        snprintf(words, REASON_BYTES, "%s (%s = %" PRIu64 ")", all[why].words, all[why].key, limit);
    else
        snprintf(words, REASON_BYTES, "%s", all[why].words);
}

/* In length form, since the form that the client uses is not known yet. Takes no memory. */
static void write_exit(const struct transport *t, const char *reason)
{
    struct dialect d = {.form = FORM_LENGTH, .version = 1};
    char out[FRAME_EXIT_BYTES];
    size_t n = t->kind->talk->farewell(out, d, reason);
    t->net->io.write(&t->net->io, out, n, os_clock_ms());
}

static void log_refusal(struct reject *r, const struct transport_kind *kind, const char *address,
                        const char *reason)
{
    struct event e;
    event_begin(&e, "refuse", EVENT_WARNING);
    event_text(&e, "reason", span_str(reason));
    transport_tell(kind, address, &e);
    pthread_mutex_lock(&r->mutex);
    bool due = log_is_due(kind->forgeable ? &r->forged : &r->rarely, &e);
    pthread_mutex_unlock(&r->mutex);
    if (due)
        log_event(&e);
}

void reject_tell(struct reject *r, const struct transport *t, const char *address, enum refusal why,
                 uint64_t limit)
{
    char reason[REASON_BYTES];
    atomic_fetch_add(&r->counters->refused[why], 1);
    format_reason(why, limit, reason);
    log_refusal(r, t->kind, address, reason);
    write_exit(t, reason);
}
