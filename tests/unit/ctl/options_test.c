/* SPDX-License-Identifier: ISC */
#include "ctl/options.h"

#include "ctl/format.h"

#include "tap.h"

#define WORDS 8

struct parsed {
    bool ok;
    struct ctl_options o;
    struct buf why;
    char *argv[WORDS + 2];
    char text[256];
};

/* Parses a command line, which is split at spaces. */
static void parse(struct parsed *p, const char *line)
{
    int n = 1;
    char *rest;

    *p = (struct parsed){.ok = false};
    snprintf(p->text, sizeof p->text, "%s", line);
    p->argv[0] = p->text + strlen(p->text);
    for (char *word = strtok_r(p->text, " ", &rest); word && n <= WORDS;
         word = strtok_r(NULL, " ", &rest))
        p->argv[n++] = word;
    buf_init(&p->why, 4096);
    p->ok = ctl_options_parse(&p->o, n, p->argv, &p->why);
    buf_add_char(&p->why, '\0');
}

static void test_good(void)
{
    struct parsed p;

    parse(&p, "--store dir user add ann");
    ok(p.ok && strcmp(p.o.store, "dir") == 0 && p.o.nargs == 1, "options: before the command");
    buf_free(&p.why);
    parse(&p, "u l --json --store=a=b bob");
    ok(p.ok && p.o.json && strcmp(p.o.store, "a=b") == 0 && p.o.nargs == 1 &&
           strcmp(p.o.args[0], "bob") == 0 && strcmp(p.o.verb->name, "user list") == 0,
       "options: between and after the words, which are shortened");
    buf_free(&p.why);
    parse(&p, "user add --batch -");
    ok(p.ok && p.o.nargs == 0 && strcmp(p.o.batch, "-") == 0,
       "options: --batch in place of a name");
    buf_free(&p.why);
    parse(&p, "drain --delay 2m");
    ok(p.ok && p.o.delay_ms == 120000 && strcmp(p.o.delay, "2m") == 0 && p.o.nargs == 0,
       "options: --delay");
    buf_free(&p.why);
    parse(&p, "frob --version");
    ok(p.ok && p.o.version, "options: --version needs no command");
    buf_free(&p.why);
}

static void test_wrong(void)
{
    static const struct {
        const char *line, *why;
    } cases[] = {
        {"", "no command given; see pochtactl --help"},
        {"frob", "unknown command frob; see pochtactl --help"},
        {"group", "group needs one of add, remove, list, delete; see pochtactl --help"},
        {"invite x", "invite needs one of add, list, delete; see pochtactl --help"},
        {"user d", "ambiguous command user; see pochtactl --help"},
        {"who me", "who takes no arguments; see pochtactl --help"},
        {"user add ann secret", "usage: pochtactl user add NAME; see pochtactl --help"},
        {"user delete", "usage: pochtactl user delete NAME; see pochtactl --help"},
        {"-f who", "unknown option -f; see pochtactl --help"},
        {"--frob who", "unknown option --frob; see pochtactl --help"},
        {"--jso who", "unknown option --jso; see pochtactl --help"},
        {"--json=yes who", "--json=yes takes no value; see pochtactl --help"},
        {"who --store", "--store needs a value; see pochtactl --help"},
        {"stats --json --prometheus",
         "give only one of --json and --prometheus; see pochtactl --help"},
        {"user add ann --batch x", "--batch FILE takes no other argument; see pochtactl --help"},
        {"user delete ann --batch x", "user delete does not take --batch; these do: user add"},
        {"who --prometheus", "who does not take --prometheus; these do: stats"},
        {"who --usage", "who does not take --usage; these do: user list"},
        {"who --delay 5s", "who does not take --delay; these do: drain"},
        {"drain --delay 5x",
         "5x is not a duration (30s, 5m, 2h) of at most 1d; see pochtactl --help"},
        {"drain --delay 86401",
         "86401 is not a duration (30s, 5m, 2h) of at most 1d; see pochtactl --help"},
        {"user list --repair", "user list does not take --repair; these do: fsck"},
    };
    struct parsed p;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        parse(&p, cases[i].line);
        ok(!p.ok, "options: rejected: %s", cases[i].line);
        is_str(p.why.p, cases[i].why, "%s", cases[i].line);
        buf_free(&p.why);
    }
}

