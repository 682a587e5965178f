/* SPDX-License-Identifier: ISC */
/*
 * log: writes events (event.h), one line each, to standard error or to syslog. Safe for threads,
 * unless it says otherwise.
 *
 * If JOURNAL_STREAM says that systemd reads standard error, a line there begins with its priority,
 * <4>; otherwise with "pochtad: time=2026-11-24T04:57:45Z ". A line has at most 1 KiB and is
 * written by one write. Syslog gets the event alone.
 *
 * Nothing here waits. If nobody reads, lines are lost; before the next line that finds room, an
 * event "lost" of level warning says how many.
 */
#ifndef LOG_LOG_H
#define LOG_LOG_H

#include "log/event.h"

enum log_target { LOG_TO_STDERR, LOG_TO_SYSLOG };

/*
 * Sets where events go, and the level: less serious ones are dropped. To be called before there are
 * other threads; until then events up to EVENT_NOTICE go to standard error. Errors always go there,
 * too, so that the reason is visible when a server does not start, even without a syslog daemon.
 */
void log_open(enum log_target target, enum event_level level);

/* The same for a running server. */
void log_set_target(enum log_target target);
void log_set_level(enum event_level level);
enum event_level log_level(void);

void log_event(const struct event *e);

/* Logs an event "trouble" of level error with this text. */
void log_trouble(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Limits the rate of one kind of event. Initially all zeros. */
struct log_rarely {
    int64_t next_ms;
    uint64_t left_out;
};

/* Logs at most one event a second; the next one has the number left out as more=. For one thread.
 */
void log_rarely(struct log_rarely *r, struct event *e);

/*
 * Whether log_rarely would log e now; then adds more= to it. For several threads: call it with a
 * mutex held that guards r, then release the mutex and call log_event.
 */
bool log_is_due(struct log_rarely *r, struct event *e);

#endif
