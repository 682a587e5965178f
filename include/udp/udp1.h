/* SPDX-License-Identifier: ISC */
/*
 * udp1: one end of a session in version 1 over UDP (docs/udp.md). It adds numbers and end marks to
 * a stream of frames, and removes them. Lost datagrams are not repeated. Pure: datagrams and the
 * time, in microseconds of any steady clock, are handed in.
 *
 * The other end may be a program that the report describes. It may have room for no more than 32
 * bytes, so datagrams are as long as the longest one it has sent. It may strip CR and NUL or cut at
 * the end mark, so these three bytes are sent as spaces. And nothing tells how fast it reads.
 */
#ifndef UDP_UDP1_H
#define UDP_UDP1_H

#include "base/bucket.h"
#include "udp/reorder.h"

#define UDP1_RESTART_US INT64_C(10000000) /* after this silence number 1 begins a new session */
#define UDP1_BURST      64                /* datagrams that are sent at once after a pause */
#define UDP1_EACH_US    INT64_C(1000)     /* then one in this time */

struct udp1 {
    size_t size;     /* the largest datagram to send now; grows with those that come */
    size_t size_max; /* to this */
    struct bucket pace;
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
 * Datagrams to send have at most size_max bytes, which is limited to DATAGRAM_SIZE_MIN to
 * DATAGRAM_MAX. Datagrams that come may have any size. Allocates nothing yet.
 */
void udp1_init(struct udp1 *u, size_t size_max, int64_t now_us);
void udp1_free(struct udp1 *u);

enum udp1_result {
    UDP1_TAKEN,
    UDP1_DROPPED, /* a wrong form, too far ahead, a duplicate, or no memory for it */
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
 * Asks to send a datagram. 0: it may be sent now, and is counted. Otherwise nothing is counted; ask
 * again after this many milliseconds.
 */
int64_t udp1_pace_ms(struct udp1 *u, int64_t now_us);

/*
 * Writes the next datagram to out, which has room for DATAGRAM_MAX bytes, and returns its size; 0
 * if it is not complete yet.
 */
size_t udp1_poll(struct udp1 *u, char *out);

#endif
