/* SPDX-License-Identifier: ISC */
#include "doors/smtp_header.h"

#include "tap.h"

static void author_is(struct span text, int want, const char *name)
{
    struct smtp_header h;
    smtp_header_read(text, &h);
    is_int(h.from.is, want, "%s", name);
}

static void test_author(void)
{
    struct smtp_header h;
    smtp_header_read(SPAN("To: bob\r\nFROM : Ann <Ann@Mail.test>\r\n\r\nFrom: bob\r\n"), &h);
    ok(h.from.is == SMTP_AUTHOR_ONE && span_eq(mail_address_local(&h.from.address), SPAN("Ann")) &&
           span_eq(mail_address_domain(&h.from.address), SPAN("Mail.test")),
       "one From field, in any case, with a space before its colon");
    author_is(SPAN("From:\r\n ann@x\r\n"), SMTP_AUTHOR_ONE, "a folded field, and no text");
    author_is(SPAN("Subject: x\r\n\r\nFrom: ann\r\n"), SMTP_AUTHOR_NONE,
              "a From field in the text");
    author_is(SPAN("\r\nFrom: ann\r\n"), SMTP_AUTHOR_NONE, "no header");
    author_is(SPAN(""), SMTP_AUTHOR_NONE, "an empty message");
    author_is(SPAN("From: ann, bob\r\n"), SMTP_AUTHOR_OTHER, "two addresses");
    author_is(SPAN("From: ann\r\nfrom: ann\r\n"), SMTP_AUTHOR_OTHER, "two fields");
    author_is(SPAN("From: ann\r\nFrom: a\r\nFrom: b\r\n"), SMTP_AUTHOR_OTHER, "three fields");
    author_is(SPAN("From: ann\r\nFrom\r\n : bob\r\n"), SMTP_AUTHOR_OTHER,
              "two fields, one with a line end before its colon");
    author_is(SPAN("From: ann\r\nFro: bob\r\n"), SMTP_AUTHOR_OTHER,
              "two fields, one with the beginning of the name");
    author_is(SPAN("From: \r\n"), SMTP_AUTHOR_OTHER, "no address");
    author_is(SPAN("From: Ann Smith\r\n"), SMTP_AUTHOR_OTHER, "a name in place of an address");
    author_is(SPAN("From: a:b;, ann\r\nX: y\r\n"), SMTP_AUTHOR_OTHER, "a group");
    author_is(SPAN("not a field\r\nFrom: ann, bob\r\n"), SMTP_AUTHOR_OTHER,
              "a line that is no field does not end the header");
    author_is(SPAN("From ann@x Mon\r\nFrom: ann\r\n"), SMTP_AUTHOR_ONE, "the separator of an mbox");
    author_is(SPAN("Subject: \0\r\nFrom: ann\r\n\r\n"), SMTP_AUTHOR_OTHER, "a NUL in the header");
    author_is(SPAN("From: ann\r\n\r\n\0"), SMTP_AUTHOR_ONE, "a NUL in the text");
}

static void test_sender(void)
{
    struct smtp_header h;
    smtp_header_read(SPAN("Subject: x\r\nsender: bob\r\n"), &h);
    ok(h.from.is == SMTP_AUTHOR_NONE && h.sender.is == SMTP_AUTHOR_ONE &&
           span_eq(mail_address_local(&h.sender.address), SPAN("bob")),
       "a Sender field, and none of From");
    smtp_header_read(SPAN("Sender: bob\r\nSender: ann\r\n"), &h);
    is_int(h.sender.is, SMTP_AUTHOR_OTHER, "two Sender fields");
}

static void test_hops(void)
{
    struct smtp_header h;
    smtp_header_read(SPAN("Received: by x\r\n by y\r\nreceived: by z\r\nX-Received: a\r\n\r\n"
                          "Received: by x\r\n"),
                     &h);
    is_int(h.hops, 2, "how many servers have passed the message on");
}

int main(void)
{
    test_author();
    test_sender();
    test_hops();
    return done_testing();
}
