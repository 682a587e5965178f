/* SPDX-License-Identifier: ISC */
#include "store/message_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/crc32c.h"
#include "base/digits.h"
#include "base/utf8.h"
#include "mime/subject.h"
#include "os/clock.h"
#include "proto/escape.h"
#include "store/key_line.h"

#define CHECKSUM_DIGITS 8
#define ID_DIGITS       10
#define NUMBERS_BYTES   80 /* of a name: more than its other numbers and keys can have */

_Static_assert(ID_DIGITS + NUMBERS_BYTES + NAME_BYTES + TOKEN_MAX < MESSAGE_FILE_NAME_BYTES,
               "room for the longest name");

static char *put_text(char *to, const char *text)
{
    size_t n = strlen(text);
    memcpy(to, text, n);
    return to + n;
}

static char *put_number(char *to, const char *key, uint64_t v)
{
    to = put_text(to, key);
    size_t n = buf_u64_bytes(v);
    digits_put(to, v, n);
    return to + n;
}

/* Not by snprintf, which would take longer than to open the file. */
void message_file_name(const struct mail *m, char out[MESSAGE_FILE_NAME_BYTES])
{
    digits_put(out, m->id, ID_DIGITS);
    out[ID_DIGITS] = '-';
    out[ID_DIGITS + 1] = (char)m->state;
    char *to = put_number(out + ID_DIGITS + 2, ",t=", (uint64_t)m->time);
    to = put_number(to, ",s=", m->size);
    to = put_number(to, ",e=", m->escapes);
    to = put_number(to, ",l=", m->line);
    to = put_number(to, "+", m->line_esc);
    to = put_text(put_text(to, ",f="), m->from);
    if (m->token[0])
        to = put_text(put_text(to, ",k="), m->token);
    *to = '\0';
}

/* Takes key, a decimal number and the byte end off the front of s. */
static bool take_number(struct span *s, struct span key, char end, uint64_t max, uint64_t *value)
{
    struct span digits;
    if (!span_starts(*s, key))
        return false;
    *s = span_skip(*s, key.n);
    return span_cut(s, end, &digits) && span_u64(digits, max, value);
}

static bool take_state(struct span *s, enum mail_state *state)
{
    if (s->n < 2 || !strchr("undxb", s->p[0]) || s->p[1] != ',')
        return false;
    *state = (enum mail_state)s->p[0];
    *s = span_skip(*s, 2);
    return true;
}

/* Parses what follows "f=": the sender and perhaps a token. */
static bool take_from_and_token(struct span s, struct mail *m)
{
    struct span from = s, token = SPAN("");
    if (span_cut(&s, ',', &from)) {
        if (!span_starts(s, SPAN("k=")))
            return false;
        token = span_skip(s, 2);
        if (!token_ok(token))
            return false;
    }
    memcpy(m->token, token.p, token.n);
    m->token[token.n] = '\0';
    return name_fold(from, m->from);
}

bool message_file_parse_name(const char *name, struct mail *m)
{
    struct span s = span_str(name);
    uint64_t id, time, size, escapes, line, line_esc;
    char again[MESSAGE_FILE_NAME_BYTES];
    if (!take_number(&s, SPAN(""), '-', MAIL_ID_MAX, &id) || !take_state(&s, &m->state) ||
        !take_number(&s, SPAN("t="), ',', INT64_MAX, &time) ||
        !take_number(&s, SPAN("s="), ',', MAIL_BODY_MAX, &size) ||
        !take_number(&s, SPAN("e="), ',', size, &escapes) ||
        !take_number(&s, SPAN("l="), '+', MESSAGE_LINE_BYTES, &line) ||
        !take_number(&s, SPAN(""), ',', line, &line_esc) || !span_starts(s, SPAN("f=")) ||
        !take_from_and_token(span_skip(s, 2), m))
        return false;
    m->id = (uint32_t)id;
    m->time = (int64_t)time;
    m->size = (uint32_t)size;
    m->escapes = (uint32_t)escapes;
    m->line = (unsigned)line;
    m->line_esc = (unsigned)line_esc;
    m->hidden = false;
    message_file_name(m, again);
    return id > 0 && strcmp(again, name) == 0;
}

