/*
 * log: one line an event (event.h), on standard error or to the system's log. Safe for threads but
 * where it says otherwise.
 *
 * On standard error a line begins with the priority that systemd reads, <4>, where JOURNAL_STREAM
 * names what it is; else with "pochtad: time=2026-11-24T04:57:45Z ", for there nobody else adds the
 * time. It is written by one write and has at most 1 KiB. The system's log gets the event alone.
 */
#ifndef LOG_LOG_H
#define LOG_LOG_H

#include "log/event.h"

enum log_target { LOG_TO_STDERR, LOG_TO_SYSLOG };

/*
 * Where events go, and which: those of the level and of the graver ones. Before there are other
 * threads; until then those up to notice go to standard error. Errors go there in any case, so that
 * whoever starts the server sees why it does not run, syslog daemon or none.
 */
void log_open(enum log_target target, enum event_level level);

/* Later, at any time. */
void log_set_target(enum log_target target);
void log_set_level(enum event_level level);
enum event_level log_level(void);

void log_event(const struct event *e);

/* An event "trouble" of level error, with this text. */
void log_trouble(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* For what may happen again and again. Begins as zeros. */
struct log_rarely {
    int64_t next_ms;
    uint64_t left_out;
};

/*
 * Tells one event a second at most; more= in the next says how many were left out. For one thread.
 */
void log_rarely(struct log_rarely *r, struct event *e);

/*
 * Whether it would, and then more= has been added: for several threads, who guard r by a mutex and
 * tell the event without it, since that may take as long as the log's reader likes.
 */
bool log_is_due(struct log_rarely *r, struct event *e);

#endif
