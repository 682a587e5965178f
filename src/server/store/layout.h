/* SPDX-License-Identifier: ISC */
/*
 * layout: the names of everything in a store. Pure.
 *
 *     DIR/version                       how the store is laid out (lock_file.h)
 *     DIR/lock                          the lock file (lock_file.h)
 *     DIR/programs                      which versions have run on it (programs.h)
 *     DIR/control.sock                  the socket of a running server
 *     DIR/id                            a number by which its backups know the store (store_id.h)
 *     DIR/doors                         the secret key and the domains of its doors (door_key.h)
 *     DIR/users/NAME/                   one account
 *     DIR/users/NAME/account            its password and quotas (account_file.h)
 *     DIR/users/NAME/0000000007-u,...   one message (message_file.h)
 *     DIR/users/NAME/new-PROCESS-N      a message that is being written
 *     DIR/users/NAME/invite-CODE        the invite with which the account was made
 *     DIR/new/NAME-GENERATION/          an account that is being made
 *     DIR/new/~NAME-GENERATION/         one that a start is removing
 *     DIR/removed/NAME-GENERATION/      a deleted account that can be restored
 *     DIR/removed/~NAME-GENERATION/     a deleted account whose files are being removed
 *     DIR/invites/CODE                  an unused invite (invite.h)
 *     DIR/groups/NAME                   a group of accounts (group.h)
 *     DIR/groups/~new-PROCESS-N         one that is being written
 *     DIR/changes/2026113014            which accounts have changed in an hour (changes.h)
 *     DIR/changes/accounts              the last list of accounts (account_list.h)
 *     DIR/log/segment-LOG-NUMBER        a part of the delivery log (redo.h)
 *     DIR/log/old-segment-LOG-NUMBER    one that a server left, as another has found it
 *
 * While "account", "programs", "doors" or an invite is being written, its name ends in ".new";
 * while "lock" or "version" is being made, its name ends in "." and random digits.
 */
#ifndef STORE_LAYOUT_H
#define STORE_LAYOUT_H

#define LAYOUT_LOCK       "lock"
#define LAYOUT_VERSION    "version"
#define LAYOUT_PROGRAMS   "programs"
#define LAYOUT_CONTROL    "control.sock"
#define LAYOUT_ID         "id"
#define LAYOUT_DOORS      "doors"
#define LAYOUT_LOG        "log"
#define LAYOUT_CHANGES    "changes"
#define LAYOUT_GROUPS     "groups"
#define LAYOUT_ACCOUNT    "account"
#define LAYOUT_TEMPORARY  "new-"    /* the beginning of a temporary's name */
#define LAYOUT_INVITE     "invite-" /* the beginning of the name of an account's invite */
#define LAYOUT_UNFINISHED ".new"    /* the end of a name that os_file_replace is writing */
#define LAYOUT_REMOVING   "~"       /* the beginning of a name that no account or group can have */

#define LAYOUT_INODE_BYTES 1024 /* about the space of an empty file on the disk: inode and name */

#define LAYOUT_NAME_BYTES 128 /* room for the name of a directory or a temporary, with its NUL */

/* The directories of a store, and their names. */
enum layout_dir { LAYOUT_USERS, LAYOUT_NEW, LAYOUT_REMOVED, LAYOUT_INVITES, LAYOUT_DIRS };

extern const char *const layout_dirs[LAYOUT_DIRS];

/*
 * Of the directories in dirs, open or -1, the first that is on another file system than new/, so
 * that nothing can be renamed from one to the other; LAYOUT_DIRS: all are on one.
 */
enum layout_dir layout_apart(const int dirs[LAYOUT_DIRS]);

/* The files of an account that are not messages. */
enum layout_file {
    LAYOUT_FILE_ACCOUNT,
    LAYOUT_FILE_NEW_ACCOUNT, /* "account" as it is being written */
    LAYOUT_FILE_TEMPORARY,
    LAYOUT_FILE_INVITE,
    LAYOUT_FILE_OTHER /* not a file of Pochta's, unless it is a message */
};

/* What a name in an account's directory stands for. */
enum layout_file layout_file(const char *name);

/* The name of an account outside users/: NAME-GENERATION. */
void layout_account(const char *name, const char *generation, char out[LAYOUT_NAME_BYTES]);

#endif
