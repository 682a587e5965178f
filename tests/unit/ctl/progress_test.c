/* SPDX-License-Identifier: ISC */
/* Standard error is a terminal of the test's own, and the time is the test's, too. */
#include "ctl/progress.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "os/clock.h"
#include "tap.h"

#define PATIENT_MS 20000
#define HIDDEN     "\r\033[K"

static int terminal; /* the master's side */
static int64_t now_ms = 1000;

/* The linker gives us all calls of os_clock_ms. */
int64_t stopped_ms(void) __asm__("__wrap_os_clock_ms");

int64_t stopped_ms(void)
{
    return now_ms;
}

/* What has been shown since the last call: the test itself writes the end of it. */
static const char *shown(void)
{
    static char screen[4096];
    struct pollfd p = {.fd = terminal, .events = POLLIN};
    size_t n = 0;
    if (write(2, "!", 1) != 1)
        return "cannot write";
    while (n < sizeof screen - 1 && poll(&p, 1, PATIENT_MS) == 1 &&
           read(terminal, screen + n, 1) == 1 && screen[n] != '!')
        n++;
    screen[n] = '\0';
    return screen;
}

static bool open_terminal(void)
{
    char name[64];
    terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (terminal < 0 || grantpt(terminal) != 0 || unlockpt(terminal) != 0 ||
        ptsname_r(terminal, name, sizeof name) != 0)
        return false;
    int fd = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    return fd >= 0 && dup2(fd, 2) == 2 && close(fd) == 0;
}

static void test_line(void)
{
    ctl_progress_hide();
    is_str(shown(), "", "hide: nothing, if there is no line");
    ok(ctl_progress_shows(), "a terminal that obeys sequences");
    ctl_progress_show("%d of %d", 1, 4);
    is_str(shown(), HIDDEN "1 of 4", "show: the first line at once");
    now_ms += 99;
    ctl_progress_show("%d of %d", 2, 4);
    is_str(shown(), "", "... nothing less than 100 ms later");
    now_ms += 1;
    ctl_progress_show("%d of %d", 3, 4);
    is_str(shown(), HIDDEN "3 of 4", "... but then, in place of the last one");
    ctl_progress_hide();
    is_str(shown(), HIDDEN, "hide: the line is empty");
    ctl_progress_hide();
    is_str(shown(), "", "... once");
}

static void test_dumb(void)
{
    now_ms += 1000;
    setenv("TERM", "dumb", 1);
    ok(!ctl_progress_shows(), "TERM is dumb");
    ctl_progress_show("1 of 4");
    is_str(shown(), "", "... nothing is shown");
}

int main(void)
{
    setenv("TERM", "xterm", 1);
    if (!open_terminal())
        return 1;
    test_line();
    test_dumb();
    return done_testing();
}
