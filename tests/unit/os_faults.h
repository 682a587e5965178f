/* SPDX-License-Identifier: ISC */
/*
 * os_faults: lets system calls of the room os fail. For a test that is linked with --wrap for all
 * of them (replaced.mk has the list). On 32 bits some calls have other names: those do not fail.
 */
#ifndef OS_FAULTS_H
#define OS_FAULTS_H

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define HAS_OTHER_NAMES (sizeof(long) == 4)

#define SHORT (-1) /* as an error: the call succeeds, but takes or gives only one byte */

/* What a call can do but succeed or fail. */
enum {
    ONLY_FAILS = 0,
    IS_INTERRUPTED = 1 /* with EINTR */,
    IS_SHORT = 2,
    HAS_CHILD = 4 /* or none: ECHILD */
};

/*
 * The nth call after faults_arm fails, of those that can fail with this error; and those after it,
 * up to last.
 */
static struct {
    atomic_bool armed;
    atomic_int calls;
    int nth, last, error;
    const char *failed; /* the call that has failed, or NULL */
    int set;            /* the errno that it has set */
    atomic_int blocks;  /* of memory that are in use */
} faults;

static inline void faults_arm(int nth, int error)
{
    faults.nth = faults.last = nth;
    faults.error = error;
    faults.failed = NULL;
    atomic_store(&faults.calls, 0);
    atomic_store(&faults.armed, true);
}

static inline void faults_disarm(void)
{
    faults.nth = 0;
    atomic_store(&faults.armed, false);
}

/* Between these two, a test makes calls of its own. */
static inline void faults_hold(void)
{
    atomic_store(&faults.armed, false);
}

static inline void faults_go_on(void)
{
    atomic_store(&faults.armed, faults.nth > 0);
}

static inline bool faults_has_come(const char *call, int can)
{
    if (!atomic_load(&faults.armed) || (faults.error == EINTR && !(can & IS_INTERRUPTED)) ||
        (faults.error == SHORT && !(can & IS_SHORT)) ||
        (faults.error == ECHILD && !(can & HAS_CHILD)))
        return false;
    int n = atomic_fetch_add(&faults.calls, 1) + 1;
    if (n < faults.nth || n > faults.last)
        return false;
    faults.failed = call;
    return true;
}

static inline bool fails_with(const char *call, int can, int error)
{
    if (!faults_has_come(call, can))
        return false;
    faults.set = errno = error;
    return true;
}

/* For calls that can be short: sets *size to 1 instead of failing if that is the error. */
static inline bool fails_or_shortens(const char *call, size_t *size)
{
    if (*size == 0 || !faults_has_come(call, IS_INTERRUPTED | IS_SHORT))
        return false;
    if (faults.error != SHORT) {
        faults.set = errno = faults.error;
        return true;
    }
    *size = 1;
    return false;
}

/* The linker sends all calls of this function here. */
#define REPLACED(type, name, parameters)                  \
    type real_##name parameters __asm__("__real_" #name); \
    type here_##name parameters __asm__("__wrap_" #name); \
    type here_##name parameters

