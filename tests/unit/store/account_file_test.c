/* SPDX-License-Identifier: ISC */
/*
 * The file of an account: what was written can be read, and nothing else is accepted.
 */
#include "store/account_file.h"

#include "store/layout.h"
#include "store_fixture.h"

#define GENERATION "0123456789abcdef"
#define BEGIN      "pochta-account 1\ngeneration " GENERATION "\npassword hash\n"

static bool parse(const char *text, struct account *a)
{
    struct who who;

    return account_file_parse(span_str(text), &who, a) && strcmp(who.generation, GENERATION) == 0;
}

static void test_parse(void)
{
    static const char *const bad[] = {
        "",
        "pochta-account 1",
        "pochta-account 2\ngeneration " GENERATION "\npassword hash\n",
        "pochta-account 1234567890\ngeneration " GENERATION "\npassword hash\n",
        "pochta-account 1\npassword hash\n",
        "pochta-account 1\ngeneration 0123\npassword hash\n",
        "pochta-account 1\ngeneration " GENERATION "0\npassword hash\n",
        "pochta-account 1\ngeneration " GENERATION "\n",
        "pochta-account 1\ngeneration " GENERATION "\npassword hash",
        BEGIN "quota-bytes \n",
        BEGIN "quota-bytes 1k\n",
        BEGIN "quota-bytes 18446744073709551616\n",
        BEGIN "quota-messages -1\n",
        BEGIN "quota-messages 1\nquota-bytes 1\n",
        BEGIN "quota-warned 0\n",
        BEGIN "quota-armed 0\n",
        BEGIN "quota-warned 4294967296\n",
        BEGIN "quota-warned 1\nquota-armed 1\n",
        BEGIN "quota-warned 1\nquota-messages 1\n",
        BEGIN "more\n",
        BEGIN "\n",
    };
    static const char nul[] = "pochta-account 1\ngeneration " GENERATION "\npassword ha\0sh\n";
    struct account a;
    struct who who;

    ok(parse(BEGIN, &a) && strcmp(a.hash, "hash") == 0 && !a.disabled, "what every account has");
    ok(a.quota_bytes == ACCOUNT_QUOTA_STANDARD && a.quota_messages == ACCOUNT_QUOTA_STANDARD,
       "... and the standard quotas");
    ok(parse(BEGIN "disabled yes\nquota-bytes 0\nquota-messages 7\n", &a) && a.disabled &&
           a.quota_bytes == 0 && a.quota_messages == 7,
       "all lines");
    ok(parse(BEGIN "quota-messages 7\nquota-warned 3\n", &a) && a.warnings == 3 && a.warned,
       "warned three times");
    ok(parse(BEGIN "quota-armed 4294967295\n", &a) && a.warnings == UINT32_MAX && !a.warned,
       "... and ready for the next warning");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ok(!parse(bad[i], &a), "damaged: text %zu", i);
    ok(!account_file_parse(span_of(nul, sizeof nul - 1), &who, &a), "damaged: a NUL");
}

static void test_written(void)
{
    struct who who = {.generation = GENERATION}, read = {.name = "ann"};
    struct account b, a = {.hash = "hash",
                           .disabled = true,
                           .quota_bytes = 5,
                           .quota_messages = 6,
                           .warnings = 7,
                           .warned = true};
    struct fixture f;

    fixture_begin(&f);
    struct store *s = fixture_open(&f, true);
    int dir = os_file_open_dir(f.path);
    ok(account_file_write(dir, LAYOUT_ACCOUNT, &who, &a), "a file is written");
    is_int(account_file_read(s, dir, &read, &b), ST_OK, "... and read");
    ok(strcmp(read.generation, GENERATION) == 0 && strcmp(b.hash, "hash") == 0 && b.disabled &&
           b.quota_bytes == 5 && b.quota_messages == 6 && b.warnings == 7 && b.warned,
       "... with all that it said");
    os_file_remove(dir, LAYOUT_ACCOUNT);
    is_int(account_file_read(s, dir, &read, &b), ST_NO_USER,
           "a missing file, and no account of this name");
    is_int(f.troubles, 0, "... is not a failure");
    os_file_make_dir(s->dirs[LAYOUT_USERS], "ann");
    is_int(account_file_read(s, dir, &read, &b), ST_NO_USER, "... nor if the name has another one");
    os_file_close(dir);
    dir = os_file_open_subdir(s->dirs[LAYOUT_USERS], "ann");
    is_int(account_file_read(s, dir, &read, &b), ST_IO, "a missing file in the account itself");
    is_int(f.troubles, 1, "... is a failure");
    os_file_replace(dir, LAYOUT_ACCOUNT, SPAN("pochta-account 2\n"));
    is_int(account_file_read(s, dir, &read, &b), ST_IO, "a damaged file");
    is_str(f.last, "account ann: its file is damaged", "... which the log says");
    os_file_close(dir);
    store_close(s);
    fixture_end(&f);
}

int main(void)
{
    test_parse();
    test_written();
    return done_testing();
}
