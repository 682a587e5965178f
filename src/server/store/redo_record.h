/* SPDX-License-Identifier: ISC */
/*
 * redo_record: the bytes of the delivery log (docs/store.md, "The log"). Pure.
 *
 * A segment is a file of zeros that is written over with records. Each record begins at a multiple
 * of REDO_ALIGN bytes and describes itself:
 *
 *     magic       8 bytes
 *     log         8  random, of the process that wrote it; part of the segment's name, too
 *     serial      8  grows each time that a segment is used: tells old records from new ones
 *     sequence    8  one more than that of the message before
 *     oldest      8  records with a lower serial are no longer needed
 *     bytes       4  of the content
 *     checksum    4  of the content
 *     checksum    4  of all the above
 *     content        account, generation and file name, each ended by LF, and the message's file
 *
 * Numbers are little-endian; checksums are CRC-32C. A record without content is a mark: it only
 * says what is the oldest serial. The log's number is a secret: otherwise a message could contain
 * what looks like a record.
 */
#ifndef STORE_REDO_RECORD_H
#define STORE_REDO_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "store/message_file.h"
#include "store/store.h"

#define REDO_ALIGN        8
#define REDO_HEADER_BYTES 52
#define REDO_NAMES_BYTES  (NAME_BYTES + STORE_GENERATION_DIGITS + MESSAGE_FILE_NAME_BYTES + 3)
#define REDO_MESSAGE_MAX  (UINT64_C(64) << 10) /* bytes of a body: larger ones are not logged */
#define REDO_CONTENT_MAX  (REDO_NAMES_BYTES + MESSAGE_FILE_HEADER_BYTES + REDO_MESSAGE_MAX)

struct redo_place {
    uint64_t log, serial, sequence, oldest;
};

/* A message as a record has it. The spans point into the record. */
struct redo_message {
    struct who who;
    struct mail mail; /* what the file name says */
    struct span file; /* the bytes of the message's file */
};

/* The bytes that a record with this many bytes of content takes. */
size_t redo_record_bytes(size_t content);

/* Writes the header of a record: content has these bytes and this checksum. */
void redo_record_header(const struct redo_place *place, size_t content, uint32_t checksum,
                        char out[REDO_HEADER_BYTES]);

/* Writes the beginning of the content, up to the message's file. Returns its length in bytes. */
size_t redo_record_names(const struct who *who, const struct mail *m, char out[REDO_NAMES_BYTES]);

/*
 * Finds the first record of this log in s, which begins at a multiple of REDO_ALIGN, at or after
 * *offset. On success *offset is its beginning, *place and *content what it says, and the next
 * record cannot begin before *offset + redo_record_bytes(content->n). False: s has none.
 */
bool redo_record_find(struct span s, uint64_t log, size_t *offset, struct redo_place *place,
                      struct span *content);

/* Parses the content of a record. False: it is a mark, or nothing that a server has written. */
bool redo_record_parse(struct span content, struct redo_message *m);

#endif
