/* SPDX-License-Identifier: ISC */
/* Users are looked up and changed in a table of the test, so that anybody can run it. */
#include "os/process.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include "os/error.h"
#include "tap.h"

#define REPLACED(type, name, parameters)                  \
    type here_##name parameters __asm__("__wrap_" #name); \
    type here_##name parameters

/* --- a system with one user, 7 with the group 8, and one more group, 9 --- */

static int lookup_error, group_error;

REPLACED(int, getpwnam_r,
         (const char *name, struct passwd *entry, char *bytes, size_t size, struct passwd **found))
{
    snprintf(bytes, size, "%s", name);
    *entry = (struct passwd){.pw_name = bytes, .pw_uid = 7, .pw_gid = 8};
    *found = lookup_error == 0 && strcmp(name, "mail") == 0 ? entry : NULL;
    return lookup_error;
}

REPLACED(int, getpwuid_r,
         (uid_t uid, struct passwd *entry, char *bytes, size_t size, struct passwd **found))
{
    snprintf(bytes, size, "mail");
    *entry = (struct passwd){.pw_name = bytes, .pw_uid = uid};
    *found = lookup_error == 0 && uid == 7 ? entry : NULL;
    return lookup_error;
}

REPLACED(int, getgrnam_r,
         (const char *name, struct group *entry, char *bytes, size_t size, struct group **found))
{
    snprintf(bytes, size, "%s", name);
    *entry = (struct group){.gr_name = bytes, .gr_gid = 9};
    *found = group_error == 0 && strcmp(name, "post") == 0 ? entry : NULL;
    return group_error;
}

static void test_find(void)
{
    static const struct {
        const char *name, *why;
        uint32_t gid; /* 0: it is not found */
    } rows[] = {
        {"mail", "", 8},
        {"mail:post", "", 9},
        {"nobody", "there is no such user", 0},
        {"mail:nobody", "there is no such group", 0},
        {"", "this is not a valid user name", 0},
        {":post", "this is not a valid user name", 0},
        {"a-name-that-is-longer-than-any-name-of-a-user-of-this-system-can-be-whatever-they-are-"
         "called-"
         "and-much-longer-than-it-should-be-for-a-user-or-a-group-or-a-machine-or-a-directory-and-"
         "so-on-"
         "until-it-is-longer-than-256-characters-which-should-be-long-enough-for-this-test",
         "this is not a valid user name", 0},
    };
    struct os_process_user user;
    const char *why;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bool found = os_process_find_user(rows[i].name, &user, &why);
        ok(found == (rows[i].gid > 0) && (found || strcmp(why, rows[i].why) == 0),
           "os_process_find_user: \"%.20s\" %s", rows[i].name, rows[i].why);
        ok(!found || (user.uid == 7 && user.gid == rows[i].gid), "... with these numbers");
    }
    lookup_error = EIO;
    ok(!os_process_find_user("mail", &user, &why),
       "os_process_find_user: the table cannot be read");
    is_str(why, os_error_text(EIO), "... and it says why");
    lookup_error = 0;
    group_error = EMFILE;
    ok(!os_process_find_user("mail:post", &user, &why),
       "os_process_find_user: ... nor that of groups");
    is_str(why, os_error_text(EMFILE), "... and it says why");
}

static void test_name(void)
{
    char name[OS_PROCESS_NAME_BYTES];

    ok(os_process_user_name(7, name), "os_process_user_name: a user");
    is_str(name, "mail", "... with a name");
    ok(!os_process_user_name(6, name), "os_process_user_name: a number that is nobody's");
    is_str(name, "6", "... which stands for the name");
    lookup_error = EIO;
    ok(!os_process_user_name(7, name), "os_process_user_name: the table cannot be read");
    is_str(name, "7", "... so the number stands for the name");
    lookup_error = 0;
}

/* --- a process that becomes a user --- */

enum { REAL, EFFECTIVE, SAVED };
enum step { ASK_USER = 10, ASK_GROUP, GROUPS, SET_GROUP, SET_USER, NO_STEP };

