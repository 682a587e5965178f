/* SPDX-License-Identifier: ISC */
/*
 * udp1: one end of a session in version 1 over UDP (docs/udp.md). It adds numbers and end marks to
 * a stream of frames, and removes them. Lost datagrams are not repeated. Pure: datagrams and the
 * time, in microseconds of any steady clock, are handed in.
 */
#ifndef UDP_UDP1_H
#define UDP_UDP1_H

#include "udp/reorder.h"

#define UDP1_RESTART_US INT64_C(10000000) /* after this silence number 1 begins a new session */

struct udp1 {
    size_t size; /* the largest datagram to send */
    int64_t heard_us;
    int64_t gap_us; /* since when a datagram is missing; INT64_MAX: none is */
    struct reorder in;
    struct frame_bounds bounds;
    uint64_t sent;  /* number of the last datagram sent */
    size_t body_n;  /* bytes in body, which belongs to the next datagram */
    bool body_full; /* it can be sent */
    char body[DATAGRAM_MAX];
};

/*
 * size is limited to DATAGRAM_SIZE_MIN to DATAGRAM_MAX. Datagrams that come may have any size.
 * Allocates nothing yet.
 */
void udp1_init(struct udp1 *u, size_t size, int64_t now_us);
void udp1_free(struct udp1 *u);

enum udp1_result {
    UDP1_TAKEN,
    UDP1_DROPPED, /* a wrong form, too far ahead, a duplicate, or out of memory */
    UDP1_RESTART  /* the client begins a new session, and nothing was done: end this session, begin
                     another and give it the datagram */
};

enum udp1_result udp1_receive(struct udp1 *u, struct span datagram, int64_t now_us);

/* Whether data can be read. Reads up to size bytes of it and returns how many. */
bool udp1_ready(const struct udp1 *u);
size_t udp1_read(struct udp1 *u, char *out, size_t size);

/*
 * Takes bytes of the stream to send, as many as fit into the next datagram, and returns how many.
 * It takes none while a datagram is complete and udp1_poll has not returned it yet.
 */
size_t udp1_write(struct udp1 *u, struct span s);

/*
 * Writes the next datagram to out, which has room for DATAGRAM_MAX bytes, and returns its size; 0
 * if it is not complete yet.
 */
size_t udp1_poll(struct udp1 *u, char *out);

#endif
