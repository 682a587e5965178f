/* SPDX-License-Identifier: ISC */
#include "udp/hello.h"

#include "random.h"
#include "tap.h"
#include "udp/cookie.h"
#include "udp/udp2.h"

static const char *const names[] = {
    [HELLO_STRANGE] = "strange", [HELLO_ASKS] = "asks",       [HELLO_BEGINS] = "begins",
    [HELLO_COOKIE] = "cookie",   [HELLO_WELCOME] = "welcome", [HELLO_ANSWER] = "answer",
    [HELLO_REFUSED] = "refused", [HELLO_VERSION_2] = "2"};

static const char *hello_of(struct span s, struct datagram *d)
{
    struct span in = exact(s);
    enum hello hello = hello_read(in, d);

    exact_free(in);
    return names[hello];
}

static void test_texts(void)
{
    static const struct {
        const char *datagram, *is;
    } rows[] = {
        {"00000000010000000010Start|1|2|\002", "asks"},
        {"00000000010000000010Start|1|2|", "asks"},
        {"00000000010000000008Start|0|\002", "begins"},
        {"00000000010000000007Exit|0|\002", "begins"},
        {"00000000010000000007Noop|0|\002", "begins"},
        {"00000000010000000000", "begins"},
        {"00000000010000000013Answer|1|Yes|\002", "welcome"},
        {"00000000010000000013Answer|1|Yes", "welcome"},
        {"00000000010000000012Answer|1|No|\002", "answer"},
        {"00000000010000000013Exit|1|full.|\002", "refused"},
        {"00000000010000000013Noop|1|full.|\002", "strange"},
        {"00000000010000000037Cookie|3|2|0123456789abcdef|c46270b5|\002", "cookie"},
        {"00000000010000000037Cookie|3|2|0123456789abcdee|c46270b5|\002", "strange"},
        {"00000000020000000010Start|1|2|\002", "strange"},
        {"00000000020000000013Answer|1|Yes|\002", "strange"},
        {"0000000001Answer|1|Yes|", "strange"},
        {"0000000001000000001", "strange"},
        {"0000000001", "strange"},
        {"", "strange"},
        {"hello", "strange"},
    };
    struct datagram d;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        is_str(hello_of(span_str(rows[i].datagram), &d), rows[i].is, "hello_read: \"%s\"",
               rows[i].datagram);
}

static void test_values(void)
{
    char out[DATAGRAM_SIZE_2_MIN];
    struct datagram d;

    is_str(hello_of(span_of(out, cookie_answer(out, 0xdeadbeef)), &d), "cookie",
           "hello_read: a server's cookie");
    ok(d.id == 0xdeadbeef, "hello_read: gives the id of a cookie");
    is_str(hello_of(span_of(out, udp2_farewell(out, 7, 3, true)), &d), "2",
           "hello_read: a datagram in version 2");
    ok(d.id == 7 && d.number == 3 && d.type == 'X', "hello_read: parses a datagram in version 2");
    out[0] = '1';
    is_str(hello_of(span_of(out, udp2_farewell(out, 7, 3, true) - 1), &d), "strange",
           "hello_read: a datagram in version 2 with a wrong checksum");
}

int main(void)
{
    test_texts();
    test_values();
    return done_testing();
}
