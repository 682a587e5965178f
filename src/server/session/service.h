/* SPDX-License-Identifier: ISC */
/*
 * service: what all sessions share: the store, the limits, and the objects that enforce them.
 */
#ifndef SESSION_SERVICE_H
#define SESSION_SERVICE_H

#include <stdatomic.h>

#include "log/counters.h"
#include "session/budget.h"
#include "session/gate.h"
#include "session/leaving.h"
#include "session/login_throttle.h"
#include "session/send_rate.h"
#include "session/watch.h"
#include "store/housekeeper.h"
#include "store/store.h"

enum registration { REGISTRATION_OPEN, REGISTRATION_CLOSED, REGISTRATION_INVITE };

/* May change while sessions run. */
struct session_limits {
    _Atomic int64_t idle_ms; /* a client that sends nothing for this long gets Exit */

    /* A frame must arrive, and an answer must be accepted, within this time plus the time for its
     * bytes at minimum_rate, which is in bytes a second and at least 1. */
    _Atomic int64_t frame_ms;
    _Atomic int64_t write_ms;
    _Atomic uint64_t minimum_rate;

    _Atomic uint64_t message_bytes;                     /* the largest body */
    _Atomic int64_t login_delay_ms, login_delay_max_ms; /* see login_throttle.h */
    _Atomic uint64_t per_minute;       /* messages that one user may send; 0: any number */
    _Atomic uint64_t bytes_per_minute; /* and bytes */
    _Atomic uint64_t v6_bits;          /* what one address is, see os_attached_client */
    atomic_uint registration;          /* enum registration */
};

/* Constant while sessions run, except for what is safe for threads itself. */
struct service {
    struct store *store;
    struct session_limits limits;
    struct gate *hashing;  /* allows as many password hashings at a time as there are cores */
    struct budget *memory; /* for long frames, and datagrams (budget.h) */
    struct login_throttle *login_throttle;
    struct login_throttle *forged_throttle; /* the same for clients whose address may be forged */
    struct send_rate *send_rate;
    struct housekeeper *housekeeper; /* NULL: none */
    struct counters *counters;
    struct watch *watch;
    struct leaving *leaving;
    const struct service_doors *doors; /* NULL: there are no doors (doors_service.h) */
};

#endif
