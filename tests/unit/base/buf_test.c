/* SPDX-License-Identifier: ISC */
/* Random operations on a buffer and on a plain array, which must stay equal. */
#include "base/buf.h"

#include "random.h"
#include "tap.h"

#define LIMIT 300

struct model {
    char p[LIMIT];
    size_t n;
    bool failed;
};

static void model_add(struct model *m, struct span s)
{
    if (s.n > LIMIT - m->n)
        m->failed = true;
    if (m->failed)
        return;
    if (s.n > 0)
        memcpy(m->p + m->n, s.p, s.n);
    m->n += s.n;
}

static void add_something(struct buf *b, struct model *m)
{
    char bytes[64];
    struct span s = random_bytes(bytes, sizeof bytes);
    uint64_t number = random_below(2) ? random_below(1000) : UINT64_MAX;

    switch (random_below(5)) {
    case 0:
        buf_add(b, s);
        break;
    case 1:
        bytes[0] = 'x';
        s = span_of(bytes, 1);
        buf_add_char(b, 'x');
        break;
    case 2:
        s = span_of(bytes, (size_t)snprintf(bytes, sizeof bytes, "%07" PRIu64, number));
        buf_add_u64(b, number, 7);
        break;
    case 3:
        s = span_of(bytes, (size_t)snprintf(bytes, sizeof bytes, "%" PRIu64 "-%s", number, "text"));
        buf_printf(b, "%" PRIu64 "-%s", number, "text");
        break;
    default: {
        char *space = buf_space(b, s.n);
        if (space && s.n > 0)
            memcpy(space, s.p, s.n);
        if (space)
            buf_added(b, s.n);
        else if (s.n == 0)
            m->failed = true; /* buf_space always makes room for at least one byte */
    }
    }
    model_add(m, s);
}

static void step(struct buf *b, struct model *m)
{
    size_t n = random_below(m->n + 1);

    switch (random_below(12)) {
    case 0:
        buf_consume(b, n);
        memmove(m->p, m->p + n, m->n - n);
        m->n -= n;
        break;
    case 1:
        buf_trim(b, random_below(LIMIT));
        break;
    case 2:
        if (m->failed || random_below(4) == 0) {
            buf_clear(b);
            m->n = 0;
            m->failed = false;
        }
        break;
    default:
        add_something(b, m);
    }
}

static bool agree(const struct buf *b, const struct model *m)
{
    return buf_ok(b) == !m->failed && span_eq(buf_span(b), span_of(m->p, m->n)) && b->cap >= b->n &&
           b->cap <= LIMIT;
}

static void test_random(void)
{
    struct buf b;
    struct model m = {.n = 0};
    int steps = 0;

    buf_init(&b, LIMIT);
    while (steps < 100000 && agree(&b, &m)) {
        step(&b, &m);
        steps++;
    }
    is_int(steps, 100000, "buf: random operations do what they do to a plain array");
    if (steps < 100000)
        random_diag();
    buf_free(&b);
    ok(b.n == 0 && b.cap == 0 && b.limit == LIMIT,
       "buf_free: leaves an empty buffer with the same limit");
}

static void test_room(void)
{
    char room[4];
    struct buf b;

    buf_init_room(&b, room, sizeof room);
    ok(buf_add_str(&b, "four") && memcmp(room, "four", 4) == 0,
       "buf_init_room: what fits is in the caller's room");
    ok(!buf_add_char(&b, '!') && !buf_ok(&b), "buf_add_char: fails beyond the room");
    buf_clear(&b);
    ok(buf_add_char(&b, 'x') && room[0] == 'x', "buf_clear: the room can be used again");
}

static void test_limit(void)
{
    struct buf b;

    buf_init(&b, 4);
    ok(buf_add_str(&b, "four"), "buf_add_str: as many bytes as the limit");
    ok(!buf_add_char(&b, '!') && !buf_ok(&b), "buf_add_char: fails beyond the limit");
    ok(span_eq(buf_span(&b), SPAN("four")), "buf: the contents stay after the limit was exceeded");
    buf_consume(&b, 4);
    ok(!buf_add_char(&b, 'x'), "buf_ok: a failure is remembered");
    buf_clear(&b);
    ok(buf_add_char(&b, 'x'), "buf_clear: forgets a failure");
    ok(!buf_reserve(&b, SIZE_MAX), "buf_reserve: SIZE_MAX does not overflow");
    buf_free(&b);
    buf_free(NULL);
}

/* By default sanitizers end a program that asks for too much memory. */
/* NOLINTBEGIN(bugprone-reserved-identifier): the names are theirs. */
const char *__asan_default_options(void);
const char *__tsan_default_options(void);

const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

const char *__tsan_default_options(void)
{
    return __asan_default_options();
}
/* NOLINTEND(bugprone-reserved-identifier) */

static void test_memory(void)
{
    struct buf b;

    buf_init(&b, SIZE_MAX);
    buf_add_str(&b, "kept");
    /* With 32 bits there may be as much as half, and malloc gives no more. */
    ok(!buf_reserve(&b, SIZE_MAX > UINT32_MAX ? SIZE_MAX / 16 : SIZE_MAX / 2) && !buf_ok(&b),
       "buf_reserve: fails if there is not enough memory");
    ok(span_eq(buf_span(&b), SPAN("kept")), "buf: the contents stay when memory runs out");
    buf_free(&b);
}

static void test_trim(void)
{
    struct buf b;

    buf_init(&b, 1 << 20);
    buf_reserve(&b, 1 << 16);
    buf_add_str(&b, "abc");
    buf_trim(&b, 100);
    is_int(b.cap, 100, "buf_trim: frees memory above keep");
    buf_trim(&b, 0);
    ok(b.cap == 3 && span_eq(buf_span(&b), SPAN("abc")), "buf_trim: keeps the contents");
    buf_free(&b);
}

static void test_insert(void)
{
    struct buf b;

    buf_init(&b, 6);
    ok(buf_insert(&b, 0, SPAN("bd")) && buf_insert(&b, 1, SPAN("c")) &&
           buf_insert(&b, 0, SPAN("a")) && buf_insert(&b, 4, SPAN("e")) &&
           buf_insert(&b, 2, SPAN("")),
       "buf_insert: at the beginning, inside, at the end, nothing");
    ok(span_eq(buf_span(&b), SPAN("abcde")), "buf_insert: in order");
    ok(!buf_insert(&b, 1, SPAN("xx")) && !buf_ok(&b), "buf_insert: not beyond the limit");
    ok(span_eq(buf_span(&b), SPAN("abcde")), "buf_insert: what is there stays");
    buf_erase(&b, 1, 3);
    ok(span_eq(buf_span(&b), SPAN("ae")), "buf_erase: inside");
    buf_erase(&b, 1, 1);
    buf_erase(&b, 0, 0);
    buf_erase(&b, 0, 1);
    is_int(b.n, 0, "buf_erase: at the end, nothing, all");
    buf_free(&b);
}

int main(void)
{
    random_begin();
    test_random();
    test_room();
    test_limit();
    test_memory();
    test_trim();
    is_int(buf_u64_bytes(0), 1, "buf_u64_bytes: 0 has one digit");
    is_int(buf_u64_bytes(UINT64_MAX), 20, "buf_u64_bytes: the largest number has 20 digits");
    test_insert();
    return done_testing();
}
