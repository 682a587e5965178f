/* SPDX-License-Identifier: ISC */
#include "store/message_file.h"

#include "base/crc32c.h"
#include "proto/escape.h"
#include "random.h"
#include "tap.h"

#define ROUNDS 20000

static const char states[] = "undxb";

static void random_text(char *out, size_t n, const char *alphabet)
{
    for (size_t i = 0; i < n; i++)
        out[i] = alphabet[random_below(strlen(alphabet))];
    out[n] = '\0';
}

/* Extreme values now and then. */
static uint64_t random_up_to(uint64_t max)
{
    uint64_t v = random_below(SIZE_MAX) >> random_below(64);

    return random_below(10) == 0 ? max : v % max;
}

static void random_mail(struct mail *m)
{
    *m = (struct mail){.state = (enum mail_state)states[random_below(strlen(states))]};
    m->id = (uint32_t)random_up_to(MAIL_ID_MAX - 1) + 1;
    m->time = (int64_t)random_up_to(UINT32_MAX);
    m->size = (uint32_t)random_up_to(MAIL_BODY_MAX);
    m->escapes = (uint32_t)random_up_to((uint64_t)m->size + 1) % (m->size ? m->size : 1);
    m->line = (unsigned)random_below(MESSAGE_LINE_BYTES + 1);
    m->line_esc = (unsigned)random_below(m->line + 1);
    random_text(m->from, 1 + random_below(NAME_BYTES), "abcxyz019");
    if (random_below(2))
        random_text(m->token, TOKEN_MIN + random_below(TOKEN_MAX - TOKEN_MIN + 1),
                    "0123456789abcdef");
}

static bool same_mail(const struct mail *a, const struct mail *b)
{
    return a->id == b->id && a->state == b->state && a->time == b->time && a->size == b->size &&
           a->escapes == b->escapes && a->line == b->line && a->line_esc == b->line_esc &&
           strcmp(a->from, b->from) == 0 && strcmp(a->token, b->token) == 0;
}

static const struct mail example = {.id = 7,
                                    .state = MAIL_UNREAD,
                                    .time = 1512316293,
                                    .size = 21,
                                    .line = 21,
                                    .from = "ann",
                                    .token = "0123456789abcdef"};

static void test_example(void)
{
    struct mail m = example;
    char name[MESSAGE_FILE_NAME_BYTES];

    message_file_name(&m, name);
    is_str(name, "0000000007-u,t=1512316293,s=21,e=0,l=21+0,f=ann,k=0123456789abcdef",
           "message_file_name: the name of the example");
    for (const char *state = states; *state; state++) {
        m.state = (enum mail_state) * state;
        message_file_name(&m, name);
        is_int(name[11], *state, "message_file_name: state %c is in the name", *state);
        struct mail back;
        ok(message_file_parse_name(name, &back) && same_mail(&m, &back),
           "message_file_parse_name: state %c is read back", *state);
    }
}

static void test_name_round_trips(void)
{
    int rounds = 0;

    for (; rounds < ROUNDS; rounds++) {
        struct mail m, back;
        char name[MESSAGE_FILE_NAME_BYTES];
        random_mail(&m);
        message_file_name(&m, name);
        if (!message_file_parse_name(name, &back) || !same_mail(&m, &back)) {
            diag("%s", name);
            break;
        }
    }
    is_int(rounds, ROUNDS, "message_file_parse_name reads back what message_file_name writes");
    if (rounds < ROUNDS)
        random_diag();
}

