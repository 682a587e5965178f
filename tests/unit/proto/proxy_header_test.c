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
        "PROXY UNKNOWN\r\n\r\n",
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
    char longest[PROXY_HEADER_LINE_BYTES + 2];
    struct proxy_header h;

    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        ok(!parse(span_str(lines[i]), &h), "proxy_header_parse: refuses \"%.*s\"",
           (int)strcspn(lines[i], "\r\n"), lines[i]);
    ok(!parse(SPAN("PROXY TCP4 192.0.2.7\0 198.51.100.1 1 1\r\n"), &h),
       "proxy_header_parse: refuses a NUL");
    memset(longest, 'x', sizeof longest);
    memcpy(longest, "PROXY UNKNOWN ", 14);
    memcpy(longest + PROXY_HEADER_LINE_BYTES - 2, "\r\n", 2);
    ok(parse(span_of(longest, PROXY_HEADER_LINE_BYTES), &h),
       "proxy_header_parse: the longest line");
    memcpy(longest + PROXY_HEADER_LINE_BYTES - 2, "x\r\n", 3);
    ok(!parse(span_of(longest, PROXY_HEADER_LINE_BYTES + 1), &h),
       "proxy_header_parse: refuses a line that is one byte too long");
}

/* --- version 2 --- */

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define V4        "\xc0\x00\x02\x07\x7f\x00\x00\x01\xdc\x04\x15\xb3" /* 192.0.2.7, port 56324 */
#define V6                                                       \
    "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07\0\0\0\0\0\0\0\0" \
    "\0\0\0\0\0\0\0\x01\xff\xff\0\x01" /* 2001:db8::7, port 65535 */
#define NOOP "\x04\x00\x02xx"          /* a TLV */

static void test_binary(void)
{
    static const struct {
        const char *name, *address; /* "": not known */
        struct span header;
        unsigned port;
    } rows[] = {
        {"IPv4", "192.0.2.7", SPAN(SIGNATURE "\x21\x11\0\x0c" V4), 56324},
        {"IPv6", "2001:db8::7", SPAN(SIGNATURE "\x21\x21\0\x24" V6), 65535},
        {"IPv4 with more after it", "192.0.2.7", SPAN(SIGNATURE "\x21\x11\0\x11" V4 NOOP), 56324},
        {"IPv6 with more after it", "2001:db8::7", SPAN(SIGNATURE "\x21\x21\0\x29" V6 NOOP), 65535},
        {"LOCAL", "", SPAN(SIGNATURE "\x20\0\0\0"), 0},
        {"LOCAL with an address", "", SPAN(SIGNATURE "\x20\x11\0\x0c" V4), 0},
        {"LOCAL with an unknown family", "", SPAN(SIGNATURE "\x20\xff\0\x05" NOOP), 0},
        {"an unspecified family", "", SPAN(SIGNATURE "\x21\0\0\0"), 0},
        {"an unspecified protocol over IPv4", "", SPAN(SIGNATURE "\x21\x10\0\0"), 0},
        {"UDP over IPv4", "", SPAN(SIGNATURE "\x21\x12\0\x0c" V4), 0},
        {"UDP over IPv6", "", SPAN(SIGNATURE "\x21\x22\0\x24" V6), 0},
        {"a stream of a unix socket", "", SPAN(SIGNATURE "\x21\x31\0\x05" NOOP), 0},
        {"a datagram of a unix socket", "", SPAN(SIGNATURE "\x21\x32\0\0"), 0},
    };
    struct proxy_header h;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[ADDRESS_TEXT_BYTES] = "";
        bool good = parse(rows[i].header, &h);

        if (good && h.known)
            address_format(&h.address, text);
        ok(good, "version 2: %s", rows[i].name);
        is_str(text, rows[i].address, "... names this client");
        ok(!h.known || h.port == rows[i].port, "... and port");
    }
}

static void test_wrong_binary(void)
{
    static const struct {
        const char *name;
        struct span header;
    } rows[] = {
        {"another signature", SPAN("\r\n\r\n\0\r\nQUIP\n\x20\0\0\0")},
        {"version 1", SPAN(SIGNATURE "\x11\x11\0\x0c" V4)},
        {"version 3", SPAN(SIGNATURE "\x31\x11\0\x0c" V4)},
        {"an unknown command", SPAN(SIGNATURE "\x22\x11\0\x0c" V4)},
        {"an unknown family", SPAN(SIGNATURE "\x21\x41\0\x0c" V4)},
        {"an unknown protocol", SPAN(SIGNATURE "\x21\x13\0\x0c" V4)},
        {"too few bytes for IPv4",
         SPAN(SIGNATURE "\x21\x11\0\x0b\xc0\0\x02\x07\x7f\0\0\x01\1\2\3")},
        {"too few bytes for IPv6", SPAN(SIGNATURE "\x21\x21\0\x0c" V4)},
        {"fewer bytes than it says", SPAN(SIGNATURE "\x21\x11\0\x0d" V4)},
        {"more bytes than it says", SPAN(SIGNATURE "\x21\x11\0\x0c" V4 "x")},
        {"LOCAL, with more bytes than it says", SPAN(SIGNATURE "\x20\0\0\0x")},
        {"a line after it", SPAN(SIGNATURE "\x20\0\0\0PROXY UNKNOWN\r\n")},
    };
    char longest[PROXY_HEADER_BYTES + 1] = SIGNATURE "\x20\0\x07\xf0";
    struct proxy_header h;
    size_t more;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        ok(!parse(rows[i].header, &h), "version 2: refuses %s", rows[i].name);
    ok(parse(span_of(longest, PROXY_HEADER_BYTES), &h), "version 2: the longest header");
    longest[15]++;
    ok(!parse(span_of(longest, PROXY_HEADER_BYTES + 1), &h), "... not one that is longer");
    ok(!proxy_header_wants(span_of(longest, 16), &more), "... which is refused by its length");
}

/* Each beginning of a good header wants at most the rest, and a wrong byte ends it at once. */
static void test_wants(void)
{
    static const struct span headers[] = {SPAN(SIGNATURE "\x21\x11\0\x11" V4 NOOP),
                                          SPAN("PROXY TCP4 192.0.2.7 127.0.0.1 1 2\r\n")};
    char text[64];
    size_t more;

    for (size_t i = 0; i < 2; i++) {
        struct span all = headers[i];
        unsigned good = 0, refused = 0;

        for (size_t n = 0; n < all.n; n++) {
            struct span part = exact(span_first(all, n));
            good += proxy_header_wants(part, &more) && more > 0 && n + more <= all.n;
            exact_free(part);
        }
        is_int(good, (int)all.n, "proxy_header_wants: never asks for too many bytes of version %d",
               i ? 1 : 2);
        ok(proxy_header_wants(all, &more) && more == 0, "... and for none after the header");
        for (size_t n = 0; n < (i ? 6 : 14); n++) {
            memcpy(text, all.p, all.n);
            text[n] ^= 0x40;
            refused += !proxy_header_wants(span_of(text, n + 1), &more);
        }
        is_int(refused, i ? 6 : 14, "... each wrong byte is noticed when it arrives");
    }
    ok(proxy_header_wants(span_first(headers[0], 1), &more) && more == 15,
       "... version 2 is not read byte by byte");
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
    test_binary();
    test_wrong_binary();
    test_wants();
    random_begin();
    test_random();
    random_diag();
    return done_testing();
}
