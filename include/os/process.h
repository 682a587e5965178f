/* SPDX-License-Identifier: ISC */
/*
 * os_process: the user that this process runs as, and rights that it gives up for good. Only before
 * the first thread is started, unless a function says otherwise. Functions that return false set
 * errno, unless they set *why.
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
 * Looks up "NAME", with the user's own group, or "NAME:GROUP". Returns false if one of them does
 * not exist, and sets *why to the cause (a constant).
 */
bool os_process_find_user(const char *name, struct os_process_user *user, const char **why);

/* Sets name to the name of a user. False: the user has none, and name becomes the number. */
bool os_process_user_name(uint32_t uid, char name[OS_PROCESS_NAME_BYTES]);

/* Whether the process runs as root, or already has this user and group. */
bool os_process_is_root(void);
bool os_process_is(const struct os_process_user *user);

/* The user that owns the files this process creates. */
uint32_t os_process_uid(void);

/* The number of this process. Thread-safe. */
uint32_t os_process_id(void);

/* How many processors this process can use; at least 1. */
unsigned os_process_cores(void);

/* From now on, only the owner can read and write the files that this process creates. */
void os_process_private_files(void);

/* Sends SIGTERM to this process. Thread-safe. */
void os_process_terminate(void);

/* Ends this process at once, as a kill would, but with an exit code. Thread-safe. */
_Noreturn void os_process_end(int code);

/*
 * Changes from root to this user for good, with its groups only, all ids, and without root's
 * capabilities. Verifies the result, and that there is no way back to root. If it returns false,
 * the process is in an undefined state and must end.
 */
bool os_process_become(const struct os_process_user *user);

/* From now on no program that this process executes can get more rights than it has. */
bool os_process_no_new_privs(void);

/* No core dumps, because memory may contain passwords; and only root may trace this process. */
bool os_process_no_dump(void);

#endif
