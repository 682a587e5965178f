/* SPDX-License-Identifier: ISC */
/*
 * door_file: the text of the file "doors" of a store (door_key.h). Pure, except for memory.
 *
 *     pochta-doors 1
 *     key 0123...                    128 hexadecimal digits: a secret
 *     domain 0 ship.example
 *     domain 1771234567 port.example
 *     checksum 0a1b2c3d
 *
 * A message is shown under the domain of the last line whose time (seconds since 1970) is not later
 * than its own; a message from before the first line, under the first domain. The times grow from
 * line to line. The checksum is the CRC-32C of all lines before it: a key with a wrong digit must
 * not pass for another key.
 */
#ifndef STORE_DOOR_FILE_H
#define STORE_DOOR_FILE_H

#include "base/buf.h"
#include "base/siphash.h"
#include "proto/status.h"

#define DOOR_KEYS         4 /* for SipHash */
#define DOOR_DOMAIN_BYTES 255
#define DOOR_DOMAINS      1000                       /* at most */
#define DOOR_FILE_BYTES   (DOOR_DOMAINS * 300 + 300) /* more than any text of a file has */

struct door_domain {
    int64_t since;
    char name[DOOR_DOMAIN_BYTES + 1];
};

struct door_file {
    unsigned char keys[DOOR_KEYS][SIPHASH_KEY_BYTES];
    struct door_domain *domains; /* at least one, in the order of their times */
    size_t n, cap;
};

/*
 * Parses the text of the file into *f, which the caller frees with door_file_free whatever is
 * returned. ST_DAMAGED: the text does not have the form above. ST_NO_MEMORY.
 */
enum status door_file_parse(struct span text, struct door_file *f);

/* Appends the text of the file. */
void door_file_add(struct buf *out, const struct door_file *f);

/*
 * Adds a domain. ST_DAMAGED: it is not 1 to DOOR_DOMAIN_BYTES visible ASCII characters, its time is
 * negative or not later than that of the last domain, or there are DOOR_DOMAINS already.
 * ST_NO_MEMORY.
 */
enum status door_file_add_domain(struct door_file *f, int64_t since, struct span name);

/* Frees the memory, and wipes the keys. */
void door_file_free(struct door_file *f);

/* Frees a text of the file, and wipes the keys in it. */
void door_file_free_text(struct buf *text);

#endif
