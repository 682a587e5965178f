/* SPDX-License-Identifier: ISC */
/*
 * os_attached: finds out which networks this machine is directly connected to. Limits use it to
 * decide which addresses are one client. Safe for threads.
 */
#ifndef OS_ATTACHED_H
#define OS_ATTACHED_H

#include "base/address.h"

/*
 * Whether a is in the network of one of this machine's interfaces. The interfaces are looked at
 * again when the last look is 10 s old; if that fails, the answer is false.
 */
bool os_attached(const struct address *a);

/*
 * What counts as one client: an IPv4 address; an IPv6 address that is link-local, unique-local or
 * in an attached network, since there each machine has its own; otherwise the first bits of an IPv6
 * address, because all addresses below belong to one customer (RFC 6177).
 */
struct address os_attached_client(const struct address *a, unsigned bits);

#endif
