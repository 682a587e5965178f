/* SPDX-License-Identifier: ISC */
#include "doors/sasl.h"

#include <stdlib.h>

#include "session/lifecycle.h"
#include "session_fixture.h"
#include "store_faults.h"
#include "tap.h"

static void decodes(const char *base64, const char *want, const char *name)
{
    char out[SASL_BYTES];
    size_t n = 0;
    bool good = sasl_decode(span_str(base64), out, &n);
    ok(good == (want != NULL), "%s: decoded or not", name);
    if (good && want)
        ok(span_eq(span_of(out, n), span_str(want)), "%s: what it says", name);
}

static void test_decode(void)
{
    char *text = malloc(4000);
    size_t n;
    char out[SASL_BYTES];
    decodes("YW5u", "ann", "base64");
    decodes("YW4=", "an", "with one =");
    decodes("YQ==", "a", "with two");
    decodes("=", "", "an empty response");
    decodes("", "", "an empty line");
    decodes("YW5", NULL, "a digit too few");
    decodes("YW5u!", NULL, "a character of no base64");
    decodes("*", NULL, "a cancelled exchange");
    memset(text, 'A', 4000);
    ok(sasl_decode(span_of(text, SASL_BYTES / 3 * 4), out, &n) && n == SASL_BYTES / 3 * 3,
       "the longest response");
    ok(!sasl_decode(span_of(text, SASL_BYTES / 3 * 4 + 4), out, &n), "one longer");
    faults_arm(1, ENOMEM, true);
    bool good = sasl_decode(SPAN("YW5u"), out, &n);
    ok(!faults_disarm() && good, "it takes no memory: a good response is not called a bad one");
    free(text);
}

static void splits(struct span response, const char *user, const char *password, const char *name)
{
    struct sasl_plain p;
    bool good = sasl_plain(response, &p);
    ok(good == (user != NULL), "%s: taken or not", name);
    if (good && user)
        ok(span_eq(p.user, span_str(user)) && span_eq(p.password, span_str(password)), "%s: whose",
           name);
}

static void test_plain(void)
{
    splits(SPAN("\0ann\0pw"), "ann", "pw", "a user and a password");
    splits(SPAN("ann\0ann\0pw"), "ann", "pw", "as the same user");
    splits(SPAN("bob\0ann\0pw"), "ann", "pw", "as another user");
    splits(SPAN("\0ann\0"), "ann", "", "no password");
    splits(SPAN("\0ann"), NULL, NULL, "a part is missing");
    splits(SPAN("ann"), NULL, NULL, "two parts are missing");
    splits(SPAN(""), NULL, NULL, "all are");
    splits(SPAN("\0ann\0p\0w"), NULL, NULL, "a NUL in the password");
}

static enum status log_in(struct world *w, struct span user, const char *password)
{
    struct session s;
    lifecycle_begin(&s, &session_conversation, &w->service, &w->io, &w->host);
    enum status st = sasl_login(&s, user, span_str(password));
    if (s.logged_in != (st == ST_OK))
        ok(false, "the session is logged in if the password is right");
    s.ending = "end";
    lifecycle_end(&s);
    return st;
}

static void test_login(struct world *w)
{
    is_str(world_run(w, SPAN("Register|2|ann|pw\n")), "Answer|1|Yes|\n", "an account");
    is_int(log_in(w, SPAN("ann"), "pw"), ST_OK, "its password");
    is_int(log_in(w, SPAN("Ann"), "pw"), ST_OK, "names may have any case");
    is_int(log_in(w, SPAN("ann"), "pq"), ST_WRONG_PASSWORD, "another password");
    is_int(log_in(w, SPAN("bob"), "pw"), ST_WRONG_PASSWORD, "another name");
    is_int(log_in(w, SPAN("../ann"), "pw"), ST_WRONG_PASSWORD, "no name");
    is_int(log_in(w, SPAN("ann"), ""), ST_WRONG_PASSWORD, "no password");
    is_int(log_in(w, SPAN("ann"), "p\nw"), ST_WRONG_PASSWORD, "a password that cannot be");
}

int main(void)
{
    struct world w;
    world_begin(&w, 1000, 100000);
    test_decode();
    test_plain();
    test_login(&w);
    world_end(&w);
    return done_testing();
}
