/* SPDX-License-Identifier: ISC */
#include "os/process.h"

#include "os/error.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define ENTRY_BYTES 65536 /* for an entry of passwd(5) or group(5) */

static bool find_group(const char *name, uint32_t *gid, const char **why)
{
    char bytes[ENTRY_BYTES];
    struct group entry, *found;
    int error = getgrnam_r(name, &entry, bytes, sizeof bytes, &found);
    *why = error ? os_error_text(error) : "there is no such group";
    if (!found)
        return false;
    *gid = found->gr_gid;
    return true;
}

bool os_process_find_user(const char *name, struct os_process_user *user, const char **why)
{
    const char *group = strchr(name, ':');
    size_t n = group ? (size_t)(group - name) : strlen(name);
    char bytes[ENTRY_BYTES];
    struct passwd entry, *found;
    *why = "this is not a valid user name";
    if (n == 0 || n >= sizeof user->name)
        return false;
    memcpy(user->name, name, n);
    user->name[n] = '\0';
    int error = getpwnam_r(user->name, &entry, bytes, sizeof bytes, &found);
    *why = error ? os_error_text(error) : "there is no such user";
    if (!found)
        return false;
    user->uid = found->pw_uid;
    user->gid = found->pw_gid;
    return !group || find_group(group + 1, &user->gid, why);
}

bool os_process_user_name(uint32_t uid, char name[OS_PROCESS_NAME_BYTES])
{
    char bytes[ENTRY_BYTES];
    struct passwd entry, *found;
    snprintf(name, OS_PROCESS_NAME_BYTES, "%u", (unsigned)uid);
    if (getpwuid_r(uid, &entry, bytes, sizeof bytes, &found) != 0 || !found)
        return false;
    snprintf(name, OS_PROCESS_NAME_BYTES, "%s", found->pw_name);
    return true;
}

bool os_process_is_root(void)
{
    return geteuid() == 0;
}

bool os_process_is(const struct os_process_user *user)
{
    return geteuid() == user->uid && getegid() == user->gid;
}

uint32_t os_process_uid(void)
{
    return geteuid();
}

uint32_t os_process_id(void)
{
    return (uint32_t)getpid();
}

unsigned os_process_cores(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n > 0 ? (unsigned)n : 1;
}

void os_process_private_files(void)
{
    umask(077);
}

void os_process_terminate(void)
{
    kill(getpid(), SIGTERM);
}

/* Asks the kernel, whatever the calls before have returned. */
static bool has_become(const struct os_process_user *user)
{
    uid_t uid, euid, suid;
    gid_t gid, egid, sgid;
    return getresuid(&uid, &euid, &suid) == 0 && getresgid(&gid, &egid, &sgid) == 0 &&
           uid == user->uid && euid == user->uid && suid == user->uid && gid == user->gid &&
           egid == user->gid && sgid == user->gid && setuid(0) != 0 &&
           (user->gid == 0 || setgid(0) != 0);
}

void os_process_end(int code)
{
    _exit(code);
}

bool os_process_become(const struct os_process_user *user)
{
    if (initgroups(user->name, user->gid) != 0 || setresgid(user->gid, user->gid, user->gid) != 0 ||
        setresuid(user->uid, user->uid, user->uid) != 0)
        return false;
    if (has_become(user))
        return true;
    errno = EPERM;
    return false;
}

bool os_process_no_new_privs(void)
{
    return prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) == 0;
}

bool os_process_no_dump(void)
{
    return prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L) == 0;
}
