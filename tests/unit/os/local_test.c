/* SPDX-License-Identifier: ISC */
/* Whom the server trusts at its control socket, for processes of any user and group. */
#include "os/local.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "os/file.h"
#include "os/net.h"
#include "tap.h"

/* --- the process at the other end; we are user 7 with the group 8 --- */

static struct ucred peer;
static const gid_t *more; /* its other groups */
static socklen_t n_more;
static int
    hiding; /* this call for them fails: the first, which asks for their number, or the second */
static int groups_error, no_memory;

#define REPLACED(type, name, parameters)                  \
    type real_##name parameters __asm__("__real_" #name); \
    type here_##name parameters __asm__("__wrap_" #name); \
    type here_##name parameters

REPLACED(uid_t, geteuid, (void))
{
    return 7;
}

REPLACED(gid_t, getegid, (void))
{
    return 8;
}

REPLACED(void *, malloc, (size_t size))
{
    return no_memory ? NULL : real_malloc(size);
}

static int give_groups(void *value, socklen_t *size)
{
    socklen_t need = n_more * (socklen_t)sizeof *more;

    errno = groups_error;
    if (hiding == (value ? 2 : 1))
        return -1;
    errno = ERANGE;
    if (*size < need)
        return *size = need, -1;
    *size = need;
    if (value && need > 0)
        memcpy(value, more, need);
    return 0;
}

REPLACED(int, getsockopt, (int fd, int level, int name, void *value, socklen_t *size))
{
    if (level == SOL_SOCKET && name == SO_PEERGROUPS)
        return give_groups(value, size);
    if (fd < 0 || name != SO_PEERCRED)
        return real_getsockopt(fd, level, name, value, size);
    memcpy(value, &peer, sizeof peer);
    return 0;
}

static void test_trust(void)
{
    static const gid_t groups[] = {20, 8, 30};
    static const struct {
        uid_t uid;
        gid_t gid;
        socklen_t n; /* how many of the groups it has, too */
        bool trusted;
        const char *who;
    } rows[] = {
        {0, 0, 0, true, "root"},
        {7, 20, 0, true, "the same user in another group"},
        {6, 8, 0, true, "another user in our group"},
        {6, 20, 2, true, "another user for whom our group is one of several"},
        {6, 20, 3, true, "... and not the last one"},
        {6, 20, 1, false, "another user in other groups"},
        {6, 20, 0, false, "another user in another group"},
    };

    more = groups;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        peer = (struct ucred){.pid = 5, .uid = rows[i].uid, .gid = rows[i].gid};
        n_more = rows[i].n;
        is_int(os_local_peer_is_trusted(1), rows[i].trusted, "os_local_peer_is_trusted: %s",
               rows[i].who);
    }
    n_more = 2;
    groups_error = ENOPROTOOPT;
    for (hiding = 1; hiding <= 2; hiding++)
        ok(!os_local_peer_is_trusted(1),
           "os_local_peer_is_trusted: no, if its groups cannot be told at question %d", hiding);
    hiding = 0;
    no_memory = 1;
    bool trusted = os_local_peer_is_trusted(1);
    no_memory = 0;
    ok(!trusted, "os_local_peer_is_trusted: no, if there is no memory for its groups");
    is_int(os_local_peer_process(1), 5, "os_local_peer_process: its number");
    ok(!os_local_peer_is_trusted(-1) && os_local_peer_process(-1) == 0,
       "os_local_peer_is_trusted: not what is no socket");
}

static void test_names(int dir)
{
    char name[200];

    memset(name, 'x', sizeof name);
    name[sizeof name - 1] = '\0';
    ok(os_local_listen(dir, name) < 0 && errno == ENAMETOOLONG,
       "os_local_listen: ENAMETOOLONG for a name that does not fit an address");
    ok(os_local_connect(dir, name) < 0 && errno == ENAMETOOLONG, "os_local_connect: the same");
    ok(os_local_connect(dir, "sock") < 0 && errno == ENOENT, "os_local_connect: ENOENT");
    int fd = os_local_listen(dir, "sock");
    ok(fd >= 0, "os_local_listen: listens at a name");
    os_net_close(fd);
    ok(os_local_connect(dir, "sock") < 0 && errno == ECONNREFUSED,
       "os_local_connect: ECONNREFUSED if nobody listens any more");
    fd = os_local_listen(dir, "sock");
    int one = os_local_connect(dir, "sock");
    ok(fd >= 0 && one >= 0, "os_local_listen: takes the place of a socket that was left");
    os_net_close(fd);
    os_net_close(one);
}

int main(void)
{
    const char *tmp = getenv("TMPDIR");
    char path[200];

    snprintf(path, sizeof path, "%.100s/os_local_test.XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(path))
        return 1;
    int dir = os_file_open_dir(path);
    if (sizeof(long) == 4)
        ok(true, "nothing # SKIP getsockopt has another name on 32 bits");
    else
        test_trust();
    test_names(dir);
    os_file_close(dir);
    ok(os_file_remove_tree(OS_FILE_CWD, path), "the directory is removed");
    return done_testing();
}
