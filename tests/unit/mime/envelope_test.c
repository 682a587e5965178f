/* SPDX-License-Identifier: ISC */
#include "mime/envelope.h"

#include "tap.h"

static const char *const bob = "bob";
static const struct tm day = {.tm_year = 117, .tm_mon = 11, .tm_mday = 3};

static struct envelope envelope(const char *from, const char *host, const char *subject)
{
    return (struct envelope){.to = &bob,
                             .nto = 1,
                             .from = span_str(from),
                             .host = span_str(host),
                             .subject = span_str(subject),
                             .utc = &day};
}

static void added_is(struct envelope e, struct span body, const char *want, const char *name)
{
    struct buf out;
    buf_init(&out, 10000);
    envelope_add(&out, &e, body);
    buf_add_char(&out, '\0');
    is_str(out.p, want, "envelope_add: %s", name);
    buf_free(&out);
}

#define HEAD(from, host) "From: " from "@" host "\nTo: bob@" host "\nDate: " DATE
#define DATE             "Sun, 03 Dec 2017 00:00:00 +0000\n"
#define TEXT \
    "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: "

static void test_add(void)
{
    added_is(envelope("ann", "x.org", "Hi"), SPAN("text"),
             HEAD("ann", "x.org") "Subject: Hi\n" TEXT "7bit\n\ntext", "a text");
    added_is(envelope("ann", "::1", ""), SPAN("a\0b"),
             HEAD("ann", "[IPv6:::1]") TEXT "base64\n\nYQBi\n", "bytes, and an IPv6 address");
    added_is(envelope("a..\"b", "192.0.2.7", ""), SPAN(""),
             HEAD("\"a..\\\"b\"", "[192.0.2.7]") TEXT "7bit\n\n", "an odd sender");
    added_is(envelope("a\nFrom: x", "a b", ""), SPAN(""),
             "From: \"a_From: x\"@unknown\nTo: bob@unknown\nDate: " DATE TEXT "7bit\n\n",
             "a sender and a host that mean harm");
    added_is(envelope("ann", "x.org", "a =?x"), SPAN(""),
             HEAD("ann", "x.org") "Subject: =?utf-8?B?YSA9P3g=?=\n" TEXT "7bit\n\n",
             "a subject that looks encoded");
}

static void address_is(const char *name, const char *host, const char *want)
{
    struct buf out;
    buf_init(&out, 100);
    envelope_add_address(&out, span_str(name), span_str(host));
    buf_add_char(&out, '\0');
    is_str(out.p, want, "envelope_add_address: %s", want);
    buf_free(&out);
}

static void test_address(void)
{
    address_is("Ann-9_Z.a", "x.org", "Ann-9_Z.a@x.org");
    address_is("ann", "", "ann");
    address_is("ann", "-..", "ann@unknown");
    address_is("", "x.org", "\"\"@x.org");
    address_is(".ann", "x.org", "\".ann\"@x.org");
    address_is("ann.", "x.org", "\"ann.\"@x.org");
    address_is("a[b", "x.org", "\"a[b\"@x.org");
    address_is("a{b", "x.org", "\"a{b\"@x.org");
    address_is("a:b", "x.org", "\"a:b\"@x.org");
    address_is("a\\b", "x.org", "\"a\\\\b\"@x.org");
    address_is("a\x7f", "x.org", "\"a_\"@x.org");
}

static void test_fields(void)
{
    static const char *const both[] = {"bob", "carl"};
    struct envelope e = envelope("ann", "x.org", "a\tb");
    e.to = both;
    e.nto = 2;
    e.utc = NULL;
    added_is(e, SPAN("Hi"),
             "From: ann@x.org\nTo: bob@x.org,\n carl@x.org\nSubject: =?utf-8?B?YQli?=\n" TEXT
             "7bit\n\nHi",
             "two recipients, no date, and a subject that is not plain");
    e = envelope("ann", "", "\x7f");
    e.nto = 0;
    e.utc = NULL;
    e.id = SPAN("7");
    added_is(e, SPAN("Hi"),
             "From: ann\nSubject: =?utf-8?B?fw==?=\nMessage-ID: <7@unknown>\n" TEXT "7bit\n\nHi",
             "no host");
    e.subject = SPAN("not this one");
    added_is(e, SPAN("MIME-Version: 1.0\nSubject: S\nMessage-ID: <x>\n\nHi"),
             "From: ann\nMIME-Version: 1.0\nSubject: S\nMessage-ID: <x>\n\nHi",
             "a MIME text that has a subject and an id");
}

