/* SPDX-License-Identifier: ISC */
/*
 * os_udp_private: what the sources of os_udp share.
 */
#ifndef OS_UDP_PRIVATE_H
#define OS_UDP_PRIVATE_H

/* Asks for a receive buffer of OS_UDP_BUFFER_BYTES. Leaves a larger one that is there. */
void os_udp_widen(int fd);

#endif
