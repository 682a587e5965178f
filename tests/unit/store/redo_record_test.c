/* SPDX-License-Identifier: ISC */
#include "store/redo_record.h"

#include "redo_records.h"
#include "tap.h"

#define LOG   UINT64_C(0x0123456789abcdef)
#define OTHER UINT64_C(0x0123456789abcdee)

static const struct who ann = {.name = "ann", .generation = "00112233445566aa"};
static const struct redo_place place = {.log = LOG, .serial = 7, .sequence = 300, .oldest = 5};

static struct buf bytes;

static void begin(void)
{
    buf_free(&bytes);
    buf_init(&bytes, 1 << 20);
}

static size_t put(uint64_t log, uint64_t serial, uint32_t id, const char *body)
{
    const struct redo_place p = {.log = log, .serial = serial, .sequence = id, .oldest = 1};
    struct mail m = redo_mail(id, body, "");

    return redo_put(&bytes, &p, &ann, &m, span_str(body));
}

/* The id of the next message of a log at or after *at, which becomes the end of its record; 0:
 * there is none. */
static uint32_t next(struct span s, uint64_t log, size_t *at)
{
    struct redo_place found;
    struct redo_message m;
    struct span content;

    if (!redo_record_find(s, log, at, &found, &content) || !redo_record_parse(content, &m))
        return 0;
    *at += redo_record_bytes(content.n);
    return m.mail.id;
}

static uint32_t first(uint64_t log)
{
    size_t at = 0;

    return next(buf_span(&bytes), log, &at);
}

/* What stands on disks cannot be changed without another magic. */
static void test_format(void)
{
    static const char want[] = "PochtaR1"
                               "\xef\xcd\xab\x89\x67\x45\x23\x01"
                               "\x07\0\0\0\0\0\0\0"
                               "\x2c\x01\0\0\0\0\0\0"
                               "\x05\0\0\0\0\0\0\0"
                               "\x21\0\0\0"
                               "\xdd\xcc\xbb\xaa";
    struct mail m = redo_mail(9, "text", "0123456789abcdef");
    char header[REDO_HEADER_BYTES], names[REDO_NAMES_BYTES];
    uint32_t checksum = crc32c(0, SPAN(want));

    redo_record_header(&place, 33, 0xaabbccdd, header);
    ok(memcmp(header, want, sizeof want - 1) == 0, "format: the fields of a header, little-endian");
    for (int i = 0; i < 4; i++)
        is_int((unsigned char)header[sizeof want - 1 + (size_t)i], checksum >> 8 * i & 0xff,
               "format: byte %d of the header's checksum", i);
    size_t n = redo_record_names(&ann, &m, names);
    ok(span_eq(span_of(names, n), SPAN("ann\n00112233445566aa\n0000000009-u,t=1512316293,s=4,e=0,"
                                       "l=4+0,f=bob,k=0123456789abcdef\n")),
       "format: account, generation and file name, each ended by LF");
    is_int(redo_record_bytes(0), 56, "format: a record without content takes 56 bytes");
    is_int(redo_record_bytes(4), 56, "format: ... as does one with 4 bytes");
    is_int(redo_record_bytes(5), 64, "format: ... one with 5 bytes takes 64");
}

static void test_there_and_back(void)
{
    struct mail m = redo_mail(9, "one\ntwo^", "0123456789abcdef");
    struct redo_place found;
    struct redo_message message = {.file = {NULL, 0}};
    struct span content;
    char head[MESSAGE_FILE_HEADER_BYTES];
    size_t n = message_file_header(&m, SPAN("one\ntwo^"), head), at = 0;

    begin();
    redo_put(&bytes, &place, &ann, &m, SPAN("one\ntwo^"));
    ok(redo_record_find(buf_span(&bytes), LOG, &at, &found, &content) && at == 0,
       "there and back: the record is found");
    ok(found.log == LOG && found.serial == 7 && found.sequence == 300 && found.oldest == 5,
       "there and back: ... with its place");
    ok(redo_record_parse(content, &message), "there and back: it is a message");
    is_str(message.who.name, "ann", "there and back: the account");
    is_str(message.who.generation, ann.generation, "there and back: its generation");
    ok(message.mail.id == 9 && message.mail.size == 8 && message.mail.escapes == m.escapes &&
           message.mail.time == m.time && strcmp(message.mail.token, m.token) == 0,
       "there and back: what the file's name says");
    ok(span_eq(span_first(message.file, n), span_of(head, n)) &&
           span_eq(span_skip(message.file, n), SPAN("one\ntwo^")),
       "there and back: the bytes of the message's file");
}

