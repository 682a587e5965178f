/* SPDX-License-Identifier: ISC */
/*
 * replay: what a power cut may leave of the writes that have reached a block device. A workload is
 * recorded once; then states of the device are made of the record: all up to a flush, and any part
 * of what was written after it and before the next one ended, torn at sectors. What comes after a
 * flush may be on the platter or not, in any order; what came before is.
 *
 * In each state the file system is mounted, the server started and the store compared with what the
 * clients had been told by then. Some of these starts are cut off, too.
 */
#ifndef REPLAY_H
#define REPLAY_H

#include "client.h"
#include "cut.h"
#include "disk.h"
#include "server.h"

struct replay {
    struct server
        *server; /* not running; its store is below cut.mount, where the disk is mounted */
    struct campaign *campaign;
    struct client *clients; /* LEDGER_USERS, with accounts in the store */
    struct disk *disk;
    struct cut cut; /* without the device, which is another one at each mount */
    const char *ctl;
    unsigned states;
    uint64_t chance; /* at first the seed, which also says of which kind the workload is */
};

/* Records and tries the states, until a first violation. False, said why: it could not be done. */
bool replay_run(struct replay *p);

#endif
