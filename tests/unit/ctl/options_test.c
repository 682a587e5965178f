#include "ctl/options.h"

#include "tap.h"

#define WORDS 8

struct parsed {
    bool ok;
    struct ctl_options o;
    struct buf why;
    char *argv[WORDS + 2];
    char text[256];
};

/* Parses a command line of words set off by spaces. */
static void parse(struct parsed *p, const char *line)
{
    int n = 1;

    *p = (struct parsed){.ok = false};
    snprintf(p->text, sizeof p->text, "%s", line);
    p->argv[0] = p->text + strlen(p->text);
    for (char *word = strtok(p->text, " "); word && n <= WORDS; word = strtok(NULL, " "))
        p->argv[n++] = word;
    buf_init(&p->why, 4096);
    p->ok = ctl_options_parse(&p->o, p->argv, &p->why);
    buf_add_char(&p->why, '\0');
}

static void test_good(void)
{
    struct parsed p;

    parse(&p, "--store dir user add ann");
    ok(p.ok && strcmp(p.o.store, "dir") == 0 && p.o.nargs == 1, "an option before the command");
    buf_free(&p.why);
    parse(&p, "u l --json --store=a=b bob");
    ok(p.ok && p.o.json && strcmp(p.o.store, "a=b") == 0 && p.o.nargs == 1 &&
           strcmp(p.o.args[0], "bob") == 0 && strcmp(p.o.verb.verb->name, "user list") == 0,
       "options between and behind, short words");
    buf_free(&p.why);
    parse(&p, "frob --version");
    ok(p.ok && p.o.version, "--version needs no command");
    buf_free(&p.why);
}

static void test_wrong(void)
{
    static const struct {
        const char *line, *why;
    } cases[] = {
        {"", "no command was given; see pochtactl --help"},
        {"frob", "no such command: frob; see pochtactl --help"},
        {"user d", "not clear, more than one command begins so: user; see pochtactl --help"},
        {"who me", "who takes no arguments; see pochtactl --help"},
        {"user add ann secret", "user add NAME; see pochtactl --help"},
        {"user delete", "user delete NAME; see pochtactl --help"},
        {"--frob who", "unknown option --frob; see pochtactl --help"},
        {"--jso who", "unknown option --jso; see pochtactl --help"},
        {"--json=yes who", "no value goes with --json; see pochtactl --help"},
        {"who --store", "a value is missing behind --store; see pochtactl --help"},
        {"stats --json --prometheus",
         "one of the two goes: --json or --prometheus; see pochtactl --help"},
        {"who --prometheus", "--prometheus does not go with who, but with: stats"},
        {"user list --repair", "--repair does not go with user list, but with: fsck"},
    };
    struct parsed p;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        parse(&p, cases[i].line);
        ok(!p.ok, "refused");
        is_str(p.why.p, cases[i].why, "%s", cases[i].line);
        buf_free(&p.why);
    }
}

/* Each verb with each option: taken exactly where the table says so, --json where there are rows.
 */
static void test_table(void)
{
    static const struct {
        const char *option;
        unsigned flag;
    } options[] = {{"--json", ADMIN_JSON},
                   {"--prometheus", ADMIN_PROMETHEUS},
                   {"--repair", ADMIN_REPAIR},
                   {"--config=x", ADMIN_CONFIG}};
    struct ctl_verb v;
    char line[256];
    struct parsed p;

    for (size_t i = 0; ctl_table_verb(i, &v); i++) {
        unsigned args = v.verb->min - ((v.verb->flags & ADMIN_PASSWORD) != 0);
        for (size_t j = 0; j < sizeof options / sizeof *options; j++) {
            snprintf(line, sizeof line, "%s%s %s", v.verb->name,
                     args > 2   ? " a b c"
                     : args > 1 ? " a b"
                     : args     ? " a"
                                : "",
                     options[j].option);
            parse(&p, line);
            ok(p.ok == ctl_table_takes(v.verb, options[j].flag) &&
                   ctl_table_takes(v.verb, ADMIN_JSON) == (*v.verb->columns != '\0'),
               "%s", line);
            buf_free(&p.why);
        }
    }
}

static void test_json(void)
{
    struct buf out;

    buf_init(&out, 4096);
    ctl_table_json(&out, "name\tvalue", SPAN("7\t7\n\"x\\\t007\n"));
    buf_add_char(&out, '\0');
    is_str(
        out.p,
        "[\n{\"name\": \"7\", \"value\": 7},\n{\"name\": \"\\\"x\\\\\", \"value\": \"007\"}\n]\n",
        "a name is a string, a number is none where it begins with 0");
    buf_clear(&out);
    ctl_table_text(&out, SPAN("a\tb\n\x1b[\xff~"));
    buf_add_char(&out, '\0');
    is_str(out.p, "a\\x09b\\x0a\\x1b[\\xff~", "text of unknown origin");
    buf_free(&out);
}

int main(void)
{
    test_good();
    test_wrong();
    test_table();
    test_json();
    return done_testing();
}
