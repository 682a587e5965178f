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

/* The name of a user: the number in digits where it has none. */
void os_process_user_name(uint32_t uid, char name[OS_PROCESS_NAME_BYTES]);

/* Whether the process runs as root. */
bool os_process_is_root(void);

/*
 * From root to that user for good: its groups and no others, all its ids and with them root's
 * capabilities. What was set is read again, and to become root again is tried. On false the process
 * is neither the one nor the other, and must end.
 */
bool os_process_become(const struct os_process_user *user);

#endif
