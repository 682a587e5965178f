/* SPDX-License-Identifier: ISC */
#include "base/address.h"

#include <arpa/inet.h>
#include <stdlib.h>

#include "random.h"

#define ROUNDS 200000

static bool parse(const char *text, struct address *a)
{
    struct span in = exact(span_str(text));
    bool good = address_parse(in, a);

    exact_free(in);
    return good;
}

static void test_text(void)
{
    static const struct {
        const char *text, *canonical;
    } rows[] = {
        {"127.0.0.1", "127.0.0.1"},
        {"255.255.255.255", "255.255.255.255"},
        {"::", "::"},
        {"::1", "::1"},
        {"1::", "1::"},
        {"2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
        {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
        {"0001:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
        {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
        {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
        {"::ffff:192.0.2.7", "192.0.2.7"},
        {"::ffff:c000:207", "192.0.2.7"},
        {"64:ff9b::192.0.2.7", "64:ff9b::c000:207"},
        {"1:2:3:4:5:6:192.0.2.7", "1:2:3:4:5:6:c000:207"},
    };
    static const char *const wrong[] = {
        "",
        "1",
        "1.2.3",
        "1.2.3.4.5",
        "1.2.3.256",
        "01.2.3.4",
        "1.2.3.4 ",
        " 1.2.3.4",
        "1.2.3.",
        "-1.2.3.4",
        ":",
        ":::",
        "1:",
        ":1",
        "1:2:3:4:5:6:7",
        "12345::",
        "g::",
        "1::2::3",
        "1:2:3:4:5:6:7:8:9",
        "1:2:3:4:5:6:7:8::",
        "::1.2.3",
        "1.2.3.4::",
        "::1.2.3.4:5",
        "1:2:3:4:5:6:7:1.2.3.4",
        "fe80::1%eth0",
        "[::1]",
        "::1/128",
        "1.2.3.4/32",
        "1:2:3:4::5:6:7:8",
        "0x1.2.3.4",
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[ADDRESS_TEXT_BYTES] = "nothing";
        struct address a;

        if (parse(rows[i].text, &a))
            address_format(&a, text);
        is_str(text, rows[i].canonical, "%s", rows[i].text);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct address a;

        ok(!parse(wrong[i], &a), "address_parse: \"%s\" is not an address", wrong[i]);
    }
}

/* Random text of parts of addresses, so that much of it is nearly one. */
static void random_text(char *text, size_t size)
{
    static const char *const parts[] = {":",    "::", ".",   "0", "1",
                                        "ffff", "12", "255", "f", "1:2:3"};
    size_t n = random_below(12);

    *text = '\0';
    while (n-- > 0)
        strncat(text, parts[random_below(sizeof parts / sizeof *parts)], size - strlen(text) - 1);
}

/* Reads the same text with the C library. */
static bool their_parse(const char *text, struct address *a)
{
    unsigned char v4[4];

    if (inet_pton(AF_INET6, text, a->b) == 1)
        return true;
    if (inet_pton(AF_INET, text, v4) != 1)
        return false;
    *a = address_of_v4(v4);
    return true;
}

static void test_against_libc(void)
{
    int wrong = 0, good = 0;

    for (int i = 0; i < ROUNDS; i++) {
        struct address mine, theirs;
        char text[64];
        bool can;

        random_text(text, sizeof text);
        can = parse(text, &mine);
        good += can;
        if (can == their_parse(text, &theirs) && (!can || address_equal(&mine, &theirs)))
            continue;
        if (wrong++ == 0)
            diag("differs: \"%s\"", text);
    }
    is_int(wrong, 0, "address_parse: random texts are read as inet_pton reads them");
    ok(good > ROUNDS / 1000, "address_parse: %d of %d random texts were addresses", good, ROUNDS);
}

static void test_round_trip(void)
{
    int wrong = 0;

    for (int i = 0; i < ROUNDS; i++) {
        struct address a = {{0}}, again;
        char text[ADDRESS_TEXT_BYTES];

        for (size_t k = 0; k < 16; k++)
            if (random_below(3) == 0)
                a.b[k] = (unsigned char)random_below(256);
        address_format(&a, text);
        wrong += !parse(text, &again) || !address_equal(&a, &again);
    }
    is_int(wrong, 0, "address_parse: reads any address that address_format has written");
}

static bool is_in(const char *address, const char *net)
{
    struct address_net n;
    struct address a;

    return parse(address, &a) && address_parse_net(span_str(net), &n) && address_in(&a, &n);
}

static bool is_local(const char *text)
{
    struct address a;

    return parse(text, &a) && address_is_local(&a);
}

static void test_local(void)
{
    ok(is_local("fe80::1") && is_local("febf::1"), "address_is_local: link-local");
    ok(is_local("fc00::1") && is_local("fdff::1"), "address_is_local: unique-local");
    ok(!is_local("fec0::1") && !is_local("fe00::1") && !is_local("2001:db8::1") &&
           !is_local("192.168.0.1"),
       "address_is_local: others are not");
}

static bool is_in_any(const char *address)
{
    struct address_net nets[2];
    struct address a;

    return parse(address, &a) && address_parse_net(SPAN("10.0.0.0/8"), &nets[0]) &&
           address_parse_net(SPAN("127.0.0.2"), &nets[1]) && address_in_any(&a, nets, 2) &&
           !address_in_any(&a, nets, 0);
}

static void test_private(void)
{
    static const struct {
        const char *text;
        bool own;
    } rows[] = {
        {"9.255.255.255", false},
        {"10.0.0.0", true},
        {"10.255.255.255", true},
        {"11.0.0.0", false},
        {"172.15.0.1", false},
        {"172.16.0.1", true},
        {"172.31.255.255", true},
        {"172.32.0.1", false},
        {"192.167.0.1", false},
        {"192.168.255.255", true},
        {"192.169.0.0", false},
        {"169.254.1.1", true},
        {"127.0.0.1", false},
        {"0.0.0.0", false},
        {"::", false},
        {"::1", false},
        {"fd12::1", true},
        {"fe80::1", true},
        {"fec0::1", false},
        {"2001:db8::1", false},
        {"fbff::1", false},
    };
    struct address a;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        ok(parse(rows[i].text, &a) && address_is_private(&a) == rows[i].own,
           "address_is_private: %s: %s", rows[i].text, rows[i].own ? "yes" : "no");
}

static void test_loopback(void)
{
    static const struct {
        const char *text;
        bool own;
    } rows[] = {{"127.0.0.1", true},  {"127.255.3.4", true}, {"::1", true}, {"128.0.0.1", false},
                {"126.0.0.1", false}, {"0.0.0.0", false},    {"::", false}, {"::2", false},
                {"::7f00:1", false},  {"1::1", false}};
    struct address a;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        ok(parse(rows[i].text, &a) && address_is_loopback(&a) == rows[i].own,
           "address_is_loopback: %s: %s", rows[i].text, rows[i].own ? "yes" : "no");
}

static void test_nets(void)
{
    static const char *const wrong[] = {"10.0.0.0/",      "10.0.0.0/33", "10.0.0.0/x", "10.0.0.1/8",
                                        "10.0.0.0/8/8",   "/8",          "::/129",     "",
                                        "2001:db8::1/64", "10.0.0.0/-1", "10.0.0.0 /8"};
    static const char *const right[] = {"0.0.0.0/0",
                                        "10.0.0.0/8",
                                        "192.0.2.7",
                                        "::/0",
                                        "::1",
                                        "2001:db8::/32",
                                        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe/127"};

    ok(is_in("10.255.0.1", "10.0.0.0/8") && !is_in("11.0.0.0", "10.0.0.0/8"),
       "address_in: 10.0.0.0/8");
    ok(is_in("10.0.0.1", "10.0.0.0/31") && !is_in("10.0.0.2", "10.0.0.0/31"), "10.0.0.0/31");
    ok(is_in("127.0.0.1", "127.0.0.1") && !is_in("127.0.0.2", "127.0.0.1"),
       "address_in: a network of one address");
    ok(is_in("8.8.8.8", "0.0.0.0/0") && !is_in("::1", "0.0.0.0/0"),
       "address_in: 0.0.0.0/0 has all IPv4 addresses and no IPv6 ones");
    ok(is_in("8.8.8.8", "::/0") && is_in("::1", "::/0"), "address_in: ::/0 has all addresses");
    ok(is_in("2001:db8:0:1::5", "2001:db8:0:1::/64") &&
           !is_in("2001:db8:0:2::5", "2001:db8:0:1::/64"),
       "address_in: 2001:db8:0:1::/64");
    ok(is_in("192.0.2.7", "::ffff:192.0.2.0/120"),
       "address_in: an IPv4 address in a network of mapped addresses");
    ok(is_in_any("127.0.0.2") && is_in_any("10.9.9.9") && !is_in_any("127.0.0.1"),
       "address_in_any: an address in one of two networks");
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct address_net n;

        ok(!address_parse_net(span_str(wrong[i]), &n), "address_parse_net: \"%s\" is not a network",
           wrong[i]);
    }
    for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
        char text[ADDRESS_NET_TEXT_BYTES] = "";
        struct address_net n;

        if (address_parse_net(span_str(right[i]), &n))
            address_format_net(&n, text);
        is_str(text, right[i], "address_format_net: writes %s as it was read", right[i]);
    }
}

static void test_prefix(void)
{
    int wrong = 0;

    for (unsigned bits = 0; bits <= ADDRESS_BITS; bits++) {
        struct address a, p;

        memset(a.b, 0xff, sizeof a.b);
        p = address_prefix(&a, bits);
        for (unsigned i = 0; i < ADDRESS_BITS; i++)
            wrong += (p.b[i / 8] >> (7 - i % 8) & 1) != (i < bits);
    }
    is_int(wrong, 0, "address_prefix: keeps the first bits, for every length");
}

static void test_place(void)
{
    static const struct {
        const char *text, *host, *port;
    } rows[] = {
        {"127.0.0.1:5555", "127.0.0.1", "5555"},
        {"mail.example:0", "mail.example", "0"},
        {"[::1]:65535", "::1", "65535"},
        {"a:007", "a", "7"},
        {"", NULL, NULL},
        {"host", NULL, NULL},
        {"host:", NULL, NULL},
        {":5555", NULL, NULL},
        {"host:65536", NULL, NULL},
        {"host:-1", NULL, NULL},
        {"host:http", NULL, NULL},
        {"::1:5555", NULL, NULL},
        {"[::1]", NULL, NULL},
        {"[::1]5555", NULL, NULL},
        {"[::1", NULL, NULL},
        {"[]:5", NULL, NULL},
        {"a:b:5", NULL, NULL},
        {"[ a]:5", NULL, NULL},
        {"a\x1b:5", NULL, NULL},
        {"[[a]:5", NULL, NULL},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct span in = exact(span_str(rows[i].text));
        struct address_place place = {"", ""};
        bool good = address_parse_place(in, &place);
        ok(good == (rows[i].host != NULL), "address_parse_place: \"%s\"", rows[i].text);
        if (good)
            ok(strcmp(place.host, rows[i].host) == 0 && strcmp(place.port, rows[i].port) == 0,
               "address_parse_place: host and port of a valid place");
        exact_free(in);
    }
}

static void test_server(void)
{
    static const struct {
        const char *text, *host, *port;
    } rows[] = {
        {"mail.example", "mail.example", "5555"},
        {"127.0.0.1", "127.0.0.1", "5555"},
        {"::1", "::1", "5555"},
        {"[::1]", "::1", "5555"},
        {"fe80::1:2", "fe80::1:2", "5555"},
        {"mail.example:7", "mail.example", "7"},
        {"127.0.0.1:7", "127.0.0.1", "7"},
        {"[::1]:7", "::1", "7"},
        {"", NULL, NULL},
        {"[", NULL, NULL},
        {"]", NULL, NULL},
        {"[]", NULL, NULL},
        {"host:", NULL, NULL},
        {"host:http", NULL, NULL},
        {"a:b:c", NULL, NULL},
        {"a b", NULL, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct span in = exact(span_str(rows[i].text));
        struct address_place place = {"", ""};
        bool good = address_parse_server(in, 5555, &place);
        ok(good == (rows[i].host != NULL), "address_parse_server: \"%s\"", rows[i].text);
        if (good)
            ok(strcmp(place.host, rows[i].host) == 0 && strcmp(place.port, rows[i].port) == 0,
               "address_parse_server: its host, and its port or the usual one");
        exact_free(in);
    }
}

int main(void)
{
    random_begin();
    test_text();
    test_place();
    test_server();
    test_against_libc();
    test_round_trip();
    test_nets();
    test_local();
    test_loopback();
    test_private();
    test_prefix();
    random_diag();
    return done_testing();
}
