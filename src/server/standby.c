/* SPDX-License-Identifier: ISC */
#include "server/standby.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "log/log.h"
#include "os/clock.h"
#include "os/mount.h"
#include "os/process.h"
#include "os/systemd.h"
#include "os/wait.h"
#include "store/ownership.h"

#define LOOK_MS  250
#define AGAIN_MS 2000 /* after a store could not be opened: that costs more than a look */

static void log_wait(struct standby *s, enum event_level level, const char *reason)
{
    char status[CONFIG_WHY_BYTES + sizeof OS_SYSTEMD_STANDBY];
    struct event e;
    if (strcmp(s->said, reason) == 0)
        return;
    snprintf(s->said, sizeof s->said, "%s", reason);
    event_begin(&e, "standby", level);
    if (level == EVENT_ERROR)
        event_text(&e, "result", SPAN("error"));
    event_text(&e, "store", span_str(s->path));
    event_text(&e, "reason", span_str(reason));
    event_text(&e, "text", SPAN("waiting"));
    log_event(&e);
    snprintf(status, sizeof status, OS_SYSTEMD_STANDBY "%s", reason);
    os_systemd_notify(s->supervisor, status);
}

static void log_takeover(const struct standby *s, int64_t began_ms)
{
    struct event e;
    event_begin(&e, "standby", EVENT_NOTICE);
    event_text(&e, "result", SPAN("ok"));
    event_text(&e, "store", span_str(s->path));
    event_text(&e, "text", SPAN("has taken over the store"));
    event_number(&e, "ms", (uint64_t)(os_clock_ms() - began_ms));
    log_event(&e);
}

/*
 * Ends the process at a signal. A look at a store that does not answer cannot be interrupted, and
 * a server that waits has nothing to put in order.
 */
static void *end_at_signal(void *arg)
{
    const struct standby *s = arg;
    sigset_t signals;
    int number;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, OS_WAKE);
    while (sigwait(&signals, &number) != 0)
        ;
    if (number == OS_WAKE)
        return NULL;
    s->log_stop(number);
    os_systemd_notify(s->supervisor, OS_SYSTEMD_STOPPING);
    os_process_end(EX_OK);
}

/* Looks until the store seems to be free. */
static void look_until_free(struct standby *s)
{
    bool served;
    while (!store_is_free(s->path, &served)) {
        char why[CONFIG_WHY_BYTES];
        bool missing = errno == ENOENT;
        snprintf(why, sizeof why, "the store cannot be reached: %s", strerror(errno));
        if (served)
            log_wait(s, EVENT_NOTICE, "another server uses the store");
        else if (missing)
            log_wait(s, EVENT_WARNING, "there is no store, and a standby does not make one");
        else
            log_wait(s, EVENT_WARNING, why);
        s->waited = true;
        os_clock_sleep(LOOK_MS);
    }
}

/* Sleeps for pause_ms first. False: errno. */
static bool wait_until_free(struct standby *s, int64_t pause_ms)
{
    pthread_t thread;
    errno = pthread_create(&thread, NULL, end_at_signal, s);
    if (errno != 0)
        return false;
    os_clock_sleep(pause_ms);
    look_until_free(s);
    pthread_kill(thread, OS_WAKE);
    pthread_join(thread, NULL);
    return true;
}

/* NULL: why has the reason. */
static struct store *try_to_open(const struct standby *s, struct store_events events,
                                 char why[CONFIG_WHY_BYTES])
{
    char point[PATH_MAX];
    const char *failed;
    if (os_mount_missing(s->path, point)) {
        snprintf(why, CONFIG_WHY_BYTES, "nothing is mounted on %.300s", point);
        return NULL;
    }
    if (!ownership_check(s->path, why))
        return NULL;
    errno = 0;
    struct store *store = store_take_over(s->path, events, &failed);
    if (!store)
        snprintf(why, CONFIG_WHY_BYTES, "cannot open the store: %s%s%s", failed, errno ? ": " : "",
                 errno ? strerror(errno) : "");
    return store;
}

struct store *standby_take_over(struct standby *s, struct store_events events, const char **why)
{
    int64_t pause_ms = 0;
    for (;;) {
        char failed[CONFIG_WHY_BYTES];
        bool served;
        *why = "cannot start a thread";
        if (!wait_until_free(s, pause_ms))
            return NULL;
        int64_t began_ms = os_clock_ms();
        struct store *store = try_to_open(s, events, failed);
        if (store && s->waited)
            log_takeover(s, began_ms);
        if (store)
            return store;
        s->waited = true;
        store_is_free(s->path, &served);
        pause_ms = served ? 0 : AGAIN_MS; /* another one was faster */
        if (!served)
            log_wait(s, EVENT_ERROR, failed);
    }
}
