/* SPDX-License-Identifier: ISC */
#include "server/server.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "config/descriptors.h"
#include "log/log.h"
#include "net/listeners.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/net.h"
#include "os/random.h"
#include "os/systemd.h"
#include "os/wait.h"
#include "server/control.h"
#include "server/doors_setup.h"
#include "server/privileges.h"
#include "server/reload.h"
#include "server/standby.h"
#include "server/stop_deadline.h"
#include "store/fence.h"
#include "store/housekeeper.h"
#include "store/layout.h"
#include "store/programs.h"
#include "store/recovery.h"

#define SHUTTING_DOWN  "server is shutting down"
#define IDLE_PART      16 /* one descriptor in this many is for mailboxes that nobody uses */
#define ADDRESS_WAIT_S 60 /* for an address that the machine does not have yet */

#define LOST_STORE                                                                            \
    "the server has lost its store: connect again; requests without an answer may have been " \
    "carried out"
#define LOST_STORE_MS 300 /* for telling the clients */

/*
 * Blocks of this size, such as indexes and long frames, are mapped one by one and are returned to
 * the system when freed. Without a fixed limit glibc raises it to the largest block ever freed, and
 * keeps everything smaller.
 */
#define MAPPED_BYTES (128 * 1024)

struct server {
    struct config *config;
    struct privileges privileges;
    struct gate hashing;
    struct budget memory;
    struct counters counters;
    struct watch watch;
    struct leaving leaving;
    struct service service;
    struct doors_setup doors;
    struct registry *registry;
    struct listeners *listeners;
    struct reload reload;
    struct control *control;
    struct standby standby;
    sigset_t signals;     /* those that wait_for_end receives; blocked in all threads */
    int waited_s;         /* for an address */
    int ended_by;         /* a signal that came meanwhile, or 0 */
    uint64_t clients;     /* accepted at once, when the server starts */
    bool few_descriptors; /* these are fewer than the configuration asks for */
};

int server_fail(int code, const char *format, ...)
{
    char why[CONFIG_WHY_BYTES];
    struct event e;
    va_list args;
    va_start(args, format);
    vsnprintf(why, sizeof why, format, args);
    va_end(args);
    event_begin(&e, "start", EVENT_ERROR);
    event_text(&e, "result", SPAN("error"));
    event_text(&e, "reason", span_str(why));
    log_event(&e);
    return code;
}

/* --- the parts, in the order in which they start --- */

static void create_service(struct server *s)
{
    unsigned char key[SIPHASH_KEY_BYTES];
    os_random_bytes(key, sizeof key);
    gate_init(&s->hashing, os_process_cores());
    budget_init(&s->memory, 0);
    watch_init(&s->watch, key);
    s->service = (struct service){.hashing = &s->hashing,
                                  .memory = &s->memory,
                                  .counters = &s->counters,
                                  .watch = &s->watch,
                                  .leaving = &s->leaving,
                                  .login_throttle = login_throttle_new(key),
                                  .forged_throttle = login_throttle_new(key),
                                  .send_rate = send_rate_new(key)};
}

/* Divides the descriptors that the system allows between clients and idle mailboxes. */
static void share_descriptors(struct server *s)
{
    uint64_t all = os_file_raise_limit();
    uint64_t clients = (all - all / DESCRIPTORS_LEFT_PART) / DESCRIPTORS_EACH;
    s->reload.idle_mailboxes = all / IDLE_PART;
    s->reload.most_clients =
        clients > DESCRIPTORS_OWN_CLIENTS + 1 ? clients - DESCRIPTORS_OWN_CLIENTS : 1;
    if (s->reload.most_clients > CONFIG_CLIENTS_MAX)
        s->reload.most_clients = CONFIG_CLIENTS_MAX;
    s->clients = reload_clients(&s->reload);
    s->few_descriptors = s->clients < s->config->clients;
}

static void log_trouble_of_store(void *ctx, const char *text)
{
    (void)ctx;
    log_trouble("%s", text);
}

