/* SPDX-License-Identifier: ISC */
#include "os/line.h"
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
    is_int(os_pipe_wait(-1, LONG_MS), OS_PIPE_TAKEN, "os_pipe_wait: nor what is closed");
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

/* Without a reader, room or a writable end nothing is written, and nobody waits. */
static void test_line(void)
{
    static char many[1 << 20];
    int fds[2];

    if (pipe(fds) != 0)
        return ok(false, "a pipe"), (void)0;
    int own = os_line_open(fds[1]);
    ok(own != fds[1], "os_line_open: a descriptor of its own");
    is_int(os_line_write(own, "one\n", 4), 4, "os_line_write: a line");
    size_t n = os_line_write(own, many, sizeof many);
    ok(n > 0 && n < sizeof many, "os_line_write: what there is room for");
    is_int(os_line_write(own, "one\n", 4), 0, "os_line_write: nothing without room");
    is_int(os_line_write(fds[1], "one\n", 4), 0, "os_line_write: ... nor by the other descriptor");
    close(own);
    close(fds[1]);
    is_int(os_line_write(fds[0], "one\n", 4), 0, "os_line_write: nothing to what is only read");
    close(fds[0]);
    is_int(os_line_write(-1, "one\n", 4), 0, "os_line_write: nothing to what is closed");
    is_int(os_line_open(-1), -1, "os_line_open: the descriptor itself, if it is closed");
}

int main(void)
{
    test_line();
    test_no_pipe();
    test_reader();
    test_gone();
    return done_testing();
}
