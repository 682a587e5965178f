/* SPDX-License-Identifier: ISC */
/*
 * udp2: one end of a session in version 2 over UDP (docs/udp.md). It carries a stream of frames in
 * each direction, every byte once and in order; if it cannot, the session fails. Server and client
 * are alike. Pure except for memory: datagrams and the time, in microseconds of any steady clock,
 * are handed in.
 *
 * The owner hands in each datagram that comes. After that, after a write, a read or an end, and at
 * the time of udp2_timer, it sends all datagrams that udp2_poll returns. 256 datagrams are kept in
 * each direction, and up to 4,096 if the path carries them and there is memory. Not thread-safe.
 */
#ifndef UDP_UDP2_H
#define UDP_UDP2_H

#include "udp/reorder.h"

#define UDP2_SEND_FIRST    256               /* datagrams kept until acknowledged: always, ... */
#define UDP2_SEND_MAX      4096              /* ... and at most; powers of two */
#define UDP2_WINDOW        REORDER_FIRST     /* may be sent before the first acknowledgement */
#define UDP2_SILENT_US     INT64_C(30000000) /* the session fails if the peer owes an answer */
#define UDP2_LISTEN_US     INT64_C(1000000)  /* silence after which a reader sends a probe */
#define UDP2_LISTEN_MAX_US INT64_C(5000000)  /* it doubles with each probe, up to this */
#define UDP2_OTHER_MAX     203               /* bytes of a datagram without data */
#define UDP2_ENDING_US     INT64_C(5000000)  /* an end waits this long for acknowledgements */

enum udp2_state {
    UDP2_OPEN,
    UDP2_ENDING, /* udp2_end was called; data already written is still delivered */
    UDP2_ENDED,  /* over; everything that both ends sent has arrived */
    UDP2_FAILED  /* over; something may not have arrived (enum udp2_why) */
};

enum udp2_why {
    UDP2_WELL,
    UDP2_SILENT,    /* the peer does not answer */
    UDP2_CUT,       /* the peer ended the session before everything was delivered */
    UDP2_NOT_ACKED, /* this end ended it, and the last data was not acknowledged in time */
    UDP2_GIVEN_UP   /* udp2_abort */
};

struct udp2_count { /* statistics since the beginning */
    uint64_t sent, repeated, acks, bad, wrong_id, old, beyond, timeouts, losses;
};

/* A datagram to send, from its first byte written until it is acknowledged. */
struct udp2_sent {
    char *p;         /* its body; NULL once acknowledged */
    int64_t us;      /* when it was last sent */
    uint64_t before; /* the number under way that was last sent before it; 0: none */
    uint64_t after;  /* and after it */
    uint16_t n;
    bool acked, lost, repeated;
};

struct udp2 {
    uint64_t id;
    size_t body_max;
    enum udp2_state state;
    enum udp2_why why;
    bool listening;
    int64_t heard_us;   /* when the last good datagram came */
    int64_t waiting_us; /* since when the peer owes an answer; INT64_MAX: it does not */
    int64_t end_us;     /* when udp2_end was called */

    /* Receiving. */
    struct reorder in;
    unsigned unacked;    /* datagrams with data since the last acknowledgement */
    unsigned asks;       /* how many of them asked for an acknowledgement at once */
    int64_t came_us;     /* when new data last came */
    uint64_t came;       /* its number */
    int64_t ack_us;      /* when to acknowledge; INT64_MAX: no need */
    uint64_t told_limit; /* the highest number the peer was told it may send */
    uint32_t news;       /* blocks of numbers of which the peer does not know all that came */
    int64_t read_us;     /* since when it counts what is read, to let the window grow */
    uint64_t read_from;  /* the lowest number that had not been read by then */

    /* Sending. */
    struct frame_bounds bounds;
    uint64_t una;            /* the lowest number that is not acknowledged */
    uint64_t next;           /* the lowest number that has not been sent */
    uint64_t full;           /* the lowest number that is not complete: it is being written */
    uint64_t limit;          /* the highest number that the peer has room for */
    uint64_t marked;         /* the last new datagram that asked for an acknowledgement at once */
    struct udp2_sent *slot;  /* of a number: its remainder by room; first, or an own block */
    size_t room;             /* slots; a power of two */
    uint64_t oldest, newest; /* of the numbers under way, by when they were last sent; 0: none */
    uint64_t lost_from;      /* no lower number is considered lost */
    struct reorder_memory memory; /* for more than UDP2_SEND_FIRST slots and what they keep */
    struct udp2_sent first[UDP2_SEND_FIRST];