static uid_t users[3];
static gid_t groups[3];
static enum step failing; /* this call fails */
static int forgotten;     /* this id of the user, or with 3 added of the group, is not set */
static bool way_back;     /* whoever has given up being root can be root again */
static bool group_back;

static int fail_at(enum step step)
{
    errno = EIO;
    return failing == step ? -1 : 0;
}

REPLACED(int, initgroups, (const char *name, gid_t gid))
{
    return strcmp(name, "mail") == 0 && gid == 8 ? fail_at(GROUPS) : -1;
}

REPLACED(int, setresgid, (gid_t real, gid_t effective, gid_t saved))
{
    const gid_t all[3] = {real, effective, saved};

    for (int i = REAL; i <= SAVED; i++)
        groups[i] = forgotten == i + 3 ? 0 : all[i];
    return fail_at(SET_GROUP);
}

REPLACED(int, setresuid, (uid_t real, uid_t effective, uid_t saved))
{
    const uid_t all[3] = {real, effective, saved};

    for (int i = REAL; i <= SAVED; i++)
        users[i] = forgotten == i ? 0 : all[i];
    return fail_at(SET_USER);
}

REPLACED(int, getresuid, (uid_t * real, uid_t *effective, uid_t *saved))
{
    *real = users[REAL];
    *effective = users[EFFECTIVE];
    *saved = users[SAVED];
    return fail_at(ASK_USER);
}

REPLACED(int, getresgid, (gid_t * real, gid_t *effective, gid_t *saved))
{
    *real = groups[REAL];
    *effective = groups[EFFECTIVE];
    *saved = groups[SAVED];
    return fail_at(ASK_GROUP);
}

REPLACED(int, setuid, (uid_t uid))
{
    errno = EPERM;
    return uid == 0 && way_back ? 0 : -1;
}

REPLACED(int, setgid, (gid_t gid))
{
    errno = EPERM;
    return gid == 0 && group_back ? 0 : -1;
}

static const struct os_process_user mail = {"mail", 7, 8};

static void test_become(void)
{
    static const int errors[] = {[ASK_USER] = EPERM,
                                 [ASK_GROUP] = EPERM,
                                 [GROUPS] = EIO,
                                 [SET_GROUP] = EIO,
                                 [SET_USER] = EIO};

    failing = NO_STEP;
    forgotten = -1;
    ok(os_process_become(&mail), "os_process_become: another user");
    ok(users[SAVED] == 7 && groups[SAVED] == 8, "... with all ids");
    for (failing = ASK_USER; failing < NO_STEP; failing++)
        ok(!os_process_become(&mail) && errno == errors[failing],
           "os_process_become: call %d fails", (int)failing);
    for (forgotten = 0; forgotten < 6; forgotten++)
        ok(!os_process_become(&mail) && errno == EPERM,
           "os_process_become: the system says yes, but has not set id %d", forgotten);
    way_back = true;
    ok(!os_process_become(&mail) && errno == EPERM, "os_process_become: a way back to root");
    way_back = false;
    group_back = true;
    ok(!os_process_become(&mail) && errno == EPERM, "os_process_become: ... or to its group");
    group_back = false;
}

/* --- itself --- */

static long processors;

REPLACED(long, sysconf, (int what))
{
    return what == _SC_NPROCESSORS_ONLN ? processors : -1;
}

static void test_self(void)
{
    struct os_process_user me = {.uid = geteuid(), .gid = getegid()};
    struct os_process_user other = {.uid = geteuid(), .gid = getegid() + 1};

    processors = 4;
    is_int(os_process_cores(), 4, "os_process_cores: as many as there are");
    processors = -1;
    is_int(os_process_cores(), 1, "os_process_cores: one, if the system does not say");
    ok(os_process_is(&me) && !os_process_is(&other), "os_process_is: user and group");
    other = (struct os_process_user){.uid = geteuid() + 1, .gid = getegid()};
    ok(!os_process_is(&other), "os_process_is: not another user with our group");
}

int main(void)
{
    test_find();
    test_name();
    test_become();
    test_self();
    return done_testing();
}