static void log_died(void *ctx, const char *mailbox)
{
    struct event e;
    (void)ctx;
    event_begin(&e, "died", EVENT_WARNING);
    event_text(&e, "mailbox", span_str(mailbox));
    event_text(&e, "text",
               SPAN("a process died while it held the lock: reading the mailbox again"));
    log_event(&e);
}

static void log_purged(void *ctx, const char *what, const char *user, uint64_t n)
{
    struct event e;
    (void)ctx;
    event_begin(&e, "purge", EVENT_INFO);
    event_text(&e, "what", span_str(what));
    if (user)
        event_text(&e, "user", span_str(user));
    event_number(&e, "count", n);
    log_event(&e);
}

static void log_expired(void *ctx, const char *user, uint64_t n)
{
    struct event e;
    (void)ctx;
    event_begin(&e, "expire", EVENT_INFO);
    event_text(&e, "user", span_str(user));
    event_number(&e, "count", n);
    log_event(&e);
}

static void log_clock_set(void *ctx, int64_t seconds)
{
    struct event e;
    (void)ctx;
    event_begin(&e, "clock", EVENT_WARNING);
    event_text(&e, "set", seconds < 0 ? SPAN("back") : SPAN("ahead"));
    event_number(&e, "seconds", (uint64_t)(seconds < 0 ? -seconds : seconds));
    log_event(&e);
}

/* A warning, since the old one may lie elsewhere, or on a file system that is not mounted. */
static void log_new_store(const char *path)
{
    struct event e;
    event_begin(&e, "new_store", EVENT_WARNING);
    event_text(&e, "store", span_str(path));
    event_text(&e, "text",
               SPAN("made a new store; if there should be mail, check store and the file system"));
    log_event(&e);
}

static int open_store(struct server *s)
{
    const struct store_events events = {.trouble = log_trouble_of_store,
                                        .died = log_died,
                                        .purged = log_purged,
                                        .expired = log_expired,
                                        .clock_set = log_clock_set};
    const char *why;
    errno = 0;
    s->service.store = s->config->standby ? standby_take_over(&s->standby, events, &why)
                                          : store_open(s->config->store, true, events, &why);
    if (!s->service.store)
        return server_fail(s->config->standby ? EX_OSERR : EX_CANTCREAT, "store %s: %s%s%s",
                           s->config->store, why, errno ? ": " : "", errno ? strerror(errno) : "");
    bool is_new = store_is_new(s->service.store);
    if (is_new)
        log_new_store(s->config->store);
    if (!programs_note(store_dir(s->service.store), is_new, POCHTA_VERSION))
        log_trouble("cannot write " LAYOUT_PROGRAMS " in the store: %s", strerror(errno));
    return EX_OK;
}

/* Without the log deliveries are slower, and as safe. */
static void start_log(struct server *s)
{
    const char *why;
    struct event e;
    if (store_start_log(s->service.store, s->config->log_size, &why))
        return;
    event_begin(&e, "delivery_log", errno ? EVENT_WARNING : EVENT_INFO);
    event_text(&e, "result", SPAN("none"));
    event_text(&e, "reason", span_str(why));
    if (errno)
        event_text(&e, "error", span_str(strerror(errno)));
    log_event(&e);
}

/*
 * Nothing is closed in an orderly way: that would write to the store. A network file system that
 * cannot be reached may keep the process, with its sockets, until it can be reached again.
 */
static void end_without_store(void *ctx, const char *why)
{
    struct server *s = ctx;
    struct event e;
    event_begin(&e, "fence", EVENT_ERROR);
    event_text(&e, "store", span_str(s->config->store));
    event_text(&e, "reason", span_str(why));
    event_text(&e, "text", SPAN("ends at once, so that another server can use the store"));
    log_event(&e);
    os_systemd_notify(s->reload.supervisor, OS_SYSTEMD_STOPPING);
    registry_abandon(s->registry, LOST_STORE, os_clock_ms() + LOST_STORE_MS);
    listeners_abandon(s->listeners);
    os_process_end(SERVER_LOST_STORE);
}

static void log_stop(int number)
{
    struct event e;
    event_begin(&e, "stop", EVENT_NOTICE);
    event_text(&e, "signal", number == SIGINT ? SPAN("SIGINT") : SPAN("SIGTERM"));
    log_event(&e);
}

