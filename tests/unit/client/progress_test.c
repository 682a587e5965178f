/* SPDX-License-Identifier: ISC */
/* Standard error is a terminal of the test's own, and the time is the test's, too. */
#include "client/progress.h"

#include "progress_terminal.h"

static void set_columns(unsigned short columns)
{
    ioctl(terminal, TIOCSWINSZ, &(struct winsize){.ws_row = 24, .ws_col = columns});
}

static void test_bar(void)
{
    set_columns(60);
    progress_hide();
    is_str(shown(), "", "progress_hide: nothing, if there is no bar");
    progress_show(0, 4);
    is_str(shown(), "\r[          ] 0 of 4", "progress_show: the first one at once");
    now_ms += 1000;
    progress_show(1, 4);
    is_str(shown(), "\r[##        ] 1 of 4", "... a part, rounded down");
    progress_show(4, 4);
    is_str(shown(), "\r[##########] 4 of 4", "... the whole");
    progress_hide();
    is_str(shown(), HIDDEN, "progress_hide: the line is empty");
    progress_hide();
    is_str(shown(), "", "... once");
}

static void test_time(void)
{
    char wanted[64];
    set_columns(50);
    progress_show(1, 1000);
    is_str(shown(), "\r[] 1 of 1000", "after it was hidden, a bar is shown at once");
    now_ms += 99;
    progress_show(2, 1000);
    is_str(shown(), "", "progress_show: less than 100 ms later there is none");
    now_ms += 1;
    progress_show(3, 1000);
    is_str(shown(), "\r[] 3 of 1000", "... but then");
    progress_show(1000, 1000);
    is_str(shown(), "\r[] 1000 of 1000", "... and the last one always");
    int n = 0;
    for (unsigned i = 0; i < 1000; i++, now_ms++) {
        progress_show(i, 1000);
        snprintf(wanted, sizeof wanted, "\r[] %u of 1000", i);
        n += strcmp(shown(), wanted) == 0;
    }
    is_int(n, 9, "in the following second there are nine");
    progress_hide();
    shown();
}

static void test_sizes(void)
{
    static const struct {
        unsigned short columns;
        size_t width;
    } sizes[] = {{0, 0}, {1, 0}, {50, 0}, {51, 1}, {80, 30}, {110, 60}, {111, 60}, {65535, 60}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        set_columns(sizes[i].columns);
        progress_show(UINT64_MAX, UINT64_MAX);
        const char *line = shown();
        is_int(strspn(line + 2, "#"), sizes[i].width, "of %u columns the bar has %zu",
               sizes[i].columns, sizes[i].width);
        ok(strcmp(line + 2 + sizes[i].width, "] 18446744073709551615 of 18446744073709551615") == 0,
           "... and the numbers are whole");
        ok(sizes[i].width == 0 || strlen(line) - 1 < sizes[i].columns, "... and it fits in");
    }
    progress_hide();
    shown();
}

static void test_odd(void)
{
    set_columns(60);
    progress_show(0, 0);
    progress_hide();
    is_str(shown(), "", "progress_show: of nothing, nothing is shown");
    progress_show(5, 4);
    is_str(shown(), "\r[##########] 5 of 4", "more than all fills the bar");
    progress_hide();
    shown();
}

static void test_no_terminal(void)
{
    FILE *file = tmpfile();
    int before = dup(2);
    if (!file)
        abort();
    dup2(fileno(file), 2);
    progress_show(1, 2);
    progress_hide();
    ok(lseek(2, 0, SEEK_END) == 0, "where standard error is no terminal, nothing is written");
    dup2(before, 2);
    close(before);
    fclose(file);
    is_str(shown(), "", "... nor elsewhere");
}

static void test_dumb_terminal(void)
{
    setenv("TERM", "dumb", 1);
    progress_show(1, 2);
    progress_hide();
    is_str(shown(), "", "on a terminal that obeys no sequences, nothing is shown");
}

int main(void)
{
    setenv("TERM", "xterm", 1);
    if (!open_terminal())
        return 1;
    test_bar();
    test_time();
    test_sizes();
    test_odd();
    test_no_terminal();
    test_dumb_terminal();
    return done_testing();
}
