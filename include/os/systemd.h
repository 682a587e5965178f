/* SPDX-License-Identifier: ISC */
/*
 * os_systemd: the environment variables with which systemd and similar supervisors hand over
 * sockets and ask for status messages: sd_listen_fds(3) and sd_notify(3). Reading them removes
 * them, so read them before the first thread is started. Sending messages is thread-safe.
 */
#ifndef OS_SYSTEMD_H
#define OS_SYSTEMD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

#define OS_SYSTEMD_FIRST 3 /* the first descriptor handed over; the others follow it */

/*
 * How many sockets were handed over to this process. Appends their names (FileDescriptorName= of
 * systemd), with colons between them, if the supervisor has given any. -1: LISTEN_FDS is not a
 * valid number.
 */
int os_systemd_sockets(struct buf *names);

/* Whether one of them is a UDP socket, or a Unix socket. */
bool os_systemd_is_udp(int fd);
bool os_systemd_is_local(int fd);

/*
 * Prepares one of them: os_systemd_adopt as a listener like those of os_net_listen,
 * os_systemd_adopt_local as a listener at a Unix socket, os_systemd_adopt_udp as a bound socket
 * like those of os_udp_bind. Returns false and sets *why to what is wrong with it (a constant).
 */
bool os_systemd_adopt(int fd, const char **why);
bool os_systemd_adopt_local(int fd, const char **why);
bool os_systemd_adopt_udp(int fd, const char **why);

/*
 * Connects to the supervisor's socket for status messages: NOTIFY_SOCKET, a path, or @ and an
 * abstract name. The caller closes it with os_net_close. Returns -1 with errno 0 if no supervisor
 * wants them, or with another errno if the socket cannot be reached.
 */
int os_systemd_connect(void);

/* Whether output to this descriptor goes to systemd's journal. */
bool os_systemd_is_journal(int fd);

#define OS_SYSTEMD_READY    "READY=1\nSTATUS=serving"
#define OS_SYSTEMD_STANDBY  "READY=1\nSTATUS=standing by: "
#define OS_SYSTEMD_STOPPING "STOPPING=1\nSTATUS=sending clients away"

/*
 * Sends a message to the supervisor; does nothing if fd is -1. One that cannot be sent at once is
 * lost: a supervisor that does not read must not block the service.
 */
void os_systemd_notify(int fd, const char *lines);

/* Tells the supervisor that the configuration is being reloaded. OS_SYSTEMD_READY must follow. */
void os_systemd_notify_reload(int fd);

#endif
