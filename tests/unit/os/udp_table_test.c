/* SPDX-License-Identifier: ISC */
#include "os/udp_table.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "os/file.h"
#include "tap.h"

/* The tables, if they are not those of the system. */
static const char *table_v4, *table_v6;
static char directory[200];

#define REPLACED(type, name, parameters)                  \
    type real_##name parameters __asm__("__real_" #name); \
    type here_##name parameters __asm__("__wrap_" #name); \
    type here_##name parameters

/* What stands for a table: a file of the test, or path itself; NULL: it cannot be opened. */
static const char *path_of(const char *path)
{
    const char *table = strcmp(path, "/proc/net/udp6") == 0 ? table_v6 : table_v4;
    static char name[220];

    snprintf(name, sizeof name, "%s/table", directory);
    if (!table || strncmp(path, "/proc/net/udp", 13) != 0)
        return path;
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ssize_t n = write(fd, table, strlen(table));
    close(fd);
    errno = EACCES;
    return n > 0 ? name : NULL;
}

REPLACED(int, openat64, (int dir, const char *path, int flags, mode_t mode))
{
    path = path_of(path);
    return path ? real_openat64(dir, path, flags, mode) : -1;
}

/* The same under the name that it has with _FORTIFY_SOURCE. */
REPLACED(int, __openat64_2, (int dir, const char *path, int flags))
{
    path = path_of(path);
    return path ? real___openat64_2(dir, path, flags) : -1;
}

/* A socket bound to an address and a port (0: any), which others may bind, too; -1: it cannot be.
 */
static int bound(const char *address, unsigned port)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
    bool is_v4 = inet_pton(AF_INET, address, &v4.sin_addr) == 1;
    int on = 1, off = 0, fd = socket(is_v4 ? AF_INET : AF_INET6, SOCK_DGRAM, 0);

    if (fd < 0)
        return -1;
    inet_pton(AF_INET6, address, &v6.sin6_addr);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    if ((is_v4 ? bind(fd, (struct sockaddr *)&v4, sizeof v4)
               : bind(fd, (struct sockaddr *)&v6, sizeof v6)) == 0)
        return fd;
    close(fd);
    return -1;
}

static unsigned port_of(int fd)
{
    struct sockaddr_in6 at = {.sin6_port = 0}; /* the port has the same place in both families */
    socklen_t size = sizeof at;

    return getsockname(fd, (struct sockaddr *)&at, &size) == 0 ? ntohs(at.sin6_port) : 0;
}

static void test_other(int ours, const char *address, enum os_udp_others expected)
{
    unsigned port = 0;
    uint32_t user = UINT32_MAX;
    int other = bound(address, port_of(ours));

    if (other < 0)
        return diag("cannot bind %s here", address), (void)0;
    is_int(os_udp_table_others(&ours, 1, &port, &user), expected, "os_udp_table_others: %s",
           address);
    if (expected == OS_UDP_OTHER)
        ok(port == port_of(ours) && user == geteuid(), "... on which port, and whose it is");
    ok(os_udp_table_others((int[]){ours, other}, 2, &port, &user) == OS_UDP_ALONE,
       "... but not if it is one of the given ones");
    close(other);
}

/* A line of a table for a socket with this address (in hex), port, user and inode. */
static const char *line_for(const char *address, unsigned port, const char *user, const char *inode)
{
    static char text[300];

    snprintf(text, sizeof text,
             "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  "
             "timeout inode ref pointer drops\n"
             "  1: %s:%04X 00000000:0000 07 00000000:00000000 00:00000000 00000000 %s 0 %s 2 0 0\n",
             address, port, user, inode);
    return text;
}

static void test_tables(int ours)
{
    static const struct {
        const char *address, *user, *inode;
        enum os_udp_others expected;
    } rows[] = {
        {"00000000", "12", "34", OS_UDP_OTHER},
        {"00000000000000000000000000000000", "12", "34", OS_UDP_OTHER},
        {"0000000", "12", "34", OS_UDP_ALONE},
        {"000000000", "12", "34", OS_UDP_ALONE},
        {"0000000x", "12", "34", OS_UDP_ALONE},
        {"00000000", "-1", "34", OS_UDP_ALONE},
        {"00000000", "4294967296", "34", OS_UDP_ALONE},
        {"00000000", "12", "x", OS_UDP_ALONE},
    };
    unsigned port = 0;
    uint32_t user = 0;
    const int both[] = {-1, ours};
    const char *tmp = getenv("TMPDIR");

    snprintf(directory, sizeof directory, "%.100s/udp_table_test.XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(directory))
        return ok(false, "a directory"), (void)0;
    table_v6 = "no such line\n";
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        table_v4 = line_for(rows[i].address, port_of(ours), rows[i].user, rows[i].inode);
        is_int(os_udp_table_others(both, 2, &port, &user), rows[i].expected,
               "os_udp_table_others: a socket at %s of %s, %s", rows[i].address, rows[i].user,
               rows[i].inode);
        ok(rows[i].expected != OS_UDP_OTHER || user == 12, "... and whose it is");
    }
    table_v4 = "  sl  local_address\n  1: 00000000:XYZ\n  2: 00000000:1\n  3:\n\n";
    is_int(os_udp_table_others(&ours, 1, &port, &user), OS_UDP_ALONE,
           "os_udp_table_others: lines that it does not understand");
    table_v6 = "";
    is_int(os_udp_table_others(&ours, 1, &port, &user), OS_UDP_ALONE,
           "os_udp_table_others: a system without IPv6");
    table_v4 = "";
    errno = 0;
    is_int(os_udp_table_others(&ours, 1, &port, &user), OS_UDP_UNKNOWN,
           "os_udp_table_others: a table that cannot be read");
    is_int(errno, EACCES, "... and errno says why");
    table_v4 = table_v6 = NULL;
    ok(os_file_remove_tree(OS_FILE_CWD, directory), "the directory is removed");
}

int main(void)
{
    unsigned port = 0;
    uint32_t user = 0;
    int ours = bound("127.0.0.1", 0), all = bound("0.0.0.0", 0), one = bound("::1", 0);

    is_int(os_udp_table_others(&ours, 1, &port, &user), OS_UDP_ALONE, "os_udp_table_others: none");
    test_other(ours, "127.0.0.1", OS_UDP_OTHER);
    test_other(ours, "0.0.0.0", OS_UDP_OTHER);
    test_other(ours, "::", OS_UDP_OTHER);
    test_other(ours, "::ffff:127.0.0.1", OS_UDP_OTHER);
    test_other(ours, "127.0.0.2", OS_UDP_ALONE);
    test_other(ours, "::1", OS_UDP_ALONE);
    test_other(all, "127.0.0.2", OS_UDP_OTHER);
    test_other(all, "::1", OS_UDP_ALONE);
    if (one >= 0) {
        test_other(one, "::", OS_UDP_OTHER);
        test_other(one, "::1", OS_UDP_OTHER);
        test_other(one, "0.0.0.0", OS_UDP_ALONE);
    }
    test_tables(ours);
    return done_testing();
}
