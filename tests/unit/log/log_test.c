/* SPDX-License-Identifier: ISC */
/*
 * What stands on standard error, which is a file here, and when: the clock is the test's.
 */
#include "log/log.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/clock.h"
#include "os/file.h"
#include "tap.h"

#define TIME "pochtad: time=2017-12-03T15:51:33Z "

static int64_t now_ms;
static char path[200];

int64_t os_clock_ms(void)
{
    return now_ms;
}

int64_t os_clock_us(void)
{
    return now_ms * 1000;
}

int64_t os_clock_ms_to_us(int64_t ms)
{
    return ms * 1000;
}

int64_t os_clock_now(void)
{
    return 1512316293;
}

void os_clock_utc(int64_t seconds, struct tm *tm)
{
    time_t t = seconds;

    gmtime_r(&t, tm);
}

/* What was written since the last time. */
static const char *written(void)
{
    static struct buf text;

    buf_free(&text);
    buf_init(&text, 100000);
    os_file_load(OS_FILE_CWD, path, &text);
    buf_add_char(&text, '\0');
    if (ftruncate(2, 0) != 0)
        return "?";
    return text.p;
}

static void tell(enum event_level level)
{
    struct event e;

    event_begin(&e, "x", level);
    log_event(&e);
}

static void test_levels(void)
{
    for (int level = EVENT_ERROR; level <= EVENT_DEBUG; level++)
        tell((enum event_level)level);
    is_str(written(),
           TIME "event=x level=error\n" TIME "event=x level=warning\n" TIME
                "event=x level=notice\n",
           "up to notice as long as nobody says otherwise");
    log_open(LOG_TO_STDERR, EVENT_ERROR);
    tell(EVENT_WARNING);
    is_str(written(), "", "only errors");
    log_set_level(EVENT_DEBUG);
    tell(EVENT_DEBUG);
    is_str(written(), TIME "event=x level=debug\n", "a level changed while it runs");
}

static void test_targets(void)
{
    char stream[48];
    struct stat st;

    setenv("JOURNAL_STREAM", "8:1234", 1);
    log_open(LOG_TO_STDERR, EVENT_DEBUG);
    tell(EVENT_ERROR);
    is_str(written(), TIME "event=x level=error\n", "another stream is systemd's");
    ok(fstat(2, &st) == 0, "standard error is a file");
    snprintf(stream, sizeof stream, "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
    setenv("JOURNAL_STREAM", stream, 1);
    log_open(LOG_TO_STDERR, EVENT_DEBUG);
    for (int level = EVENT_ERROR; level <= EVENT_DEBUG; level++)
        tell((enum event_level)level);
    is_str(written(),
           "<3>event=x level=error\n<4>event=x level=warning\n<5>event=x level=notice\n"
           "<6>event=x level=info\n<7>event=x level=debug\n",
           "priorities for systemd");
    unsetenv("JOURNAL_STREAM");
    log_open(LOG_TO_SYSLOG, EVENT_DEBUG);
    tell(EVENT_WARNING);
    tell(EVENT_ERROR);
    is_str(written(), TIME "event=x level=error\n", "with syslog, only errors stand here too");
    log_open(LOG_TO_STDERR, EVENT_NOTICE);
}

static void test_trouble(void)
{
    static char bytes[10000];
    const char *line;

    log_trouble("mailbox %s: %d\n", "bob", 5);
    is_str(written(), TIME "event=trouble text=\"mailbox bob: 5\\x0a\" level=error\n", "trouble");
    memset(bytes, '\x1b', sizeof bytes - 1);
    log_trouble("%s", bytes);
    line = written();
    ok(strlen(line) <= 1024 && strchr(line, '\n') == line + strlen(line) - 1,
       "a long text is one short line");
}

static void tell_rarely(struct log_rarely *r)
{
    struct event e;

    event_begin(&e, "x", EVENT_NOTICE);
    log_rarely(r, &e);
}

static void test_rarely(void)
{
    struct log_rarely r = {0};

    now_ms = 5000;
    for (int i = 0; i < 3; i++)
        tell_rarely(&r);
    is_str(written(), TIME "event=x level=notice\n", "one in a second");
    now_ms += 1000;
    tell_rarely(&r);
    is_str(written(), TIME "event=x more=2 level=notice\n", "the next says how many there were");
    now_ms += 1000;
    tell_rarely(&r);
    is_str(written(), TIME "event=x level=notice\n", "and they are forgotten");
}

int main(void)
{
    const char *tmp = getenv("TMPDIR");
    int fd;

    snprintf(path, sizeof path, "%.150s/log_test.XXXXXX", tmp ? tmp : "/tmp");
    fd = mkostemp(path, O_APPEND);
    if (fd < 0 || dup2(fd, 2) < 0)
        return 1;
    unsetenv("JOURNAL_STREAM");
    test_levels();
    test_targets();
    test_trouble();
    test_rarely();
    unlink(path);
    return done_testing();
}
