/* SPDX-License-Identifier: ISC */
#include "os/syslog.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define FACILITY_MAIL 2
#define LINE_BYTES    1200

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* leaf lock: guards daemon_fd */
static int daemon_fd = -1;

/* Datagrams, which is what all daemons of today offer there. */
static bool find_daemon(void)
{
    static const struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/dev/log"};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        close(fd);
        fd = -1;
    }
    daemon_fd = fd;
    return fd >= 0;
}

/* A daemon that was restarted listens at a socket of its own: that one is looked for, once. */
static bool send_line(const char *line, size_t n)
{
    for (int i = 0; i < 2; i++) {
        if (daemon_fd < 0 && !find_daemon())
            return false;
        if (send(daemon_fd, line, n, MSG_NOSIGNAL) == (ssize_t)n)
            return true;
        if (errno == EAGAIN || errno == EINTR)
            return false;
        close(daemon_fd);
        daemon_fd = -1;
    }
    return false;
}

/* The form of RFC 3164, with the time of this machine, as syslog(3) writes it. */
bool os_syslog_write(const char *program, int severity, const char *line)
{
    static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    char text[LINE_BYTES];
    time_t now = time(NULL);
    struct tm tm = {.tm_mday = 1};
    localtime_r(&now, &tm);
    int n = snprintf(text, sizeof text, "<%d>%s %2d %02d:%02d:%02d %s[%d]: %s",
                     FACILITY_MAIL * 8 + severity, months[tm.tm_mon], tm.tm_mday, tm.tm_hour,
                     tm.tm_min, tm.tm_sec, program, (int)getpid(), line);
    pthread_mutex_lock(&mutex);
    bool sent = send_line(text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1);
    pthread_mutex_unlock(&mutex);
    return sent;
}
