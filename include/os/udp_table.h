/* SPDX-License-Identifier: ISC */
/*
 * os_udp_table: the system's table of UDP sockets. Thread-safe.
 */
#ifndef OS_UDP_TABLE_H
#define OS_UDP_TABLE_H

#include <stdbool.h>
#include <stdint.h>

enum os_udp_others { OS_UDP_ALONE, OS_UDP_OTHER, OS_UDP_UNKNOWN };

/*
 * Whether a socket other than these n bound ones can receive datagrams that are sent to them.
 * OS_UDP_OTHER: it can, at *port, and belongs to *user. OS_UDP_UNKNOWN: the table cannot be read,
 * and errno is set.
 */
enum os_udp_others os_udp_table_others(const int *fds, int n, unsigned *port, uint32_t *user);

#endif
