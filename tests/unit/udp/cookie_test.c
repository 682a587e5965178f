/* SPDX-License-Identifier: ISC */
#include "udp/cookie.h"

#include "base/crc32c.h"
#include "base/digits.h"
#include "random.h"
#include "tap.h"
#include "udp/session_ids.h"

#define S INT64_C(1000000)

static const unsigned char key[SIPHASH_KEY_BYTES] = "0123456789abcde";
static const struct address ann = {{1, 2, 3}}, bob = {{1, 2, 4}};

static void test_cookie(void)
{
    uint64_t id = cookie_id(key, &ann, 5555, 100 * S, 7); /* the slot from 96 s to 104 s */
    unsigned char other[SIPHASH_KEY_BYTES] = "0123456789abcdf";

    ok(cookie_known(key, &ann, 5555, 100 * S, id), "cookie_known: in the slot of the id");
    ok(cookie_known(key, &ann, 5555, 112 * S - 1, id), "cookie_known: in the next slot");
    ok(!cookie_known(key, &ann, 5555, 112 * S, id), "cookie_known: not after the next slot");
    ok(!cookie_known(key, &ann, 5555, 96 * S - 1, id),
       "cookie_known: not before the slot of the id");
    ok(!cookie_known(key, &bob, 5555, 100 * S, id), "cookie_known: not for another address");
    ok(!cookie_known(key, &ann, 5556, 100 * S, id), "cookie_known: not for another port");
    ok(!cookie_known(other, &ann, 5555, 100 * S, id), "cookie_known: not with another key");
    ok(!cookie_known(key, &ann, 5555, 100 * S, id ^ 1),
       "cookie_known: not another id with another serial");
    ok(!cookie_known(key, &ann, 5555, 100 * S, id ^ 256),
       "cookie_known: not another id with the same serial");
    ok(cookie_id(key, &ann, 5555, 100 * S, 8) != id &&
           cookie_known(key, &ann, 5555, 100 * S, cookie_id(key, &ann, 5555, 100 * S, 8)),
       "cookie_id: another serial gives another known id");
    ok(cookie_known(key, &ann, 1, 0, cookie_id(key, &ann, 1, 0, 255)),
       "cookie_known: in the first slot of the clock");
}

static void test_words(void)
{
    char out[64];
    uint64_t id = 0;
    size_t n = cookie_ask(out);

    ok(n == 31 && memcmp(out, "00000000010000000010Start|1|2|\002", n) == 0,
       "cookie_ask: the bytes of the request");
    ok(cookie_asked(span_of(out, n)), "cookie_asked: the request");
    ok(cookie_asked(span_of(out, n - 1)), "cookie_asked: the request without its end mark");
    ok(!cookie_asked(SPAN("00000000020000000010Start|1|2|\002")),
       "cookie_asked: not with number 2");
    ok(!cookie_asked(SPAN("00000000010000000008Start|0|\002")),
       "cookie_asked: not a request for version 1");
    n = cookie_answer(out, UINT64_C(0x00000000deadbeef));
    ok(n == COOKIE_ANSWER_BYTES &&
           memcmp(out, "00000000010000000037Cookie|3|2|00000000deadbeef|87e7b58c|\002", n) == 0,
       "cookie_answer: the bytes of the answer");
    ok(n <= 3 * (cookie_ask((char[32]){0}) - 1),
       "cookie_answer: at most 3 times as long as the shortest request");
    ok(cookie_read(span_of(out, n), &id) && id == 0xdeadbeef, "cookie_read: the id");
    out[40] ^= 1;
    ok(!cookie_read(span_of(out, n), &id), "cookie_read: refuses an answer with a changed digit");
    out[40] ^= 1;
    out[47] = '/';
    digits_put_hex(out + 48, crc32c(0, span_of(out + 10, 38)), 8);
    ok(!cookie_read(span_of(out, n), &id),
       "cookie_read: refuses an answer without the bar after its id");
    cookie_answer(out, UINT64_C(0x00000000deadbeef));
    int early = 0;
    for (size_t i = 0; i < n - 1; i++) {
        struct span s = exact(span_of(out, i));
        early += cookie_read(s, &id);
        exact_free(s);
    }
    is_int(early, 0, "cookie_read: refuses an incomplete answer");
}

