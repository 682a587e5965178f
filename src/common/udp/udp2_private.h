/*
 * What the files of udp2 share: udp2.c has the stream's side and what comes, udp2_send.c what is
 * sent and when, udp2_recovery.c acknowledgements, loss and the window.
 */
#ifndef UDP_UDP2_PRIVATE_H
#define UDP_UDP2_PRIVATE_H

#include "udp/udp2.h"

#define UDP2_DATA     'D'
#define UDP2_DATA_NOW 'd' /* data; acknowledge at once */
#define UDP2_ACK      '\006'
#define UDP2_PROBE    'P'
#define UDP2_FAREWELL 'X'

#define UDP2_ACK_EVERY    8
#define UDP2_ACK_DELAY_US 1000
#define UDP2_ACK_BITS     256 /* numbers behind the first gap that it can speak of */
#define UDP2_ACK_BODY     (3 * DATAGRAM_NUMBER + UDP2_ACK_BITS / 4)

#define UDP2_GRAIN_US INT64_C(250) /* less may be the scheduling of processes */

#define UDP2_RTO_FIRST_US     INT64_C(1000000)
#define UDP2_RTO_FIRST_MAX_US INT64_C(2000000) /* the cookie does not last */
#define UDP2_RTO_MIN_US       INT64_C(200000)
#define UDP2_RTO_MAX_US       INT64_C(4000000)
#define UDP2_PROBES           2 /* so many probes before the window collapses */
#define UDP2_CWND_FIRST       10
#define UDP2_CWND_MIN         2

struct udp2_ack {
    uint64_t up_to;                    /* all up to here came */
    uint64_t limit;                    /* may be sent */
    uint64_t last;                     /* the one that came last; 0: none did */
    uint64_t delay_us;                 /* from then to the acknowledgement */
    uint64_t came[UDP2_ACK_BITS / 64]; /* bit i % 64 of word i / 64: number up_to + 2 + i */
};

bool udp2_ack_parse(const struct datagram *d, struct udp2_ack *ack);
size_t udp2_ack_write(const struct udp2 *u, char *body, int64_t now_us);

struct udp2_sent *udp2_slot(struct udp2 *u, uint64_t number);

/* False: it speaks of what was never sent. */
bool udp2_acked(struct udp2 *u, const struct udp2_ack *ack, int64_t now_us);

/* How long to wait for an answer that was waited for in vain so often already (RFC 6298). */
int64_t udp2_back_off_us(const struct udp2 *u, unsigned doublings);

/* How long after timer_us the timer runs out, and what then. */
int64_t udp2_timeout_us(const struct udp2 *u);
void udp2_timed_out(struct udp2 *u, int64_t now_us);

void udp2_detect_losses(struct udp2 *u, int64_t now_us);

/* Waits for room at the peer with nothing under way: only a probe can find it. */
bool udp2_shut_out(const struct udp2 *u);

void udp2_over(struct udp2 *u, enum udp2_why why);

#endif
