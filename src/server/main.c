#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "config/config.h"
#include "config/descriptors.h"
#include "log/log.h"
#include "net/tcp_listener.h"
#include "net/udp_listener.h"
#include "os/file.h"
#include "os/random.h"
#include "os/systemd.h"
#include "os/wait.h"
#include "server/control.h"
#include "server/privileges.h"
#include "server/reload.h"
#include "store/housekeeper.h"
#include "store/recovery.h"

#define IDLE_MAILBOXES 128 /* kept in memory, each with a descriptor */

struct server {
    struct config config;
    struct gate hashing;
    struct budget memory;
    struct counters counters;
    struct watch watch;
    struct service service;
    struct registry *registry;
    struct tcp_listener *listener;
    struct udp_listener *udp;
    struct control *control;
    struct reload reload;
    uint64_t clients;     /* taken to begin with */
    bool few_descriptors; /* fewer than asked for */
    struct privileges secure;
};

static void tell_trouble(void *ctx, const char *text)
{
    (void)ctx;
    log_trouble("%s", text);
}

static void tell_died(void *ctx, const char *mailbox)
{
    struct event e;

    (void)ctx;
    event_begin(&e, "died", EVENT_WARNING);
    event_text(&e, "mailbox", span_str(mailbox));
    event_text(&e, "text", SPAN("a process died holding its lock: reading it anew"));
    log_event(&e);
}

/* Tells why the server does not start; returns the exit code. */
static int fail(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));

static int fail(int code, const char *format, ...)
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

/*
 * Large blocks, indexes and frames, are mapped one by one and go back to the system when they are
 * freed. glibc would raise this limit to the size of each that is, and keep what comes after.
 */
#define MAPPED_BYTES (128 * 1024)

static void make_service(struct server *s)
{
    unsigned char key[SIPHASH_KEY_BYTES];
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    os_random_bytes(key, sizeof key);
    gate_init(&s->hashing, cores > 0 ? (unsigned)cores : 1);
    budget_init(&s->memory, 0);
    watch_init(&s->watch, key);
    s->service = (struct service){.store = NULL,
                                  .hashing = &s->hashing,
                                  .memory = &s->memory,
                                  .counters = &s->counters,
                                  .watch = &s->watch};
    s->service.login_throttle = login_throttle_new(key);
    s->service.send_rate = send_rate_new(key);
}

static void share_descriptors(struct server *s)
{
    uint64_t all = os_file_raise_limit();
    uint64_t clients = (all - all / DESCRIPTORS_LEFT_PART) / DESCRIPTORS_EACH;

    s->reload.idle_mailboxes = all / 16 < IDLE_MAILBOXES ? all / 16 : IDLE_MAILBOXES;
    s->reload.most_clients =
        clients > DESCRIPTORS_OWN_CLIENTS + 1 ? clients - DESCRIPTORS_OWN_CLIENTS : 1;
    if (s->reload.most_clients > CONFIG_CLIENTS_MAX)
        s->reload.most_clients = CONFIG_CLIENTS_MAX;
    s->clients = reload_limits(&s->reload).clients;
    s->few_descriptors = s->clients < s->config.clients;
}

static int open_store(struct server *s)
{
    const struct store_events events = {tell_trouble, tell_died, NULL};
    const char *why;

    errno = 0;
    s->service.store = store_open(s->config.store, true, events, &why);
    if (s->service.store)
        return EX_OK;
    return fail(EX_CANTCREAT, "store %s: %s%s%s", s->config.store, why, errno ? ": " : "",
                errno ? strerror(errno) : "");
}

/* Sockets that were handed over; which kinds are among them. */
static int adopt_sockets(struct server *s, bool *tcp, bool *udp)
{
    int n = os_systemd_sockets();
    const char *why;

    if (n < 0)
        return fail(EX_UNAVAILABLE, "LISTEN_FDS is no number of descriptors");
    for (int fd = OS_SYSTEMD_FIRST; fd < OS_SYSTEMD_FIRST + n; fd++) {
        bool is_udp = os_systemd_is_udp(fd);
        if (!(is_udp ? udp_listener_adopt(s->udp, fd, &why)
                     : tcp_listener_adopt(s->listener, fd, &why)))
            return fail(EX_UNAVAILABLE, "LISTEN_FDS: descriptor %d %s", fd, why);
        *(is_udp ? udp : tcp) = true;
    }
    return EX_OK;
}

