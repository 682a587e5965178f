/* SPDX-License-Identifier: ISC */
/*
 * redo_records: records and segments of a delivery log, as a server writes them.
 */
#ifndef REDO_RECORDS_H
#define REDO_RECORDS_H

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/crc32c.h"
#include "store/redo_record.h"
#include "store/redo_segment.h"

#define REDO_BLOCK 4096

/* A new message for a record: unread, from bob, of no particular time. */
static inline struct mail redo_mail(uint32_t id, const char *body, const char *token)
{
    struct mail m = {.id = id, .state = MAIL_UNREAD, .time = 1512316293, .from = "bob"};

    snprintf(m.token, sizeof m.token, "%s", token);
    message_file_measure(&m, span_str(body));
    return m;
}

/* Appends a record of a message with this body. Returns where it begins. */
static inline size_t redo_put(struct buf *out, const struct redo_place *place,
                              const struct who *who, const struct mail *m, struct span body)
{
    static const char zeros[REDO_ALIGN];
    char header[REDO_HEADER_BYTES], names[REDO_NAMES_BYTES], head[MESSAGE_FILE_HEADER_BYTES];
    size_t at = out->n, n_names = redo_record_names(who, m, names);
    size_t n_head = message_file_header(m, body, head), content = n_names + n_head + body.n;
    uint32_t checksum = crc32c(0, span_of(names, n_names));

    checksum = crc32c(crc32c(checksum, span_of(head, n_head)), body);
    redo_record_header(place, content, checksum, header);
    buf_add(out, span_of(header, sizeof header));
    buf_add(out, span_of(names, n_names));
    buf_add(out, span_of(head, n_head));
    buf_add(out, body);
    buf_add(out, span_of(zeros, redo_record_bytes(content) - sizeof header - content));
    return at;
}

/* Appends a mark, which only says what is the oldest serial. */
static inline void redo_put_mark(struct buf *out, const struct redo_place *place)
{
    static const char zeros[REDO_ALIGN];
    char header[REDO_HEADER_BYTES];

    redo_record_header(place, 0, 0, header);
    buf_add(out, span_of(header, sizeof header));
    buf_add(out, span_of(zeros, redo_record_bytes(0) - sizeof header));
}

/* Fills the block with zeros, as the end of a batch does. */
static inline void redo_end_block(struct buf *out)
{
    while (out->n % REDO_BLOCK != 0)
        buf_add_char(out, '\0');
}

#endif