static void test_hostile_names(void)
{
    static const char *const names[] = {
        "",
        "account",
        "new-0123456789abcdef-1",
        "0000000007",
        "0000000007-",
        "0000000007-u",
        "0000000000-u,t=1,s=21,e=0,l=21+0,f=ann",  /* no id 0 */
        "4294967296-u,t=1,s=21,e=0,l=21+0,f=ann",  /* beyond the last id */
        "7-u,t=1,s=21,e=0,l=21+0,f=ann",           /* not ten digits */
        "00000000007-u,t=1,s=21,e=0,l=21+0,f=ann", /* eleven */
        "+000000007-u,t=1,s=21,e=0,l=21+0,f=ann",  /* a sign */
        "0000000007-p,t=1,s=21,e=0,l=21+0,f=ann",  /* pending never in a name */
        "0000000007-q,t=1,s=21,e=0,l=21+0,f=ann",
        "0000000007--,t=1,s=21,e=0,l=21+0,f=ann",         /* gone neither */
        "0000000007-U,t=1,s=21,e=0,l=21+0,f=ann",         /* a capital */
        "0000000007-uu,t=1,s=21,e=0,l=21+0,f=ann",        /* two states */
        "0000000007-u,t=-1,s=21,e=0,l=21+0,f=ann",        /* before 1970 */
        "0000000007-u,t=01,s=21,e=0,l=21+0,f=ann",        /* a leading zero */
        "0000000007-u,t=1,s=4294967296,e=0,l=21+0,f=ann", /* a body too large */
        "0000000007-u,t=1,s=21,e=22,l=21+0,f=ann",        /* more escapes than bytes */
        "0000000007-u,t=1,s=21,e=0,l=81+0,f=ann",         /* a line too long */
        "0000000007-u,t=1,s=21,e=0,l=20+21,f=ann",        /* more escapes than its bytes */
        "0000000007-u,t=1,s=21,e=0,l=21,f=ann",           /* part of l is missing */
        "0000000007-u,s=21,t=1,e=0,l=21+0,f=ann",         /* another order */
        "0000000007-u,t=1,s=21,e=0,l=21+0,f=",            /* nobody */
        "0000000007-u,t=1,s=21,e=0,l=21+0,f=Ann",         /* not folded */
        "0000000007-u,t=1,s=21,e=0,l=21+0,f=an n",        /* not a user's name */
        "0000000007-u,t=1,s=21,e=0,l=21+0,f=.ann",        /* nor this */
        "0000000007-u,t=1,s=21,e=0,l=21+0,f=ann,",        /* one comma too many */
        "0000000007-u,t=1,s=21,e=0,l=21+0,f=ann,k=",      /* an empty token */
        "0000000007-u,t=1,s=21,e=0,l=21+0,f=ann,k=0123456789abcde",   /* a short one */
        "0000000007-u,t=1,s=21,e=0,l=21+0,f=ann,k=0123456789abcdeF",  /* a capital digit */
        "0000000007-u,t=1,s=21,e=0,l=21+0,f=ann,x=0123456789abcdef",  /* another key */
        "0000000007-u,t=1,s=21,e=0,l=21+0,f=ann,k=0123456789abcdef,", /* something after the token
                                                                       */
        "0000000007-u,t=1,s=21,e=0,l=21+0,f=aaaaaaaaaabbbbbbbbbbccccccccccddd", /* too long */
    };
    struct mail m;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct span name = exact(span_of(names[i], strlen(names[i]) + 1));
        ok(!message_file_parse_name(name.p, &m), "message_file_parse_name: \"%s\" is not a message",
           names[i]);
        exact_free(name);
    }
    ok(message_file_parse_name("0000000007-u,t=1,s=21,e=0,l=21+0,f=ann", &m),
       "message_file_parse_name: a valid name after all those");
}

/* A name that is accepted is exactly the name that the message would get. */
static void test_mutated_names(void)
{
    static const char letters[] = "0123456789abcdefuxnp,=+-.kstl\xff ";
    int wrong = 0;

    for (int i = 0; i < ROUNDS; i++) {
        struct mail m;
        char name[MESSAGE_FILE_NAME_BYTES];
        random_mail(&m);
        message_file_name(&m, name);
        for (size_t n = 1 + random_below(3); n > 0; n--)
            name[random_below(strlen(name))] = letters[random_below(sizeof letters - 1)];
        if (random_below(4) == 0)
            name[random_below(strlen(name))] = '\0';
        if (message_file_parse_name(name, &m)) {
            char again[MESSAGE_FILE_NAME_BYTES];
            message_file_name(&m, again);
            wrong += strcmp(name, again) != 0;
        }
    }
    is_int(wrong, 0, "message_file_parse_name accepts only names that message_file_name writes");
    if (wrong)
        random_diag();
}

static void test_measure(void)
{
    struct mail m = {.id = 1};

    message_file_measure(&m, SPAN(""));
    ok(m.size == 0 && m.escapes == 0 && m.line == 0 && m.line_esc == 0,
       "message_file_measure: an empty body");
    message_file_measure(&m, SPAN("a|b\r\nc^\\"));
    ok(m.size == 8 && m.escapes == 3 && m.line == 3 && m.line_esc == 1,
       "message_file_measure: a body of two lines");
    message_file_measure(&m, SPAN("MIME-Version: 1.0\nSubject: =?koi8-r?Q?=F0=7C?=\n\na"));
    ok(m.size == 49 && m.escapes == 0 && m.line == 12 && m.line_esc == 1,
       "message_file_measure: the subject of a MIME text");
}

