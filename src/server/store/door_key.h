/* SPDX-License-Identifier: ISC */
/*
 * door_key: what a store keeps for its doors, through which other mail programs read and write mail
 * (POP3, SMTP, LMTP): the file "doors" (door_file.h), with a secret key and the domains under which
 * this server has been known. A server with doors makes it when it first starts.
 *
 * The key makes the tokens of messages that come through a door. So a program that sends a message
 * again stores nothing twice, even after a restart or a restore; and a token proves that the
 * message came through a door, where its From field was checked: without the key, nobody can make
 * it.
 *
 * The same message is shown with the same bytes for ever, even after the domain has changed. So the
 * file says from which time on messages are shown under which domain.
 *
 * A door_key does not change once it is open: all functions but door_key_free are safe for threads.
 */
#ifndef STORE_DOOR_KEY_H
#define STORE_DOOR_KEY_H

#include "base/buf.h"
#include "proto/status.h"
#include "store/store.h"

#define DOOR_TOKEN_DIGITS 32

struct door_key;

/*
 * For a server, at its start: reads the file of a store, and makes it if it is missing. If domain
 * is not the last one in the file, adds it. Changes are durable before this returns.
 *
 * A domain that is added applies from the next second on. If the store may have messages with later
 * times, for example because the clock was ahead, it applies only after these, which is reported
 * (store_events).
 *
 * If the store is read-only until the next start, nothing is written, which is reported: the domain
 * is not added, or a new key exists only in memory. The server then accepts no mail, so this key
 * makes no tokens that are stored.
 *
 * ST_DAMAGED: the file is damaged, or the domain is not 1 to 255 visible ASCII characters. Any
 * other status but ST_OK: the file cannot be read or written, and is as before, or has the new
 * domain. Every status but ST_OK is logged, with what an administrator can do. The caller then
 * opens no doors: with another key, messages that are sent again would be stored twice.
 */
enum status door_key_open(struct store *s, const char *domain, struct door_key **k);

/* Wipes the key from memory. k may be NULL. */
void door_key_free(struct door_key *k);

/* The domain under which messages of this time (seconds since 1970) are shown. Lives as long as k.
 */
const char *door_key_domain(const struct door_key *k, int64_t time);

/* Whether a domain is, or has ever been, the server's. Case is ignored. */
bool door_key_is_ours(const struct door_key *k, struct span domain);

/* What a sender and a text add to the tokens of a message, which has one for each recipient. */
struct door_message {
    const struct door_key *key;
    char kind;             /* private, as is the rest */
    uint64_t hashes[2][2]; /* for each half of a token: of the sender, of the text */
};

/*
 * Takes a message in: text and sender as for door_key_token, and needed no longer. The time grows
 * in proportion to the text. The key must outlive m.
 */
void door_message_begin(struct door_message *m, const struct door_key *k, struct span sender,
                        struct span text);

/* The token of that message for one recipient. The time does not depend on the text. */
void door_message_token(const struct door_message *m, struct span recipient,
                        char token[DOOR_TOKEN_DIGITS + 1]);

/*
 * Both, for one recipient. Makes the token of a message: digits and letters a-f. It depends on the
 * sender, the recipient and the text's Message-ID; or on the whole text if there is no Message-ID
 * in the first 64 KiB of its header. text: the message (RFC 5322) as it came. sender: the user who
 * has logged in, or else the address of MAIL. Names are compared byte for byte. The time grows in
 * proportion to the text.
 */
void door_key_token(const struct door_key *k, struct span sender, struct span recipient,
                    struct span text, char token[DOOR_TOKEN_DIGITS + 1]);

/*
 * Whether the token of a stored message proves that it came through a door. sender: of the message.
 * recipient: the owner of the mailbox. body: as it is stored. token: "" if it has none.
 */
bool door_key_proves(const struct door_key *k, struct span sender, struct span recipient,
                     struct span body, const char *token);

/* For fsck: what is wrong with the file (a constant), or NULL. A failed read is also logged. */
const char *door_key_check(struct store *s);

/*
 * For backups: appends the text of the file, if it is sound. ST_NO_MESSAGE: there is no
 * file. ST_DAMAGED: it is damaged; nothing is logged. Any other status but ST_OK is logged.
 */
enum status door_key_load(struct store *s, struct buf *text);

/* For doctor, which has only the directory of a store: whether there is a file and it is damaged.
 */
bool door_key_is_damaged(int dir);

/*
 * For a restore: gives a store a file with this text, which door_key_load has returned, if the
 * store has no file, or if replace is true. *replaced: the store had another key, which a server
 * may still use. A file with the same key stays as it is.
 * ST_USER_EXISTS: the store has another key, or a file that is damaged or cannot be read.
 * ST_DAMAGED: the text is damaged. These two are not logged; any other status but ST_OK is.
 */
enum status door_key_adopt(struct store *s, struct span text, bool replace, bool *replaced);

#endif
