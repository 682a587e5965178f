/* SPDX-License-Identifier: ISC */
/*
 * admission: decides which clients are accepted, and tells the others why they are not. Safe for
 * threads.
 */
#ifndef NET_ADMISSION_H
#define NET_ADMISSION_H

#include "net/registry_private.h"

/*
 * Whether the limits allow one more connection, c (NULL: there is no memory for it). Counts it at
 * its address, unless it comes from a proxy. The caller holds the registry's mutex. False: *why.
 */
bool admission_admit(struct registry *r, struct connection *c, enum refusal *why);

/*
 * Counts a connection at its address, once the client's address is known. The caller holds the
 * registry's mutex. False: its address has reached a limit, *why.
 */
bool admission_count(struct registry *r, struct connection *c, enum refusal *why);

/*
 * Logs and counts a refusal, and tells the client. Takes the registry's mutex. The transport
 * remains the caller's.
 */
void admission_refuse(struct registry *r, struct transport *t, const char *address,
                      enum refusal why);

#endif
