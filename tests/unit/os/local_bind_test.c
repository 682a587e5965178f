/* SPDX-License-Identifier: ISC */
/* Unix sockets with a path: what is replaced and removed, and what never is. */
#include "os/local.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "os/file.h"
#include "os/net.h"
#include "tap.h"

static char dir[60], path[80];

static unsigned mode_of(const char *of)
{
    struct stat st;
    return lstat(of, &st) == 0 ? st.st_mode : 0;
}

static void test_bind(void)
{
    struct os_local_name name = {.path = ""}, second;
    char found[OS_LOCAL_PATH_BYTES];
    const char *why = NULL;
    struct os_net_peer peer;

    ok(os_local_is_free(path, &why), "os_local_is_free: nothing is there");
    int fd = os_local_bind(path, &name, &why);
    ok(fd >= 0, "os_local_bind: a new path");
    is_int(mode_of(path), S_IFSOCK | 0660, "... the owner and the group may connect");
    ok(os_local_path(fd, found), "os_local_path: it has a path");
    is_str(found, path, "... this one");
    ok(os_local_connect_to(path) < 0 && errno == ECONNREFUSED,
       "os_local_bind: connections are refused at first");
    ok(os_net_listen_on(fd, 8), "os_net_listen_on: takes such a socket");
    int one = os_local_connect_to(path);
    int other = os_net_accept(fd, 0, &peer);
    ok(one >= 0 && other >= 0, "os_local_connect_to: connects then");
    os_net_close(one);
    os_net_close(other);

    ok(!os_local_is_free(path, &why) && errno == EADDRINUSE, "os_local_is_free: a process listens");
    ok(os_local_bind(path, &second, &why) < 0 && errno == EADDRINUSE,
       "os_local_bind: EADDRINUSE while a process listens there");
    is_str(why, "in use: a process listens there", "... and it says so");
    ok(os_local_is_ours(&name), "... whose socket stays");

    /* While it is open, no other file can have its number. */
    os_net_shut(fd);
    ok(os_local_is_free(path, &why), "os_local_is_free: a socket where nobody listens any more");
    int next = os_local_bind(path, &second, &why);
    ok(next >= 0 && os_local_is_ours(&second), "os_local_bind: replaces it");
    ok(!os_local_is_ours(&name), "os_local_is_ours: the path leads to the new one");
    os_local_remove(&name);
    ok(mode_of(path) != 0, "os_local_remove: leaves the socket of another process");
    os_local_remove(&second);
    ok(mode_of(path) == 0 && second.path[0] == '\0', "os_local_remove: removes our own");
    os_local_remove(&second);
    os_net_close(next);
    os_net_close(fd);
}

static void is_refused(int error, const char *words, const char *what)
{
    struct os_local_name name;
    const char *why = NULL;

    ok(!os_local_is_free(path, &why) && errno == error, "os_local_is_free: no, %s", what);
    is_str(why, words, "... and it says so");
    ok(os_local_bind(path, &name, &why) < 0 && errno == error, "os_local_bind: no, %s", what);
    is_str(why, words, "... with the same words");
}

static void test_others(void)
{
    static const char words[] = "there is a file that is not a socket";
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    char missing[100];
    struct os_local_name name;
    const char *why;

    os_file_replace(OS_FILE_CWD, path, SPAN("content"));
    is_refused(EEXIST, words, "a file");
    ok(S_ISREG(mode_of(path)), "... which stays");
    unlink(path);
    mkdir(path, 0700);
    is_refused(EEXIST, words, "a directory");
    rmdir(path);
    if (symlink("/nowhere", path) != 0)
        exit(1);
    is_refused(EEXIST, words, "a symbolic link");
    ok(S_ISLNK(mode_of(path)), "... which stays");
    unlink(path);

    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    strcpy(at.sun_path, path);
    if (bind(fd, (struct sockaddr *)&at, sizeof at) != 0)
        exit(1);
    is_refused(EADDRINUSE, "in use: a process listens there", "a socket for datagrams");
    os_net_close(fd);
    unlink(path);

    snprintf(missing, sizeof missing, "%s/missing/socket", dir);
    ok(!os_local_is_free(missing, &why) && errno == ENOENT, "os_local_is_free: no directory");
    ok(os_local_bind(missing, &name, &why) < 0 && errno == ENOENT, "os_local_bind: no directory");
    is_str(why, "No such file or directory", "... and it says so");
    char longer[OS_LOCAL_PATH_BYTES + 1];
    memset(longer, 'x', OS_LOCAL_PATH_BYTES);
    longer[OS_LOCAL_PATH_BYTES] = '\0';
    ok(os_local_bind(longer, &name, &why) < 0 && errno == ENAMETOOLONG,
       "os_local_bind: ENAMETOOLONG");
    ok(os_local_connect_to(longer) < 0 && errno == ENAMETOOLONG, "os_local_connect_to: the same");
}

static void test_paths(void)
{
    char found[OS_LOCAL_PATH_BYTES];
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        exit(1);
    ok(!os_local_path(ends[0], found), "os_local_path: a socket without a path");
    os_net_close(ends[0]);
    os_net_close(ends[1]);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ok(!os_local_path(fd, found), "os_local_path: a socket of the Internet");
    os_net_close(fd);
    ok(!os_local_path(-1, found), "os_local_path: nothing");
}

/* To whom the file belongs when root gives it to user 7 and group 8. */
static void test_give(void)
{
    struct os_local_name name, other;
    const char *why;
    struct stat st;

    if (geteuid() != 0) {
        ok(true, "os_local_give # SKIP only root may give files away");
        return;
    }
    int fd = os_local_bind(path, &name, &why);
    ok(os_local_give(&name, 7, 8), "os_local_give: gives it to a user and a group");
    ok(stat(path, &st) == 0 && st.st_uid == 7 && st.st_gid == 8, "... so it belongs to them");
    os_local_remove(&name);
    os_net_close(fd);

    ok(chown(dir, 0, 9) == 0 && chmod(dir, 02770) == 0, "(the directory gives files its group)");
    fd = os_local_bind(path, &name, &why);
    ok(os_local_give(&name, 7, 8), "os_local_give: in such a directory");
    ok(stat(path, &st) == 0 && st.st_uid == 7 && st.st_gid == 9, "... the group stays");
    other = name;
    other.inode++;
    ok(!os_local_give(&other, 3, 3) && stat(path, &st) == 0 && st.st_uid == 7,
       "os_local_give: not what has replaced it");
    os_local_remove(&name);
    os_net_close(fd);
    ok(!os_local_give(&other, 3, 3), "os_local_give: nothing");
    os_file_replace(OS_FILE_CWD, path, SPAN("content"));
    ok(!os_local_give(&other, 3, 3) && errno == ENOTSOCK, "os_local_give: ENOTSOCK for a file");
    unlink(path);
}

int main(void)
{
    const char *tmp = getenv("TMPDIR");

    snprintf(dir, sizeof dir, "%.30s/local_bind.XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(dir))
        return 1;
    snprintf(path, sizeof path, "%s/socket", dir);
    test_bind();
    test_others();
    test_paths();
    test_give();
    ok(os_file_remove_tree(OS_FILE_CWD, dir), "the directory is removed");
    return done_testing();
}
