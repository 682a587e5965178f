/* SPDX-License-Identifier: ISC */
#include "body.h"

#include <inttypes.h>

#include "proto/name.h"
#include "server.h"

#define MARK    "MIME-Version: 1.0"
#define SUBJECT "Subject: "
#define OUTSIDE "outside@elsewhere.example"

/* splitmix64 */
uint64_t body_chance(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/*
 * Some have no Message-ID, and some have the first line themselves that the server otherwise puts
 * before them.
 */
static void add_header(struct buf *out, enum body_kind kind, struct ledger_body which)
{
    buf_printf(out, MARK "%s\n" SUBJECT "letter %u %" PRIu32 "\r\n", which.number % 4 ? "" : "\r",
               which.author, which.number);
    if (kind == BODY_OF_LMTP)
        buf_add_str(out, "From: " OUTSIDE "\r\n");
    else
        buf_printf(out, "From: user%u@" SERVER_DOMAIN "\r\n", which.author);
    if (which.number % 3)
        buf_printf(out, "Message-ID: <%u.%" PRIu32 "@campaign>\r\n", which.author, which.number);
    buf_add_str(out, "\r\n");
}

/* Lines, of which some begin with a dot. */
static void add_lines(struct buf *out, size_t size, uint64_t *state)
{
    for (size_t i = 0; i < size; i += 34) {
        uint64_t a = body_chance(state), b = body_chance(state);
        buf_printf(out, "%s%016" PRIx64 "%016" PRIx64 "\r\n", a % 8 ? "" : ".", a, b);
    }
}

static void add_bytes(struct buf *out, size_t size, uint64_t *state)
{
    for (size_t i = 0; i < size; i += 8) {
        uint64_t bits = body_chance(state);
        buf_add(out, span_of((const char *)&bits, sizeof bits));
    }
}

void body_add(struct buf *out, enum body_kind kind, struct ledger_body which)
{
    uint64_t state = which.author * UINT64_C(1000000007) + which.number;
    uint64_t dice = body_chance(&state) % 100;
    size_t size = body_chance(&state) % (dice < 70 ? 1500 : dice < 96 ? 20000 : 200000);

    if (kind == BODY_OF_FRAMES) {
        buf_printf(out, "letter %u %" PRIu32 "\n", which.author, which.number);
        add_bytes(out, size, &state);
    } else {
        add_header(out, kind, which);
        add_lines(out, size, &state);
    }
}

struct span body_mail(struct span body)
{
    return span_skip(body, span_starts(body, SPAN(MARK "\n")) ? sizeof MARK : 0);
}

static struct span skip(struct span s, struct span prefix)
{
    return span_skip(s, span_starts(s, prefix) ? prefix.n : 0);
}

bool body_identify(struct span text, struct ledger_body *which)
{
    struct span rest = skip(skip(skip(text, SPAN(MARK "\n")), SPAN(MARK "\r\n")), SPAN(SUBJECT));
    struct span word, author;
    uint64_t a, n;

    rest = span_line(span_first(rest, 64));
    if (!span_cut(&rest, ' ', &word) || !span_eq(word, SPAN("letter")) ||
        !span_cut(&rest, ' ', &author) || !span_u64(author, LEDGER_USERS, &a) ||
        !span_u64(span_trim(rest), UINT32_MAX, &n))
        return false;
    *which = (struct ledger_body){(unsigned)a, (uint32_t)n};
    return true;
}

bool body_sender(struct span name, unsigned *from)
{
    uint64_t user;

    if (span_eq(name, SPAN(NAME_OUTSIDE))) {
        *from = LEDGER_OUTSIDE;
        return true;
    }
    if (!span_starts(name, SPAN("user")) || !span_u64(span_skip(name, 4), LEDGER_USERS - 1, &user))
        return false;
    *from = (unsigned)user;
    return true;
}

bool body_identify_mail(struct span mail, struct ledger_body *which, unsigned *from)
{
    struct span line;
    bool has_subject = false, has_from = false;

    while (span_cut(&mail, '\n', &line) && !span_eq(line, SPAN("\r"))) {
        struct span value = span_trim(span_skip(line, 6));
        if (span_starts(line, SPAN(SUBJECT)))
            has_subject = body_identify(line, which);
        else if (span_eq(line, SPAN("From: " OUTSIDE "\r")))
            has_from = body_sender(SPAN(NAME_OUTSIDE), from);
        else if (span_starts(line, SPAN("From: ")))
            has_from = body_sender(span_first(value, span_find(value, '@')), from);
    }
    return has_subject && has_from;
}
