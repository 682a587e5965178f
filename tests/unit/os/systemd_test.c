/* SPDX-License-Identifier: ISC */
#include "os/systemd.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "os/net.h"
#include "tap.h"

/* --- how many sockets --- */

static void test_sockets(void)
{
    static const struct {
        const char *pid, *count; /* ".": ours; NULL: not set */
        int sockets;
    } rows[] = {
        {".", "2", 2},       {".", "0", 0}, {".", NULL, 0},   {".", "x", -1}, {".", "1001", -1},
        {".", "1000", 1000}, {"1", "2", 0}, {"none", "2", 0}, {NULL, "2", 0}, {".", "-1", -1},
    };
    char pid[20];
    struct buf names;

    buf_init(&names, 100);
    snprintf(pid, sizeof pid, "%d", (int)getpid());
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].pid)
            setenv("LISTEN_PID", *rows[i].pid == '.' ? pid : rows[i].pid, 1);
        if (rows[i].count)
            setenv("LISTEN_FDS", rows[i].count, 1);
        setenv("LISTEN_FDNAMES", "one:two", 1);
        buf_clear(&names);
        is_int(os_systemd_sockets(&names), rows[i].sockets, "os_systemd_sockets: LISTEN_PID %s, %s",
               rows[i].pid ? rows[i].pid : "not set", rows[i].count ? rows[i].count : "not set");
        ok(!getenv("LISTEN_PID") && !getenv("LISTEN_FDS") && !getenv("LISTEN_FDNAMES"),
           "... and the variables are gone");
        bool some = rows[i].sockets > 0;
        ok(span_eq(buf_span(&names), some ? SPAN("one:two") : SPAN("")),
           some ? "... and their names are told" : "... and no names are told");
    }
    setenv("LISTEN_PID", pid, 1);
    setenv("LISTEN_FDS", "1", 1);
    buf_clear(&names);
    ok(os_systemd_sockets(&names) == 1 && names.n == 0, "os_systemd_sockets: without names");
    buf_free(&names);
}

/* --- what they are --- */

enum state { UNBOUND, BOUND, LISTENING, CONNECTED };

static int make(int family, int type, enum state state)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof at;
    int fd = socket(family, type | SOCK_CLOEXEC, 0);

    if (family == AF_INET && state >= BOUND && bind(fd, (struct sockaddr *)&at, sizeof at) != 0)
        exit(1);
    if (state == LISTENING)
        listen(fd, 8);
    if (state == CONNECTED && (getsockname(fd, (struct sockaddr *)&at, &size) != 0 ||
                               connect(fd, (struct sockaddr *)&at, sizeof at) != 0))
        exit(1);
    return fd;
}

static void test_adopt(void)
{
    static const struct {
        int family, type;
        enum state state;
        const char *why; /* NULL: it is right */
    } rows[] = {
        {AF_INET, SOCK_STREAM, LISTENING, NULL},
        {AF_INET, SOCK_STREAM, BOUND, "is a TCP socket that does not listen"},
        {AF_INET, SOCK_DGRAM, BOUND, "is not a TCP or UDP socket"},
        {AF_UNIX, SOCK_STREAM, UNBOUND, "is not a TCP or UDP socket"},
    };
    const char *why = NULL;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int fd = make(rows[i].family, rows[i].type, rows[i].state);
        bool good = os_systemd_adopt(fd, &why);
        ok(good == !rows[i].why && (good || strcmp(why, rows[i].why) == 0), "os_systemd_adopt: %s",
           good ? "a listener" : why);
        ok(!good || (fcntl(fd, F_GETFL) & O_NONBLOCK && fcntl(fd, F_GETFD) & FD_CLOEXEC),
           "... is prepared");
        os_net_close(fd);
    }
    ok(!os_systemd_adopt(999, &why), "os_systemd_adopt: nothing");
    is_str(why, "is not open", "... and it says so");
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    ok(!os_systemd_adopt(null, &why) && !os_systemd_is_udp(null), "os_systemd_adopt: no socket");
    is_str(why, "is not a TCP or UDP socket", "... and it says so");
    os_net_close(null);
}

/* A Unix socket, bound to an abstract name that the system chooses. */
static int make_local(int type, bool listening)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

    if (bind(fd, (struct sockaddr *)&at, sizeof at.sun_family) != 0 ||
        (listening && listen(fd, 8) != 0))
        exit(1);
    return fd;
}

static void test_adopt_local(void)
{
    static const struct {
        int type;
        bool listening;
        const char *why; /* NULL: it is right */
    } rows[] = {
        {SOCK_STREAM, true, NULL},
        {SOCK_STREAM, false, "is a Unix socket that does not listen"},
        {SOCK_DGRAM, false, "is a Unix socket for datagrams"},
    };
    const char *why = NULL;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int fd = make_local(rows[i].type, rows[i].listening);
        bool good = os_systemd_adopt_local(fd, &why);
        ok(os_systemd_is_local(fd) && good == !rows[i].why &&
               (good || strcmp(why, rows[i].why) == 0),
           "os_systemd_adopt_local: %s", good ? "a listener" : why);
        ok(!good || (fcntl(fd, F_GETFL) & O_NONBLOCK && fcntl(fd, F_GETFD) & FD_CLOEXEC),
           "... is prepared");
        os_net_close(fd);
    }
    int fd = make(AF_INET, SOCK_STREAM, LISTENING);
    ok(!os_systemd_is_local(fd) && !os_systemd_adopt_local(fd, &why),
       "os_systemd_adopt_local: not a TCP socket");
    is_str(why, "is not a Unix socket", "... and it says so");
    os_net_close(fd);
}

