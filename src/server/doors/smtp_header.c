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

/* What the value of a From field is. */
static enum smtp_author author_of(struct span value, struct mail_address *from)
{
    struct mail_address second;
    return mail_address_next(&value, from) == MAIL_ADDRESS_ONE &&
                   mail_address_next(&value, &second) == MAIL_ADDRESS_END
               ? SMTP_AUTHOR_ONE
               : SMTP_AUTHOR_OTHER;
}

void smtp_header_read(struct span text, struct smtp_header *h)
{
    struct span header = header_of(text);
    struct field f;
    *h = (struct smtp_header){.hops = 0};
    if (span_find(header, '\0') < header.n) /* some programs read only up to there */
        h->author = SMTP_AUTHOR_OTHER;
    while (field_next(&header, &f)) {
        h->hops += span_eq_folded(f.name, SPAN("Received"));
        if (!span_eq_folded(span_trim(f.name), SPAN("From"))) /* some allow a line end after it */
            continue;
        h->author =
            h->author == SMTP_AUTHOR_NONE ? author_of(f.value, &h->from) : SMTP_AUTHOR_OTHER;
    }
}
