/* SPDX-License-Identifier: ISC */
/*
 * cut: the power of a file system, on a block device of its own, fails: all that was not flushed is
 * gone, its log included (FS_IOC_SHUTDOWN of ext4 and XFS).
 */
#ifndef CUT_H
#define CUT_H

#include <stdbool.h>

struct cut {
    const char *device, *type, *mount; /* mounted there */
};

/* From here on nothing reaches the device. False, said why: the system does not allow it. */
bool cut_power(const struct cut *c);

/* Remounts the file system, which replays its log. No file on it may be open. */
bool cut_recover(const struct cut *c);

#endif
