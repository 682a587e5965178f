/* SPDX-License-Identifier: ISC */
/*
 * What the files of udp2 share. udp2.c: the stream, and datagrams that come. udp2_send.c: what is
 * sent and when. udp2_recovery.c: round trip, loss and the window. udp2_ack.c: what these three
 * use.
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
#define UDP2_ACK_BITS     256 /* how many numbers after the first gap it can report */
#define UDP2_ACK_BODY     (3 * DATAGRAM_NUMBER + UDP2_ACK_BITS / 4)

#define UDP2_GRAIN_US INT64_C(250) /* a shorter delay may come from the scheduling of processes */

#define UDP2_RTO_FIRST_US     INT64_C(1000000)
#define UDP2_RTO_FIRST_MAX_US INT64_C(2000000) /* the cookie must still be valid */
#define UDP2_RTO_MIN_US       INT64_C(200000)
#define UDP2_RTO_MAX_US       INT64_C(4000000)
#define UDP2_PROBES           2 /* sent before the window collapses */
#define UDP2_CWND_FIRST       10
#define UDP2_CWND_MIN         2

struct udp2_ack {
    uint64_t up_to;                    /* all numbers up to this have come */
    uint64_t limit;                    /* the highest number that may be sent */
    uint64_t last;                     /* the number that came last; 0: none has come */
    uint64_t delay_us;                 /* from then to the acknowledgement */
    uint64_t came[UDP2_ACK_BITS / 64]; /* bit i % 64 of word i / 64: number up_to + 2 + i */
};

/* --- udp2_ack.c --- */

/* Where a number's datagram is kept. */
struct udp2_sent *udp2_slot(struct udp2 *u, uint64_t number);

/* Whether data waits for room at the peer while nothing is under way: only a probe can find it. */
bool udp2_shut_out(const struct udp2 *u);

/* Whether the session is over. Ends it. */
bool udp2_is_over(const struct udp2 *u);
void udp2_over(struct udp2 *u, enum udp2_why why);

/* Reads an acknowledgement. Writes its body, of at most UDP2_ACK_BODY bytes, returns its size. */
bool udp2_ack_parse(const struct datagram *d, struct udp2_ack *ack);
size_t udp2_ack_write(const struct udp2 *u, char *body, int64_t now_us);

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