static int class_of(const struct mail *m)
{
    if (mail_is_pending(m))
        return 0;
    if (m->state == MAIL_BROKEN)
        return 3;
    return m->state == MAIL_UNREAD ? 2 : 1;
}

int message_file_order(const struct mail *a, const struct mail *b)
{
    char names[2][MESSAGE_FILE_NAME_BYTES];
    if (a->id != b->id)
        return a->id < b->id ? -1 : 1;
    if (class_of(a) != class_of(b))
        return class_of(a) - class_of(b);
    if (a->time != b->time)
        return a->time > b->time ? -1 : 1;
    message_file_name(a, names[0]);
    message_file_name(b, names[1]);
    return strcmp(names[0], names[1]);
}

bool message_file_is_same(const struct mail *a, const struct mail *b)
{
    return a->id == b->id && a->time == b->time && a->size == b->size && a->escapes == b->escapes &&
           a->line == b->line && a->line_esc == b->line_esc && strcmp(a->from, b->from) == 0 &&
           strcmp(a->token, b->token) == 0;
}

bool message_file_is_repeat(const struct mail *a, const struct mail *b)
{
    return a->token[0] && strcmp(a->token, b->token) == 0 && strcmp(a->from, b->from) == 0;
}

void message_file_measure(struct mail *m, struct span body)
{
    char room[MESSAGE_LINE_BYTES];
    struct span line = subject_line(body, room, sizeof room);
    m->size = (uint32_t)body.n;
    m->escapes = (uint32_t)escape_count(body);
    m->line = (unsigned)line.n;
    m->line_esc = (unsigned)escape_count(line);
}

/* Whether this can be the line that the name of m describes. */
static bool is_line(const struct mail *m, struct span line)
{
    return line.n == m->line && escape_count(line) == m->line_esc;
}

bool message_file_line(const struct mail *m, struct span begin, char room[MESSAGE_LINE_BYTES],
                       struct span *line)
{
    *line = subject_line(begin, room, MESSAGE_LINE_BYTES);
    if (is_line(m, *line))
        return true;
    *line = utf8_first_line(begin, MESSAGE_LINE_BYTES);
    return is_line(m, *line);
}

/* Writes the header up to its checksum, and returns the length. */
static size_t begin_header(const struct mail *m, char out[MESSAGE_FILE_HEADER_BYTES])
{
    struct tm utc;
    char date[MESSAGE_DATE_BYTES];
    os_clock_utc(m->time, &utc);
    message_date_format(2, &utc, date);
    char *to = put_text(put_text(out, "Pochta-Message: 1\nFrom: "), m->from);
    to = put_text(put_text(to, "\nDate: "), date);
    to = put_text(put_number(to, "\nLength: ", m->size), "\n");
    return (size_t)(to - out);
}

static const char checksum_format[] = "Checksum: %08" PRIx32 "\n\n";

size_t message_file_header(const struct mail *m, struct span body,
                           char out[MESSAGE_FILE_HEADER_BYTES])
{
    size_t n = begin_header(m, out);
    uint32_t checksum = crc32c(crc32c(0, span_of(out, n)), body);
    return n + (size_t)snprintf(out + n, MESSAGE_FILE_HEADER_BYTES - n, checksum_format, checksum);
}

size_t message_file_parse_header(struct span file, const struct mail *m, uint32_t *checksum,
                                 uint32_t *begun)
{
    char expected[MESSAGE_FILE_HEADER_BYTES];
    struct span begin = span_of(expected, begin_header(m, expected)), digits;
    uint64_t value;
    if (!span_starts(file, begin))
        return 0;
    struct span s = span_skip(file, begin.n);
    if (!key_line_take(&s, SPAN("Checksum: "), &digits) || digits.n != CHECKSUM_DIGITS ||
        !digits_get_hex(digits, &value) || !span_starts(s, SPAN("\n")))
        return 0;
    *checksum = (uint32_t)value;
    *begun = crc32c(0, begin);
    return (size_t)(s.p + 1 - file.p);
}