static void test_line(void)
{
    struct span body = SPAN("MIME-Version: 1.0\nSubject: =?utf-8?Q?one=7Ctwo?=\n\na");
    static const struct {
        unsigned line, line_esc;
        const char *want; /* NULL: none */
    } rows[] = {{16, 1, "Subject: one|two"},
                {17, 0, "MIME-Version: 1.0"},
                {16, 0, NULL},
                {17, 1, NULL},
                {0, 0, NULL}};
    char room[MESSAGE_LINE_BYTES];
    struct span line;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mail m = {.line = rows[i].line, .line_esc = rows[i].line_esc};
        bool found = message_file_line(&m, body, room, &line);
        ok(found == (rows[i].want != NULL) && (!found || span_eq(line, span_str(rows[i].want))),
           "message_file_line: l=%u+%u is of %s", m.line, m.line_esc,
           rows[i].want ? rows[i].want : "another body");
    }
}

static void test_header(void)
{
    struct span body = SPAN("jklaskldhakjshdkajdsh");
    char header[MESSAGE_FILE_HEADER_BYTES], want[MESSAGE_FILE_HEADER_BYTES];
    const char *begin = "Pochta-Message: 1\nFrom: ann\nDate: 2017-12-03T15:51:33Z\nLength: 21\n";
    uint32_t checksum = crc32c(crc32c(0, span_str(begin)), body);

    size_t n = message_file_header(&example, body, header);
    snprintf(want, sizeof want, "%sChecksum: %08" PRIx32 "\n\n", begin, checksum);
    is_int(n, strlen(want), "message_file_header: the length");
    ok(memcmp(header, want, n) == 0, "message_file_header: the lines");
}

/* A header is read back whatever the body is; a flipped bit or a missing part is noticed. */
static void test_header_round_trips(void)
{
    int rounds = 0;

    for (; rounds < 2000; rounds++) {
        char bytes[60], header[MESSAGE_FILE_HEADER_BYTES];
        struct span body = random_bytes(bytes, sizeof bytes);
        uint32_t stated, begun, other;
        struct mail m;
        random_mail(&m);
        message_file_measure(&m, body);
        size_t n = message_file_header(&m, body, header);
        struct span file = exact(span_of(header, n));
        bool good =
            message_file_parse_header(file, &m, &stated, &begun) == n &&
            crc32c(begun, body) == stated &&
            message_file_parse_header(span_first(file, random_below(n)), &m, &other, &begun) == 0;
        exact_free(file);
        header[random_below(n)] ^= (char)(1 << random_below(8));
        if (!good ||
            (message_file_parse_header(span_of(header, n), &m, &other, &begun) && other == stated))
            break;
    }
    is_int(rounds, 2000, "message_file_parse_header reads back headers, and refuses changed ones");
    if (rounds < 2000)
        random_diag();
}

static void test_header_of_another(void)
{
    struct span body = SPAN("jklaskldhakjshdkajdsh");
    char header[MESSAGE_FILE_HEADER_BYTES];
    uint32_t checksum, begun;
    struct mail other = example;
    struct span file = span_of(header, message_file_header(&example, body, header));

    other.state = MAIL_DELETED;
    other.id = 8;
    ok(message_file_parse_header(file, &other, &checksum, &begun),
       "message_file_parse_header: state and id are not in the header");
    other.size = 22;
    ok(!message_file_parse_header(file, &other, &checksum, &begun),
       "message_file_parse_header: another length is refused");
    other = example;
    other.time++;
    ok(!message_file_parse_header(file, &other, &checksum, &begun),
       "message_file_parse_header: another time is refused");
    other = example;
    strcpy(other.from, "bob");
    ok(!message_file_parse_header(file, &other, &checksum, &begun),
       "message_file_parse_header: another sender is refused");
}

/* The state alone may differ. */
static void test_is_same(void)
{
    struct mail m = example, others[] = {m, m, m, m, m, m, m, m};

    others[0].id++;
    others[1].time++;
    others[2].size++;
    others[3].escapes++;
    others[4].line--;
    others[5].line_esc++;
    strcpy(others[6].from, "bob");
    others[7].token[0] = '\0';
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        ok(!message_file_is_same(&m, &others[i]), "message_file_is_same: another member, %zu", i);
    m.state = MAIL_BROKEN;
    ok(message_file_is_same(&m, &example), "message_file_is_same: another state");
}

int main(void)
{
    random_begin();
    test_example();
    test_name_round_trips();
    test_hostile_names();
    test_mutated_names();
    test_measure();
    test_line();
    test_header();
    test_header_round_trips();
    test_header_of_another();
    test_is_same();
    return done_testing();
}
