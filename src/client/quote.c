/* SPDX-License-Identifier: ISC */
#include "client/quote.h"

#include <string.h>

#include "client/language.h"
#include "client/letter.h"
#include "client/rows.h"
#include "client/view.h"
#include "mime/compose.h"
#include "mime/envelope.h"
#include "mime/field.h"
#include "os/clock.h"
#include "os/random.h"

#define SUBJECT    "Subject: "
#define NOTE_BYTES 1000 /* more than a line about an author has */
#define INDENT     2    /* of a quoted text on the screen: it must not look like one of ours */

/* The prefix stands there once, however often a letter is answered. */
static void add_subject(struct buf *out, const char *prefix, struct span text)
{
    struct span subject = rows_subject(text);
    struct span begin = span_first(subject, strlen(prefix));
    if (subject.n == 0)
        return;
    buf_add_str(out, SUBJECT);
    buf_add_str(out, span_eq_folded(begin, span_str(prefix)) ? "" : prefix);
    buf_add(out, subject);
    buf_add_str(out, "\n\n");
}

/* Takes the first line off a text, without its line end. */
static struct span take_line(struct span *text)
{
    struct span line;
    if (!span_cut(text, '\n', &line)) {
        line = *text;
        text->n = 0;
    }
    if (span_ends(line, SPAN("\r")))
        line.n--;
    return line;
}

/* Without the line of the subject, which the answer has of its own, and blank lines around it. */
static struct span without_subject(struct span text)
{
    struct span rest = text;
    if (span_starts(text, SPAN(SUBJECT))) {
        take_line(&rest);
        text = rest;
        while (rest.n > 0 && take_line(&rest).n == 0)
            text = rest;
    }
    while (text.n > 0 && strchr("\r\n", text.p[text.n - 1]))
        text.n--;
    return text;
}

/* Adds a date as the user's language writes it in a sentence. */
static void add_date(struct buf *out, struct span date)
{
    struct tm tm, local;
    bool utc;
    if (language_chosen() == LANGUAGE_ENGLISH || !message_date_parse(date, &tm, &utc)) {
        view_date(out, date);
        return;
    }
    if (utc)
        os_clock_local(os_clock_from_utc(&tm), &local);
    else
        local = tm; /* of the server's time zone */
    buf_printf(out, "%02d.%02d.%04d %02d:%02d", local.tm_mday, local.tm_mon + 1,
               local.tm_year + 1900, local.tm_hour, local.tm_min);
}

/* Adds a line about who wrote a message and when. */
static void add_author(struct buf *out, const struct message *m, bool reply)
{
    struct buf date, from, sender;
    struct span value;
    buf_init(&date, NOTE_BYTES);
    buf_init(&from, SIZE_MAX / 2);
    buf_init(&sender, FIELD_TEXT_BYTES);
    add_date(&date, m->date);
    if (letter_is_outside(m) && envelope_field(envelope_header(m->body), "From", &value))
        field_text(value, &sender);
    view_safe(&from, sender.n > 0 ? buf_span(&sender) : m->from, VIEW_ROW);
    struct span when = buf_span(&date), who = buf_span(&from);
    if (reply)
        buf_printf(out, _("On %.*s, %.*s wrote:\n"), SPAN_PRINTF(when), SPAN_PRINTF(who));
    else
        buf_printf(out, _("Forwarded message from %.*s, %.*s:\n\n"), SPAN_PRINTF(who),
                   SPAN_PRINTF(when));
    if (!buf_ok(&from) || !buf_ok(&sender))
        buf_fail(out);
    buf_free(&date);
    buf_free(&from);
    buf_free(&sender);
}

void quote_reply(struct buf *out, const struct message *m)
{
    struct buf room;
    buf_init(&room, SIZE_MAX / 2);
    struct span text = letter_text(&room, m->body);
    add_subject(out, "Re: ", text);
    add_author(out, m, true);
    for (struct span rest = without_subject(text); rest.n > 0;) {
        struct span line = take_line(&rest);
        buf_add_str(out, line.n > 0 ? "> " : ">");
        buf_add(out, line);
        buf_add_char(out, '\n');
    }
    if (!buf_ok(&room))
        buf_fail(out);
    buf_free(&room);
}

void quote_show(struct buf *out, struct span text, unsigned columns)
{
    buf_printf(out, "%*s", INDENT, "");
    view_text(out, text, INDENT, columns);
    buf_add_char(out, '\n');
}

/* What stands before the text of a part. */
static struct span text_before(struct span body, const struct part *part)
{
    return span_first(body, (size_t)(part->body.p - body.p));
}

static bool is_ascii(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] >= 0x80)
            return false;
    return true;
}

/* Whether a note can be put before the encoded text of a part, which begins after this. */
static bool takes_note(const struct part *part, struct span before, struct span note)
{
    bool after_header = span_ends(before, SPAN("\n\n")) || span_ends(before, SPAN("\n\r\n"));
    if (!after_header || part->encoding == ENCODING_UNKNOWN)
        return false;
    if (strcmp(part->charset, "") == 0 || strcmp(part->charset, "us-ascii") == 0 ||
        strcmp(part->charset, "utf-8") == 0)
        return true;
    return is_ascii(note) && strncmp(part->charset, "utf-16", 6) != 0 &&
           strncmp(part->charset, "utf-32", 6) != 0 && strncmp(part->charset, "utf-7", 5) != 0;
}

/* In base64 a note of whole groups of three bytes is encoded by itself. */
static void add_before_part(struct buf *out, struct span body, const struct part *part,
                            struct buf *note)
{
    struct span before = text_before(body, part);
    buf_add(out, before);
    while (part->encoding == ENCODING_BASE64 && note->n % 3 != 0 && buf_add_char(note, '\n'))
        ;
    if (part->encoding == ENCODING_BASE64)
        encoding_base64_add(out, buf_span(note));
    else
        buf_add(out, buf_span(note));
    buf_add(out, span_skip(body, before.n));
}

static void add_around(struct buf *out, struct span body, const struct buf *note)
{
    unsigned char chance[COMPOSE_CHANCE_BYTES];
    struct compose c;
    os_random_bytes(chance, sizeof chance);
    compose_begin(&c, out, buf_span(note), chance);
    compose_part(&c, body);
    compose_end(&c);
}

void quote_copy(struct buf *out, const struct message *m)
{
    struct part part;
    struct buf note;
    buf_init(&note, SIZE_MAX / 2);
    add_author(&note, m, false);
    if (!parts_is_mime(m->body)) {
        add_subject(out, "Fwd: ", m->body);
        buf_add(out, buf_span(&note));
        buf_add(out, m->body);
    } else if (parts_find_text(m->body, &part) &&
               takes_note(&part, text_before(m->body, &part), buf_span(&note))) {
        add_before_part(out, m->body, &part, &note);
    } else {
        add_around(out, m->body, &note);
    }
    if (!buf_ok(&note))
        buf_fail(out);
    buf_free(&note);
}
