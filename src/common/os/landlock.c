/* SPDX-License-Identifier: ISC */
/*
 * The kernel's interface is defined here, because <linux/landlock.h> may be missing, or older than
 * the kernel that the program runs on.
 */
#include "os/landlock.h"

#include "os/error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The same number on all architectures but Alpha. */
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule       445
#define SYS_landlock_restrict_self  446
#endif

#define CREATE_VERSION 1U /* returns the ABI */
#define PATH_BENEATH   1  /* the kind of rule */

#define FS_EXECUTE     (UINT64_C(1) << 0)
#define FS_WRITE_FILE  (UINT64_C(1) << 1)
#define FS_READ_FILE   (UINT64_C(1) << 2)
#define FS_READ_DIR    (UINT64_C(1) << 3)
#define FS_REMOVE_DIR  (UINT64_C(1) << 4)
#define FS_REMOVE_FILE (UINT64_C(1) << 5)
#define FS_MAKE_DIR    (UINT64_C(1) << 7)
#define FS_MAKE_REG    (UINT64_C(1) << 8)
#define FS_MAKE_SOCK   (UINT64_C(1) << 9)
#define FS_MAKE_FIFO   (UINT64_C(1) << 10)
#define FS_MAKE_SYM    (UINT64_C(1) << 12)
#define FS_REFER       (UINT64_C(1) << 13) /* ABI 2 */
#define FS_TRUNCATE    (UINT64_C(1) << 14) /* ABI 3 */
#define FS_IOCTL_DEV   (UINT64_C(1) << 15) /* ABI 5 */

#define FS_ABI_2    ((UINT64_C(1) << 14) - 1) /* all rights of ABI 2, also those not named above */
#define FS_OF_FILES (FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE | FS_IOCTL_DEV)

#define NET_TCP   UINT64_C(3) /* ABI 4: bind and connect */
#define SCOPE_ALL UINT64_C(3) /* ABI 6: abstract sockets and signals */

struct ruleset_attr {
    uint64_t fs, net, scoped; /* an older kernel accepts unknown members that are 0 */
};

struct path_beneath_attr {
    uint64_t allowed;
    int32_t parent_fd;
} __attribute__((packed));

static const uint64_t allowed[] = {
    [OS_LANDLOCK_READ] = FS_READ_FILE | FS_READ_DIR,
    [OS_LANDLOCK_REMOVE] = FS_REMOVE_FILE,
    [OS_LANDLOCK_FILES] = FS_WRITE_FILE | FS_TRUNCATE | FS_MAKE_REG | FS_REMOVE_FILE,
    [OS_LANDLOCK_TREE] = FS_READ_FILE | FS_READ_DIR | FS_WRITE_FILE | FS_TRUNCATE | FS_MAKE_REG |
                         FS_MAKE_DIR | FS_MAKE_SOCK | FS_MAKE_FIFO | FS_MAKE_SYM | FS_REMOVE_FILE |
                         FS_REMOVE_DIR | FS_REFER,
};

static struct ruleset_attr all_rights(long abi)
{
    struct ruleset_attr all = {.fs = FS_ABI_2};
    if (abi >= 3)
        all.fs |= FS_TRUNCATE;
    if (abi >= 4)
        all.net = NET_TCP;
    if (abi >= 5)
        all.fs |= FS_IOCTL_DEV;
    if (abi >= 6)
        all.scoped = SCOPE_ALL;
    return all;
}

/* A rule for something other than a directory may only name rights to files. */
static bool add_rule(int ruleset, const struct os_landlock_rule *rule, uint64_t known)
{
    struct stat st;
    int fd = open(rule->path, O_PATH | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR || errno == EACCES;
    struct path_beneath_attr attr = {.allowed = allowed[rule->access] & known, .parent_fd = fd};
    bool ok = fstat(fd, &st) == 0;
    if (ok && !S_ISDIR(st.st_mode))
        attr.allowed &= FS_OF_FILES;
    ok = ok && syscall(SYS_landlock_add_rule, ruleset, PATH_BENEATH, &attr, 0) == 0;
    close(fd);
    return ok;
}

unsigned os_landlock_apply(const struct os_landlock_rule *rules, size_t n, const char **why)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_VERSION);
    struct ruleset_attr all = all_rights(abi);
    *why = abi < 0 ? os_error_text(errno) : "the kernel's Landlock is too old";
    if (abi < 2)
        return 0;
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &all, sizeof all, 0);
    bool ok = ruleset >= 0;
    for (size_t i = 0; ok && i < n; i++)
        ok = add_rule(ruleset, &rules[i], all.fs);
    ok = ok && prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) == 0 &&
         syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
    *why = ok ? "" : os_error_text(errno);
    if (ruleset >= 0)
        close(ruleset);
    return ok ? (unsigned)abi : 0;
}
