/* SPDX-License-Identifier: ISC */
/*
 * Preloaded into a program, this lets its calls fail. FAULTS is the path of a file with a struct
 * control, FAULTS_IN the name of the program; other programs, also those that it executes, are left
 * alone. Calls are counted by kind; a plan says which call of a kind fails, and how.
 *
 * Allocated blocks of memory are noted. At the end of the program, the blocks that were not freed
 * and the descriptors that are open are written to the file.
 */
#undef _FORTIFY_SOURCE
#undef _FILE_OFFSET_BITS
#undef _TIME_BITS
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <link.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "faults.h"

static struct control *control;
static uintptr_t program, program_end;

/* --- the program and its callers --- */

static int note_program(struct dl_phdr_info *info, size_t size, void *ctx)
{
    (void)size, (void)ctx;
    program = info->dlpi_addr;
    for (int i = 0; i < info->dlpi_phnum; i++)
        if (info->dlpi_phdr[i].p_type == PT_LOAD)
            program_end = program + info->dlpi_phdr[i].p_vaddr + info->dlpi_phdr[i].p_memsz;
    return 1; /* the first object is the program */
}

static uint32_t offset_of(const void *address)
{
    uintptr_t a = (uintptr_t)address;
    return a >= program && a < program_end ? (uint32_t)(a - program) : 0;
}

static void take_frames(uint32_t frames[FRAMES])
{
    void *found[FRAMES + LEFT_OUT];
    int n = backtrace(found, FRAMES + LEFT_OUT);
    for (int i = 0; i < FRAMES; i++)
        frames[i] = i + LEFT_OUT < n ? offset_of(found[i + LEFT_OUT]) : 0;
}

static void begin_faults(void)
{
    const char *name = getenv("FAULTS_IN");
    void *first[1];
    bool here = name && strcmp(name, program_invocation_short_name) == 0;
    const char *path = getenv("FAULTS");
    if (!path || !here)
        return;
    int fd = open(path, O_RDWR | O_CLOEXEC);
    void *map = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (map == MAP_FAILED)
        abort();
    dl_iterate_phdr(note_program, NULL);
    backtrace(first, 1); /* loads the libraries that it needs */
    control = map;
}

/* --- which call fails --- */

static bool is_within(const struct plan *plan)
{
    uint32_t frames[FRAMES];
    if (plan->to == 0)
        return true;
    take_frames(frames);
    for (int i = 0; i < FRAMES; i++)
        if (frames[i] >= plan->from && frames[i] < plan->to)
            return true;
    return false;
}

static void trace_call(enum kind kind)
{
    uint32_t frames[FRAMES], hash = 2166136261U;
    uint32_t i = atomic_fetch_add(&control->calls, 1);
    if (i >= CALLS)
        return;
    take_frames(frames);
    for (int f = 0; f < FRAMES; f++)
        hash = (hash ^ frames[f]) * 16777619U;
    control->call[i].kind = kind;
    control->call[i].stack = hash;
}

/* No call fails inside these functions: fails itself, and parts of the C library that end the
 * program when memory is short. */
static _Thread_local bool inside;

/* Returns 0 if this call does not fail; otherwise SHORT, or the errno, which is also set. */
static int fails(enum kind kind)
{
    int error = 0;
    if (!control || !control->armed || inside)
        return 0;
    inside = true;
    if (control->tracing)
        trace_call(kind);
    for (int i = 0; i < PLANS; i++) {
        const struct plan *plan = &control->plans[i];
        if (plan->nth == 0 || plan->kind != kind || !is_within(plan))
            continue;
        uint32_t n = atomic_fetch_add(&control->counts[i], 1) + 1;
        if (n != plan->nth && !(plan->ever && n > plan->nth))
            continue;
        if (atomic_fetch_add(&control->hits[i], 1) == 0)
            take_frames(control->frames[i]);
        error = plan->error;
    }
    inside = false;
    if (error > 0)
        errno = error;
    return error;
}

/* If the call must be short: half of the bytes or less, at least one; otherwise all of them. */
static size_t part_of(int failure, size_t n)
{
    return failure == SHORT ? n / 2 + n % 2 : n;
}

