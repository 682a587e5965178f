/* SPDX-License-Identifier: ISC */
/* The text of the file with the key and the domains of a store's doors. */
#include "store/door_file.h"

#include <stdio.h>

#include "base/crc32c.h"
#include "random.h"
#include "tap.h"

#define KEY                                                            \
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f" \
    "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3eff"
#define HEAD "pochta-doors 1\nkey " KEY "\n"

static char text[DOOR_FILE_BYTES];

/* The lines, with the checksum that they should have. */
static struct span checked(const char *lines)
{
    uint32_t sum = crc32c(0, span_str(lines));
    int n = snprintf(text, sizeof text, "%schecksum %08" PRIx32 "\n", lines, sum);
    return span_of(text, (size_t)n);
}

static enum status parse(struct span s)
{
    struct door_file f;
    struct span copy = exact(s);
    enum status st = door_file_parse(copy, &f);
    door_file_free(&f);
    exact_free(copy);
    return st;
}

static void test_parse(void)
{
    struct door_file f;
    struct buf out;
    struct span s = checked(HEAD "domain 0 ship.example\ndomain 17 port.example\n");
    buf_init(&out, DOOR_FILE_BYTES);
    is_int(door_file_parse(s, &f), ST_OK, "a file with two domains");
    ok(f.n == 2 && f.domains[0].since == 0 && strcmp(f.domains[0].name, "ship.example") == 0 &&
           f.domains[1].since == 17 && strcmp(f.domains[1].name, "port.example") == 0,
       "... both are read");
    ok(f.keys[0][0] == 0 && f.keys[1][2] == 0x12 && f.keys[3][15] == 0xff, "... and the keys");
    door_file_add(&out, &f);
    ok(buf_ok(&out) && span_eq(buf_span(&out), s), "... and are written as they were");
    door_file_free(&f);
    ok(f.n == 0 && f.keys[1][2] == 0, "a file that was freed has no keys");
    buf_free(&out);
}

static void test_damaged(void)
{
    static const char *const bad[] = {
        "",
        "pochta-doors 1\n",
        HEAD,
        "pochta-doors 2\nkey " KEY "\ndomain 0 a\n",
        "pochta-doors 1\nkey \ndomain 0 a\n",
        "pochta-doors 1\nkey 0" KEY "\ndomain 0 a\n",
        "pochta-doors 1\nkey g" KEY "\ndomain 0 a\n",
        "pochta-doors 1\ndomain 0 a\nkey " KEY "\n",
        HEAD "domain a\n",
        HEAD "domain -1 a\n",
        HEAD "domain 9223372036854775808 a\n",
        HEAD "domain 0 \n",
        HEAD "domain 0 a b\n",
        HEAD "domain 0 a\x80\n",
        HEAD "domain 0 a\r\n",
        HEAD "domain 0 a\ndomain 0 b\n",
        HEAD "domain 2 a\ndomain 1 b\n",
        HEAD "domain 0 a\nmore\n",
    };
    is_int(parse(checked(HEAD "domain 0 a\n")), ST_OK, "a file with one domain");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        is_int(parse(checked(bad[i])), ST_DAMAGED, "damaged text %zu", i);
    is_int(parse(SPAN(HEAD "domain 0 a\n")), ST_DAMAGED, "there is no checksum");
    is_int(parse(SPAN(HEAD "domain 0 a\nchecksum 0000000000000000\n")), ST_DAMAGED,
           "the checksum is too long");
    struct span s = checked(HEAD "domain 0 a\n");
    snprintf(text + s.n, sizeof text - s.n, "more\n");
    is_int(parse(span_str(text)), ST_DAMAGED, "there is more after the checksum");
}

/* No change of one bit, and no cut, makes another key, or another history. */
static void test_each_bit(void)
{
    struct span s = checked(HEAD "domain 0 ship.example\ndomain 17 port.example\n");
    int bad = 0;
    for (size_t i = 0; i < 8 * s.n; i++) {
        text[i / 8] ^= (char)(1 << i % 8);
        bad += parse(s) != ST_DAMAGED;
        text[i / 8] ^= (char)(1 << i % 8);
    }
    is_int(bad, 0, "a file is damaged if one of its bits is another");
    bad = 0;
    for (size_t n = 0; n < s.n; n++)
        bad += parse(span_first(s, n)) != ST_DAMAGED;
    is_int(bad, 0, "... or if it was cut short");
    is_int(parse(s), ST_OK, "... and is sound otherwise");
}

static void test_full(void)
{
    struct door_file f = {.n = 0};
    struct buf out;
    char name[DOOR_DOMAIN_BYTES + 2];
    int bad = 0;
    memset(name, 'a', sizeof name);
    buf_init(&out, DOOR_FILE_BYTES);
    for (int i = 0; i < DOOR_DOMAINS; i++)
        bad += door_file_add_domain(&f, INT64_MAX - DOOR_DOMAINS + i,
                                    span_of(name, DOOR_DOMAIN_BYTES)) != ST_OK;
    is_int(bad, 0, "a file has room for %d domains", DOOR_DOMAINS);
    is_int(door_file_add_domain(&f, INT64_MAX, SPAN("a")), ST_DAMAGED, "... and for no more");
    door_file_add(&out, &f);
    is_int(parse(buf_span(&out)), ST_OK, "... and can be read");
    door_file_free(&f);
    is_int(door_file_add_domain(&f, 0, span_of(name, DOOR_DOMAIN_BYTES + 1)), ST_DAMAGED,
           "a domain that is too long");
    is_int(door_file_add_domain(&f, -1, SPAN("a")), ST_DAMAGED, "... or has a negative time");
    is_int((int)f.n, 0, "... is not added");
    door_file_free(&f);
    buf_free(&out);
}

int main(void)
{
    test_parse();
    test_damaged();
    test_each_bit();
    test_full();
    return done_testing();
}
