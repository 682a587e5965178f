/* SPDX-License-Identifier: ISC */
/*
 * What the files of udp2 share. udp2.c: the stream, and datagrams that come. udp2_send.c: what is
 * sent and when. udp2_recovery.c: round trip, loss and the window. udp2_sent.c: where datagrams are
 * kept until they are acknowledged. udp2_ack.c: what these use.
 */
#ifndef UDP_UDP2_PRIVATE_H
#define UDP_UDP2_PRIVATE_H

#include "udp/udp2.h"

#define UDP2_DATA     'D'
#define UDP2_DATA_NOW 'd' /* data that asks for an acknowledgement at once */
#define UDP2_ACK      '\006'
#define UDP2_PROBE    'P'
#define UDP2_FAREWELL 'X'

#define UDP2_ACK_EVERY    8 /* datagrams with data */
#define UDP2_ACK_DELAY_US 1000
#define UDP2_ACK_BITS     256 /* how many numbers it can report after the first gap, and in a block */
#define UDP2_ACK_DIGITS   (UDP2_ACK_BITS / 4)
#define UDP2_ACK_BODY     (4 * DATAGRAM_NUMBER + 2 * UDP2_ACK_DIGITS)

#define UDP2_GRAIN_US INT64_C(250) /* a shorter delay may come from the scheduling of processes */

#define UDP2_RTO_FIRST_US     INT64_C(1000000)
#define UDP2_RTO_FIRST_MAX_US INT64_C(2000000) /* the cookie must still be valid */
#define UDP2_RTO_MIN_US       INT64_C(200000)
#define UDP2_RTO_MAX_US       INT64_C(4000000)
#define UDP2_PROBES           2 /* sent before the window collapses */
#define UDP2_CWND_FIRST       10
#define UDP2_CWND_MIN         2
#define UDP2_CUBIC_MAX_MS     60000 /* far more than any window needs */

/* Slow start, as in RFC 9406: samples of a round, what delay is a queue, growth while one builds.
 */
#define UDP2_QUEUED_ROUNDS 3
#define UDP2_ROUND_SAMPLES 8
#define UDP2_QUEUE_MIN_US  4000
#define UDP2_QUEUE_MAX_US  16000
#define UDP2_CAREFUL_PART  4

struct udp2_report { /* which numbers have come */
    uint64_t from;
    uint64_t came[UDP2_ACK_BITS / 64]; /* bit i % 64 of word i / 64: number from + i */
};

struct udp2_ack {
    uint64_t up_to;           /* all numbers up to this have come */
    uint64_t limit;           /* the highest number that may be sent */
    uint64_t last;            /* the number that came last; 0: none has come */
    uint64_t delay_us;        /* from then to the acknowledgement */
    struct udp2_report after; /* after the first gap */
    struct udp2_report far;   /* a block of numbers after these */
};

/* --- udp2_ack.c --- */

/* The bit in udp2.news of the block of UDP2_ACK_BITS numbers to which a number belongs. */
uint32_t udp2_block(uint64_t number);

/* Whether data waits for room at the peer while nothing is under way: only a probe can find it. */
bool udp2_shut_out(const struct udp2 *u);

/* Whether the session is over. Ends it. */
bool udp2_is_over(const struct udp2 *u);
void udp2_over(struct udp2 *u, enum udp2_why why);

/*
 * Reads an acknowledgement. Writes its body, of at most UDP2_ACK_BODY bytes, and returns its size;
 * if it has no room for all the news, some are left for another one.
 */
bool udp2_ack_parse(const struct datagram *d, struct udp2_ack *ack);
size_t udp2_ack_write(struct udp2 *u, char *body, int64_t now_us);

/* --- udp2_sent.c --- */

/* Where a number's datagram is kept. */
struct udp2_sent *udp2_slot(struct udp2 *u, uint64_t number);

/*
 * Whether there is a slot for one more datagram. Adds slots if the window needs more than there
 * are, the peer has room and there is memory. udp2_slots_release gives them back; at most the
 * datagram that is being written may be kept.
 */
bool udp2_slots_left(struct udp2 *u);
void udp2_slots_release(struct udp2 *u);

/* Notes that a datagram was just sent; that it is no longer under way; that it is lost. */
void udp2_under_way(struct udp2 *u, uint64_t number, int64_t now_us);
void udp2_not_under_way(struct udp2 *u, uint64_t number);
void udp2_mark_lost(struct udp2 *u, uint64_t number);

/* The lowest number that is considered lost; there must be one. */
uint64_t udp2_lowest_lost(struct udp2 *u);

/* --- udp2_recovery.c --- */

/* Takes an acknowledgement. Returns false if it is about a datagram that was never sent. */
bool udp2_acked(struct udp2 *u, const struct udp2_ack *ack, int64_t now_us);

/* How long to wait for an answer after this many waits in vain (RFC 6298). */
int64_t udp2_back_off_us(const struct udp2 *u, unsigned doublings);

/* How long after timer_us the timer expires, and what happens then. */
int64_t udp2_timeout_us(const struct udp2 *u);
void udp2_timed_out(struct udp2 *u, int64_t now_us);

/* Finds datagrams that are lost, and reduces the window if there are any. */
void udp2_detect_losses(struct udp2 *u, int64_t now_us);

#endif
