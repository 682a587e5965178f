/* SPDX-License-Identifier: ISC */
/* Addresses in fields, and in commands of SMTP. */
#include "mime/mail_address.h"

#include "base/buf.h"
#include "fuzz.h"

static void check(const struct mail_address *a)
{
    struct span local = mail_address_local(a), domain = mail_address_domain(a);
    must(local.n <= MAIL_ADDRESS_LOCAL_BYTES && domain.n <= MAIL_ADDRESS_DOMAIN_BYTES);
    for (size_t i = 0; i < local.n; i++)
        must((unsigned char)local.p[i] >= ' ' || local.p[i] == '\t');
    for (size_t i = 0; i < domain.n; i++)
        must((unsigned char)domain.p[i] > ' ' && domain.p[i] != '>');
}

/* The same address, written with quotes. */
static void add(struct buf *out, const struct mail_address *a)
{
    struct span local = mail_address_local(a), domain = mail_address_domain(a);
    buf_add_str(out, "<\"");
    for (size_t i = 0; i < local.n; i++) {
        if (local.p[i] == '"' || local.p[i] == '\\')
            buf_add_char(out, '\\');
        buf_add_char(out, local.p[i]);
    }
    buf_add_str(out, domain.n > 0 ? "\"@" : "\"");
    buf_add(out, domain);
    buf_add_char(out, '>');
}

static bool equal(const struct mail_address *a, const struct mail_address *b)
{
    return span_eq(mail_address_local(a), mail_address_local(b)) &&
           span_eq(mail_address_domain(a), mail_address_domain(b));
}

/* What was read means the same when it is written again, in a field and in a command. */
static void there_and_back(const struct mail_address *a)
{
    struct mail_address b;
    struct buf text;
    buf_init(&text, SIZE_MAX / 2);
    add(&text, a);
    struct span s = buf_span(&text);
    must(mail_address_path(&s, &b) && s.n == 0 && equal(a, &b));
    s = buf_span(&text);
    must(mail_address_next(&s, &b) == MAIL_ADDRESS_ONE && equal(a, &b));
    must(mail_address_next(&s, &b) == MAIL_ADDRESS_END);
    buf_free(&text);
}

static void test_field(struct span in)
{
    struct mail_address a;
    enum mail_address_result result;
    struct span rest = in;
    size_t n = in.n + 1;
    while ((result = mail_address_next(&rest, &a)) == MAIL_ADDRESS_ONE) {
        must(fuzz_within(rest, in) && rest.n < n);
        n = rest.n;
        check(&a);
        there_and_back(&a);
    }
    must(result == MAIL_ADDRESS_BROKEN || rest.n == 0);
}

/* An address in a command is one in a field, too, unless it is empty or has a route. */
static void test_path(struct span in)
{
    struct mail_address a, b;
    struct span rest = in;
    if (!mail_address_path(&rest, &a)) {
        must(rest.p == in.p && rest.n == in.n);
        return;
    }
    must(fuzz_within(rest, in) && (rest.n == 0 || rest.p[0] == ' '));
    check(&a);
    struct span path = span_first(in, in.n - rest.n);
    enum mail_address_result result = mail_address_next(&path, &b);
    if (result == MAIL_ADDRESS_ONE)
        must(equal(&a, &b) && mail_address_next(&path, &b) == MAIL_ADDRESS_END);
    else
        must(span_starts(in, SPAN("<@")) ||
             (mail_address_local(&a).n == 0 && mail_address_domain(&a).n == 0));
}

void fuzz_one(struct span in)
{
    test_field(in);
    test_path(in);
}
