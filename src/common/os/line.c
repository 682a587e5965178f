/* SPDX-License-Identifier: ISC */
#include "os/line.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

int os_line_open(int fd)
{
    char path[32];
    struct stat st;
    if (fstat(fd, &st) != 0 || !(S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode)))
        return fd;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    int own = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    /* cppcheck-suppress resourceLeak ; the caller closes it */
    return own < 0 ? fd : own;
}

/* If os_line_open returned fd itself, a write may wait, so ask first whether there is room. */
size_t os_line_write(int fd, const char *line, size_t n)
{
    struct pollfd ready = {.fd = fd, .events = POLLOUT};
    ssize_t taken = send(fd, line, n, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (taken < 0 && errno == ENOTSOCK && poll(&ready, 1, 0) > 0 && ready.revents & POLLOUT)
        taken = TEMP_FAILURE_RETRY(write(fd, line, n));
    return taken < 0 ? 0 : (size_t)taken;
}