#define FAILING(can, type, name, parameters, arguments)                                 \
    REPLACED(type, name, parameters)                                                    \
    {                                                                                   \
        return fails_with(#name, can, faults.error) ? (type)-1 : real_##name arguments; \
    }

#define SHORTENED(name, parameters, arguments)                                        \
    REPLACED(ssize_t, name, parameters)                                               \
    {                                                                                 \
        return fails_or_shortens(#name, &size) ? (ssize_t)-1 : real_##name arguments; \
    }

/* The third argument of a call that has it only sometimes. */
#define THIRD(last, type, third)     \
    va_list args;                    \
    va_start(args, last);            \
    type third = va_arg(args, type); \
    va_end(args)

/* What is in /dev or /proc is opened without a wait. */
REPLACED(int, open64, (const char *path, int flags, ...))
{
    THIRD(flags, int, mode);
    int can = strncmp(path, "/dev/", 5) == 0 || strncmp(path, "/proc/", 6) == 0 ? ONLY_FAILS
                                                                                : IS_INTERRUPTED;
    return fails_with("open64", can, faults.error) ? -1 : real_open64(path, flags, mode);
}

REPLACED(int, openat64, (int dir, const char *path, int flags, ...))
{
    THIRD(flags, int, mode);
    return fails_with("openat64", IS_INTERRUPTED, faults.error)
               ? -1
               : real_openat64(dir, path, flags, mode);
}

/* To ask for the flags of a descriptor that is open does not fail. */
REPLACED(int, fcntl64, (int fd, int command, ...))
{
    THIRD(command, void *, value);
    int can = command == F_OFD_SETLK ? IS_INTERRUPTED : ONLY_FAILS;
    if (command != F_GETFD && fails_with("fcntl", can, faults.error))
        return -1;
    return real_fcntl64(fd, command, value);
}

FAILING(IS_INTERRUPTED, int, __openat64_2, (int dir, const char *path, int flags),
        (dir, path, flags))
FAILING(ONLY_FAILS, int, fstat64, (int fd, struct stat *st), (fd, st))
FAILING(ONLY_FAILS, int, fstatat64, (int dir, const char *name, struct stat *st, int flags),
        (dir, name, st, flags))
FAILING(IS_INTERRUPTED, int, fstatfs64, (int fd, void *st), (fd, st))
FAILING(IS_INTERRUPTED, int, fstatvfs64, (int fd, void *st), (fd, st))
FAILING(IS_INTERRUPTED, int, ftruncate64, (int fd, off_t size), (fd, size))
SHORTENED(read, (int fd, void *bytes, size_t size), (fd, bytes, size))
SHORTENED(write, (int fd, const void *bytes, size_t size), (fd, bytes, size))
SHORTENED(pread64, (int fd, void *bytes, size_t size, off_t at), (fd, bytes, size, at))
SHORTENED(pwrite64, (int fd, const void *bytes, size_t size, off_t at), (fd, bytes, size, at))
FAILING(ONLY_FAILS, int, fsync, (int fd), (fd))
FAILING(ONLY_FAILS, int, fdatasync, (int fd), (fd))
FAILING(ONLY_FAILS, int, syncfs, (int fd), (fd))
FAILING(ONLY_FAILS, int, renameat, (int from_dir, const char *from, int to_dir, const char *to),
        (from_dir, from, to_dir, to))
FAILING(ONLY_FAILS, int, linkat,
        (int from_dir, const char *from, int to_dir, const char *to, int flags),
        (from_dir, from, to_dir, to, flags))
FAILING(ONLY_FAILS, int, unlinkat, (int dir, const char *name, int flags), (dir, name, flags))
FAILING(ONLY_FAILS, int, mkdirat, (int dir, const char *name, mode_t mode), (dir, name, mode))
FAILING(ONLY_FAILS, int, fchown, (int fd, uid_t user, gid_t group), (fd, user, group))
FAILING(ONLY_FAILS, int, fchdir, (int fd), (fd))
FAILING(ONLY_FAILS, int, fchmodat, (int dir, const char *name, mode_t mode, int flags),
        (dir, name, mode, flags))
FAILING(ONLY_FAILS, int, futimens, (int fd, const void *times), (fd, times))
FAILING(ONLY_FAILS, int, getrlimit64, (int what, void *limit), (what, limit))
FAILING(ONLY_FAILS, int, dup3, (int fd, int number, int flags), (fd, number, flags))
FAILING(ONLY_FAILS, int, pipe2, (int *ends, int flags), (ends, flags))
FAILING(ONLY_FAILS, int, eventfd, (unsigned value, int flags), (value, flags))
FAILING(ONLY_FAILS, int, pidfd_open, (pid_t pid, unsigned flags), (pid, flags))
FAILING(ONLY_FAILS, int, socket, (int family, int type, int protocol), (family, type, protocol))
FAILING(ONLY_FAILS, int, socketpair, (int family, int type, int protocol, int *ends),
        (family, type, protocol, ends))
FAILING(ONLY_FAILS, int, bind, (int fd, const struct sockaddr *name, socklen_t n), (fd, name, n))
FAILING(ONLY_FAILS, int, listen, (int fd, int backlog), (fd, backlog))
FAILING(IS_INTERRUPTED, int, accept4, (int fd, struct sockaddr *from, socklen_t *n, int flags),
        (fd, from, n, flags))
FAILING(ONLY_FAILS, int, getsockname, (int fd, struct sockaddr *name, socklen_t *n), (fd, name, n))
FAILING(ONLY_FAILS, int, getpeername, (int fd, struct sockaddr *name, socklen_t *n), (fd, name, n))
FAILING(IS_INTERRUPTED, ssize_t, sendmsg, (int fd, const struct msghdr *m, int flags),
        (fd, m, flags))
FAILING(IS_INTERRUPTED, ssize_t, recvmsg, (int fd, struct msghdr *m, int flags), (fd, m, flags))

/* Options without which a socket works as well have names of their own. */
static inline const char *call_of_option(const char *call, int level, int name)
{
    if (level == IPPROTO_TCP && name == TCP_NODELAY)
        return "no delay";
    return level == SOL_SOCKET && name == SO_RCVBUF ? "buffer" : call;
}

REPLACED(int, setsockopt, (int fd, int level, int name, const void *value, socklen_t n))
{
    const char *call = call_of_option("setsockopt", level, name);
    return fails_with(call, ONLY_FAILS, faults.error) ? -1
                                                      : real_setsockopt(fd, level, name, value, n);
}

REPLACED(int, getsockopt, (int fd, int level, int name, void *value, socklen_t *n))
{
    const char *call = call_of_option("getsockopt", level, name);
    return fails_with(call, ONLY_FAILS, faults.error) ? -1
                                                      : real_getsockopt(fd, level, name, value, n);
}

/* After an interruption, the connection is still made. */
REPLACED(int, connect, (int fd, const struct sockaddr *to, socklen_t n))
{
    if (faults.error != EINTR && fails_with("connect", ONLY_FAILS, faults.error))
        return -1;
    int result = real_connect(fd, to, n);
    if (result != 0 && errno == EINPROGRESS && faults.error == EINTR)
        fails_with("connect", IS_INTERRUPTED, EINTR);
    return result;
}

/* Whose files and sockets these are is asked as if this were another user. */
static bool faults_other_user;

REPLACED(uid_t, geteuid, (void))
{
    return real_geteuid() + faults_other_user;
}

/* A call that does not wait is not interrupted, and a send takes all or nothing here. */
REPLACED(ssize_t, send, (int fd, const void *bytes, size_t size, int flags))
{
    int can = (flags & MSG_DONTWAIT) != 0 ? ONLY_FAILS : IS_INTERRUPTED;
    return fails_with("send", can, faults.error) ? -1 : real_send(fd, bytes, size, flags);
}

REPLACED(ssize_t, recv, (int fd, void *bytes, size_t size, int flags))
{
    int can = (flags & MSG_DONTWAIT) != 0 ? ONLY_FAILS : IS_INTERRUPTED;
    return fails_with("recv", can, faults.error) ? -1 : real_recv(fd, bytes, size, flags);
}

SHORTENED(getrandom, (void *bytes, size_t size, unsigned flags), (bytes, size, flags))

/* In a child nothing fails but this call, and whose child it is may be another. */
static const char *faults_in_child;
static bool is_child;

REPLACED(int, dup2, (int fd, int number))
{
    if (!is_child || !faults_in_child ||
        strcmp(faults_in_child, number == 0 ? "input" : "output") != 0)
        return real_dup2(fd, number);
    errno = EBADF;
    return -1;
}

REPLACED(pid_t, getppid, (void))
{
    return is_child && faults_in_child && strcmp(faults_in_child, "parent") == 0 ? 1
                                                                                 : real_getppid();
}

REPLACED(pid_t, fork, (void))
{
    if (fails_with("fork", ONLY_FAILS, faults.error))
        return -1;
    fflush(stdout); /* valgrind lets the child write what it inherits */
    pid_t pid = real_fork();
    if (pid == 0)
        faults_disarm();
    is_child = pid == 0;
    return pid;
}

/* A wait can be interrupted; and a child whose end nobody wanted to know is gone when it has come.
 */
REPLACED(pid_t, waitpid, (pid_t pid, int *status, int flags))
{
    if (faults.error == ECHILD && flags == 0 && fails_with("waitpid", HAS_CHILD, ECHILD)) {
        real_waitpid(pid, NULL, 0);
        errno = ECHILD;
        return -1;
    }
    if (faults.error == EINTR && flags == 0 && fails_with("waitpid", IS_INTERRUPTED, EINTR))
        return -1;
    return real_waitpid(pid, status, flags);
}

REPLACED(char *, crypt_gensalt_rn,
         (const char *prefix, unsigned long count, const char *bytes, int n, char *salt, int size))
{
    return fails_with("crypt_gensalt_rn", ONLY_FAILS, faults.error)
               ? NULL
               : real_crypt_gensalt_rn(prefix, count, bytes, n, salt, size);
}

REPLACED(void *, fdopendir, (int fd))
{
    return fails_with("fdopendir", ONLY_FAILS, faults.error) ? NULL : real_fdopendir(fd);
}

REPLACED(void *, readdir64, (void *stream))
{
    return fails_with("readdir", ONLY_FAILS, faults.error) ? NULL : real_readdir64(stream);
}

REPLACED(void *, fopen64, (const char *path, const char *mode))
{
    return fails_with("fopen", ONLY_FAILS, faults.error) ? NULL : real_fopen64(path, mode);
}

REPLACED(void *, setmntent, (const char *path, const char *mode))
{
    return fails_with("setmntent", ONLY_FAILS, faults.error) ? NULL : real_setmntent(path, mode);
}

#define MEMORY_FAILS(call) fails_with(call, ONLY_FAILS, ENOMEM)
#include "memory_faults.h"

REPLACED(int, pthread_create,
         (pthread_t * thread, const pthread_attr_t *attr, void *(*run)(void *ctx), void *ctx))
{
    return fails_with("pthread_create", ONLY_FAILS, EAGAIN)
               ? EAGAIN
               : real_pthread_create(thread, attr, run, ctx);
}

#endif
