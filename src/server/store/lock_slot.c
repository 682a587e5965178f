/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "os/file.h"
#include "store/lock_file.h"

static uint64_t slot_at(unsigned stripe)
{
    return LOCK_FIRST_SLOT + stripe * sizeof(struct lock_slot);
}

void lock_file_read_slot(const struct lock_file *f, unsigned stripe, struct lock_slot *slot)
{
    if (os_file_read_at(f->fd, slot, sizeof *slot, slot_at(stripe)) != sizeof *slot)
        *slot = (struct lock_slot){.process = 0};
    slot->mailbox[NAME_BYTES] = '\0';
}

bool lock_file_write_slot(const struct lock_file *f, unsigned stripe, struct lock_slot *slot)
{
    memcpy(slot->semaphore, f->semaphores[stripe], LOCK_SEMAPHORE_DIGITS);
    return os_file_write_at(f->fd, slot, sizeof *slot, slot_at(stripe));
}
