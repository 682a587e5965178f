/*
 * refusal: how those whom the server does not take are told why, and who is to know of it. Safe for
 * threads.
 */
#ifndef REFUSAL_H
#define REFUSAL_H

#include <pthread.h>

#include "counters.h"
#include "io.h"
#include "log.h"

struct refusals {
    struct counters *counters;
    pthread_mutex_t mutex; /* leaf lock: guards the rest */
    struct log_rarely rarely;
};

void refusals_init(struct refusals *r, struct counters *counters);
void refusals_destroy(struct refusals *r);

/*
 * Counts one, tells the log, rarely, lest a flood of clients becomes one of lines, and says Exit
 * with the reason, which names the key that sets the limit. Waits for nothing.
 */
void refusals_tell(struct refusals *r, struct io *io, const char *address, enum refusal why,
                   uint64_t limit);

#endif