static void test_roll(void)
{
    static struct session_ids roll;
    struct session_ids_entry *e = session_ids_begin(&roll, 7, 0);

    ok(e != NULL, "a session begins");
    ok(session_ids_begin(&roll, 7, 1000 * S) == NULL, "... once, however long it lasts");
    session_ids_end(e, 12, true, 1000 * S);
    ok(session_ids_find(&roll, 7, 1016 * S - 1) == e, "it is known for 16 s after its end");
    ok(session_ids_begin(&roll, 7, 1016 * S - 1) == NULL, "... and cannot begin again");
    ok(session_ids_find(&roll, 7, 1016 * S) == NULL,
       "not longer: its cookie is not known any more");
    for (uint64_t i = 1; i <= RECENT_WAYS; i++)
        e = session_ids_begin(&roll, i * SESSION_IDS_PLACES, 1016 * S);
    ok(e != NULL && session_ids_begin(&roll, 0, 1016 * S) == NULL, "full: a new one is refused");
    ok(session_ids_begin(&roll, 8, 1016 * S) != NULL,
       "... where there is no place, elsewhere there is");
    session_ids_end(e, 1, false, 1016 * S);
    ok(session_ids_begin(&roll, 0, 1032 * S) == e, "an old one's place is free in time");
}

/* The answer to a datagram of this type; "" if there is none, "begins" if a session begins. */
static const char *judged(struct session_ids *r, uint64_t id, char type, bool known)
{
    static char text[DATAGRAM_SIZE_2_MIN + 1];
    struct datagram d = {.number = 1, .id = id, .type = type};
    struct session_ids_verdict v;

    session_ids_judge(r, &d, known, 0, &v);
    memcpy(text, v.answer, v.answer_bytes);
    text[v.answer_bytes] = '\0';
    return v.begins && v.answer_bytes == 0 ? "begins" : text;
}

static void test_judge(void)
{
    static const char unknown[] = "00000000000000000000000007X18d0e46f1";
    static struct session_ids roll;

    is_str(judged(&roll, 7, 'D', false), unknown, "an unknown id: it is over");
    is_int(sizeof unknown - 1, DATAGRAM_AROUND + 1, "... by one byte more than the least datagram");
    is_str(judged(&roll, 7, 'P', false), unknown, "... whatever asks");
    is_str(judged(&roll, 7, '?', false), unknown, "... even in what is no type");
    is_str(judged(&roll, 7, 'X', false), "", "but an end");
    is_str(judged(&roll, 7, 'P', true), "", "overtook the first data: silence");
    is_str(judged(&roll, 7, 'X', true), "", "... to an end, too");
    is_str(judged(&roll, 7, 'd', true), "begins", "data, and a good cookie");
    for (int i = 0; i < 4; i++) /* with its cookie and without */
        is_str(judged(&roll, 7, "DPX\6"[i], i & 1), "", "a session that is on has another socket");
    session_ids_end(session_ids_find(&roll, 7, 0), 3, true, 0);
    is_str(judged(&roll, 7, 'D', true), "00000000030000000000000007X0b1c4662a",
           "over: as it ended");
    is_str(judged(&roll, 7, 'X', true), "", "... but not to an end");
    for (uint64_t i = 1; i <= RECENT_WAYS; i++)
        session_ids_begin(&roll, i * SESSION_IDS_PLACES, 0);
    is_str(judged(&roll, 0, 'D', true), "", "no place: a repetition may find one");
    is_str(judged(&roll, 0, 'D', false), "00000000000000000000000000X1f9fe2298", "... in its time");
}

int main(void)
{
    random_begin();
    test_cookie();
    test_words();
    test_roll();
    test_judge();
    return done_testing();
}
