#include "server/reload.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "log/log.h"
#include "os/systemd.h"

/* Where descriptors are short no one address has more than half of what there is. */
struct registry_limits reload_limits(const struct reload *r)
{
    const struct config *c = r->config;
    struct registry_limits l = {.clients = c->clients,
                                .forgeable = c->udp_clients,
                                .address = {c->clients_per_address, c->connections_per_minute},
                                .proxies = c->proxy_from.n};
    uint64_t half = (r->most_clients + 1) / 2;

    _Static_assert(sizeof l.proxy == sizeof c->proxy_from.at, "as many as can be configured");
    memcpy(l.proxy, c->proxy_from.at, sizeof l.proxy);
    if (l.clients <= r->most_clients)
        return l;
    l.clients = r->most_clients;
    if (l.address.at_once > half)
        l.address.at_once = half;
    return l;
}

void reload_apply(struct reload *r)
{
    const struct config *c = r->config;
    struct session_limits *limits = &r->service->limits;
    const struct registry_limits clients = reload_limits(r);
    const struct store_limits store = {.trash_s = c->trash_ms / 1000,
                                       .kept_bytes = c->kept_bytes,
                                       .quota_bytes = c->quota_bytes,
                                       .quota_messages = c->quota_messages,
                                       .reserve_bytes = c->reserve_bytes,
                                       .reserve_inodes = c->reserve_inodes,
                                       .index_bytes = c->index_bytes,
                                       .idle_mailboxes = r->idle_mailboxes};
    const struct udp_settings udp = {.versions = c->udp_versions,
                                     .datagram = c->udp_datagram,
                                     .gap_ms = (int64_t)c->frame_ms,
                                     .rates = {c->udp_rate, c->udp_rate_all}};

    log_set_target(c->log_to);
    log_set_level(c->log_level);
    limits->idle_ms = (int64_t)c->idle_ms;
    limits->frame_ms = (int64_t)c->frame_ms;
    limits->write_ms = (int64_t)c->write_ms;
    limits->minimum_rate = c->minimum_rate;
    limits->message_bytes = c->message_bytes;
    limits->per_minute = c->per_minute;
    limits->login_delay_ms = (int64_t)c->login_delay_ms;
    limits->login_delay_max_ms = (int64_t)c->login_delay_max_ms;
    limits->registration = c->registration;
    budget_resize(r->service->memory, c->memory_bytes);
    store_set_limits(r->service->store, &store);
    registry_set_limits(r->registry, &clients);
    listeners_set_udp(r->listeners, &udp);
    housekeeper_wake(r->service->housekeeper);
}

/* restart: the keys, one a line. */
static void tell_done(struct span restart)
{
    char keys[EVENT_VALUE_BYTES + 1];
    struct event e;

    snprintf(keys, sizeof keys, "%.*s",
             SPAN_PRINTF(span_first(restart, restart.n > 0 ? restart.n - 1 : 0)));
    for (char *p = keys; *p; p++)
        if (*p == '\n')
            *p = ' ';
    event_begin(&e, "reload", EVENT_NOTICE);
    event_text(&e, "result", SPAN("ok"));
    if (*keys)
        event_text(&e, "restart", span_str(keys));
    log_event(&e);
}

static void tell_failure(const char *why)
{
    struct event e;

    event_begin(&e, "reload", EVENT_ERROR);
    event_text(&e, "result", SPAN("error"));
    event_text(&e, "reason", span_str(why));
    log_event(&e);
}

static void adopt(struct reload *r, const struct config *next, struct buf *text)
{
    struct buf restart;
    struct span rest, key;

    buf_init(&restart, SIZE_MAX / 2);
    config_adopt(r->config, next, &restart);
    reload_apply(r);
    tell_done(buf_span(&restart));
    rest = buf_span(&restart);
    while (span_cut(&rest, '\n', &key))
        buf_printf(text, "%.*s\ttakes effect after a restart\n", SPAN_PRINTF(key));
    buf_free(&restart);
}

static bool read_again(struct reload *r, struct config *next, char why[CONFIG_WHY_BYTES])
{
    if (r->config->file)
        return config_read(r->argc, r->argv, next, why) == CONFIG_OK;
    snprintf(why, CONFIG_WHY_BYTES,
             "there is no file to read again: the server runs without --config");
    return false;
}

int reload_run(struct reload *r, struct buf *text)
{
    char why[CONFIG_WHY_BYTES];
    struct config next;
    int result = EX_OK;

    pthread_mutex_lock(&r->mutex);
    os_systemd_notify_reload(r->supervisor);
    if (read_again(r, &next, why)) {
        adopt(r, &next, text);
    } else {
        tell_failure(why);
        buf_add_str(text, why);
        result = EX_CONFIG;
    }
    os_systemd_notify(r->supervisor, OS_SYSTEMD_READY);
    pthread_mutex_unlock(&r->mutex);
    return result;
}
