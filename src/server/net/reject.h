/*
 * refusal: how those whom the server does not take are told why, and who is to know of it. Safe for
 * threads.
 */
#ifndef NET_REJECT_H
#define NET_REJECT_H

#include <pthread.h>

#include "log/counters.h"
#include "log/log.h"
#include "proto/io.h"

struct reject {
    struct counters *counters;
    pthread_mutex_t mutex; /* leaf lock: guards the rest */
    struct log_rarely rarely;
};

void reject_init(struct reject *r, struct counters *counters);
void reject_destroy(struct reject *r);

/*
 * Counts one, tells the log, rarely, lest a flood of clients becomes one of lines, and says Exit
 * with the reason, which names the key that sets the limit. Waits for nothing.
 */
void reject_tell(struct reject *r, struct io *io, const char *address, enum refusal why,
                 uint64_t limit);

#endif