/*
 * Waits a second for an address, which may come some time after the machine has started. False: it
 * has waited for long enough, or the server is to stop.
 */
static bool wait_for_address(void *ctx, const char *why)
{
    struct server *s = ctx;
    const struct timespec second = {.tv_sec = 1};
    if (s->waited_s == 0) {
        struct event e;
        event_begin(&e, "listen", EVENT_WARNING);
        event_text(&e, "result", SPAN("error"));
        event_text(&e, "reason", span_str(why));
        event_text(&e, "text", SPAN("trying again for a minute"));
        log_event(&e);
    }
    if (s->waited_s++ == ADDRESS_WAIT_S)
        return false;
    int number = sigtimedwait(&s->signals, NULL, &second);
    if (number == SIGTERM || number == SIGINT)
        s->ended_by = number;
    return s->ended_by == 0;
}

/*
 * Root may be needed to bind a port; the server listens there only when it can serve. The store is
 * opened by the user that is to own what the server creates in it.
 */
static int open_sockets_and_store(struct server *s)
{
    char why[CONFIG_WHY_BYTES];
    int result = privileges_choose(&s->privileges, s->config->user, why);
    if (result != EX_OK)
        return server_fail(result, "%s", why);
    s->registry = registry_new(&s->service, s->reload.most_clients);
    s->listeners = s->registry ? listeners_new(s->registry, &s->counters) : NULL;
    if (!s->listeners || !s->service.login_throttle || !s->service.forged_throttle ||
        !s->service.send_rate)
        return server_fail(EX_OSERR, "out of memory");
    s->reload.registry = s->registry;
    s->reload.listeners = s->listeners;
    if (!listeners_open(s->listeners, s->config, wait_for_address, s, why))
        return s->ended_by ? EX_OK : server_fail(EX_UNAVAILABLE, "%s", why);
    if (s->privileges.drops)
        listeners_give(s->listeners, s->privileges.user.uid, s->privileges.user.gid);
    result = privileges_become(&s->privileges, s->config->store, !s->config->standby, why);
    if (result != EX_OK)
        return server_fail(result, "%s", why);
    if (!listeners_check(s->listeners, s->privileges.user.name, why))
        return server_fail(EX_NOPERM, "%s", why);
    return open_store(s);
}

static int start(struct server *s)
{
    char why[CONFIG_WHY_BYTES];
    int result = open_sockets_and_store(s);
    if (result != EX_OK || s->ended_by)
        return result;
    reload_apply(&s->reload);
    privileges_confine(&s->privileges, s->config);
    if (!fence_start(s->service.store, end_without_store, s))
        return server_fail(EX_OSERR, "cannot start a thread: %s", strerror(errno));
    if (listeners_have_door(s->listeners)) {
        store_forget_failure();
        if (!doors_setup_open(&s->doors, s->service.store, s->config))
            return server_fail(EX_CANTCREAT, "cannot open the key that %s, %s and %s need%s%s",
                               config_name(CONFIG_KEY_pop3), config_name(CONFIG_KEY_submission),
                               config_name(CONFIG_KEY_lmtp), *store_failure() ? ": " : "",
                               store_failure());
        s->service.doors = &s->doors.doors;
    }
    start_log(s);
    s->service.housekeeper = housekeeper_start(s->service.store);
    if (s->service.housekeeper)
        s->control = control_start(&s->service, s->registry, &s->reload, os_process_terminate);
    if (!s->control)
        return server_fail(EX_OSERR, "cannot start a thread, or make the store's control.sock: %s",
                           strerror(errno));
    if (s->standby.waited)
        listeners_discard(s->listeners);
    if (!listeners_listen(s->listeners, why))
        return server_fail(EX_UNAVAILABLE, "%s", why);
    if (!listeners_start(s->listeners))
        return server_fail(EX_OSERR, "cannot start a thread: %s", strerror(errno));
    return EX_OK;
}

/* --- news of the start --- */

