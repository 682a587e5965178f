/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "store/backup.h"
#include "store/backup_place.h"
#include "store/store_id.h"
#include "store/store_private.h"

/* The list goes first: half of a backup must not look like a whole one. */
static enum status remove_backup(struct backup_place *p, size_t i)
{
    struct backup_table old = {.n = 0};
    int64_t since;
    enum status st = backup_place_load(p, p->dates[i], false, 0, &old, &since);
    if (st == ST_OK)
        st = backup_place_mark_used(p, p->dates[i], &old);
    else if (st == ST_DAMAGED)
        st = ST_OK; /* it is unknown what it had */
    if (st == ST_OK)
        st = backup_place_remove_list(p, p->dates[i], false);
    for (size_t k = 0; k < old.n && st == ST_OK; k++)
        if (!old.all[k].listed)
            st = backup_place_remove_copy(p, &old.all[k]);
    backup_table_free(&old);
    return st;
}

enum status backup_keep(struct backup *b, uint64_t keep)
{
    struct backup_place p = {.store = b->store, .dir = b->dir, .path = b->path};
    char id[BACKUP_STORE_DIGITS + 1];
    enum status st = store_id_find(b->store, id);
    if (st != ST_OK)
        return st;
    st = backup_place_open(&p, id);
    for (size_t i = 0; st == ST_OK && i + keep < p.n_dates; i++)
        st = remove_backup(&p, i);
    backup_place_close(&p);
    return st;
}
