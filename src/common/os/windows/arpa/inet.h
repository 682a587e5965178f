/* SPDX-License-Identifier: ISC */
/*
 * inet_pton and inet_ntop, which lie elsewhere on Windows: for a source that knows of no system.
 */
#include <winsock2.h> /* before the other one */

#include <ws2tcpip.h>

#undef INET6_ADDRSTRLEN
#define INET6_ADDRSTRLEN 46 /* there with room for a zone, which inet_ntop never writes */