static int listen_tcp(struct server *s)
{
    const struct config_places *places = &s->config.listen;
    const char *why;

    for (unsigned i = 0; i < places->n; i++) {
        const struct address_place *place = &places->at[i];
        if (!tcp_listener_add(s->listener, place, &why))
            return fail(EX_UNAVAILABLE, "cannot listen on %s port %s: %s", place->host, place->port,
                        why);
    }
    return EX_OK;
}

static int listen_udp(struct server *s)
{
    const struct config_places *places = &s->config.udp;
    const char *why;

    for (unsigned i = 0; i < places->n; i++) {
        const struct address_place *place = &places->at[i];
        if (!udp_listener_add(s->udp, place, &why))
            return fail(EX_UNAVAILABLE, "cannot listen on %s port %s over UDP: %s", place->host,
                        place->port, why);
    }
    return EX_OK;
}

/* What was handed over stands for the addresses that the key of its kind names. */
static int listen_everywhere(struct server *s)
{
    bool tcp = false, udp = false;
    int result = adopt_sockets(s, &tcp, &udp);

    if (result == EX_OK && !tcp)
        result = listen_tcp(s);
    if (result == EX_OK && !udp)
        result = listen_udp(s);
    return result;
}

/* Sessions over UDP have sockets of their own, which are bound while the server runs. */
static int try_udp(struct server *s)
{
    unsigned port;

    if (udp_listener_try(s->udp, &port))
        return EX_OK;
    return fail(EX_NOPERM,
                "udp: port %u can be bound at the start alone, and not for each session, by user "
                "%s: %s; ports from 1024 on can",
                port, s->secure.user.name, strerror(errno));
}

/* To be found by obey_signals. */
static void end_this_process(void)
{
    kill(getpid(), SIGTERM);
}

/* Ports may need root, the store is opened by the user who is to own what is made in it. */
static int open_all(struct server *s)
{
    char why[CONFIG_WHY_BYTES];
    int result = privileges_choose(&s->secure, s->config.user, why);

    if (result != EX_OK)
        return fail(result, "%s", why);
    s->registry = registry_new(&s->service, s->reload.most_clients);
    s->listener = s->registry ? tcp_listener_new(s->registry) : NULL;
    s->udp = s->listener ? udp_listener_new(s->registry, &s->counters) : NULL;
    if (!s->udp || !s->service.login_throttle || !s->service.send_rate)
        return fail(EX_OSERR, "out of memory");
    s->reload.registry = s->registry;
    s->reload.udp = s->udp;
    result = listen_everywhere(s);
    if (result != EX_OK)
        return result;
    result = privileges_become(&s->secure, s->config.store, why);
    if (result != EX_OK)
        return fail(result, "%s", why);
    result = try_udp(s);
    return result == EX_OK ? open_store(s) : result;
}

static bool start_listeners(struct server *s)
{
    if (!tcp_listener_start(s->listener))
        return false;
    if (udp_listener_start(s->udp))
        return true;
    tcp_listener_stop(s->listener);
    registry_end_all(s->registry, "server is shutting down");
    return false;
}

static int start(struct server *s)
{
    int result = open_all(s);

    if (result != EX_OK)
        return result;
    reload_apply(&s->reload);
    privileges_confine(&s->secure, &s->config);
    s->service.housekeeper = housekeeper_start(s->service.store);
    if (s->service.housekeeper)
        s->control = control_start(&s->service, s->registry, &s->reload, end_this_process);
    if (!s->control || !start_listeners(s))
        return fail(EX_OSERR, "cannot start a thread, or listen in the store: %s", strerror(errno));
    return EX_OK;
}

static int announce_ports(const struct server *s)
{
    const char *path = s->config.port_file;
    struct buf text;
    bool ok;

    if (!*path)
        return EX_OK;
    buf_init(&text, SIZE_MAX / 2);
    ok = tcp_listener_ports(s->listener, &text) && udp_listener_ports(s->udp, &text) &&
         buf_ok(&text) && os_file_replace(OS_FILE_CWD, path, buf_span(&text));
    buf_free(&text);
    return ok ? EX_OK : fail(EX_CANTCREAT, "port file %s: %s", path, strerror(errno));
}

