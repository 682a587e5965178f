/* SPDX-License-Identifier: ISC */
#include "os/pipe.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include "os/clock.h"
#include "tap.h"

#define LONG_MS 20000 /* only a defect makes a test wait this long */

static void test_no_pipe(void)
{
    int fd = open("/dev/null", O_WRONLY);

    is_int(os_pipe_wait(fd, LONG_MS), OS_PIPE_TAKEN,
           "os_pipe_wait: what is no pipe is not waited for");
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
    int64_t began_ms = os_clock_ms();
    pthread_t thread;
    void *result = NULL;
    int fds[2];

    if (pipe(fds) != 0)
        return ok(false, "a pipe"), (void)0;
    is_int(os_pipe_wait(fds[1], LONG_MS), OS_PIPE_TAKEN, "os_pipe_wait: an empty pipe");
    is_int(write(fds[1], "bytes", 5), 5, "something is written");
    pthread_create(&thread, NULL, read_late, fds);
    is_int(os_pipe_wait(fds[1], LONG_MS), OS_PIPE_TAKEN, "os_pipe_wait: waits until it is read");
    pthread_join(thread, &result);
    ok(result && os_clock_ms() - began_ms < LONG_MS, "... and no longer");
    is_int(write(fds[1], "bytes", 5), 5, "something is written that nobody reads");
    began_ms = os_clock_ms();
    is_int(os_pipe_wait(fds[1], 30), OS_PIPE_WAITING, "os_pipe_wait: waits no longer than it may");
    ok(os_clock_ms() - began_ms >= 30, "... and no shorter");
    is_int(os_pipe_wait(fds[1], 0), OS_PIPE_WAITING, "os_pipe_wait: need not wait at all");
    close(fds[0]);
    is_int(os_pipe_wait(fds[1], LONG_MS), OS_PIPE_LEFT,
           "os_pipe_wait: a reader that left something is gone");
    is_int(os_pipe_wait(fds[1], 0), OS_PIPE_LEFT, "... which is seen without a wait");
    close(fds[1]);
}

static void test_gone(void)
{
    char bytes[10];
    int fds[2];

    if (pipe(fds) != 0)
        return ok(false, "a pipe"), (void)0;
    is_int(write(fds[1], "bytes", 5), 5, "something is written");
    is_int(read(fds[0], bytes, sizeof bytes), 5, "... and read");
    close(fds[0]);
    is_int(os_pipe_wait(fds[1], LONG_MS), OS_PIPE_TAKEN,
           "os_pipe_wait: a reader that took all may be gone");
    close(fds[1]);
}

int main(void)
{
    test_no_pipe();
    test_reader();
    test_gone();
    return done_testing();
}
