/* SPDX-License-Identifier: ISC */
/* The daemon is the test: what is meant for /dev/log comes to its socket. */
#include "os/syslog.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tap.h"

static int daemon_end = -1; /* the daemon's socket */
static struct sockaddr_un at;
static socklen_t at_size;
static bool no_socket;
static int send_error;

#define REPLACED(type, name, parameters)                  \
    type real_##name parameters __asm__("__real_" #name); \
    type here_##name parameters __asm__("__wrap_" #name); \
    type here_##name parameters

REPLACED(int, connect, (int fd, const struct sockaddr *to, socklen_t size))
{
    struct sockaddr_un name;

    memcpy(&name, to, size < sizeof name ? size : sizeof name);
    errno = ENOENT;
    if (strcmp(name.sun_path, "/dev/log") != 0 || daemon_end < 0)
        return -1;
    return real_connect(fd, (const struct sockaddr *)&at, at_size);
}

REPLACED(int, socket, (int family, int type, int protocol))
{
    errno = EMFILE;
    return no_socket ? -1 : real_socket(family, type, protocol);
}

REPLACED(ssize_t, send, (int fd, const void *bytes, size_t size, int flags))
{
    errno = send_error;
    return send_error ? -1 : real_send(fd, bytes, size, flags);
}

static void daemon_start(void)
{
    at = (struct sockaddr_un){.sun_family = AF_UNIX};
    at_size = sizeof at;
    daemon_end = real_socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (bind(daemon_end, (const struct sockaddr *)&at, sizeof at.sun_family) != 0 ||
        getsockname(daemon_end, (struct sockaddr *)&at, &at_size) != 0)
        exit(1);
}

static void daemon_stop(void)
{
    close(daemon_end);
    daemon_end = -1;
}

/* Whether a line came that ends in this, from this process. */
static bool came(const char *priority, const char *end)
{
    char line[4000], program[40];
    ssize_t n = recv(daemon_end, line, sizeof line - 1, 0);

    if (n < 0)
        return false;
    line[n] = '\0';
    snprintf(program, sizeof program, " test[%d]: ", (int)getpid());
    size_t length = strlen(end);
    return strncmp(line, priority, strlen(priority)) == 0 && strstr(line, program) &&
           (size_t)n >= length && strcmp(line + n - length, end) == 0;
}

static void test_daemon(void)
{
    ok(!os_syslog_write("test", 6, "early"), "os_syslog_write: a line is lost without a daemon");
    no_socket = true;
    ok(!os_syslog_write("test", 6, "early"), "os_syslog_write: ... and without a socket");
    no_socket = false;
    daemon_start();
    ok(os_syslog_write("test", 6, "one") && came("<22>", ": one"), "os_syslog_write: a line comes");
    ok(os_syslog_write("test", 3, "two") && came("<19>", ": two"), "os_syslog_write: an error");
    daemon_stop();
    daemon_start();
    ok(os_syslog_write("test", 6, "three") && came("<22>", ": three"),
       "os_syslog_write: a daemon that was started again is found");
    daemon_stop();
    ok(!os_syslog_write("test", 6, "four"), "os_syslog_write: a line is lost when it is gone");
}

static void test_losses(void)
{
    static char long_line[3000];
    int n = 0;

    daemon_start();
    memset(long_line, 'x', sizeof long_line - 1);
    ok(os_syslog_write("test", 6, long_line) && came("<22>", "xxx"),
       "os_syslog_write: a line that is too long is cut");
    send_error = EINTR;
    ok(!os_syslog_write("test", 6, "lost"), "os_syslog_write: a line is lost by a signal");
    send_error = EIO;
    ok(!os_syslog_write("test", 6, "lost"), "os_syslog_write: an error is tried again only once");
    send_error = 0;
    while (n < 100000 && os_syslog_write("test", 6, "many"))
        n++;
    ok(n < 100000, "os_syslog_write: a daemon that does not read does not hold it up");
    for (int i = 0; i < n && came("<22>", "many"); i++)
        ;
    ok(os_syslog_write("test", 6, "late") && came("<22>", ": late"), "os_syslog_write: it goes on");
    daemon_stop();
}

int main(void)
{
    test_daemon();
    test_losses();
    return done_testing();
}
