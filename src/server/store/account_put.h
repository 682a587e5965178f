/* SPDX-License-Identifier: ISC */
/*
 * account_put: brings an account, or a letter of it, into the store from a copy (account_copy.h),
 * beside a server. The copy is not trusted: each message is checked, and other files are ignored.
 * For one thread.
 */
#ifndef STORE_ACCOUNT_PUT_H
#define STORE_ACCOUNT_PUT_H

#include "proto/status.h"
#include "store/account_copy.h"
#include "store/layout.h"
#include "store/store.h"

/* An account that is being made from a copy, in new/. */
struct account_put {
    struct who who;
    char temporary[LAYOUT_NAME_BYTES]; /* "": nothing was made */
};

/*
 * Whether the store can take an account of this name and generation: ST_OK; ST_USER_EXISTS: it has
 * this account; ST_NO_USER: it has another account with this name, or this one is deleted but kept,
 * or the name is that of a group or reserved (name.h), which is reported as a finding; or why it
 * cannot tell, which is logged.
 */
enum status account_put_check(struct store *s, const struct who *who,
                              struct account_copy_told *told);

/*
 * Makes the account from a copy: an open directory, and its path for messages. Nobody sees it yet,
 * and it is not durable: the caller calls os_file_sync_all between this and account_put_enter. But
 * where os_mount_reports_sync is false, each file and the directory are synced here. A damaged
 * message is reported, and set aside in the new account. ST_DAMAGED: the account's file is damaged
 * or of another generation, which is reported. ST_UNREADABLE: the copy cannot be read at present,
 * which is reported, too. Failures are logged. On any status but ST_OK nothing is left.
 */
enum status account_put_make(struct store *s, const struct who *who, int copy, const char *path,
                             struct account_copy_told *told, struct account_put *put);

/*
 * Gives the account its name. After ST_OK it is durable once store_sync(LAYOUT_USERS) has
 * succeeded. ST_USER_EXISTS: the name is taken. On any status but ST_OK nothing is left of it.
 */
enum status account_put_enter(struct store *s, struct account_put *put);

/* Removes the account instead. Does nothing if it was not made. */
void account_put_discard(struct store *s, struct account_put *put);

/*
 * Puts one message of a copy back into the mailbox of the same generation, under its id; one that
 * was in the trash comes back as read. On ST_OK it survives a power cut. Otherwise *why says why
 * the store does not accept it, or is NULL if the failure was logged.
 */
enum status account_put_letter(struct store *s, const struct who *who, int copy, const char *path,
                               uint32_t id, const char **why);

#endif