static void test_largest(void)
{
    static char body[REDO_MESSAGE_MAX];
    struct who who = {.name = ""};
    struct mail m = redo_mail(UINT32_MAX, "", "");
    struct redo_place found;
    struct redo_message message = {.file = {NULL, 0}};
    struct span content;
    size_t at = 0;

    memset(body, '^', sizeof body);
    memset(who.name, 'a', NAME_BYTES);
    memset(who.generation, 'f', STORE_GENERATION_DIGITS);
    memset(m.from, 'b', NAME_BYTES);
    memset(m.token, 'c', TOKEN_MAX);
    m.time = 253402300799;
    message_file_measure(&m, span_of(body, sizeof body));
    begin();
    redo_put(&bytes, &place, &who, &m, span_of(body, sizeof body));
    ok(redo_record_find(buf_span(&bytes), LOG, &at, &found, &content) &&
           content.n <= REDO_CONTENT_MAX && redo_record_parse(content, &message),
       "largest: the longest names and the largest body are a record");
    ok(strlen(message.mail.token) == TOKEN_MAX && message.mail.size == sizeof body,
       "largest: ... and come back");
}

static void test_search(void)
{
    size_t at = 0;

    begin();
    buf_add(&bytes, SPAN("12345678"));
    put(LOG, 1, 1, "one");
    redo_end_block(&bytes);
    put(LOG, 2, 2, "two");
    put(LOG, 1, 3, "three");
    is_int(next(buf_span(&bytes), LOG, &at), 1, "search: a record after something else");
    is_int(next(buf_span(&bytes), LOG, &at), 2, "search: the next one, in another block");
    is_int(next(buf_span(&bytes), LOG, &at), 3, "search: the next one, of an older serial");
    is_int(next(buf_span(&bytes), LOG, &at), 0, "search: no more");

    for (unsigned off = 1; off < REDO_ALIGN; off++) {
        begin();
        while (bytes.n < off)
            buf_add_char(&bytes, '-');
        put(LOG, 1, 1, "one");
        is_int(first(LOG), 0, "search: a record at byte %u is none", off);
    }
}

/* Somebody sends a record as a message: he cannot know the log's number. */
static void test_record_in_a_body(void)
{
    struct buf inner;
    struct mail m;

    begin();
    put(OTHER, 1, 5, "forged");
    buf_init(&inner, 1 << 20);
    buf_add(&inner, buf_span(&bytes));
    for (size_t shift = 0; shift < REDO_ALIGN; shift++) {
        size_t at = 0;
        begin();
        m = redo_mail(9, "", "");
        message_file_measure(&m, buf_span(&inner));
        redo_put(&bytes, &place, &ann, &m, buf_span(&inner));
        /* NOLINTNEXTLINE(misc-redundant-expression): each takes a record. */
        ok(next(buf_span(&bytes), LOG, &at) == 9 && next(buf_span(&bytes), LOG, &at) == 0,
           "record in a body: the message is found, and nothing in it");
        bytes.p[REDO_HEADER_BYTES] ^= 1;
        is_int(first(LOG), 0, "record in a body: nor is it if the message around it is damaged");
        buf_insert(&inner, 0, SPAN("-")); /* one of the shifts aligns the record */
    }
    buf_free(&inner);
}

