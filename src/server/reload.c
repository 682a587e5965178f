/* SPDX-License-Identifier: ISC */
#include "server/reload.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "log/log.h"
#include "os/systemd.h"

/* NOLINTBEGIN(google-readability-casting,misc-redundant-expression): gcc wants casts
 * where two enums are compared; these conditions are always true. */
_Static_assert((int)CONFIG_UDP_1 == UDP_VERSION_1 && (int)CONFIG_UDP_2 == UDP_VERSION_2 &&
                   (int)CONFIG_UDP_BOTH == UDP_VERSION_BOTH,
               "the words of udp-versions are enum udp_versions");
_Static_assert(CONFIG_REGISTRATION_OPEN == REGISTRATION_OPEN, "the first word of registration");
_Static_assert(CONFIG_UDP_RATE_MAX <= UDP_RATE_MAX,
               "every rate that can be configured is possible");
_Static_assert(CONFIG_DATAGRAM_MIN == DATAGRAM_SIZE_MIN && CONFIG_DATAGRAM_MAX == DATAGRAM_MAX,
               "every size of datagram can be configured");
_Static_assert(CONFIG_MEMORY_MAX <= SIZE_MAX && 2 * CONFIG_MESSAGE_MAX < PTRDIFF_MAX,
               "sizes of memory have a size_t, and the longest frame fits a buffer");
/* NOLINTEND(google-readability-casting,misc-redundant-expression) */
_Static_assert(CONFIG_VALUES <= REGISTRY_PROXIES, "there is room for all networks of proxy-from");

/* The new values, for each of their owners. */
struct owners {
    struct session_limits *session;
    struct registry_limits clients;
    struct config_networks proxies;
    struct store_limits store;
    struct udp_settings udp;
    uint64_t frame_ms, trash_ms, keep_ms, memory_bytes;
    unsigned log_to, log_level;
};

/*
 * The member of struct owners that gets the value of each LIVE key in config/keys.h. A key that has
 * no line here does not compile.
 */
#define TO_idle_ms                session->idle_ms
#define TO_frame_ms               frame_ms
#define TO_write_ms               session->write_ms
#define TO_minimum_rate           session->minimum_rate
#define TO_message_bytes          session->message_bytes
#define TO_per_minute             session->per_minute
#define TO_bytes_per_minute       session->bytes_per_minute
#define TO_login_delay_ms         session->login_delay_ms
#define TO_login_delay_max_ms     session->login_delay_max_ms
#define TO_registration           session->registration
#define TO_clients                clients.clients
#define TO_udp_clients            clients.forgeable
#define TO_clients_per_address    clients.address.at_once
#define TO_connections_per_minute clients.address.per_minute
#define TO_v6_bits                clients.address.v6_bits
#define TO_proxy_from             proxies
#define TO_store_timeout_ms       store.timeout_ms
#define TO_trash_ms               trash_ms
#define TO_keep_ms                keep_ms
#define TO_kept_bytes             store.kept_bytes
#define TO_quota_bytes            store.quota_bytes
#define TO_quota_messages         store.quota_messages
#define TO_quota_warning          store.quota_warning
#define TO_reserve_bytes          store.reserve_bytes
#define TO_reserve_inodes         store.reserve_inodes
#define TO_index_bytes            store.index_bytes
#define TO_udp_versions           udp.versions
#define TO_udp_datagram           udp.datagram
#define TO_udp_rate               udp.rates.each
#define TO_udp_rate_all           udp.rates.all
#define TO_memory_bytes           memory_bytes
#define TO_log_to                 log_to
#define TO_log_level              log_level

#define LIVE(member, ...) to->TO_##member = c->member;
#define RESTART(member, ...)

static void assign_keys(struct owners *to, const struct config *c){CONFIG_KEYS(LIVE, RESTART)}

uint64_t reload_clients(const struct reload *r)
{
    return r->config->clients < r->most_clients ? r->config->clients : r->most_clients;
}

void reload_apply(struct reload *r)
{
    struct owners to = {.session = &r->service->limits};
    uint64_t half = (r->most_clients + 1) / 2;
    assign_keys(&to, r->config);
    to.session->frame_ms = (int64_t)to.frame_ms;
    to.udp.gap_ms = (int64_t)to.frame_ms;
    to.session->v6_bits = to.udp.rates.v6_bits = to.clients.address.v6_bits;
    to.store.trash_s = to.trash_ms / 1000;
    to.store.keep_s = to.keep_ms / 1000;
    to.store.idle_mailboxes = r->idle_mailboxes;
    to.clients.proxies = to.proxies.n;
    memcpy(to.clients.proxy, to.proxies.at, sizeof to.proxies.at);
    /* If descriptors are short, one address gets at most half of the places. */
    if (to.clients.clients > r->most_clients && to.clients.address.at_once > half)
        to.clients.address.at_once = half;
    to.clients.clients = reload_clients(r);

    log_set_target(to.log_to);
    log_set_level(to.log_level);
    budget_resize(r->service->memory, to.memory_bytes);
    store_set_limits(r->service->store, &to.store);
    registry_set_limits(r->registry, &to.clients);
    listeners_set_udp(r->listeners, &to.udp);
    housekeeper_wake(r->service->housekeeper);
}

/* restart: keys, one a line. */
static void log_success(struct span restart)
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

static bool read_again(struct reload *r, struct config *next, char why[CONFIG_WHY_BYTES])
{
    if (r->config->file)
        return config_read(r->argc, r->argv, next, why) == CONFIG_OK;
    snprintf(why, CONFIG_WHY_BYTES,
             "there is no file to read again: the server was started without --config");
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
        struct buf restart;
        struct span key;
        buf_init(&restart, SIZE_MAX / 2);
        config_adopt(r->config, &next, &restart);
        reload_apply(r);
        log_success(buf_span(&restart));
        struct span rest = buf_span(&restart);
        while (span_cut(&rest, '\n', &key))
            buf_printf(text, "%.*s\ttakes effect after a restart\n", SPAN_PRINTF(key));
        buf_free(&restart);
    } else {
        struct event e;
        event_begin(&e, "reload", EVENT_ERROR);
        event_text(&e, "result", SPAN("error"));
        event_text(&e, "reason", span_str(why));
        log_event(&e);
        buf_add_str(text, why);
        result = EX_CONFIG;
    }
    os_systemd_notify(r->supervisor, OS_SYSTEMD_READY);
    pthread_mutex_unlock(&r->mutex);
    return result;
}
