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

/* The words for it, with the key and its value where there is one. */
static void explain(enum refusal why, uint64_t limit, char words[REASON_BYTES])
{
    static const struct {
        const char *words, *key;
    } all[REFUSALS] = {
        [REFUSED_DRAINING] = {"the server takes no more clients", NULL},
        [REFUSED_CLIENTS] = {"the server has as many clients as it takes", "clients"},
        [REFUSED_FORGEABLE] = {"the server has as many clients in version 1 over UDP as it takes",
                               "udp-clients"},
        [REFUSED_ADDRESS] = {"your address has as many connections as it may have",
                             "clients-per-address"},
        [REFUSED_RATE] = {"your address connects too often", "connections-per-minute"},
        [REFUSED_PROXY] = {"from your address a connection begins with a line of the PROXY "
                           "protocol, version 1",
                           NULL},
        [REFUSED_RESOURCES] = {"the server can take no more clients now", NULL},
    };

    if (all[why].key)
        snprintf(words, REASON_BYTES, "%s (%s = %" PRIu64 ")", all[why].words, all[why].key, limit);
    else
        snprintf(words, REASON_BYTES, "%s", all[why].words);
}

/* In length form: what the client would speak is not known yet. */
static void say_exit(struct io *io, const char *reason)
{
    struct dialect d = {.form = FORM_LENGTH, .version = 1};
    struct buf out;
    size_t mark;

    buf_init(&out, 2 * REASON_BYTES);
    mark = frame_open(&out, d, "Exit", 1);
    frame_arg(&out, d, span_str(reason));
    frame_close(&out, d, mark);
    if (buf_ok(&out))
        io->write(io, out.p, out.n, os_clock_ms());
    buf_free(&out);
}

static void tell_log(struct reject *r, const char *address, const char *reason)
{
    struct event e;
    bool due;

    event_begin(&e, "refuse", EVENT_WARNING);
    event_text(&e, "reason", span_str(reason));
    event_text(&e, "addr", span_str(address));
    pthread_mutex_lock(&r->mutex);
    due = log_is_due(&r->rarely, &e);
    pthread_mutex_unlock(&r->mutex);
    if (due)
        log_event(&e);
}

void reject_tell(struct reject *r, struct io *io, const char *address, enum refusal why,
                 uint64_t limit)
{
    char reason[REASON_BYTES];

    atomic_fetch_add(&r->counters->refused[why], 1);
    explain(why, limit, reason);
    tell_log(r, address, reason);
    say_exit(io, reason);
}
