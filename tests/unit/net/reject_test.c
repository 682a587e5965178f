/* SPDX-License-Identifier: ISC */
/* A log that nobody reads holds up nobody. */
#include "net/reject.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "os/clock.h"
#include "os/net.h"
#include "os/wait.h"
#include "session/session.h"
#include "tap.h"

#define PATIENT_MS 20000

static struct counters counters;
static struct reject refusals;
static atomic_int done;

static enum io_result take(struct io *io, const void *bytes, size_t n, int64_t deadline_ms)
{
    (void)io, (void)bytes, (void)n, (void)deadline_ms;
    return IO_OK;
}

static void *refuse(void *arg)
{
    static const struct transport_kind kind = {.name = "test", .talk = &session_conversation};
    struct socket_io net = {.io = {.write = take}};
    struct transport t = {.kind = &kind, .net = &net};

    (void)arg;
    reject_tell(&refusals, &t, "192.0.2.7", REFUSED_CLIENTS, 1);
    atomic_fetch_add(&done, 1);
    return NULL;
}

/* Replaces standard error by a full pipe. */
static int fill_log(void)
{
    char bytes[4096] = "";
    int ends[2];

    if (pipe(ends) != 0 || dup2(ends[1], 2) < 0)
        exit(1);
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    while (write(2, bytes, sizeof bytes) > 0)
        ;
    fcntl(ends[1], F_SETFL, 0);
    close(ends[1]);
    return ends[0];
}

int main(void)
{
    int standard_error = dup(2), reader = fill_log();
    int64_t until_ms = os_clock_ms() + PATIENT_MS;
    pthread_t threads[2];

    os_wake_setup(); /* no SIGPIPE */
    reject_init(&refusals, &counters);
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, refuse, NULL);
    while (atomic_load(&done) < 2 && os_clock_ms() < until_ms)
        os_wait_input(NULL, 0, os_clock_ms() + 5);
    is_int(atomic_load(&done), 2, "reject_tell: a log that nobody reads holds up no thread");
    close(reader); /* would end a wait */
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    dup2(standard_error, 2);
    is_int(atomic_load(&counters.refused[REFUSED_CLIENTS]), 2,
           "reject_tell: both refusals are counted");
    reject_destroy(&refusals);
    return done_testing();
}