static void test_adopt_udp(void)
{
    static const struct {
        int type;
        enum state state;
        const char *why; /* NULL: it is right */
    } rows[] = {
        {SOCK_DGRAM, BOUND, NULL},
        {SOCK_DGRAM, UNBOUND, "is a UDP socket that is not bound"},
        {SOCK_DGRAM, CONNECTED, "is a UDP socket that is connected"},
    };
    const char *why = NULL;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int fd = make(AF_INET, rows[i].type, rows[i].state);
        ok(os_systemd_is_udp(fd), "os_systemd_is_udp: a UDP socket");
        bool good = os_systemd_adopt_udp(fd, &why);
        ok(good == !rows[i].why && (good || strcmp(why, rows[i].why) == 0),
           "os_systemd_adopt_udp: %s", good ? "a bound socket" : why);
        os_net_close(fd);
    }
    int fd = make(AF_UNIX, SOCK_DGRAM, UNBOUND);
    ok(!os_systemd_is_udp(fd), "os_systemd_is_udp: not a Unix socket");
    os_net_close(fd);
    ok(!os_systemd_adopt_udp(-1, &why), "os_systemd_adopt_udp: nothing");
}

/* --- messages --- */

static bool comes(int supervisor, const char *text)
{
    char bytes[200];
    ssize_t n = recv(supervisor, bytes, sizeof bytes - 1, MSG_DONTWAIT);

    bytes[n > 0 ? n : 0] = '\0';
    return n > 0 && strncmp(bytes, text, strlen(text)) == 0;
}

static int try_notify(const char *path)
{
    setenv("NOTIFY_SOCKET", path, 1);
    int fd = os_systemd_connect();
    ok(!getenv("NOTIFY_SOCKET"), "os_systemd_connect: the variable is gone");
    return fd;
}

static void test_notify(void)
{
    char name[120] = "@pochta-systemd-test", long_name[200];
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int supervisor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    snprintf(name, sizeof name, "@pochta-systemd-test-%d", (int)getpid());
    memcpy(at.sun_path + 1, name + 1, strlen(name + 1));
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
    if (bind(supervisor, (struct sockaddr *)&at, size) != 0)
        exit(1);
    int fd = try_notify(name);
    ok(fd >= 0, "os_systemd_connect: an abstract name");
    os_systemd_notify(fd, "READY=1");
    ok(comes(supervisor, "READY=1"), "os_systemd_notify: comes");
    os_systemd_notify_reload(fd);
    ok(comes(supervisor, "RELOADING=1\nMONOTONIC_USEC="), "os_systemd_notify_reload: comes");
    os_net_close(fd);
    os_systemd_notify(-1, "nothing");
    ok(!comes(supervisor, ""), "os_systemd_notify: does nothing without a supervisor");
    os_net_close(supervisor);
    ok(try_notify(name) < 0 && errno == ECONNREFUSED,
       "os_systemd_connect: a supervisor that is gone");
    ok(try_notify("/nowhere/socket") < 0 && errno == ENOENT, "os_systemd_connect: a path");
    ok(try_notify("relative") < 0 && errno == EINVAL,
       "os_systemd_connect: EINVAL for another name");
    ok(try_notify("@") < 0 && errno == EINVAL, "os_systemd_connect: ... for an empty one");
    memset(long_name, 'x', sizeof long_name - 1);
    long_name[0] = '/';
    long_name[sizeof long_name - 1] = '\0';
    ok(try_notify(long_name) < 0 && errno == EINVAL,
       "os_systemd_connect: ... for one that is too long");
    ok(os_systemd_connect() < 0 && errno == 0, "os_systemd_connect: nobody wants messages");
}

static void test_journal(void)
{
    int ends[2];
    struct stat st;
    char text[60];

    if (pipe(ends) != 0 || fstat(ends[1], &st) != 0)
        return ok(false, "a pipe"), (void)0;
    unsetenv("JOURNAL_STREAM");
    ok(!os_systemd_is_journal(ends[1]), "os_systemd_is_journal: not without the variable");
    snprintf(text, sizeof text, "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
    setenv("JOURNAL_STREAM", text, 1);
    ok(os_systemd_is_journal(ends[1]), "os_systemd_is_journal: the output that it names");
    ok(!os_systemd_is_journal(-1), "os_systemd_is_journal: not what is closed");
    setenv("JOURNAL_STREAM", "1:1", 1);
    ok(!os_systemd_is_journal(ends[1]), "os_systemd_is_journal: not another output");
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    test_sockets();
    test_adopt();
    test_adopt_local();
    test_adopt_udp();
    test_notify();
    test_journal();
    return done_testing();
}
