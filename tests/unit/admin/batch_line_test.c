/* SPDX-License-Identifier: ISC */
#include "admin/batch_line.h"

#include "admin/quota.h"
#include "store/account_file.h"
#include "tap.h"

#define HASH "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7"

static void parse_good(const char *line, const char *name, const char *secret, bool hashed,
                       uint64_t bytes, uint64_t messages)
{
    struct batch_line l;
    const char *why = batch_line_parse(span_str(line), &l);

    ok(!why, "batch_line: %s: %s", line, why ? why : "is parsed");
    if (why)
        return;
    is_str(l.name, name, "... the name");
    ok(span_eq(l.secret, span_str(secret)) && l.hashed == hashed, "... the password or hash");
    ok(l.quota_bytes == bytes && l.quota_messages == messages, "... the quotas");
}

static void test_good(void)
{
    const uint64_t standard = ACCOUNT_QUOTA_STANDARD;

    parse_good("ann\tsecret", "ann", "secret", false, standard, standard);
    parse_good("Ann\ta b#\t1K", "ann", "a b#", false, 1024, standard);
    parse_good("ann\tx\t-\t0", "ann", "x", false, standard, 0);
    parse_good("ann\t" HASH "\t2G\t-", "ann", HASH, true, UINT64_C(2) << 30, standard);
    parse_good("ann\t$y$j9T$$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7", "ann",
               "$y$j9T$$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7", true, standard, standard);
    parse_good("ann\t$money", "ann", "$money", false, standard, standard);
    parse_good("ann\t$$", "ann", "$$", false, standard, standard);
    parse_good("ann\t$A$b", "ann", "$A$b", false, standard, standard);
    ok(batch_line_is_empty(SPAN("")) && batch_line_is_empty(SPAN("# ann\tx")) &&
           !batch_line_is_empty(SPAN(" ")) && !batch_line_is_empty(SPAN("a#")),
       "batch_line_is_empty: only nothing, and what begins with #");
}

static void parse_bad(struct span line, const char *what, const char *name)
{
    struct batch_line l;
    const char *why = batch_line_parse(line, &l);

    ok(why && strstr(why, what), "batch_line: %s: %s", name, why ? why : "was parsed");
}

static void test_bad(void)
{
    char password[PASSWORD_BYTES + 10] = "ann\t", hash[300] = "ann\t$y$j9T$";

    parse_bad(SPAN("ann"), "two to four columns", "one column");
    parse_bad(SPAN("ann\tx\t1\t2\t3"), "two to four columns", "five columns");
    parse_bad(SPAN("\tx"), "a name has", "no name");
    parse_bad(SPAN(" ann\tx"), "a name has", "a space before the name");
    parse_bad(SPAN("ann\t"), "a password has", "no password");
    parse_bad(SPAN("ann\tx\r"), "a password has", "a line of Windows");
    parse_bad(SPAN("ann\ta\0b"), "a password has", "a NUL");
    parse_bad(SPAN("ann\tx\t"), "not a quota", "an empty quota");
    parse_bad(SPAN("ann\tx\t1\t1k"), "not a quota", "a unit that does not exist");
    parse_bad(SPAN("ann\tx\t1152921504606846977"), "not a quota", "too large a quota");
    parse_bad(SPAN("ann\t$6$salt$hash"), "not a yescrypt hash", "another kind of hash");
    parse_bad(SPAN("ann\t$2b$05$x"), "not a yescrypt hash", "... of letters and digits");
    parse_bad(SPAN("ann\t" HASH "x"), "not a yescrypt hash", "a hash that is too long");
    parse_bad(SPAN("ann\t$y$$F5$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7"),
              "not a yescrypt hash", "a hash without parameters");
    parse_bad(SPAN("ann\t$y$j9T$F:$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7"),
              "not a yescrypt hash", "a salt with another character");
    parse_bad(SPAN("ann\t$y$j9T$F5$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ:"),
              "not a yescrypt hash", "a hash with another character");
    memset(password + 4, 'x', PASSWORD_BYTES + 1);
    parse_bad(span_str(password), "a password has", "too long a password");
    memset(hash + 11, 's', 210);
    strcpy(hash + 221, "$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7");
    parse_bad(span_str(hash), "not a yescrypt hash", "a hash for which there is no room");
}

static void test_quota(void)
{
    uint64_t quota = 7;

    ok(!quota_parse(SPAN("x"), &quota) && quota == 7, "quota_parse: not a quota");
    ok(quota_parse(SPAN("1152921504606846976"), &quota) && quota == UINT64_C(1) << 60,
       "quota_parse: the largest");
}

int main(void)
{
    test_good();
    test_bad();
    test_quota();
    return done_testing();
}
