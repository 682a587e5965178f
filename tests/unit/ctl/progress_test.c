/* SPDX-License-Identifier: ISC */
/* Standard error is a terminal of the test's own, and the time is the test's, too. */
#include "ctl/progress.h"

#include "progress_terminal.h"

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
