/* SPDX-License-Identifier: ISC */
#include "client/mail.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/siphash.h"
#include "client/rows.h"
#include "mime/envelope.h"
#include "mime/parts.h"
#include "os/clock.h"
#include "proto/name.h"

static void set_date(struct mail *m, struct span date)
{
    bool utc;
    m->dated = message_date_parse(date, &m->utc, &utc) && utc;
    m->date = m->dated ? os_clock_from_utc(&m->utc) : 0;
    os_clock_utc(m->date, &m->utc); /* with the day of the week */
}

/*
 * Its date, its id, and a hash, since the mailbox may have been another one when it had the same
 * ids. Anyone may know the key: who makes two of his messages have one name gains nothing.
 */
static void set_name(struct mail *m, const struct message *message, const char *user)
{
    static const unsigned char key[SIPHASH_KEY_BYTES] = "pochta export 1";
    const uint64_t hashes[] = {siphash(key, message->from), siphash(key, message->body)};
    uint64_t hash = siphash(key, span_of((const char *)hashes, sizeof hashes));
    snprintf(m->name, sizeof m->name, "%" PRId64 ".P%" PRIu64 "H%016" PRIx64 ".%s", m->date,
             message->id, hash, user);
}

void mail_make(struct mail *m, const struct message *message, const char *user,
               const struct address_place *place)
{
    char name[NAME_BYTES + 1] = "";
    const char *to = name;
    name_fold(span_str(user), name);
    set_date(m, message->date);
    set_name(m, message, name);
    const struct envelope e = {
        .to = &to,
        .nto = 1,
        .from = message->from,
        .host = span_str(place->host),
        .subject = parts_is_mime(message->body) ? SPAN("") : rows_subject(message->body),
        .id = span_str(m->name),
        .utc = m->dated ? &m->utc : NULL,
        .own = span_eq(message->from, span_str(name))};
    buf_clear(&m->text);
    envelope_add(&m->text, &e, message->body);
}

/* What stands before @ in the Message-ID. */
static struct span name_in(struct span header)
{
    struct span value;
    if (!envelope_field(header, "Message-ID", &value))
        return SPAN("");
    value = span_trim(value);
    return span_starts(value, SPAN("<"))
               ? span_first(span_skip(value, 1), span_find(value, '@') - 1)
               : SPAN("");
}

bool mail_origin(struct span header, const char *user, uint64_t *id)
{
    struct span name = name_in(header), date;
    char owner[NAME_BYTES + 2] = ".";
    return name_fold(span_str(user), owner + 1) && span_ends(name, span_str(owner)) &&
           span_cut(&name, '.', &date) && span_starts(name, SPAN("P")) &&
           span_u64(span_first(span_skip(name, 1), span_find(name, 'H') - 1), UINT64_MAX, id);
}

/* An mbox adds an end to a last line that has none. */
static struct span text_of(struct span mail, struct span header)
{
    struct span text = span_skip(mail, header.n);
    return span_first(text, text.n - span_ends(text, SPAN("\n")));
}

bool mail_is_made(const struct mail *m, struct span mail)
{
    struct span made = buf_span(&m->text), header = envelope_header(mail);
    return span_eq(name_in(header), span_str(m->name)) &&
           span_eq(text_of(mail, header), text_of(made, envelope_header(made)));
}
