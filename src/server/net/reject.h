/* SPDX-License-Identifier: ISC */
/*
 * reject: tells a client that the server does not accept why, and logs and counts it. Safe for
 * threads.
 */
#ifndef NET_REJECT_H
#define NET_REJECT_H

#include <pthread.h>

#include "log/counters.h"
#include "log/log.h"
#include "net/transport.h"

struct reject {
    struct counters *counters;
    pthread_mutex_t mutex; /* leaf lock: guards both */
    struct log_rarely rarely;
    struct log_rarely
        forged; /* a flood with forged addresses must not keep others out of the log */
};

void reject_init(struct reject *r, struct counters *counters);
void reject_destroy(struct reject *r);

/*
 * Counts the refusal, logs it, but not every time (a flood of clients must not flood the log), and
 * writes an Exit to t whose reason names the key that sets the limit. The reason is sent only as
 * far as the socket takes it at once. limit: the value of that key, unused if there is none.
 */
void reject_tell(struct reject *r, const struct transport *t, const char *address, enum refusal why,
                 uint64_t limit);

#endif
