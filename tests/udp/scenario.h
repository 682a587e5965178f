/* SPDX-License-Identifier: ISC */
/*
 * scenario: what a seed stands for: a network with its faults, the data of each end, and what
 * happens to the session.
 */
#ifndef SCENARIO_H
#define SCENARIO_H

#include "end.h"

struct scenario {
    struct net_faults faults;
    struct stream stream[2]; /* what the client and the server write */
    struct plan plan[2];
    bool gentle; /* nothing happens that could make the session fail */
    int64_t begin_us;
    int64_t restart_us; /* the server is killed and started again; INT64_MAX: never */
};

void scenario_make(struct scenario *s, uint64_t seed);

/*
 * A short request, and a message of this many bytes as the answer. If the client sends the message,
 * a short request and a short answer come first, as a login does.
 */
void scenario_message(struct scenario *s, const struct net_faults *faults, size_t bytes,
                      enum net_side from);

void scenario_free(struct scenario *s);

#endif
