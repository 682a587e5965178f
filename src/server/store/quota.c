/* SPDX-License-Identifier: ISC */
#include "store/quota.h"

#include "store/layout.h"
#include "store/mailbox_private.h"
#include "store/store_private.h"

#define DISK_LEAST (UINT64_C(4) << 20)

/* Twice the quota, and a little for small quotas. */
static uint64_t disk_quota(uint64_t quota_bytes)
{
    return quota_bytes == 0 ? 0 : 2 * quota_bytes + DISK_LEAST;
}

void quota_use(struct mailbox *mb, bool with_trash, struct quota_use *u)
{
    const struct mailbox_quota quota = mailbox_quota(mb);
    struct index_totals t;
    index_totals(mb->index, &t);
    *u = (struct quota_use){.used = {[QUOTA_BYTES] = t.bytes + t.pending_bytes + t.hidden_bytes,
                                     [QUOTA_MESSAGES] = t.messages + t.pending + t.hidden,
                                     [QUOTA_DISK] = t.disk},
                            .allowed = {quota.bytes, quota.messages, disk_quota(quota.bytes)}};
    if (with_trash) {
        u->used[QUOTA_BYTES] += t.deleted_bytes;
        u->used[QUOTA_MESSAGES] += t.deleted;
    } else {
        u->used[QUOTA_DISK] -= t.deleted_disk - t.deleted * LAYOUT_INODE_BYTES;
    }
}

bool quota_fits(struct mailbox *mb, uint64_t bytes, bool with_trash)
{
    const uint64_t more[QUOTAS] = {bytes, 1, index_disk_bytes(bytes)};
    struct quota_use u;
    bool ok = true;
    quota_use(mb, with_trash, &u);
    for (enum quota i = 0; i < QUOTAS; i++)
        ok = ok && (u.allowed[i] == 0 || u.used[i] + more[i] <= u.allowed[i]);
    return ok;
}

bool quota_reaches(const struct quota_use *u, uint64_t percent)
{
    bool reached = false;
    for (enum quota i = 0; i < QUOTAS; i++) {
        uint64_t allowed = u->allowed[i];
        uint64_t enough = allowed / 100 * percent + (allowed % 100 * percent + 99) / 100;
        reached = reached || (allowed > 0 && u->used[i] >= enough);
    }
    return reached;
}

void quota_note(struct mailbox *mb)
{
    uint64_t percent = mb->store->limits.quota_warning;
    struct quota_use u;
    if (percent == 0 || atomic_load(&mb->warned))
        return;
    quota_use(mb, true, &u);
    if (quota_reaches(&u, percent))
        atomic_store(&mb->warning_due, true);
}
