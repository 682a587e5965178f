/* SPDX-License-Identifier: ISC */
#include "os/wait.h"

#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include "os/clock.h"
#include "tap.h"

#define SOON_MS    50
#define PATIENT_MS 20000 /* only a defect makes a test wait this long */

static int64_t in_us(int64_t ms)
{
    return os_clock_us() + ms * 1000;
}

static void test_descriptors(void)
{
    int pipes[2][2], fds[2];
    int64_t begin_ms = os_clock_ms();

    if (pipe(pipes[0]) != 0 || pipe(pipes[1]) != 0)
        return ok(false, "two pipes"), (void)0;
    fds[0] = pipes[0][0];
    fds[1] = pipes[1][0];
    is_int(os_wait(fds, 2, OS_WAIT_INPUT, in_us(SOON_MS)), OS_TIMEOUT, "os_wait: times out");
    ok(os_clock_ms() - begin_ms >= SOON_MS, "os_wait: not before the deadline");
    is_int(os_wait(fds, 2, OS_WAIT_INPUT, INT64_MIN), OS_TIMEOUT, "os_wait: a past deadline");
    ok(write(pipes[1][1], "x", 1) == 1, "the second pipe can be read");
    is_int(os_wait(fds, 2, OS_WAIT_INPUT, OS_FOREVER), OS_READY, "os_wait: one of two is ready");
    ok(os_wait_input(fds, 2, OS_FOREVER), "os_wait_input: one of two can be read");
    ok(!os_wait_input(fds, 1, os_clock_ms() + SOON_MS), "os_wait_input: the other cannot");
    is_int(os_wait(&pipes[0][1], 1, OS_WAIT_ROOM, OS_FOREVER), OS_READY, "os_wait: can be written");
    for (int i = 0; i < 4; i++)
        close(pipes[i / 2][i % 2]);
}

static void test_wake(void)
{
    is_int(os_wait(NULL, 0, OS_WAIT_NOTHING, in_us(SOON_MS)), OS_TIMEOUT,
           "os_wait: without descriptors");
    pthread_kill(pthread_self(), OS_WAKE);
    is_int(os_wait(NULL, 0, OS_WAIT_NOTHING, in_us(PATIENT_MS)), OS_WOKEN,
           "os_wait: a wake that came before ends the wait");
    is_int(os_wait(NULL, 0, OS_WAIT_NOTHING, in_us(SOON_MS)), OS_TIMEOUT,
           "os_wait: a wake ends only one wait");
}

int main(void)
{
    os_wake_setup();
    test_descriptors();
    test_wake();
    return done_testing();
}
