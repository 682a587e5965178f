/* SPDX-License-Identifier: ISC */
/*
 * inet_pton and inet_ntop, for sources that do not know which system they are compiled for. Windows
 * declares them in another header.
 */
#include <winsock2.h> /* must come before ws2tcpip.h */

#include <ws2tcpip.h>

#undef INET6_ADDRSTRLEN
#define INET6_ADDRSTRLEN 46 /* Windows adds room for a zone, which inet_ntop never writes */
