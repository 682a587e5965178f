/* SPDX-License-Identifier: ISC */
/* Landlock with other kernels than this one: their calls are those of the test. */
#include "os/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/error.h"
#include "os/file.h"
#include "tap.h"

/* --- a kernel --- */

static long abi;
enum call { CREATE = 1, RULE, PRIVILEGES, RESTRICT, NO_CALL };
static enum call failing;
static uint64_t asked[3]; /* files, network, scope: what is forbidden unless a rule allows it */
static uint64_t allowed_last;
static int rules_added, restricted;

#define REPLACED(type, name, parameters)                  \
    type real_##name parameters __asm__("__real_" #name); \
    type here_##name parameters __asm__("__wrap_" #name); \
    type here_##name parameters

static bool fails(enum call call)
{
    errno = EIO;
    return failing == call;
}

static long create(const void *attr, size_t size)
{
    errno = ENOSYS;
    if (!attr)
        return abi;
    memcpy(asked, attr, size < sizeof asked ? size : sizeof asked);
    return fails(CREATE) ? -1 : (long)open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static long add(const void *attr)
{
    memcpy(&allowed_last, attr, sizeof allowed_last);
    rules_added++;
    return fails(RULE) ? -1 : 0;
}

REPLACED(long, syscall, (long number, ...))
{
    va_list args;
    long result = -1;
    va_start(args, number);
    if (number == 444) {
        const void *attr = va_arg(args, const void *);
        result = create(attr, va_arg(args, size_t));
    } else if (number == 445) {
        (void)va_arg(args, int);
        (void)va_arg(args, int);
        result = add(va_arg(args, const void *));
    } else if (!fails(RESTRICT)) {
        restricted++;
        result = 0;
    }
    va_end(args);
    return result;
}

REPLACED(int, prctl, (int what, ...))
{
    return what != PR_SET_NO_NEW_PRIVS || fails(PRIVILEGES) ? -1 : 0;
}

REPLACED(int, open64, (const char *path, int flags, mode_t mode))
{
    errno = EACCES;
    return strcmp(path, "/secret") == 0 ? -1 : real_open64(path, flags, mode);
}

/* --- the tests --- */

static unsigned apply(const char *path, const char **why)
{
    const struct os_landlock_rule rules[] = {{"/", OS_LANDLOCK_READ}, {path, OS_LANDLOCK_TREE}};

    rules_added = restricted = 0;
    return os_landlock_apply(rules, 2, why);
}

static void test_old_kernels(void)
{
    /* The number of rights to files, of those to the network, and of those to other processes. */
    static const struct {
        long abi;
        int files, network, scope;
    } rows[] = {{2, 14, 0, 0}, {3, 15, 0, 0}, {4, 15, 2, 0},
                {5, 16, 2, 0}, {6, 16, 2, 2}, {9, 16, 2, 2}};
    const char *why;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        abi = rows[i].abi;
        is_int(apply("/", &why), abi, "os_landlock_apply: a kernel with ABI %ld", abi);
        ok(__builtin_popcountll(asked[0]) == rows[i].files &&
               __builtin_popcountll(asked[1]) == rows[i].network &&
               __builtin_popcountll(asked[2]) == rows[i].scope && restricted == 1 && !*why,
           "... is asked for all that it knows");
        ok((allowed_last & ~asked[0]) == 0 && rules_added == 2,
           "... and for nothing else in a rule");
    }
    abi = 1;
    ok(apply("/", &why) == 0 && strstr(why, "too old") && restricted == 0,
       "os_landlock_apply: not with ABI 1");
    abi = -1;
    ok(apply("/", &why) == 0 && restricted == 0, "os_landlock_apply: not without Landlock");
    is_str(why, os_error_text(ENOSYS), "... and it says why");
}

static int highest_descriptor(void)
{
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

    os_file_close(fd);
    return fd;
}

static void test_failures(void)
{
    const char *why;
    int next = highest_descriptor();

    abi = 6;
    for (failing = CREATE; failing < NO_CALL; failing++) {
        if (failing == PRIVILEGES && sizeof(long) == 4)
            continue; /* prctl has another name there */
        ok(apply("/", &why) == 0 && restricted == 0, "os_landlock_apply: call %d fails",
           (int)failing);
        is_str(why, os_error_text(EIO), "... and it says why");
    }
    is_int(highest_descriptor(), next, "... and leaves no descriptor open");
    failing = NO_CALL;
}

/* What is not there, or cannot be reached, needs no rule. */
static void test_paths(void)
{
    static const struct {
        const char *path;
        int rules; /* 0: it fails */
    } rows[] = {{"/nowhere", 1},
                {"/dev/null/below", 1},
                {"/secret", 1},
                {"/dev/null", 2},
                {"/proc/self/exe/..//", 1}};
    char loop[] = "/tmp/landlock_kernel.XXXXXX";
    const char *why;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ok(apply(rows[i].path, &why) == 6 && rules_added == rows[i].rules,
           "os_landlock_apply: a rule for %s", rows[i].path);
    }
    ok(apply("/dev/null", &why) == 6 && allowed_last == (asked[0] & 0x4006),
       "os_landlock_apply: a rule for what is no directory has only rights to files");
    if (!mkdtemp(loop) || rmdir(loop) != 0 || symlink(loop, loop) != 0)
        return ok(false, "a link to itself"), (void)0;
    ok(apply(loop, &why) == 0 && restricted == 0, "os_landlock_apply: a path that is a loop");
    is_str(why, os_error_text(ELOOP), "... and it says why");
    unlink(loop);
}

int main(void)
{
    failing = NO_CALL;
    test_old_kernels();
    test_failures();
    test_paths();
    return done_testing();
}
