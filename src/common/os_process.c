#include "os_process.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <unistd.h>

#define ENTRY_BYTES 65536 /* for an entry of passwd(5) */

void os_process_user_name(uint32_t uid, char name[OS_PROCESS_NAME_BYTES])
{
    char bytes[ENTRY_BYTES];
    struct passwd entry, *found;

    snprintf(name, OS_PROCESS_NAME_BYTES, "%u", (unsigned)uid);
    if (getpwuid_r(uid, &entry, bytes, sizeof bytes, &found) == 0 && found)
        snprintf(name, OS_PROCESS_NAME_BYTES, "%s", found->pw_name);
}

bool os_process_is_root(void)
{
    return geteuid() == 0;
}

/* What the kernel says, whatever the calls before have returned. */
static bool has_become(const struct os_process_user *user)
{
    uid_t uid, euid, suid;
    gid_t gid, egid, sgid;

    return getresuid(&uid, &euid, &suid) == 0 && getresgid(&gid, &egid, &sgid) == 0 &&
           uid == user->uid && euid == user->uid && suid == user->uid && gid == user->gid &&
           egid == user->gid && sgid == user->gid && setuid(0) != 0 && setgid(0) != 0;
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