static void tell_start(const struct server *s)
{
    struct event e;

    event_begin(&e, "start", EVENT_NOTICE);
    event_text(&e, "result", SPAN("ok"));
    event_text(&e, "version", SPAN(POCHTA_VERSION));
    event_text(&e, "store", span_str(s->config.store));
    event_number(&e, "clients", s->clients);
    if (s->few_descriptors)
        event_text(&e, "reason", SPAN("the system allows no more descriptors"));
    log_event(&e);
    privileges_tell(&s->secure);
    tcp_listener_tell(s->listener);
    udp_listener_tell(s->udp);
    os_systemd_notify(s->reload.supervisor, OS_SYSTEMD_READY);
}

static int next_signal(const sigset_t *set)
{
    int number;

    while (sigwait(set, &number) != 0)
        continue;
    return number;
}

/* Until one that ends the server. */
static void obey_signals(struct server *s, const sigset_t *set)
{
    struct buf text;
    struct event e;
    int number;

    while ((number = next_signal(set)) == SIGHUP) {
        buf_init(&text, SIZE_MAX / 2); /* the log is told, too */
        reload_run(&s->reload, &text);
        buf_free(&text);
    }
    event_begin(&e, "stop", EVENT_NOTICE);
    event_text(&e, "signal", number == SIGINT ? SPAN("SIGINT") : SPAN("SIGTERM"));
    log_event(&e);
}

static void stop(struct server *s)
{
    os_systemd_notify(s->reload.supervisor, OS_SYSTEMD_STOPPING);
    tcp_listener_stop(s->listener);
    udp_listener_stop(s->udp);
    if (*s->config.port_file)
        os_file_remove(OS_FILE_CWD, s->config.port_file);
    registry_end_all(s->registry, "server is shutting down");
}

static void release(struct server *s)
{
    control_stop(s->control);
    housekeeper_stop(s->service.housekeeper);
    tcp_listener_free(s->listener);
    registry_free(s->registry);
    udp_listener_free(s->udp);
    store_close(s->service.store);
    watch_destroy(&s->watch);
    login_throttle_free(s->service.login_throttle);
    send_rate_free(s->service.send_rate);
    gate_destroy(&s->hashing);
    os_net_close(s->reload.supervisor);
}

/* Blocked here, they reach only obey_signals. */
static void prepare_signals(sigset_t *signals)
{
    sigemptyset(signals);
    sigaddset(signals, SIGTERM);
    sigaddset(signals, SIGINT);
    sigaddset(signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, signals, NULL);
    os_wake_setup();
}

static int serve(struct server *s)
{
    sigset_t signals;
    int result;

    umask(077);
    mallopt(M_MMAP_THRESHOLD, MAPPED_BYTES);
    prepare_signals(&signals);
    s->reload.supervisor = os_systemd_connect();
    make_service(s);
    share_descriptors(s);
    result = start(s);
    if (result == EX_OK) {
        result = announce_ports(s);
        if (result == EX_OK) {
            tell_start(s);
            obey_signals(s, &signals);
        }
        stop(s);
    }
    release(s);
    return result;
}

/* The configuration is good: does what was asked for. */
static int act(struct server *s)
{
    switch (s->config.action) {
    case CONFIG_SERVE:
        return serve(s);
    case CONFIG_CHECK: /* nothing to say */
        break;
    case CONFIG_PRINT:
        config_print(&s->config);
        break;
    case CONFIG_EXAMPLE:
        config_print_example();
        break;
    case CONFIG_HELP:
        config_print_help();
        break;
    case CONFIG_VERSION:
        printf("pochtad %s\n", POCHTA_VERSION);
        break;
    }
    return fflush(stdout) == 0 ? EX_OK : EX_IOERR;
}

/* To a person at a terminal, in plain words. */
static int complain(int code, const char *why)
{
    fprintf(stderr, "pochtad: %s\n", why);
    return code;
}

int main(int argc, char **argv)
{
    struct server server = {.reload = {.argc = argc,
                                       .argv = argv,
                                       .service = &server.service,
                                       .config = &server.config,
                                       .mutex = PTHREAD_MUTEX_INITIALIZER}};
    char why[CONFIG_WHY_BYTES];
    /* Else the log would be written into whatever file took the place of standard error. */
    bool standard = os_file_standard_fill();
    enum config_result result = config_read(argc, argv, &server.config, why);

    if (!standard)
        return EX_OSERR;
    log_open(server.config.log_to, server.config.log_level);
    if (result == CONFIG_BAD_USAGE)
        return complain(EX_USAGE, why);
    if (result == CONFIG_BAD_FILE)
        return server.config.action == CONFIG_SERVE ? fail(EX_CONFIG, "%s", why)
                                                    : complain(EX_CONFIG, why);
    return act(&server);
}
