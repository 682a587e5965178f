/* SPDX-License-Identifier: ISC */
/*
 * end: one end of a simulated session: udp2, its reader and writer, and the beginning of the
 * client's session. It checks what udp2 promises, and reports violations.
 */
#ifndef END_H
#define END_H

#include "net.h"
#include "udp/udp2.h"

#define IDLE_US INT64_C(100000000)

struct stream { /* a sequence of frames */
    char *p;
    size_t n, frames;
    size_t *ends; /* offsets of the frames' ends */
};

struct plan { /* what an end does */
    size_t datagram_size;
    bool in_turn;          /* a frame is written only after the peer's one before it has come */
    int64_t read_every_us; /* 0: reads at once */
    size_t read_bytes;
    size_t waiting_bytes; /* memory for datagrams that wait */
    int64_t vanish_us;    /* INT64_MAX: never */
    int64_t end_us;       /* ends even if data is under way; INT64_MAX: when all is done */
    bool listens;         /* also ends when nothing has moved for IDLE_US */
    bool ends;            /* this end ends the session when all is done */
};

struct end {
    enum net_side side;
    struct plan plan;
    const struct stream *out, *in;
    struct udp2 u;
    bool begun, vanished, gave_up;
    size_t written, got, waiting_bytes;
    int64_t moved_us; /* when something was last read or acknowledged */
    uint64_t moved;   /* how much had been by then */
    int64_t read_us;  /* when it may read next */
    int64_t ask_us, asked_us,
        wait_us;               /* the client: when to ask again, when it first asked, its wait */
    uint64_t datagrams;        /* sent */
    int64_t quiet_us;          /* since when nothing came */
    uint64_t sent_while_quiet; /* after the first two seconds of that */
};

extern bool trace;

/* The first violation of this run, in words; NULL if there is none. */
const char *violation(void);
void violated(const char *format, ...) __attribute__((format(printf, 1, 2)));
void violations_clear(void);

void end_begin(struct end *e, uint64_t id, int64_t now_us);
bool end_over(const struct end *e);
bool end_done(const struct end *e); /* everything is written, acknowledged and read */

/* Reads, writes and sends as much as possible. */
void end_work(struct end *e, int64_t now_us);
void end_receive(struct end *e, struct span datagram, int64_t now_us);

/* When the end next has something to do. */
int64_t end_next_us(const struct end *e);

#endif
