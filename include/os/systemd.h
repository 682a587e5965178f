/*
 * os_systemd: what systemd, and what does as it does, agrees with a service on by the environment:
 * sd_listen_fds(3) and sd_notify(3). The variables are gone afterwards: not
 * beside other threads, but for the news.
 */
#ifndef OS_SYSTEMD_H
#define OS_SYSTEMD_H

#include <stdbool.h>
#include <stdint.h>

#define OS_SYSTEMD_FIRST 3 /* the first descriptor that is handed over; the rest follow */

/*
 * How many sockets were handed over to this very process, 0 for none. -1: LISTEN_FDS is no number
 * that could be.
 */
int os_systemd_sockets(void);

/* Whether one of them is of UDP, and so for os_systemd_adopt_udp. */
bool os_systemd_is_udp(int fd);

/*
 * Makes one of them a listener as os_net_listen does, or a socket as os_udp_bind does. False: *why
 * says what it is instead (a constant).
 */
bool os_systemd_adopt(int fd, const char **why);
bool os_systemd_adopt_udp(int fd, const char **why);

/*
 * Connects to where news of this service go, NOTIFY_SOCKET, a path or @ and an abstract name. To be
 * closed with os_net_close. -1: nobody waits for any, or (errno) cannot be reached.
 */
int os_systemd_connect(void);

/* Whether what is written to a descriptor is read by systemd's journal. */
bool os_systemd_is_journal(int fd);

#define OS_SYSTEMD_READY    "READY=1\nSTATUS=serving"
#define OS_SYSTEMD_STOPPING "STOPPING=1\nSTATUS=sending clients away"

/*
 * Sends such lines, or nothing where fd is -1. What cannot be sent at
 * once is lost: a supervisor that does not listen must not hold up the service.
 */
void os_systemd_notify(int fd, const char *lines);

/* Says that the configuration is being read again, and since when. To be followed by READY. */
void os_systemd_notify_reload(int fd);

#endif
