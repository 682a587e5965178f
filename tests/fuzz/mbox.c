/* SPDX-License-Identifier: ISC */
/*
 * An mbox: its messages are parts of the file, in order, and reading it again gives the same. A
 * message that is added comes after them, and is read back as it was.
 */
#include "client/mbox.h"

#include "client/flags.h"
#include "fuzz.h"
#include "memory.h"
#include "mime/envelope.h"
#include "os/file.h"

#define FILE       "/mbox"
#define MAIL_LIMIT 100000

static void begin_mail(struct mbox_mail *m)
{
    buf_init(&m->line, MAIL_LIMIT);
    buf_init(&m->mail, MAIL_LIMIT);
}

static void end_mail(struct mbox_mail *m)
{
    buf_free(&m->line);
    buf_free(&m->mail);
}

/* Reads to the end, and appends what was read to all. Returns how it ended. */
static enum mbox_result read_all(struct mbox *b, struct buf *all, size_t *n, uint64_t bytes)
{
    struct mbox_mail m;
    enum mbox_result result;
    uint64_t at = 0;

    begin_mail(&m);
    for (*n = 0; (result = mbox_next(b, &m)) == MBOX_ONE; ++*n) {
        must(m.offset < bytes && (*n == 0 || m.offset > at));
        must(span_starts(buf_span(&m.line), SPAN("From ")) && buf_ok(&m.mail));
        must(m.line.n + m.mail.n <= bytes && span_count(buf_span(&m.line), '\n') == 0);
        must(flags_of_header(envelope_header(buf_span(&m.mail))) < 2 * FLAGS_KEYWORD);
        at = m.offset;
        buf_add_u64(all, m.offset, 0);
        buf_add(all, buf_span(&m.line));
        buf_add_char(all, '\n');
        buf_add(all, buf_span(&m.mail));
        buf_add_char(all, '\0');
    }
    end_mail(&m);
    return result;
}

/* The message without what was put before its text. */
static bool is_added(struct span mail, struct span text)
{
    struct span header = envelope_header(mail), mark, empty;
    struct span body = span_skip(mail, header.n);

    must(envelope_field(header, ENVELOPE_MARK, &mark) && span_eq(mark, SPAN(" the-mark\n")));
    must(span_cut(&body, '\n', &empty) && empty.n == 0);
    return span_starts(body, text) && span_skip(body, text.n).n <= 1;
}

/* Adds a message. The others stay as they were, but the last line of the last one gets an end if it
 * has none. */
static void add(struct span text, struct span before, size_t n)
{
    struct buf all, mail;
    struct mbox b;
    struct mbox_mail m;
    struct os_file_info info;
    size_t again;

    buf_init(&all, SIZE_MAX / 2);
    buf_init(&mail, SIZE_MAX / 2);
    buf_add_str(&mail, "Subject: added\n\n");
    buf_add(&mail, text);
    must(mbox_open_to_add(&b, FILE));
    must(read_all(&b, &all, &again, UINT64_MAX) == MBOX_END && again == n);
    must(mbox_add(&b, "the-mark", SPAN("ann"), NULL, true, buf_span(&mail)));
    mbox_close(&b);
    buf_clear(&all);
    must(os_file_look(OS_FILE_CWD, FILE, &info) && mbox_open(&b, FILE));
    begin_mail(&m);
    for (size_t i = 0; i < n; i++)
        must(mbox_next(&b, &m) == MBOX_ONE);
    must(mbox_next(&b, &m) == MBOX_ONE && is_added(buf_span(&m.mail), text));
    must(mbox_next(&b, &m) == MBOX_END);
    mbox_close(&b);
    must(mbox_open(&b, FILE) && read_all(&b, &all, &again, info.bytes) == MBOX_END);
    must(again == n + 1 && span_starts(buf_span(&all), before));
    mbox_close(&b);
    end_mail(&m);
    buf_free(&all);
    buf_free(&mail);
}

void fuzz_one(struct span in)
{
    struct buf once, twice;
    struct mbox b;
    size_t n, again;

    struct span text = fuzz_bytes(&in, fuzz_below(&in, 40));
    memory_write(FILE, in);
    buf_init(&once, SIZE_MAX / 2);
    buf_init(&twice, SIZE_MAX / 2);
    must(mbox_open(&b, FILE));
    enum mbox_result result = read_all(&b, &once, &n, in.n);
    must(result == MBOX_END || (result == MBOX_NONE && n == 0));
    mbox_close(&b);
    must(mbox_open(&b, FILE) && read_all(&b, &twice, &again, in.n) == result && again == n);
    must(span_eq(buf_span(&once), buf_span(&twice)));
    mbox_close(&b);
    if (result == MBOX_END)
        add(text, span_first(buf_span(&once), once.n > 0 ? once.n - 1 : 0), n);
    buf_free(&once);
    buf_free(&twice);
}
