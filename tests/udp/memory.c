/* SPDX-License-Identifier: ISC */
#include "memory.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/digits.h"
#include "udp/udp2.h"

/* The processor time of both ends together. */
int memory_bench(void)
{
    enum { BYTES = 10 << 20, ROUNDS = 40 };
    static char in[DATAGRAM_NUMBER + BYTES];
    static char out[65536];
    static struct udp2 a, b;
    char datagram[DATAGRAM_SIZE_2_MAX];
    size_t total = 0, n;
    int64_t now_us = 0;
    clock_t begin = clock();

    memset(in, 'x', sizeof in);
    digits_put(in, BYTES, DATAGRAM_NUMBER);
    udp2_init(&a, 1, DATAGRAM_SIZE_2_MAX, 0);
    udp2_init(&b, 1, DATAGRAM_SIZE_2_MAX, 0);
    for (int round = 0; round < ROUNDS; round++)
        for (size_t sent = 0, got = 0; got < sizeof in; now_us += 50) {
            sent += udp2_write(&a, span_of(in + sent, sizeof in - sent));
            while ((n = udp2_poll(&a, datagram, now_us)) > 0)
                udp2_receive(&b, span_of(datagram, n), now_us);
            while ((n = udp2_read(&b, out, sizeof out, now_us)) > 0)
                got += n, total += n;
            while ((n = udp2_poll(&b, datagram, now_us)) > 0)
                udp2_receive(&a, span_of(datagram, n), now_us);
        }
    double s = (double)(clock() - begin) / CLOCKS_PER_SEC;
    printf("# %.0f MB/s through two ends\n", (double)total / s / 1e6);
    udp2_free(&a);
    udp2_free(&b);
    return 0;
}