/* Each verb takes exactly the options that its row says, and --json if it has columns. */
static void test_table(void)
{
    static const struct {
        const char *option;
        unsigned flag;
    } options[] = {{"--json", VERB_JSON},      {"--prometheus", VERB_PROMETHEUS},
                   {"--usage", VERB_USAGE},    {"--repair", VERB_REPAIR},
                   {"--delay=1d", VERB_DELAY}, {"--config=x", VERB_CONFIG}};
    const struct verb *v;
    char line[256];
    struct parsed p;

    for (unsigned i = 0; (v = verb_get(i)); i++) {
        unsigned args = v->min - ((v->flags & VERB_PASSWORD) != 0);
        for (size_t j = 0; j < sizeof options / sizeof *options; j++) {
            snprintf(line, sizeof line, "%s%s %s", v->name,
                     args > 2   ? " a b c"
                     : args > 1 ? " a b"
                     : args     ? " a"
                                : "",
                     options[j].option);
            parse(&p, line);
            ok(p.ok == verb_takes(v, options[j].flag) &&
                   verb_takes(v, VERB_JSON) == (*v->columns != '\0'),
               "%s", line);
            buf_free(&p.why);
        }
    }
}

/* Exchanging the names of two rows would exchange what they do. */
static void test_names(void)
{
#define ID(id, ...) #id,
    static const char *const ids[VERBS] = {VERBS_ANYWHERE(ID) VERBS_SERVER(ID) VERBS_TOOL(ID)};

    for (unsigned i = 0; i < VERBS; i++) {
        char name[64];

        snprintf(name, sizeof name, "%s", ids[i]);
        if (strchr(name, '_'))
            *strchr(name, '_') = ' ';
        is_str(verb_get(i)->name, name, "verbs: %s has its own name", ids[i]);
        ok(verb_get(i)->id == i && verb_named(span_str(name)) == verb_get(i),
           "verbs: ... and place");
    }
    ok(!verb_get(VERBS) && !verb_named(SPAN("frob")), "verbs: there are no others");
}

/* A name may have only digits; a number may be too long for readers of JSON. */
static void test_values(void)
{
    static const struct {
        const char *column, *value, *json;
    } cases[] = {
        {"name", "7", "\"7\""},
        {"user", "7", "\"7\""},
        {"mailbox", "7", "\"7\""},
        {"file", "7", "\"7\""},
        {"code", "7", "\"7\""},
        {"session", "7", "7"},
        {"bytes", "0", "0"},
        {"bytes", "00", "\"00\""},
        {"bytes", "999999999999999", "999999999999999"},
        {"bytes", "1000000000000000", "\"1000000000000000\""},
        {"finding", "a\x01\"", "\"a\\u0001\\\"\""},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct format f = {.columns = cases[i].column, .form = VERB_JSON};
        char row[64], want[64];
        struct buf out;

        buf_init(&out, 4096);
        snprintf(row, sizeof row, "%s\n", cases[i].value);
        snprintf(want, sizeof want, "[\n{\"%s\": %s}", cases[i].column, cases[i].json);
        format_rows(&f, &out, span_str(row));
        buf_add_char(&out, '\0');
        is_str(out.p, want, "format_rows: %s", cases[i].column);
        buf_free(&out);
    }
}

static void test_json(void)
{
    struct format f = {.columns = "name\tvalue", .form = VERB_JSON}, none = f;
    struct buf out;

    buf_init(&out, 4096);
    format_rows(&f, &out, SPAN("7\t7\n"));
    format_rows(&f, &out, SPAN(""));
    format_rows(&f, &out, SPAN("\"x\\\t007\n"));
    format_end(&f, &out);
    buf_add_char(&out, '\0');
    is_str(
        out.p,
        "[\n{\"name\": \"7\", \"value\": 7},\n{\"name\": \"\\\"x\\\\\", \"value\": \"007\"}\n]\n",
        "format_rows: in JSON names are strings, and so are numbers that begin with 0");
    buf_clear(&out);
    format_end(&none, &out);
    ok(span_eq(buf_span(&out), SPAN("[\n]\n")), "format_end: without rows, an empty array");
    buf_clear(&out);
    format_text(&out, SPAN("a\tb\n\x1b[\xff~"));
    buf_add_char(&out, '\0');
    is_str(out.p, "a\\x09b\\x0a\\x1b[\\xff~", "format_text: bytes that are not printable ASCII");
    buf_free(&out);
}

int main(void)
{
    test_good();
    test_wrong();
    test_table();
    test_names();
    test_values();
    test_json();
    return done_testing();
}