static void test_torn(void)
{
    begin();
    put(LOG, 1, 1, "text");
    size_t whole, end = bytes.n, at;
    unsigned found = 0;

    for (at = 0; at < end; at++) {
        bytes.p[at] ^= 0x10;
        found += first(LOG) != 0;
        bytes.p[at] ^= 0x10;
    }
    for (whole = end; whole > 0 && bytes.p[whole - 1] == '\0'; whole--) {
    }
    is_int(found, end - whole, "torn: no byte of header and content can be another");
    for (size_t n = found = 0; n < whole; n++)
        found += next(span_first(buf_span(&bytes), n), LOG, &(size_t){0}) != 0;
    is_int(found, 0, "torn: none can be missing at the end");

    put(LOG, 1, 2, "two");
    bytes.p[whole - 1] ^= 1;
    is_int(first(LOG), 2, "torn: the record after a damaged one is found");
    memset(bytes.p + 40, 0xff, 4); /* its length */
    is_int(first(LOG), 2, "torn: ... also if the damage says another length");
}

/* A block of an earlier use of the segment stands after what was written last. */
static void test_stale(void)
{
    struct redo_place found;
    struct span content;
    size_t at = 0;

    begin();
    put(LOG, 9, 4, "new");
    redo_end_block(&bytes);
    put(LOG, 3, 2, "of before");
    is_int(next(buf_span(&bytes), LOG, &at), 4, "stale: the new record");
    ok(redo_record_find(buf_span(&bytes), LOG, &at, &found, &content) && found.serial == 3,
       "stale: an old one is found, and says that it is old");
}

static void test_mark(void)
{
    struct redo_place found;
    struct redo_message m;
    struct span content;
    size_t at = 0;

    begin();
    redo_put_mark(&bytes, &place);
    ok(redo_record_find(buf_span(&bytes), LOG, &at, &found, &content) && content.n == 0 &&
           found.oldest == 5,
       "mark: it is found, and says the oldest serial");
    ok(!redo_record_parse(content, &m), "mark: it is no message");
}

static void refuse(struct span content, const char *what)
{
    struct redo_message m;

    ok(!redo_record_parse(content, &m), "content: %s", what);
}

static void test_content(void)
{
#define FILE_NAME "0000000009-u,t=1,s=0,e=0,l=0+0,f=bob"
    struct redo_message m;

    ok(redo_record_parse(SPAN("ann\n00112233445566aa\n" FILE_NAME "\n"), &m) && m.file.n == 0,
       "content: the least that is a message");
    refuse(SPAN("ann\n00112233445566aa\n" FILE_NAME), "without the last LF");
    refuse(SPAN("ann\n00112233445566aa\n"), "without a name");
    refuse(SPAN("ann\n" FILE_NAME "\n"), "without a generation");
    refuse(SPAN("ann\n"), "without anything after the account");
    refuse(
        SPAN("ann\n00112233445566aa\n" FILE_NAME FILE_NAME FILE_NAME FILE_NAME FILE_NAME FILE_NAME
             "\n"),
        "a file name that is too long");
    refuse(SPAN("../ann\n00112233445566aa\n" FILE_NAME "\n"), "an account that is a path");
    refuse(SPAN("ann\n00112233445566ag\n" FILE_NAME "\n"), "a generation with another letter");
    refuse(SPAN("ann\n00112233445566a\n" FILE_NAME "\n"), "a generation that is too short");
    refuse(SPAN("ann\n00112233445566aa\n/etc/passwd\n"), "a file name that is none of a message");
    refuse(SPAN("ann\n00112233445566aa\n" FILE_NAME "\0\n"), "a NUL in the file name");
    refuse(SPAN("ann\n00112233445566aa\n0000000009-p,t=1,s=0,e=0,l=0+0,f=bob\n"),
           "a message that is pending");
}

int main(void)
{
    test_format();
    test_there_and_back();
    test_largest();
    test_search();
    test_record_in_a_body();
    test_torn();
    test_stale();
    test_mark();
    test_content();
    buf_free(&bytes);
    return done_testing();
}
