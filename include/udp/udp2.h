/*
 * udp2: one end of a session in version 2 over UDP (docs/udp.md): a stream of frames each way,
 * every byte once and in order, or the session has failed. Server and client are alike. Pure but
 * for memory: datagrams and the time in microseconds, of any steady clock, are handed in.
 *
 * The owner hands in each datagram that comes; then, and after a write, a read, an end and when
 * udp2_timer's time has come, sends all that udp2_poll has. Bounded: 256 datagrams each way.
 * Not for two threads at a time.
 */
#ifndef UDP_UDP2_H
#define UDP_UDP2_H

#include "udp/reorder.h"

#define UDP2_SEND_MAX      256         /* datagrams not acknowledged yet; a power of two */
#define UDP2_WINDOW        REORDER_MAX /* may be sent before an acknowledgement says how much */
#define UDP2_SILENT_US     INT64_C(30000000) /* nothing from a peer that owes an answer: failed */
#define UDP2_LISTEN_US     INT64_C(1000000)  /* who waits for data asks after so much silence, */
#define UDP2_LISTEN_MAX_US INT64_C(5000000)  /* then after twice as much each time, up to this */
#define UDP2_ENDING_US     INT64_C(5000000)  /* at the end, for what is not acknowledged yet */

enum udp2_state {
    UDP2_OPEN,
    UDP2_ENDING, /* udp2_end was called; what was written is still brought over */
    UDP2_ENDED,  /* over, and all that either end sent arrived */
    UDP2_FAILED  /* over, and something may not have; udp2_why says more */
};

enum udp2_why {
    UDP2_WELL,
    UDP2_SILENT,    /* the peer does not answer */
    UDP2_CUT,       /* the peer ended it with something not brought over */
    UDP2_NOT_ACKED, /* this end ended it, and was not answered in time */
    UDP2_GIVEN_UP   /* udp2_abort */
};

struct udp2_count { /* since the beginning */
    uint64_t sent, repeated, acks, bad, wrong_id, old, beyond, timeouts, losses;
};

/* What belongs to the sending of one datagram; kept from when its first byte is written. */
struct udp2_sent {
    char *p; /* its body; NULL once acknowledged */
    size_t n;
    int64_t us; /* when it was sent last */
    bool acked, lost, repeated;
};

struct udp2 {
    uint64_t id;
    size_t body_max;
    enum udp2_state state;
    enum udp2_why why;
    bool listening;
    int64_t heard_us;   /* when something good came last */
    int64_t waiting_us; /* since when the peer owes an answer; INT64_MAX: it does not */
    int64_t end_us;     /* when udp2_end was called */

    struct reorder in;
    unsigned unacked;    /* data that came and was not acknowledged */
    unsigned asks;       /* of it, what asked for an acknowledgement at once */
    int64_t came_us;     /* when data came last that had not come before */
    uint64_t came;       /* its number */
    int64_t ack_us;      /* when to acknowledge; INT64_MAX: no need */
    uint64_t told_limit; /* the highest number the peer was told it may send */

    struct frame_bounds bounds;
    uint64_t una;    /* the lowest number not acknowledged */
    uint64_t next;   /* the lowest not sent */
    uint64_t full;   /* the lowest not complete yet: is being written */
    uint64_t limit;  /* the highest the peer has room for */
    uint64_t marked; /* of those sent first, the last that asks for an acknowledgement at once */
    struct udp2_sent slot[UDP2_SEND_MAX];

    int64_t srtt_us, rttvar_us, min_rtt_us; /* min_rtt_us 0: not measured yet */
    int64_t rack_us; /* of those acknowledged, when the one sent last was sent */
    uint64_t rack_number;
    int64_t rack_at_us;   /* when to look again for lost ones */
    unsigned in_flight;   /* sent, neither acknowledged nor taken for lost */
    unsigned lost;        /* taken for lost and not repeated yet */
    unsigned cwnd, grown; /* window in datagrams; acknowledged ones towards its next step */
    unsigned ssthresh;
    bool held;              /* the window, not the writer, held sending back */
    int64_t recovery_us;    /* when the window was last reduced; it is once a round trip */
    int64_t timer_us;       /* from when the timer runs */
    unsigned attempt;       /* how often it ran out in a row */
    bool probe_data, probe; /* to be sent */
    int64_t probed_us;
    unsigned asked;      /* so often in vain for data, since there was some either way; 3 at most */
    unsigned unanswered; /* probes, since something good came */
    bool farewell;       /* X is to be sent */
    struct udp2_count count;
};

/*
 * size: of a datagram with data, brought between DATAGRAM_SIZE_2_MIN and _MAX; those that carry
 * none have at most 129 bytes. Allocates nothing yet.
 */
void udp2_init(struct udp2 *u, uint64_t id, size_t size, int64_t now_us);
void udp2_free(struct udp2 *u);

/*
 * What the client's cookie took, if it asked once: a first measure of the round trip, without which
 * a loss at the beginning costs a second.
 */
void udp2_round_trip(struct udp2 *u, int64_t rtt_us);

/* False: it was dropped, for its form, its checksum or its id. */
bool udp2_receive(struct udp2 *u, struct span datagram, int64_t now_us);

/*
 * Takes bytes of the stream to send, as many as there is room for; a frame's last datagram, or a
 * full one, goes out. 0: later, or the session takes no more.
 */
size_t udp2_write(struct udp2 *u, struct span s);

/* What came: whether there is any, and up to size bytes of it; also when the session is over. */
bool udp2_ready(const struct udp2 *u);
size_t udp2_read(struct udp2 *u, char *out, size_t size, int64_t now_us);

/* Writes a datagram to out, of DATAGRAM_SIZE_2_MAX bytes. Returns its bytes; 0: none now. */
size_t udp2_poll(struct udp2 *u, char *out, int64_t now_us);

/* When to poll next if nothing happens: in the past, at once; INT64_MAX, never. */
int64_t udp2_timer(const struct udp2 *u);

/* Everything that was written has been acknowledged. */
bool udp2_all_acked(const struct udp2 *u);

/* The owner waits for data, or no more. Who waits finds out that the peer is gone. */
void udp2_listen(struct udp2 *u, bool listening, int64_t now_us);

/* An acknowledgement that waits is not to wait: the owner is about to look away. */
void udp2_hurry(struct udp2 *u, int64_t now_us);

/* Ends the session once all has been acknowledged; or at once, as failed. */
void udp2_end(struct udp2 *u, int64_t now_us);
void udp2_abort(struct udp2 *u);

/* Whether a datagram carries data, as the first of a session does; and whether it ends one. */
bool udp2_is_data(const struct datagram *d);
bool udp2_is_farewell(const struct datagram *d);

/*
 * What a session that is over answers to everything but a farewell (roll.h): out has room for
 * DATAGRAM_SIZE_2_MIN bytes.
 */
size_t udp2_farewell(char *out, uint64_t id, uint64_t came, bool in_order);

#endif
