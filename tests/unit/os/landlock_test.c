/* SPDX-License-Identifier: ISC */
/* Each case runs in a process of its own, because rights are given up for good. */
#include "os/landlock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/file.h"
#include "tap.h"

static const char *top; /* the directory of the tests */

/* Makes a new directory for a case. */
static void make_tree(void)
{
    static unsigned n;
    char name[16];
    static const char *const dirs[] = {"tree",  "tree/a",    "tree/b", "read",
                                       "files", "files/sub", "remove", "out"};
    static const char *const files[] = {"tree/a/f", "read/f", "files/f", "remove/f", "out/f"};

    snprintf(name, sizeof name, "%u", ++n);
    if (chdir(top) != 0 || !os_file_make_dir(OS_FILE_CWD, name) || chdir(name) != 0)
        exit(1);
    for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++)
        os_file_make_dir(OS_FILE_CWD, dirs[i]);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        os_file_replace(OS_FILE_CWD, files[i], SPAN("x"));
}

static struct sockaddr_un abstract = {.sun_family = AF_UNIX};
static socklen_t abstract_size = sizeof abstract;

/* The kernel chooses the name. */
static int listen_abstract(void)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (bind(fd, (const struct sockaddr *)&abstract, sizeof abstract.sun_family) != 0 ||
        listen(fd, 8) != 0 || getsockname(fd, (struct sockaddr *)&abstract, &abstract_size) != 0)
        exit(1);
    return fd;
}

static bool can_open(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC, 0600);

    os_file_close(fd);
    return fd >= 0;
}

static bool can_bind(void)
{
    const struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000001)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool ok = bind(fd, (const struct sockaddr *)&any, sizeof any) == 0;

    os_file_close(fd);
    return ok;
}

/* Whether the attempt reached the network; nobody listens at port 9 of a test machine. */
static bool can_connect(void)
{
    const struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(0x7f000001)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool ok = connect(fd, (const struct sockaddr *)&to, sizeof to) == 0 || errno == ECONNREFUSED;

    os_file_close(fd);
    return ok;
}

/* An abstract socket, at which another process listens. */
static bool can_reach_abstract(void)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool ok = connect(fd, (const struct sockaddr *)&abstract, abstract_size) == 0;

    os_file_close(fd);
    return ok;
}

static bool can_execute(void)
{
    char *const args[] = {(char[]){"true"}, NULL};
    pid_t pid = fork();
    int status = 0;

    if (pid == 0) {
        execv("/bin/true", args);
        _exit(1);
    }
    return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

/* Tries everything: + if it succeeded, - if not, a space between groups. */
static void try_all(char did[64])
{
    const bool could[] = {
        can_open("read/f", O_RDONLY),
        can_open("read", O_RDONLY | O_DIRECTORY),
        can_open("read/f", O_WRONLY),
        can_open("read/new", O_WRONLY | O_CREAT),
        unlink("read/f") == 0,

        can_open("files/f", O_RDONLY),
        can_open("files/f", O_WRONLY | O_TRUNC),
        os_file_replace(OS_FILE_CWD, "files/f", SPAN("y")),
        mkdir("files/d", 0700) == 0,
        rename("files/f", "files/sub/f") == 0,

        can_open("remove/f", O_RDONLY),
        can_open("remove/f", O_WRONLY),
        can_open("remove/new", O_WRONLY | O_CREAT),
        mkdir("remove/d", 0700) == 0,
        unlink("remove/f") == 0,

        can_open("tree", O_RDONLY | O_DIRECTORY),
        can_open("tree/a/f", O_RDWR | O_TRUNC),
        mknod("tree/s", S_IFSOCK | 0600, 0) == 0 && mkdir("tree/d", 0700) == 0,
        rename("tree/a/f", "tree/b/f") == 0 && rename("tree/b", "tree/d/b") == 0,
        os_file_remove_tree(OS_FILE_CWD, "tree/d"),

        symlink("x", "tree/link") == 0,
        mkfifo("tree/fifo", 0600) == 0,
        rename("tree", "out/tree") == 0,
        can_open("/etc/passwd", O_RDONLY),
        can_execute(),

        can_open("out/f", O_RDONLY),
        can_open("out/f", O_WRONLY),
        can_open("out", O_RDONLY | O_DIRECTORY),
        mkdir("out/d", 0700) == 0 && can_open("out/new", O_WRONLY | O_CREAT),
        unlink("out/f") == 0,

        can_bind(),
        can_connect(),
        can_reach_abstract(),
        kill(getppid(), 0) == 0,
        kill(getpid(), 0) == 0,
    };
    size_t n = 0;

    for (size_t i = 0; i < sizeof could / sizeof *could; i++) {
        if (i > 0 && i % 5 == 0)
            did[n++] = ' ';
        did[n++] = could[i] ? '+' : '-';
    }
    did[n] = '\0';
}

/* Tries everything in a process under the rules; NULL: without Landlock. */
static void try_under(const struct os_landlock_rule *rules, size_t n, char did[64])
{
    int pipes[2];
    ssize_t got;
    pid_t pid;

    make_tree();
    if (pipe(pipes) != 0)
        exit(1);
    fflush(stdout); /* or the child would print it again */
    pid = fork();
    if (pid == 0) {
        const char *why;
        if (rules && !os_landlock_apply(rules, n, &why))
            _exit(1);
        try_all(did);
        _exit(write(pipes[1], did, strlen(did)) < 0 ? 1 : 0);
    }
    close(pipes[1]);
    got = read(pipes[0], did, 63);
    did[got > 0 ? got : 0] = '\0';
    close(pipes[0]);
    waitpid(pid, NULL, 0);
}

static void test_rules(void)
{
    static const struct os_landlock_rule rules[] = {
        {"read", OS_LANDLOCK_READ},     {"files", OS_LANDLOCK_FILES},
        {"remove", OS_LANDLOCK_REMOVE}, {"not/there", OS_LANDLOCK_TREE},
        {"read/f", OS_LANDLOCK_READ},   {"tree", OS_LANDLOCK_TREE}};
    static const struct os_landlock_rule of_a_file = {"out/f", OS_LANDLOCK_READ};
    char did[64];
    int listener = listen_abstract();

    try_under(rules, sizeof rules / sizeof *rules, did);
    is_str(did, "++--- -++-- ----+ +++++ ++--- ----- ----+",
           "os_landlock_apply: allows what the rules say and nothing else");
    try_under(&of_a_file, 1, did);
    is_str(did, "----- ----- ----- ----- ----- +---- ----+",
           "os_landlock_apply: a rule for one file");
    try_under(NULL, 0, did);
    is_str(did, "+++++ +++++ +++++ +++++ +++++ +++++ +++++",
           "control: without Landlock everything is allowed");
    os_file_close(listener);
}

int main(void)
{
    const char *tmp = getenv("TMPDIR"), *why;
    char directory[4000];
    pid_t pid = fork();
    int status = 0;

    if (pid == 0) /* the number is small */
        _exit((int)os_landlock_apply(NULL, 0, &why));
    waitpid(pid, &status, 0);
    diag("Landlock's ABI here is %d", WEXITSTATUS(status));
    snprintf(directory, sizeof directory, "%.100s/os_landlock_test.XXXXXX", tmp ? tmp : "/tmp");
    top = mkdtemp(directory);
    if (!top)
        return 1;
    if (WEXITSTATUS(status) >= 6)
        test_rules();
    else
        ok(true, "nothing # SKIP the kernel has no Landlock of ABI 6");
    ok(chdir("/") == 0 && os_file_remove_tree(OS_FILE_CWD, directory),
       "the test's directory is removed");
    return done_testing();
}