    /* Loss, timer and window: udp2_recovery.c. */
    int64_t srtt_us, rttvar_us, min_rtt_us; /* min_rtt_us 0: not measured yet */
    int64_t rack_us;                        /* the latest sending of any acknowledged datagram */
    uint64_t rack_number;                   /* that datagram */
    int64_t rack_at_us;                     /* when to look for lost datagrams again */
    unsigned in_flight;                     /* sent, and neither acknowledged nor considered lost */
    unsigned lost;                          /* considered lost and not repeated yet */
    unsigned cwnd, grown; /* window in datagrams; acknowledged ones since its last step */
    unsigned ssthresh;
    struct udp2_cubic {    /* after slow start, RFC 9438 */
        int64_t from_us;   /* when it began; INT64_MIN: not yet */
        unsigned middle;   /* the window when a datagram was last lost */
        int64_t middle_ms; /* when, after from_us, the window should be as large again */
    } cubic;
    struct udp2_round {                  /* about a round trip */
        uint64_t last;                   /* it ends when this number is acknowledged */
        int64_t least_us;                /* the shortest round trip in it */
        int64_t most_us, most_before_us; /* the greatest srtt_us in it and in the one before */
        unsigned samples;
        unsigned queued; /* rounds before it, in a row, that showed a queue */
    } round;
    bool held;              /* the window, not the writer, limits sending */
    int64_t recovery_us;    /* when the window was last reduced: at most once a round trip */
    int64_t timer_us;       /* when the timer was started */
    unsigned attempt;       /* how often in a row it has expired */
    bool probe_data, probe; /* must be sent */
    int64_t probed_us;
    unsigned asked;      /* probes for data since there last was any, at most 3 */
    unsigned unanswered; /* probes since the last good datagram came */
    bool farewell;       /* X must be sent */
    struct udp2_count count;
};

/*
 * size: of the largest datagram with data, limited to DATAGRAM_SIZE_2_MIN to DATAGRAM_SIZE_2_MAX;
 * others have at most UDP2_OTHER_MAX bytes. Allocates nothing yet. *u must stay where it is. Its
 * owner may then set in.memory and memory.
 */
void udp2_init(struct udp2 *u, uint64_t id, size_t size, int64_t now_us);
void udp2_free(struct udp2 *u);

/*
 * Tells how long the client's cookie took, if it asked only once. Without this first measurement of
 * the round trip, a loss at the beginning costs a second.
 */
void udp2_round_trip(struct udp2 *u, int64_t rtt_us);

/* Takes a datagram. Returns false if its form, checksum or id is wrong. */
bool udp2_receive(struct udp2 *u, struct span datagram, int64_t now_us);

/*
 * Takes bytes of the stream to send, as many as there is room for, and returns how many. A datagram
 * is sent when it is full or its frame ends. 0: there is no room now, or the session is ending.
 */
size_t udp2_write(struct udp2 *u, struct span s);

/*
 * Whether data can be read. Reads up to size bytes of it and returns how many, even after the end
 * of the session.
 */
bool udp2_ready(const struct udp2 *u);
size_t udp2_read(struct udp2 *u, char *out, size_t size, int64_t now_us);

/*
 * Writes the next datagram to send to out, which has room for DATAGRAM_SIZE_2_MAX bytes, and
 * returns its size; 0 if there is none now.
 */
size_t udp2_poll(struct udp2 *u, char *out, int64_t now_us);

/* When to poll next if nothing comes. A time in the past: at once. INT64_MAX: never. */
int64_t udp2_timer(const struct udp2 *u);

/* Whether everything that was written has been acknowledged. */
bool udp2_all_acked(const struct udp2 *u);

/*
 * Tells whether the owner waits for data. While it does, silence is followed by probes, and so it
 * learns if the peer is gone.
 */
void udp2_listen(struct udp2 *u, bool listening, int64_t now_us);

/* Sends a delayed acknowledgement now, because the owner will not poll for a while. */
void udp2_hurry(struct udp2 *u, int64_t now_us);

/* Ends the session once everything is acknowledged. Ends it at once, as failed. */
void udp2_end(struct udp2 *u, int64_t now_us);
void udp2_abort(struct udp2 *u);

/* Whether a datagram carries data, as the first of a session does. Whether it ends a session. */
bool udp2_is_data(const struct datagram *d);
bool udp2_is_farewell(const struct datagram *d);

/*
 * Writes a farewell to out, which has room for DATAGRAM_SIZE_2_MIN bytes, and returns its size. A
 * session that is over answers it to everything except a farewell (session_ids.h). came: all
 * numbers up to this have come; in_order: the peer has acknowledged everything.
 */
size_t udp2_farewell(char *out, uint64_t id, uint64_t came, bool in_order);

#endif
