/* SPDX-License-Identifier: ISC */
#include "proto/proxy_header.h"

#include <stdlib.h>

#include "random.h"

#define ROUNDS 200000

static bool parse(struct span line, struct proxy_header *h)
{
    struct span in = exact(line);
    bool good = proxy_header_parse(in, h);

    exact_free(in);
    return good;
}

static void test_good(void)
{
    static const struct {
        const char *line, *address;
        unsigned port;
    } rows[] = {
        {"PROXY TCP4 192.0.2.7 198.51.100.1 56324 5555\r\n", "192.0.2.7", 56324},
        {"PROXY TCP4 0.0.0.0 255.255.255.255 0 65535\r\n", "0.0.0.0", 0},
        {"PROXY TCP6 2001:db8::7 ::1 65535 1\r\n", "2001:db8::7", 65535},
        {"PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
         "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n",
         "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 65535},
        {"PROXY TCP6 ::ffff:192.0.2.7 ::1 1 1\r\n", "192.0.2.7", 1},
    };
    struct proxy_header h;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[ADDRESS_TEXT_BYTES] = "";
        bool good = parse(span_str(rows[i].line), &h) && h.known;

        if (good)
            address_format(&h.address, text);
        ok(good && strcmp(text, rows[i].address) == 0 && h.port == rows[i].port,
           "proxy_header_parse: a client at %s", rows[i].address);
    }
    ok(parse(SPAN("PROXY UNKNOWN\r\n"), &h) && !h.known,
       "proxy_header_parse: UNKNOWN names no client");
    ok(parse(SPAN("PROXY UNKNOWN and what else it says\r\n"), &h) && !h.known,
       "proxy_header_parse: text after UNKNOWN is ignored");
}

static void test_wrong(void)
{
    static const char *const lines[] = {
        "",
        "\r\n",
        "PROXY\r\n",
        "PROXY \r\n",
        "PROXY UNKNOWN",
        "PROXY UNKNOWN\n",
        "PROXY UNKNOWNS\r\n",
        "proxy UNKNOWN\r\n",
        "PROXY  UNKNOWN\r\n",
        "PROXY TCP4\r\n",
        "PROXY TCP5 192.0.2.7 198.51.100.1 1 1\r\n",
        "PROXY UDP4 192.0.2.7 198.51.100.1 1 1\r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 1\r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 1 1",
        "PROXY TCP4 192.0.2.7 198.51.100.1 1 1\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 1 1\r",
        "PROXY TCP4 192.0.2.7 198.51.100.1 1 1 \r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 1 1 1\r\n",
        "PROXY TCP4 192.0.2.7  198.51.100.1 1 1\r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 65536 1\r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 1 65536\r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 01 1\r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 -1 1\r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 1 \r\n",
        "PROXY TCP4 192.0.2.256 198.51.100.1 1 1\r\n",
        "PROXY TCP4 192.0.2.7 mail.lab 1 1\r\n",
        "PROXY TCP4 ::1 ::1 1 1\r\n",
        "PROXY TCP6 192.0.2.7 198.51.100.1 1 1\r\n",
        "PROXY TCP6 ::1 198.51.100.1 1 1\r\n",
        "0000000011Show all|0|",
    };
    char longest[PROXY_HEADER_BYTES + 2];
    struct proxy_header h;

    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        ok(!parse(span_str(lines[i]), &h), "proxy_header_parse: refuses \"%.*s\"",
           (int)strcspn(lines[i], "\r\n"), lines[i]);
    ok(!parse(SPAN("PROXY TCP4 192.0.2.7\0 198.51.100.1 1 1\r\n"), &h),
       "proxy_header_parse: refuses a NUL");
    memset(longest, 'x', sizeof longest);
    memcpy(longest, "PROXY UNKNOWN ", 14);
    memcpy(longest + PROXY_HEADER_BYTES - 2, "\r\n", 2);
    ok(parse(span_of(longest, PROXY_HEADER_BYTES), &h), "proxy_header_parse: the longest line");
    memcpy(longest + PROXY_HEADER_BYTES - 2, "x\r\n", 3);
    ok(!parse(span_of(longest, PROXY_HEADER_BYTES + 1), &h),
       "proxy_header_parse: refuses a line that is one byte too long");
}

/* A good line with some bytes changed is read within its bounds, and is what it says or wrong. */
static void test_random(void)
{
    static const char good[] = "PROXY TCP4 192.0.2.7 198.51.100.1 56324 5555\r\n";
    static const char bytes[] = "PROXY TCP46UNKNOWN0123456789.: \r\n";
    unsigned taken = 0, refused = 0;

    for (unsigned i = 0; i < ROUNDS; i++) {
        char line[sizeof good];
        size_t n = sizeof good - 1 - (random_below(4) == 0 ? random_below(sizeof good) : 0);
        struct proxy_header h;

        memcpy(line, good, sizeof good);
        for (unsigned changes = random_below(3); changes > 0; changes--)
            line[random_below(sizeof good - 1)] = bytes[random_below(sizeof bytes - 1)];
        if (parse(span_of(line, n), &h))
            taken++;
        else
            refused++;
    }
    ok(taken > ROUNDS / 10 && refused > ROUNDS / 10,
       "proxy_header_parse: of random lines %u are taken and %u refused", taken, refused);
}

int main(void)
{
    test_good();
    test_wrong();
    random_begin();
    test_random();
    random_diag();
    return done_testing();
}
