/* SPDX-License-Identifier: ISC */
/*
 * event: an event for the log, as data and as a line. Pure.
 *
 *     event=login result=fail user=ann addr=127.0.0.1 session=17 ms=231 level=warning
 *
 * The caller fills in a struct event; it becomes a line only if somebody wants to read it, so
 * events that nobody reads cost next to nothing. A value may come from anywhere, a client or a
 * stranger's file: it can neither end the line, nor begin another field, nor control a terminal. It
 * stands bare, or in double quotes if it is empty or has anything but printable ASCII other than
 * space, quote, backslash and =. In quotes, \" and \\ stand for the characters themselves, and \x1b
 * and \u202e for invalid UTF-8 and for what utf8_is_safe rejects. A long value ends in "..." inside
 * its quotes.
 */
#ifndef LOG_EVENT_H
#define LOG_EVENT_H

#include "base/span.h"

#define EVENT_FIELDS      12
#define EVENT_VALUE_BYTES 400 /* the longest value in a line, without quotes and dots */
#define EVENT_LEAST_BYTES 64  /* the smallest size of a line */

enum event_level {
    EVENT_ERROR,   /* needs attention now: mail or the service is in danger */
    EVENT_WARNING, /* needs attention: an unexpected failure, or perhaps an attack */
    EVENT_NOTICE,  /* normal and rare: the server and its accounts */
    EVENT_INFO,    /* normal and frequent: sessions and messages */
    EVENT_DEBUG
};

struct event_field {
    const char *key; /* a literal word */
    struct span text;
    uint64_t number; /* the value if text.p is NULL */
};

struct event {
    const char *name; /* a literal word */
    enum event_level level;
    int64_t ms; /* its duration; -1: unknown */
    unsigned n;
    struct event_field field[EVENT_FIELDS];
};

/* Begins an event without fields. */
void event_begin(struct event *e, const char *name, enum event_level level);

/* Adds a field, EVENT_FIELDS at most. The text must stay until the event has been written. */
void event_text(struct event *e, const char *key, struct span text);
void event_number(struct event *e, const char *key, uint64_t number);

/*
 * Writes the line into out with a NUL, but without a line feed, and returns its length. size, the
 * room in out, is at least EVENT_LEAST_BYTES. A field that does not fit is left out, and cut=yes
 * added; level= is always there.
 */
size_t event_write(const struct event *e, char *out, size_t size);

/* The name of a level: "error", "warning", "notice", "info" or "debug"; NULL after the last. */
const char *event_level_name(unsigned level);

#endif
