/* SPDX-License-Identifier: ISC */
/*
 * draft: a letter that has not been sent, in memory and in a file, from its first character until
 * the server has answered Yes. For one thread.
 *
 * The file is in the state directory drafts/; its name is a number. It has lines of a fixed length
 * that are written over in place, and then the text:
 *
 *     pochta draft 1
 *     ready: 0
 *     server: 127.0.0.1:5555
 *     user: ann
 *     file: /home/ann/chart.pdf
 *     to: - 000000000000 0123456789abcdef0123456789abcdef bob
 *
 *     the text
 *
 * Text is only ever appended, so a kill costs at most what was not handed to draft_keep(). Whatever
 * else changes is written to a new file, which replaces the old one. A draft that is open is
 * locked (os/lock.h): two processes never work on the same one.
 *
 * In memory the text is complete even if the file cannot be written: such a letter can still be
 * sent. Functions that return false set errno.
 */
#ifndef CLIENT_DRAFT_H
#define CLIENT_DRAFT_H

#include "base/buf.h"
#include "client/link.h"
#include "client/state.h"
#include "proto/name.h"

#define DRAFT_DIR        "drafts" /* for state_dir_open() */
#define DRAFT_TO_MAX     64
#define DRAFT_NUMBER_MAX (UINT32_MAX / 2)

/* How long a server remembers a token, by the protocol. */
#define DRAFT_TOKEN_S ((int64_t)24 * 60 * 60)

/* What is known of one recipient's copy; the characters are those of the file. */
enum draft_mark {
    DRAFT_NEW = '-',   /* not sent */
    DRAFT_TRIED = '?', /* sent, but it is not known whether the server has stored it */
    DRAFT_SENT = '+'   /* the server has answered Yes */
};

struct draft_to {
    char name[NAME_BYTES + 1];
    char token[LINK_TOKEN_BYTES + 1]; /* the same for every repeat */
    enum draft_mark mark;
    int64_t tried; /* DRAFT_TRIED: since when, in seconds since 1970 */
};

struct draft {
    const struct state_dir *dir; /* stays the caller's; its fd may be -1 */
    int fd;                      /* -1: there is no file yet */
    unsigned number;             /* the name of the file */
    bool ready;                  /* the letter was written to its end */
    struct buf server;           /* HOST:PORT, as the user gave it */
    char user[NAME_BYTES + 1];   /* the sender */
    struct draft_to to[DRAFT_TO_MAX];
    size_t nto;
    struct buf files;   /* absolute paths, each ended by NUL, of what will be added (attach.h) */
    struct buf text;    /* the letter; the caller appends to it */
    size_t kept;        /* how many bytes of text are in the file */
    uint64_t head_size; /* where the text begins in the file */
    bool rewrite;       /* the file must be replaced as a whole */
    int64_t changed;    /* when the file was last changed, in seconds since 1970; only if opened */
};

/* Begins an empty letter of a user. There is no file before the first draft_keep(). */
void draft_begin(struct draft *d, const struct state_dir *dir, const char *server,
                 const char *user);

/* Adds a recipient with a token of its own. False, and no errno: there are DRAFT_TO_MAX already. */
bool draft_add_to(struct draft *d, const char *name);

/* Which recipient has this name, which is folded; nto: none. */
size_t draft_find_to(const struct draft *d, const char *name);

/* Gives recipient i another name, and a new token. */
void draft_rename_to(struct draft *d, size_t i, const char *name);

/* Adds a file to those that go with the letter. The caller checks files and text for buf_ok(). */
void draft_add_file(struct draft *d, const char *path);

/* To be called after a change of files, or of text unless it was only appended to. */
void draft_text_changed(struct draft *d);

/*
 * Writes to the file what it lacks: creates it with mode 0600, appends, or replaces it. After a
 * failure the next call tries again. Without a directory it fails with ENOENT.
 */
bool draft_keep(struct draft *d);

/* Marks the letter as written to its end, and puts it on stable storage. */
bool draft_finish(struct draft *d);

/*
 * Sets the mark of recipient i, in the file, too, if there is one: a process that is killed
 * afterwards finds it there. DRAFT_TRIED keeps the time of the first attempt.
 */
bool draft_mark(struct draft *d, size_t i, enum draft_mark mark);

/* Whether recipient i may have the letter, and no token can tell any more. */
bool draft_is_too_old(const struct draft *d, size_t i);

/* Whether the letter has no text and no files, and nobody can have received it. */
bool draft_is_empty(const struct draft *d);

/* Whether any recipient's copy has this mark. */
bool draft_has(const struct draft *d, enum draft_mark mark);

enum draft_opened {
    DRAFT_OPENED,
    DRAFT_NONE,   /* there is no draft with this number */
    DRAFT_BUSY,   /* another process works on it */
    DRAFT_DAMAGED /* it is no draft, and errno is 0; or it cannot be read: errno */
};

/* Opens and locks a draft. Only after DRAFT_OPENED the caller closes or discards it. */
enum draft_opened draft_open(struct draft *d, const struct state_dir *dir, unsigned number);

/*
 * Reads a draft without locking it, to show it. After DRAFT_BUSY, too, the caller closes it; it may
 * be a moment old.
 */
enum draft_opened draft_peek(struct draft *d, const struct state_dir *dir, unsigned number);

/* Releases the draft and its memory, and leaves the file; without text there is no file to leave.
 */
void draft_close(struct draft *d);

/* Removes the file, releases the draft and its memory. False: the file could not be removed. */
bool draft_discard(struct draft *d);

#define DRAFT_EDIT_BYTES 24

/* The name of the directory in which the text is edited; draft_discard() removes it, too. */
void draft_edit_name(const struct draft *d, char name[DRAFT_EDIT_BYTES]);

/*
 * The numbers of the drafts, ascending, at most max of them; returns how many there are. dir->fd
 * may be -1: there are no drafts. Sets errno: 0, or why there may be others.
 */
size_t draft_numbers(const struct state_dir *dir, unsigned *numbers, size_t max);

#endif
