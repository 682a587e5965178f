/*
 * os_process: as whom this process runs, and what it gives up for good. Before there are other
 * threads. Functions that return false set errno.
 */
#ifndef OS_PROCESS_H
#define OS_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

#define OS_PROCESS_NAME_BYTES 64 /* of a user or group, with its NUL */

struct os_process_user {
    char name[OS_PROCESS_NAME_BYTES];
    uint32_t uid, gid;
};

/*
 * Looks up "NAME", with the user's own group, or "NAME:GROUP". False: *why says in words which of
 * them is wrong (a constant).
 */
bool os_process_find_user(const char *name, struct os_process_user *user, const char **why);

/* The name of a user: the number in digits where it has none. */
void os_process_user_name(uint32_t uid, char name[OS_PROCESS_NAME_BYTES]);

/* Whether the process runs as root; whether, in user and group, it is that user already. */
bool os_process_is_root(void);
bool os_process_is(const struct os_process_user *user);

/* The user that files this process makes belong to. */
uint32_t os_process_uid(void);

/*
 * From root to that user for good: its groups and no others, all its ids and with them root's
 * capabilities. What was set is read again, and to become root again is tried. On false the process
 * is neither the one nor the other, and must end.
 */
bool os_process_become(const struct os_process_user *user);

/* Nothing this process executes can give it more rights than it has. */
bool os_process_no_new_privs(void);

/* No dump of its memory, which has had passwords in it, and none but root may trace it. */
bool os_process_no_dump(void);

#endif
