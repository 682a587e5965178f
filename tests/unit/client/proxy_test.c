/* SPDX-License-Identifier: ISC */
#include "client/proxy.h"

#include "tap.h"

static void test_text(void)
{
    static const struct {
        const char *text, *command; /* NULL: it is not allowed */
    } rows[] = {
        {"nc %h %p", "nc mail.example 5555"},
        {"-connect [%h]:%p", "-connect [mail.example]:5555"},
        {"100%%h", "100%h"},
        {"%%%h%%", "%mail.example%"},
        {"none", "none"},
        {"", ""},
        {"%", NULL},
        {"nc %h %", NULL},
        {"nc %H", NULL},
        {"%%%", NULL},
        {"%u@%h", NULL},
    };
    const struct address_place place = {"mail.example", "5555"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buf out;
        ok(proxy_text_ok(rows[i].text) == (rows[i].command != NULL), "proxy_text_ok: \"%s\"",
           rows[i].text);
        if (!rows[i].command)
            continue;
        buf_init(&out, 100);
        ok(proxy_expand(&out, rows[i].text, &place) &&
               span_eq(buf_span(&out), span_str(rows[i].command)),
           "becomes \"%s\"", rows[i].command);
        buf_free(&out);
    }
}

static void test_limit(void)
{
    const struct address_place place = {"mail.example", "5555"};
    struct buf out;
    buf_init(&out, 10);
    ok(!proxy_expand(&out, "nc %h", &place), "proxy_expand: false if the buffer is full");
    buf_free(&out);
}

static void test_place(void)
{
    static const struct {
        const char *host;
        bool fine;
    } rows[] = {
        {"mail.example", true},
        {"192.168.0.200", true},
        {"fe80::1", true},
        {"my-host_2", true},
        {"-oProxyCommand", false},
        {"a b", false},
        {"a;b", false},
        {"$(a)", false},
        {"`a`", false},
        {"a\nb", false},
        {"a'b", false},
        {"a\"b", false},
        {"a|b", false},
        {"a>b", false},
        {"a/b", false},
        {"a\\b", false},
        {"fe80::1%eth0", false},
        {"\xc3\xa4", false},
        {"a*", false},
        {"a=b", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct address_place place = {"", "5555"};
        strcpy(place.host, rows[i].host);
        is_int(proxy_place_ok(&place), rows[i].fine, "proxy_place_ok: host \"%s\"",
               strchr(rows[i].host, '\n') ? "with a line feed" : rows[i].host);
    }
    const struct address_place place = {"host", "55;5"};
    ok(!proxy_place_ok(&place), "proxy_place_ok: a malformed port");
}

int main(void)
{
    test_text();
    test_limit();
    test_place();
    return done_testing();
}
