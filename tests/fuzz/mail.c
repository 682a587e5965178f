/* SPDX-License-Identifier: ISC */
/* A message's file: its name, and a header of which no byte can change unseen. */
#include "store/message_file.h"

#include "base/crc32c.h"
#include "fuzz.h"
#include "mime/parts.h"

/* Whether a file is read as the message m, checksum and all. */
static bool is_whole(struct span file, const struct mail *m)
{
    uint32_t wanted, sum;
    size_t n = message_file_parse_header(file, m, &wanted, &sum);

    must(n <= file.n && n < MESSAGE_FILE_HEADER_BYTES);
    return n > 0 && crc32c(sum, span_skip(file, n)) == wanted;
}

static void test_file(const struct mail *m, struct span body, size_t at, unsigned change)
{
    char header[MESSAGE_FILE_HEADER_BYTES];
    size_t n = message_file_header(m, body, header);
    char *file = malloc(n + body.n);

    if (!file)
        abort();
    must(n > 0 && n < sizeof header);
    memcpy(file, header, n);
    memcpy(file + n, body.p, body.n);
    struct span whole = span_of(file, n + body.n);
    must(is_whole(whole, m));
    must(at % whole.n == 0 || !is_whole(span_first(whole, at % whole.n), m) || body.n == 0);
    file[at % whole.n] ^= (char)change;
    must(is_whole(whole, m) == (change == 0));
    free(file);
}

void fuzz_one(struct span in)
{
    size_t at = fuzz_below(&in, 1000);
    unsigned change = fuzz_byte(&in);
    struct span body = in, name = in;
    char text[256], again[MESSAGE_FILE_NAME_BYTES];
    struct mail m;

    span_cut(&body, '\n', &name);
    is_whole(body, &(struct mail){.from = "ann"});
    snprintf(text, sizeof text, "%.*s", SPAN_PRINTF(name));
    if (!message_file_parse_name(text, &m))
        return;
    must(m.id > 0 && m.time >= 0 && m.escapes <= m.size && m.line_esc <= m.line);
    must(m.line <= MESSAGE_LINE_BYTES && (!m.token[0] || token_ok(span_str(m.token))));
    message_file_name(&m, again);
    must(strcmp(again, text) == 0);
    message_file_measure(&m, body);
    must(m.size == body.n && m.line <= MESSAGE_LINE_BYTES && m.line_esc <= m.line);
    must(parts_is_mime(body) || (m.line <= m.size && m.line_esc <= m.escapes));
    message_file_name(&m, again);
    must(message_file_parse_name(again, &m));
    test_file(&m, body, at, change);
}
