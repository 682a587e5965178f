/*
 * udp1: one end of a session in version 1 over UDP (docs/udp.md): numbers and end marks are put
 * round a stream of frames and taken off. No repair: what is lost stays lost. Pure: datagrams and
 * the time in microseconds, of any steady clock, are handed in.
 */
#ifndef UDP_UDP1_H
#define UDP_UDP1_H

#include "udp/reorder.h"

#define UDP1_RESTART_US INT64_C(10000000) /* silence after which number 1 begins a new session */

struct udp1 {
    size_t size; /* of a datagram at most */
    int64_t heard_us;
    int64_t gap_us; /* since when one is missing; INT64_MAX: none is */
    struct reorder in;
    struct frame_bounds bounds;
    uint64_t sent;  /* number of the last one */
    size_t body_n;  /* bytes of the next datagram's body that are there */
    bool body_full; /* it can go */
    char body[DATAGRAM_MAX];
};

/* size is brought between DATAGRAM_SIZE_MIN and DATAGRAM_MAX. What arrives may have any. */
void udp1_init(struct udp1 *u, size_t size, int64_t now_us);
void udp1_free(struct udp1 *u);

enum udp1_result {
    UDP1_TAKEN,
    UDP1_DROPPED, /* not of the form, too far ahead, had come before, no memory */
    UDP1_RESTART  /* nothing was done: a client begins anew. End this session, begin another and
                  hand it the datagram */
};

enum udp1_result udp1_receive(struct udp1 *u, struct span datagram, int64_t now_us);

bool udp1_ready(const struct udp1 *u);
size_t udp1_read(struct udp1 *u, char *out, size_t size);

/*
 * Takes bytes of the stream to send: as many as one datagram can still have; 0 until udp1_poll has
 * given that out. udp1_poll writes a datagram to out, of DATAGRAM_MAX bytes, and returns its bytes;
 * 0: there is none, the frame goes on.
 */
size_t udp1_write(struct udp1 *u, struct span s);
size_t udp1_poll(struct udp1 *u, char *out);

#endif
