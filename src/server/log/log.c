/* SPDX-License-Identifier: ISC */
#include "log/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>

#include "os/clock.h"
#include "os/line.h"
#include "os/syslog.h"
#include "os/systemd.h"
#include "proto/message.h"

#define LINE_BYTES     1024
#define STANDARD_ERROR 2
#define RARELY_MS      1000

static atomic_int where = LOG_TO_STDERR;  /* enum log_target */
static bool to_journal;                   /* systemd reads standard error */
static int stderr_fd = STANDARD_ERROR;    /* see os_line_open */
static atomic_int maximum = EVENT_NOTICE; /* enum event_level */

/* The numbers of RFC 5424 and systemd. */
static const int severities[] = {[EVENT_ERROR] = 3,
                                 [EVENT_WARNING] = 4,
                                 [EVENT_NOTICE] = 5,
                                 [EVENT_INFO] = 6,
                                 [EVENT_DEBUG] = 7};

void log_open(enum log_target target, enum event_level level)
{
    to_journal = os_systemd_is_journal(STANDARD_ERROR);
    stderr_fd = os_line_open(STANDARD_ERROR);
    log_set_target(target);
    log_set_level(level);
}

void log_set_target(enum log_target target)
{
    atomic_store(&where, (int)target);
}

void log_set_level(enum event_level level)
{
    atomic_store(&maximum, (int)level);
}

enum event_level log_level(void)
{
    return (enum event_level)atomic_load(&maximum);
}

/* A leaf lock: guards what follows, and standard error. Nothing under it waits. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static bool torn; /* the last line on standard error lacks its end */

static size_t write_prefix(char *out, size_t size, enum event_level level)
{
    char date[MESSAGE_DATE_BYTES];
    struct tm utc;
    if (to_journal)
        return (size_t)snprintf(out, size, "<%d>", severities[level]);
    os_clock_utc(os_clock_now(), &utc);
    message_date_format(2, &utc, date);
    return (size_t)snprintf(out, size, "pochtad: time=%s ", date);
}

static bool write_stderr(const struct event *e)
{
    char line[LINE_BYTES];
    size_t n = 0;
    if (torn)
        line[n++] = '\n';
    n += write_prefix(line + n, sizeof line - n, e->level);
    n += event_write(e, line + n, sizeof line - n);
    line[n++] = '\n';
    size_t taken = os_line_write(stderr_fd, line, n);
    torn = taken > 0 ? taken < n : torn;
    return taken == n;
}

static bool write_syslog(const struct event *e)
{
    char line[LINE_BYTES];
    event_write(e, line, sizeof line);
    return os_syslog_write("pochtad", severities[e->level], line);
}

struct sink {
    bool (*write)(const struct event *e); /* false: the line is lost */
    uint64_t lost;                        /* lines since one was written */
};

static struct sink to_stderr = {.write = write_stderr}, to_syslog = {.write = write_syslog};

/* Writes an event, after one about lines that were lost. */
static void write_event(struct sink *sink, const struct event *e)
{
    struct event missing;
    pthread_mutex_lock(&mutex);
    if (sink->lost > 0) {
        event_begin(&missing, "lost", EVENT_WARNING);
        event_number(&missing, "lines", sink->lost);
        if (sink->write(&missing))
            sink->lost = 0;
    }
    if (sink->lost > 0 || !sink->write(e))
        sink->lost++;
    pthread_mutex_unlock(&mutex);
}

void log_event(const struct event *e)
{
    int target = atomic_load(&where);
    if (e->level > log_level())
        return;
    if (target == LOG_TO_SYSLOG)
        write_event(&to_syslog, e);
    if (target == LOG_TO_STDERR || e->level == EVENT_ERROR)
        write_event(&to_stderr, e);
}

void log_trouble(const char *format, ...)
{
    char text[EVENT_VALUE_BYTES + 1];
    struct event e;
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    event_begin(&e, "trouble", EVENT_ERROR);
    event_text(&e, "text", span_str(text));
    log_event(&e);
}

bool log_is_due(struct log_rarely *r, struct event *e)
{
    int64_t now_ms = os_clock_ms();
    if (now_ms < r->next_ms) {
        r->left_out++;
        return false;
    }
    if (r->left_out > 0)
        event_number(e, "more", r->left_out);
    r->next_ms = now_ms + RARELY_MS;
    r->left_out = 0;
    return true;
}

void log_rarely(struct log_rarely *r, struct event *e)
{
    if (log_is_due(r, e))
        log_event(e);
}
