/* SPDX-License-Identifier: ISC */
#include "store/redo_record.h"

#include <stdio.h>
#include <string.h>

#include "base/crc32c.h"
#include "base/digits.h"

static const char magic[8] = {'P', 'o', 'c', 'h', 't', 'a', 'R', '1'};

/* Where the fields of the header begin. */
enum {
    AT_LOG = 8,
    AT_SERIAL = 16,
    AT_SEQUENCE = 24,
    AT_OLDEST = 32,
    AT_BYTES = 40,
    AT_CONTENT = 44,
    AT_HEADER = 48
};

static void put_number(char *out, int bytes, uint64_t value)
{
    for (int i = 0; i < bytes; i++)
        out[i] = (char)(value >> 8 * i);
}

static uint64_t get_number(const char *p, int bytes)
{
    uint64_t value = 0;
    for (int i = bytes; i-- > 0;)
        value = value << 8 | (unsigned char)p[i];
    return value;
}

size_t redo_record_bytes(size_t content)
{
    return (REDO_HEADER_BYTES + content + REDO_ALIGN - 1) / REDO_ALIGN * REDO_ALIGN;
}

void redo_record_header(const struct redo_place *place, size_t content, uint32_t checksum,
                        char out[REDO_HEADER_BYTES])
{
    memcpy(out, magic, sizeof magic);
    put_number(out + AT_LOG, 8, place->log);
    put_number(out + AT_SERIAL, 8, place->serial);
    put_number(out + AT_SEQUENCE, 8, place->sequence);
    put_number(out + AT_OLDEST, 8, place->oldest);
    put_number(out + AT_BYTES, 4, content);
    put_number(out + AT_CONTENT, 4, checksum);
    put_number(out + AT_HEADER, 4, crc32c(0, span_of(out, AT_HEADER)));
}

size_t redo_record_names(const struct who *who, const struct mail *m, char out[REDO_NAMES_BYTES])
{
    char name[MESSAGE_FILE_NAME_BYTES];
    message_file_name(m, name);
    return (size_t)snprintf(out, REDO_NAMES_BYTES, "%s\n%s\n%s\n", who->name, who->generation,
                            name);
}

/* Whether a record of this log begins with s. */
static bool take_record(struct span s, uint64_t log, struct redo_place *place, struct span *content)
{
    if (s.n < REDO_HEADER_BYTES || memcmp(s.p, magic, sizeof magic) != 0 ||
        get_number(s.p + AT_LOG, 8) != log ||
        get_number(s.p + AT_HEADER, 4) != crc32c(0, span_of(s.p, AT_HEADER)))
        return false;
    uint64_t bytes = get_number(s.p + AT_BYTES, 4);
    if (bytes > s.n - REDO_HEADER_BYTES)
        return false;
    *content = span_of(s.p + REDO_HEADER_BYTES, bytes);
    *place = (struct redo_place){.log = log,
                                 .serial = get_number(s.p + AT_SERIAL, 8),
                                 .sequence = get_number(s.p + AT_SEQUENCE, 8),
                                 .oldest = get_number(s.p + AT_OLDEST, 8)};
    return get_number(s.p + AT_CONTENT, 4) == crc32c(0, *content);
}

bool redo_record_find(struct span s, uint64_t log, size_t *offset, struct redo_place *place,
                      struct span *content)
{
    for (size_t at = *offset; at < s.n; at += REDO_ALIGN)
        if (take_record(span_skip(s, at), log, place, content)) {
            *offset = at;
            return true;
        }
    return false;
}

bool redo_record_parse(struct span content, struct redo_message *m)
{
    struct span account, generation, name;
    char file[MESSAGE_FILE_NAME_BYTES];
    if (!span_cut(&content, '\n', &account) || !span_cut(&content, '\n', &generation) ||
        !span_cut(&content, '\n', &name) || name.n >= sizeof file ||
        !name_fold(account, m->who.name) || generation.n != STORE_GENERATION_DIGITS ||
        !digits_is_hex(generation))
        return false;
    memcpy(m->who.generation, generation.p, generation.n);
    m->who.generation[generation.n] = '\0';
    memcpy(file, name.p, name.n);
    file[name.n] = '\0';
    m->file = content;
    return message_file_parse_name(file, &m->mail) && !memchr(name.p, '\0', name.n);
}
