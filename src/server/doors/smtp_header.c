/* SPDX-License-Identifier: ISC */
#include "doors/smtp_header.h"

#include "mime/field.h"

/* The lines up to the first empty one, whatever they are: mail programs differ in what they take
 * for a field, so nothing above the empty line may be left out. */
static struct span header_of(struct span text)
{
    struct span rest = text, line;
    while (span_cut(&rest, '\n', &line))
        if (span_eq(line, SPAN("\r")))
            return span_first(text, (size_t)(line.p - text.p));
    return text;
}

/* Adds a field with this value. */
static void add_author(struct smtp_author *a, struct span value)
{
    struct mail_address second;
    bool one = a->is == SMTP_AUTHOR_NONE &&
               mail_address_next(&value, &a->address) == MAIL_ADDRESS_ONE &&
               mail_address_next(&value, &second) == MAIL_ADDRESS_END;
    a->is = one ? SMTP_AUTHOR_ONE : SMTP_AUTHOR_OTHER;
}

void smtp_header_read(struct span text, struct smtp_header *h)
{
    struct span header = header_of(text);
    struct field f;
    *h = (struct smtp_header){.hops = 0};
    if (span_find(header, '\0') < header.n) /* some programs read only up to there */
        h->from.is = SMTP_AUTHOR_OTHER;
    while (field_next(&header, &f)) {
        h->hops += span_eq_folded(f.name, SPAN("Received"));
        if (field_may_be(f.name, SPAN("From")))
            add_author(&h->from, f.value);
        if (field_may_be(f.name, SPAN("Sender")))
            add_author(&h->sender, f.value);
    }
}
