/* SPDX-License-Identifier: ISC */
#include "os/pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "os/clock.h"
#include "tap.h"

#define LONG_MS 20000 /* only a defect makes a test wait this long */

static void test_no_pipe(void)
{
    int64_t patience_ms = LONG_MS;
    int fd = open("/dev/null", O_WRONLY);

    ok(os_pipe_taken(fd, &patience_ms), "os_pipe_taken: what is no pipe is not waited for");
    is_int(patience_ms, LONG_MS, "... and costs no patience");
    close(fd);
}

/* Reads when the writer has had time to wait. */
static void *read_late(void *arg)
{
    int *fds = arg;
    char bytes[10];

    os_clock_sleep(30);
    return read(fds[0], bytes, sizeof bytes) == 5 ? arg : NULL;
}

static void test_reader(void)
{
    int64_t patience_ms = LONG_MS;
    pthread_t thread;
    void *result = NULL;
    int fds[2];

    if (pipe(fds) != 0)
        return ok(false, "a pipe"), (void)0;
    ok(os_pipe_taken(fds[1], &patience_ms) && patience_ms == LONG_MS,
       "os_pipe_taken: an empty pipe is not waited for");
    is_int(write(fds[1], "bytes", 5), 5, "something is written");
    pthread_create(&thread, NULL, read_late, fds);
    ok(os_pipe_taken(fds[1], &patience_ms), "os_pipe_taken: waits until it is read");
    pthread_join(thread, &result);
    ok(result && patience_ms > 0 && patience_ms < LONG_MS, "... which costs patience");
    is_int(write(fds[1], "bytes", 5), 5, "something is written that nobody reads");
    patience_ms = 30;
    ok(os_pipe_taken(fds[1], &patience_ms), "os_pipe_taken: waits no longer than it may");
    is_int(patience_ms, 0, "... and then no patience is left");
    ok(os_pipe_taken(fds[1], &patience_ms), "os_pipe_taken: without patience it does not wait");
    close(fds[0]);
    errno = 0;
    ok(!os_pipe_taken(fds[1], &patience_ms) && errno == EPIPE,
       "os_pipe_taken: a reader that left something is gone");
    close(fds[1]);
}

static void test_gone(void)
{
    int64_t patience_ms = LONG_MS;
    char bytes[10];
    int fds[2];

    if (pipe(fds) != 0)
        return ok(false, "a pipe"), (void)0;
    is_int(write(fds[1], "bytes", 5), 5, "something is written");
    is_int(read(fds[0], bytes, sizeof bytes), 5, "... and read");
    close(fds[0]);
    ok(os_pipe_taken(fds[1], &patience_ms), "os_pipe_taken: a reader that took all may be gone");
    close(fds[1]);
}

int main(void)
{
    test_no_pipe();
    test_reader();
    test_gone();
    return done_testing();
}
