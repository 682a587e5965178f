/*
 * counters: what a server has done since it started. Each only grows; safe for threads.
 */
#ifndef COUNTERS_H
#define COUNTERS_H

#include <stdatomic.h>

struct counters {
    atomic_ullong connections, refused; /* taken, and turned away */
    atomic_ullong logins, logins_failed;
    atomic_ullong messages, message_bytes; /* stored by Send mes and Resend */
};

#endif
