/*
 * event: what the log is told, as data, and how it looks as a line. Pure.
 *
 *     event=login result=fail user=ann addr=127.0.0.1 session=17 ms=231 level=warning
 *
 * Whoever has something to tell fills in a struct event and hands it on; formatting waits until it
 * is known that someone wants to read it, so that telling costs next to nothing. A value comes from
 * anywhere, a client or a stranger's file: it cannot end the line, begin another field or change a
 * terminal. It stands bare, or in double quotes when it is empty or has anything but printable
 * ASCII without space, quote, backslash and =. In quotes \" and \\ stand for themselves, \x1b and
 * \u202e for what is no UTF-8 and for what utf8_is_safe refuses. A long value ends in "..." within
 * its quotes.
 */
#ifndef LOG_EVENT_H
#define LOG_EVENT_H

#include "base/span.h"

#define EVENT_FIELDS      12
#define EVENT_VALUE_BYTES 400 /* of a value in a line, its quotes and dots not counted */
#define EVENT_LEAST_BYTES 64  /* what a line needs to be of any use */

enum event_level {
    EVENT_ERROR,   /* to be looked at now: mail, or the service, is in danger */
    EVENT_WARNING, /* to be looked at: something failed that should not, or is perhaps an attack */
    EVENT_NOTICE,  /* normal, and rare: the server, its accounts */
    EVENT_INFO,    /* normal, and frequent: sessions and letters */
    EVENT_DEBUG
};

struct event_field {
    const char *key; /* one of our own words */
    struct span text;
    uint64_t number; /* counts when text.p is NULL */
};

struct event {
    const char *name; /* one of our own words */
    enum event_level level;
    int64_t ms; /* how long it took; -1: not told */
    unsigned n;
    struct event_field field[EVENT_FIELDS];
};

/* Begins an event without fields. */
void event_begin(struct event *e, const char *name, enum event_level level);

/* Adds a field. The text stays the caller's, who keeps it until the event was told. */
void event_text(struct event *e, const char *key, struct span text);
void event_number(struct event *e, const char *key, uint64_t number);

/*
 * Writes the line, without an end of line but with a NUL, into out, which has room for size bytes,
 * EVENT_LEAST_BYTES at least; returns its length. A field for which there is no room is left out as
 * a whole, and cut=yes says so; level= is always there.
 */
size_t event_write(const struct event *e, char *out, size_t size);

/* The name of a level, or NULL beyond the last: "error", "warning", "notice", "info", "debug". */
const char *event_level_name(unsigned level);

#endif