#define REAL(name)                        \
    static __typeof__(name) *real = NULL; \
    if (!real)                            \
    *(void **)&real = dlsym(RTLD_NEXT, #name)

/* FAULT(type, name, result when it fails, kind, (parameters), (arguments)) */
#define FAULT(type, name, failed, kind, parameters, arguments) \
    type name parameters                                       \
    {                                                          \
        REAL(name);                                            \
        return fails(kind) > 0 ? (failed) : real arguments;    \
    }

/* The same for a call that may be short: n is the number of bytes. */
#define SHORT_FAULT(name, kind, parameters, arguments) \
    ssize_t name parameters                            \
    {                                                  \
        REAL(name);                                    \
        int failure = fails(kind);                     \
        n = part_of(failure, n);                       \
        return failure > 0 ? -1 : real arguments;      \
    }

/* NOLINTBEGIN(bugprone-reserved-identifier,readability-inconsistent*): the system's names. */

/* --- files --- */

int __openat64_2(int dir, const char *path, int flags);
int __open64_2(const char *path, int flags);

FAULT(int, __openat64_2, -1, OPEN, (int dir, const char *path, int flags), (dir, path, flags))
FAULT(int, __open64_2, -1, OPEN, (const char *path, int flags), (path, flags))

#define MODE_OF(flags)                     \
    mode_t mode = 0;                       \
    if ((flags) & (O_CREAT | O_TMPFILE)) { \
        va_list args;                      \
        va_start(args, flags);             \
        mode = va_arg(args, mode_t);       \
        va_end(args);                      \
    }

int openat64(int dir, const char *path, int flags, ...)
{
    REAL(openat64);
    MODE_OF(flags)
    return fails((flags & O_CREAT) ? CREATE : OPEN) > 0 ? -1 : real(dir, path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    REAL(open64);
    MODE_OF(flags)
    return fails((flags & O_CREAT) ? CREATE : OPEN) > 0 ? -1 : real(path, flags, mode);
}

FAULT(FILE *, fopen64, NULL, OPEN, (const char *path, const char *mode), (path, mode))
FAULT(DIR *, fdopendir, NULL, OPEN, (int fd), (fd))
FAULT(struct dirent64 *, readdir64, NULL, LIST, (DIR * d), (d))
SHORT_FAULT(read, READ, (int fd, void *p, size_t n), (fd, p, n))
SHORT_FAULT(pread64, READ, (int fd, void *p, size_t n, off64_t at), (fd, p, n, at))
SHORT_FAULT(write, fd == 1 || fd == 2 ? PRINT : WRITE, (int fd, const void *p, size_t n),
            (fd, p, n))
SHORT_FAULT(pwrite64, WRITE, (int fd, const void *p, size_t n, off64_t at), (fd, p, n, at))
FAULT(int, fflush, EOF, PRINT, (FILE * f), (f))
FAULT(int, ftruncate64, -1, WRITE, (int fd, off64_t n), (fd, n))
FAULT(int, fsync, -1, SYNC, (int fd), (fd))
FAULT(int, fdatasync, -1, SYNC, (int fd), (fd))
FAULT(int, syncfs, -1, SYNC, (int fd), (fd))
FAULT(int, renameat, -1, NAME, (int from, const char *a, int to, const char *b), (from, a, to, b))
FAULT(int, renameat2, -1, NAME, (int from, const char *a, int to, const char *b, unsigned flags),
      (from, a, to, b, flags))
FAULT(int, linkat, -1, NAME, (int from, const char *a, int to, const char *b, int flags),
      (from, a, to, b, flags))
FAULT(int, mkdirat, -1, NAME, (int dir, const char *path, mode_t mode), (dir, path, mode))
FAULT(int, unlinkat, -1, REMOVE, (int dir, const char *path, int flags), (dir, path, flags))
FAULT(int, stat64, -1, STAT, (const char *path, struct stat64 *st), (path, st))
FAULT(int, fstat64, -1, STAT, (int fd, struct stat64 *st), (fd, st))
FAULT(int, fstatat64, -1, STAT, (int dir, const char *path, struct stat64 *st, int flags),
      (dir, path, st, flags))
FAULT(int, fstatvfs64, -1, STAT, (int fd, struct statvfs64 *st), (fd, st))
FAULT(int, fchmodat, -1, OWNER, (int dir, const char *path, mode_t mode, int flags),
      (dir, path, mode, flags))
FAULT(int, fchown, -1, OWNER, (int fd, uid_t uid, gid_t gid), (fd, uid, gid))
FAULT(int, futimens, -1, OWNER, (int fd, const struct timespec t[2]), (fd, t))

/* The descriptor is closed in any case, as by the kernel. */
int close(int fd)
{
    REAL(close);
    int failure = fails(CLOSE), error = errno;
    int result = real(fd);
    errno = failure > 0 ? error : errno;
    return failure > 0 ? -1 : result;
}

/* The store is in memory, where it would have no delivery log; so this says that it is on ext4. */
int fstatfs64(int fd, struct statfs64 *st)
{
    REAL(fstatfs64);
    int result = fails(STAT) > 0 ? -1 : real(fd, st);
    if (result == 0 && control)
        st->f_type = 0xEF53;
    return result;
}

/* --- locks --- */

/* Whether a call of fcntl fails. */
static bool fcntl_fails(int command, const void *argument)
{
    bool is_lock = command == F_OFD_SETLK || command == F_OFD_SETLKW || command == F_OFD_GETLK;
    if (is_lock && ((const struct flock *)argument)->l_type == F_UNLCK)
        is_lock = false; /* to release a lock completely cannot fail */
    return (is_lock && fails(LOCK) > 0) ||
           ((command == F_DUPFD || command == F_DUPFD_CLOEXEC) && fails(DESCRIPTOR) > 0);
}

#define FCNTL_FAULT(name)                                                         \
    int name(int fd, int command, ...)                                            \
    {                                                                             \
        REAL(name);                                                               \
        va_list args;                                                             \
        va_start(args, command);                                                  \
        void *argument = va_arg(args, void *);                                    \
        va_end(args);                                                             \
        return fcntl_fails(command, argument) ? -1 : real(fd, command, argument); \
    }

FCNTL_FAULT(fcntl64)

sem_t *sem_open(const char *name, int flags, ...)
{
    REAL(sem_open);
    va_list args;
    va_start(args, flags);
    mode_t mode = (flags & O_CREAT) ? va_arg(args, mode_t) : 0;
    unsigned value = (flags & O_CREAT) ? va_arg(args, unsigned) : 0;
    va_end(args);
    return fails(SEMAPHORE) > 0 ? SEM_FAILED : real(name, flags, mode, value);
}

FAULT(int, sem_unlink, -1, SEMAPHORE, (const char *name), (name))

/* --- descriptors and the network --- */

FAULT(int, socket, -1, DESCRIPTOR, (int domain, int type, int protocol), (domain, type, protocol))
FAULT(int, bind, -1, SOCKET, (int fd, const struct sockaddr *a, socklen_t n), (fd, a, n))
FAULT(int, listen, -1, SOCKET, (int fd, int n), (fd, n))
FAULT(int, connect, -1, CONNECT, (int fd, const struct sockaddr *a, socklen_t n), (fd, a, n))
FAULT(int, setsockopt, -1, SOCKET, (int fd, int level, int option, const void *value, socklen_t n),
      (fd, level, option, value, n))
FAULT(int, getsockname, -1, SOCKET, (int fd, struct sockaddr *a, socklen_t *n), (fd, a, n))
FAULT(int, socketpair, -1, DESCRIPTOR, (int domain, int type, int protocol, int fds[2]),
      (domain, type, protocol, fds))
FAULT(int, pipe2, -1, DESCRIPTOR, (int fds[2], int flags), (fds, flags))
FAULT(int, dup3, -1, DESCRIPTOR, (int fd, int to, int flags), (fd, to, flags))
FAULT(int, eventfd, -1, DESCRIPTOR, (unsigned value, int flags), (value, flags))
FAULT(int, signalfd, -1, DESCRIPTOR, (int fd, const sigset_t *mask, int flags), (fd, mask, flags))
FAULT(int, accept4, -1, ACCEPT, (int fd, struct sockaddr *a, socklen_t *n, int flags),
      (fd, a, n, flags))

/* A connection that is reset stays so. */
static int fails_at(enum kind kind, int fd)
{
    int failure = fails(kind);
    if (failure == ECONNRESET) {
        shutdown(fd, SHUT_RDWR);
        errno = failure;
    }
    return failure;
}

ssize_t send(int fd, const void *p, size_t n, int flags)
{
    REAL(send);
    int failure = fails_at(SEND, fd);
    return failure > 0 ? -1 : real(fd, p, part_of(failure, n), flags);
}

ssize_t recv(int fd, void *p, size_t n, int flags)
{
    REAL(recv);
    int failure = fails_at(RECEIVE, fd);
    return failure > 0 ? -1 : real(fd, p, part_of(failure, n), flags);
}

FAULT(ssize_t, sendmsg, -1, SEND, (int fd, const struct msghdr *m, int flags), (fd, m, flags))
FAULT(ssize_t, recvmsg, -1, RECEIVE, (int fd, struct msghdr *m, int flags), (fd, m, flags))

int getaddrinfo(const char *host, const char *port, const struct addrinfo *hints,
                struct addrinfo **list)
{
    REAL(getaddrinfo);
    if (fails(RESOLVE) > 0)
        return errno == ENOMEM ? EAI_MEMORY : EAI_AGAIN;
    inside = true;
    int result = real(host, port, hints, list);
    inside = false;
    return result;
}

/* --- waiting and time --- */

int __ppoll_chk(struct pollfd *fds, nfds_t n, const struct timespec *t, const sigset_t *mask,
                size_t size);

FAULT(int, poll, -1, WAIT, (struct pollfd * fds, nfds_t n, int ms), (fds, n, ms))
FAULT(int, ppoll, -1, WAIT,
      (struct pollfd * fds, nfds_t n, const struct timespec *t, const sigset_t *mask),
      (fds, n, t, mask))
FAULT(int, __ppoll_chk, -1, WAIT,
      (struct pollfd * fds, nfds_t n, const struct timespec *t, const sigset_t *mask, size_t size),
      (fds, n, t, mask, size))
FAULT(pid_t, waitpid, -1, WAIT, (pid_t pid, int *status, int options), (pid, status, options))

/* Interrupted at once: the whole time is left. */
int nanosleep(const struct timespec *t, struct timespec *left)
{
    REAL(nanosleep);
    if (fails(WAIT) <= 0)
        return real(t, left);
    if (left)
        *left = *t;
    return -1;
}

/* The clock is set forward or back, by this number of days. */
time_t time(time_t *result)
{
    REAL(time);
    time_t now = real(NULL) + (time_t)fails(CLOCK) * 86400;
    if (result)
        *result = now;
    return now;
}

SHORT_FAULT(getrandom, RANDOM, (void *p, size_t n, unsigned flags), (p, n, flags))

/* --- 32 bits --- */

/*
 * On 32 bits, calls with a time in them have other names in programs that know dates after 2038.
 * This file is compiled without these other names, so the functions above keep their own.
 */
#if __TIMESIZE == 32

#define FAULT_64(type, name, kind, parameters, arguments) \
    type name parameters;                                 \
    FAULT(type, name, -1, kind, parameters, arguments)

FAULT_64(int, __stat64_time64, STAT, (const char *path, void *st), (path, st))
FAULT_64(int, __fstat64_time64, STAT, (int fd, void *st), (fd, st))
FAULT_64(int, __fstatat64_time64, STAT, (int dir, const char *path, void *st, int flags),
         (dir, path, st, flags))
FAULT_64(int, __futimens64, OWNER, (int fd, const void *t), (fd, t))
FAULT_64(int, __setsockopt64, SOCKET,
         (int fd, int level, int option, const void *value, socklen_t n),
         (fd, level, option, value, n))
FAULT_64(ssize_t, __sendmsg64, SEND, (int fd, const void *m, int flags), (fd, m, flags))
FAULT_64(ssize_t, __recvmsg64, RECEIVE, (int fd, void *m, int flags), (fd, m, flags))
FAULT_64(int, __ppoll64, WAIT, (void *fds, nfds_t n, const void *t, const void *mask),
         (fds, n, t, mask))

int __fcntl_time64(int fd, int command, ...);
FCNTL_FAULT(__fcntl_time64)

struct time_64 {
    int64_t s, ns;
};
int __nanosleep64(const struct time_64 *t, struct time_64 *left);
int64_t __time64(int64_t *result);

int __nanosleep64(const struct time_64 *t, struct time_64 *left)
{
    REAL(__nanosleep64);
    if (fails(WAIT) <= 0)
        return real(t, left);
    if (left)
        *left = *t;
    return -1;
}

int64_t __time64(int64_t *result)
{
    REAL(__time64);
    int64_t now = real(NULL) + fails(CLOCK) * INT64_C(86400);
    if (result)
        *result = now;
    return now;
}

#endif

/* --- threads and processes --- */

FAULT(int, pthread_create, errno, THREAD,
      (pthread_t * thread, const pthread_attr_t *attr, void *(*run)(void *), void *ctx),
      (thread, attr, run, ctx))
FAULT(pid_t, fork, -1, THREAD, (void), ())

int getpwuid_r(uid_t uid, struct passwd *pw, char *buf, size_t n, struct passwd **result)
{
    REAL(getpwuid_r);
    int error = fails(RESOLVE);
    if (error > 0)
        return error;
    inside = true;
    error = real(uid, pw, buf, n, result);
    inside = false;
    return error;
}

/* --- memory --- */

static struct {
    _Atomic uintptr_t block;
    uint32_t from;
} blocks[BLOCKS];

static size_t place_of(uintptr_t block)
{
    return (block >> 4) * 2654435761U % BLOCKS;
}

enum { TAKEN_BACK = 1 };

static void *note_block(void *block, const void *caller)
{
    uintptr_t b = (uintptr_t)block;
    for (size_t i = place_of(b), tries = 0; control && b && tries < BLOCKS;
         i = (i + 1) % BLOCKS, tries++) {
        uintptr_t free_place = atomic_load(&blocks[i].block);
        if (free_place <= TAKEN_BACK &&
            atomic_compare_exchange_strong(&blocks[i].block, &free_place, b)) {
            blocks[i].from = offset_of(caller);
            break;
        }
    }
    return block;
}

static void forget_block(void *block)
{
    uintptr_t b = (uintptr_t)block, found = TAKEN_BACK;
    for (size_t i = place_of(b), tries = 0; b && found && tries < BLOCKS;
         i = (i + 1) % BLOCKS, tries++) {
        found = atomic_load(&blocks[i].block);
        if (found == b) {
            atomic_store(&blocks[i].block, TAKEN_BACK);
            break;
        }
    }
}

void *malloc(size_t size)
{
    REAL(malloc);
    return fails(MEMORY) ? NULL : note_block(real(size), __builtin_return_address(0));
}

void *calloc(size_t n, size_t size)
{
    REAL(calloc);
    return fails(MEMORY) ? NULL : note_block(real(n, size), __builtin_return_address(0));
}

void *realloc(void *block, size_t size)
{
    REAL(realloc);
    if (fails(MEMORY))
        return NULL;
    forget_block(block); /* first, since another thread may get the block at once */
    void *moved = real(block, size);
    return note_block(moved || size == 0 ? moved : block, __builtin_return_address(0));
}

void free(void *block)
{
    REAL(free);
    if (block)
        forget_block(block);
    real(block);
}

FAULT(void *, mmap, MAP_FAILED, MAP,
      (void *at, size_t n, int protection, int flags, int fd, off_t from),
      (at, n, protection, flags, fd, from))

#if __TIMESIZE == 32
FAULT(void *, mmap64, MAP_FAILED, MAP,
      (void *at, size_t n, int protection, int flags, int fd, off64_t from),
      (at, n, protection, flags, fd, from))
#endif

/* NOLINTEND(bugprone-reserved-identifier,readability-inconsistent*) */

/* --- the beginning and the end --- */

__attribute__((constructor)) static void begin(void)
{
    begin_faults();
}

__attribute__((destructor)) static void end(void)
{
    if (!control)
        return;
    control->armed = 0;
    for (int fd = 0; fd < 1024; fd++)
        if (fcntl(fd, F_GETFD) >= 0)
            control->descriptors++;
    for (size_t i = 0; i < BLOCKS; i++)
        if (atomic_load(&blocks[i].block) > TAKEN_BACK && control->leaks < LEAKS && blocks[i].from)
            control->leak[control->leaks++] = blocks[i].from;
    control->ended = 1;
}