/* The longest line of a mail whose subject is 60 times this text. */
static size_t longest_line(const char *text)
{
    struct buf subject, out;
    size_t longest = 0;
    buf_init(&subject, 10000);
    buf_init(&out, 10000);
    for (int i = 0; i < 60; i++)
        buf_add_str(&subject, text);
    struct envelope e = envelope("ann", "x.org", "");
    e.subject = buf_span(&subject);
    envelope_add(&out, &e, SPAN(""));
    for (struct span rest = buf_span(&out), line; span_cut(&rest, '\n', &line);)
        longest = line.n > longest ? line.n : longest;
    buf_free(&subject);
    buf_free(&out);
    return longest;
}

static void test_subject(void)
{
    added_is(envelope("ann", "x.org",
                      "\xd0\x94\xd0\x94\xd0\x94\xd0\x94\xd0\x94\xd0\x94\xd0\x94"
                      "\xd0\x94\xd0\x94\xd0\x94\xd0\x94\xd0\x94\xd0\x94\xd0\x94"
                      "\xd0\x94\xd0\x94\xd0\x94\xd0\x94\xd0\x94\xd0\x94"),
             SPAN(""),
             HEAD("ann", "x.org") "Subject: =?utf-8?B?"
                                  "0JTQlNCU0JTQlNCU0JTQlNCU0JTQlNCU0JTQlNCU0JTQlNCU?=\n"
                                  " =?utf-8?B?0JTQlA==?=\n" TEXT "7bit\n\n",
             "a long subject in several words");
    added_is(envelope("ann", "x.org", "\xc4\xe0"), SPAN(""),
             HEAD("ann", "x.org") "Subject: =?unknown-8bit?B?xOA=?=\n" TEXT "7bit\n\n",
             "a subject that is not UTF-8");
    ok(longest_line("\xc3\xa4") <= 76 && longest_line("\xff") <= 76,
       "envelope_add: no line with an encoded word has more than 76 characters");
}

#define MIME "MIME-Version: 1.0\nFrom: eve@y\nDate: x\nContent-Type: text/plain\n\nHi\n"

static void test_mime(void)
{
    struct envelope e = envelope("ann", "x.org", "");
    added_is(e, SPAN(MIME),
             HEAD("ann", "x.org") "MIME-Version: 1.0\nX-Original-From: eve@y\nX-Original-Date: x\n"
                                  "Content-Type: text/plain\n\nHi\n",
             "what another says of himself is renamed");
    added_is(e,
             SPAN("MIME-Version: 1.0\nFrom x Sun 10:00\nX Y: z\n\xc3\xa4: a\n: b\nX-Y : c\n\nHi"),
             HEAD("ann", "x.org") "MIME-Version: 1.0\nX-Y : c\n\nHi",
             "lines that are no field are left out");
    e.own = true;
    added_is(e, SPAN(MIME), MIME, "the owner's own mail stays as it is");
    e.id = SPAN("7");
    added_is(e, SPAN("MIME-Version: 1.0\n\nHi"),
             HEAD("ann", "x.org") "Message-ID: <7@x.org>\nMIME-Version: 1.0\n\nHi",
             "a MIME text without a sender");
}

static void taken_is(struct span mail, const char *want, const char *name)
{
    struct buf out;
    buf_init(&out, 10000);
    envelope_take(&out, mail);
    buf_add_char(&out, '\0');
    is_str(out.p, want, "envelope_take: %s", name);
    buf_free(&out);
}

static void test_take(void)
{
    taken_is(SPAN("From: a\nStatus: RO\nMIME-Version: 1.0\nSubject: a\n b\n\nHi\n"),
             "MIME-Version: 1.0\nFrom: a\nSubject: a\n b\n\nHi\n",
             "MIME-Version first, without the place in a mailbox");
    taken_is(SPAN(MIME), MIME, "what was taken before stays as it is");
    taken_is(SPAN("From x Sun\nFrom: a\r\n\r\nHi\r\n"), "MIME-Version: 1.0\nFrom: a\r\n\nHi\r\n",
             "CR LF, and a separator");
    taken_is(SPAN("Hi there: you\n"), "MIME-Version: 1.0\n\nHi there: you\n", "no header");
    taken_is(SPAN("From: a"), "MIME-Version: 1.0\nFrom: a\n\n", "a header alone");
    taken_is(SPAN("From\x7f: a\n\nHi"), "MIME-Version: 1.0\n\nFrom\x7f: a\n\nHi",
             "what no field has in its name");
    taken_is(SPAN("From x Sun"), "MIME-Version: 1.0\n\nFrom x Sun", "a separator alone is a text");
    taken_is(SPAN(""), "MIME-Version: 1.0\n\n", "nothing");
}

int main(void)
{
    test_add();
    test_address();
    test_fields();
    test_subject();
    test_mime();
    test_take();
    return done_testing();
}