static int write_port_file(const struct server *s)
{
    const char *path = s->config->port_file;
    struct buf text;
    if (!*path)
        return EX_OK;
    buf_init(&text, SIZE_MAX / 2);
    bool ok = listeners_ports(s->listeners, &text) && buf_ok(&text) &&
              os_file_replace(OS_FILE_CWD, path, buf_span(&text));
    buf_free(&text);
    return ok ? EX_OK : server_fail(EX_CANTCREAT, "port file %s: %s", path, strerror(errno));
}

static void log_start(const struct server *s)
{
    struct event e;
    event_begin(&e, "start", EVENT_NOTICE);
    event_text(&e, "result", SPAN("ok"));
    event_text(&e, "version", SPAN(POCHTA_VERSION));
    event_text(&e, "store", span_str(s->config->store));
    event_number(&e, "clients", s->clients);
    if (s->few_descriptors)
        event_text(&e, "reason", SPAN("the system allows no more descriptors"));
    log_event(&e);
    privileges_tell(&s->privileges);
    listeners_log(s->listeners);
    os_systemd_notify(s->reload.supervisor, OS_SYSTEMD_READY);
}

/* --- signals --- */

/* Blocks them in all threads; only wait_for_end receives them. */
static void block_signals(sigset_t *signals)
{
    sigemptyset(signals);
    sigaddset(signals, SIGTERM);
    sigaddset(signals, SIGINT);
    sigaddset(signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, signals, NULL);
    os_wake_setup();
}

static void wait_for_end(struct server *s)
{
    int number;
    for (;;) {
        struct buf text;
        while (sigwait(&s->signals, &number) != 0)
            ;
        if (number != SIGHUP)
            break;
        buf_init(&text, SIZE_MAX / 2); /* the log has the result, too */
        reload_run(&s->reload, &text);
        buf_free(&text);
    }
    log_stop(number);
}

/* --- the end --- */

/* Sends all clients away. Nothing below is used any more after that. */
static void stop(struct server *s)
{
    os_systemd_notify(s->reload.supervisor, OS_SYSTEMD_STOPPING);
    listeners_stop(s->listeners);
    if (*s->config->port_file)
        os_file_remove(OS_FILE_CWD, s->config->port_file);
    registry_end_all(s->registry, SHUTTING_DOWN);
    listeners_abandon(s->listeners);
}

/* Until the store is closed, it can be lost: end_without_store needs what comes after it here. */
static void release(struct server *s)
{
    control_stop(s->control);
    housekeeper_stop(s->service.housekeeper);
    doors_setup_close(&s->doors);
    store_close(s->service.store);
    registry_free(s->registry);
    listeners_free(s->listeners);
    watch_destroy(&s->watch);
    login_throttle_free(s->service.login_throttle);
    login_throttle_free(s->service.forged_throttle);
    send_rate_free(s->service.send_rate);
    gate_destroy(&s->hashing);
    budget_destroy(&s->memory);
    os_net_close(s->reload.supervisor);
}

int server_run(struct config *config, int argc, char **argv)
{
    struct server s = {.config = config,
                       .reload = {.argc = argc,
                                  .argv = argv,
                                  .service = &s.service,
                                  .config = config,
                                  .mutex = PTHREAD_MUTEX_INITIALIZER}};

    os_process_private_files();
    mallopt(M_MMAP_THRESHOLD, MAPPED_BYTES);
    block_signals(&s.signals);
    s.reload.supervisor = os_systemd_connect();
    s.standby = (struct standby){
        .path = config->store, .supervisor = s.reload.supervisor, .log_stop = log_stop};
    create_service(&s);
    share_descriptors(&s);
    int result = start(&s);
    if (result == EX_OK && !s.ended_by)
        result = write_port_file(&s);
    if (result == EX_OK && s.ended_by) {
        log_stop(s.ended_by);
    } else if (result == EX_OK) {
        log_start(&s);
        wait_for_end(&s);
    }
    struct stop_deadline deadline;
    stop_deadline_begin(&deadline);
    if (s.control)
        stop(&s);
    release(&s);
    stop_deadline_end(&deadline);
    return result;
}
