/* SPDX-License-Identifier: ISC */
/* Commands of SMTP and LMTP: their parts lie within the line, and read the same when they are
 * written again. */
#include "doors/smtp_command.h"

#include "base/buf.h"
#include "fuzz.h"

static void add_path(struct buf *out, const struct mail_address *a)
{
    struct span local = mail_address_local(a), domain = mail_address_domain(a);
    buf_add_str(out, "<");
    if (local.n > 0 || domain.n > 0)
        buf_add_char(out, '"');
    for (size_t i = 0; i < local.n; i++) {
        if (local.p[i] == '"' || local.p[i] == '\\')
            buf_add_char(out, '\\');
        buf_add_char(out, local.p[i]);
    }
    if (local.n > 0 || domain.n > 0)
        buf_add_char(out, '"');
    if (domain.n > 0)
        buf_printf(out, "@%.*s", SPAN_PRINTF(domain));
    buf_add_char(out, '>');
}

static void check_again(const struct mail_address *a, uint64_t size)
{
    struct mail_address again;
    struct buf line;
    uint64_t n = 0;
    buf_init(&line, SIZE_MAX / 2);
    buf_add_str(&line, "FROM:");
    add_path(&line, a);
    buf_printf(&line, " SIZE=%llu", (unsigned long long)size);
    must(smtp_command_mail(buf_span(&line), &again, &n) == SMTP_SYNTAX_OK && n == size);
    must(span_eq(mail_address_local(a), mail_address_local(&again)));
    must(span_eq(mail_address_domain(a), mail_address_domain(&again)));
    buf_free(&line);
}

void fuzz_one(struct span in)
{
    struct span line = exact(in), word, rest;
    struct mail_address a;
    uint64_t size;
    if (smtp_command_split(line, &word, &rest)) {
        must(fuzz_within(word, line) && fuzz_within(rest, line));
        must(word.n > 0 || rest.n == 0);
        must(!memchr(word.p, ' ', word.n) && span_trim(rest).n == rest.n);
        if (smtp_command_mail(rest, &a, &size) == SMTP_SYNTAX_OK)
            check_again(&a, size);
        if (smtp_command_rcpt(rest, &a) == SMTP_SYNTAX_OK) {
            must(mail_address_local(&a).n > 0);
            check_again(&a, 0);
        }
    } else {
        must(line.n > 0);
    }
    exact_free(line);
}
