/* SPDX-License-Identifier: ISC */
/*
 * udp2_pair: two ends of a session in version 2 over UDP, for their unit tests.
 */
#ifndef UDP2_PAIR_H
#define UDP2_PAIR_H

#include "tap.h"
#include "udp/udp2.h"

#define MS INT64_C(1000)
#define S  INT64_C(1000000)

static struct udp2 here, there;
static char datagram[DATAGRAM_SIZE_2_MAX];

static inline void begin(void)
{
    udp2_init(&here, 0xabc, 1200, 0);
    udp2_init(&there, 0xabc, 1200, 0);
}

static inline void end(void)
{
    udp2_free(&here);
    udp2_free(&there);
}

/* Passes everything that a has to send now to b, or to nobody. Returns how many datagrams. */
static inline int pass(struct udp2 *a, struct udp2 *b, int64_t now_us)
{
    int count = 0;
    size_t n;

    for (; (n = udp2_poll(a, datagram, now_us)) > 0; count++)
        if (b)
            udp2_receive(b, span_of(datagram, n), now_us);
    return count;
}

/* Takes an acknowledgement with these digits for what came after the first gap. */
static inline void take_ack(uint64_t up_to, const char *digits, int64_t now_us)
{
    size_t n = 30 + strlen(digits);

    snprintf(datagram + DATAGRAM_HEAD, 100, "000000099900000000000000000000%s", digits);
    n = datagram_close_2(datagram, up_to, 0xabc, '\006', n);
    udp2_receive(&here, span_of(datagram, n), now_us);
}

#endif
