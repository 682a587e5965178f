/* SPDX-License-Identifier: ISC */
#include "client/options.h"

#include "base/width.h"
#include "client/language.h"
#include "tap.h"

#define ARGS_MAX 8

static struct options o;
static const char *wrong, *why;

/* args: without the name of the program. */
static bool parse(const char *const args[ARGS_MAX])
{
    const char *argv[ARGS_MAX + 2] = {"pochta"};
    int argc = 1;
    for (; argc <= ARGS_MAX && args[argc - 1]; argc++)
        argv[argc] = args[argc - 1];
    wrong = why = "";
    return options_parse(&o, argc, (char *const *)(void *)argv, &wrong, &why);
}

#define PARSE(...) parse((const char *const[ARGS_MAX]){__VA_ARGS__})

static void test_good(void)
{
    ok(PARSE("--server", "a:1", "--user=ann", "list", "--json"), "options stand anywhere");
    is_str(o.setting[SETTINGS_server], "a:1", "... a value is the next word");
    is_str(o.setting[SETTINGS_user], "ann", "... or follows =");
    ok(o.json && !o.raw, "... a flag has none");
    ok(o.nwords == 1 && strcmp(o.words[0], "list") == 0, "... and the words are the rest");
    ok(PARSE("send", "--", "--json", "-e"), "-- ends the options");
    ok(o.nwords == 3 && !o.json && !o.edit && strcmp(o.words[1], "--json") == 0,
       "... what follows are words");
    ok(PARSE("-e", "-h", "-V") && o.edit && o.help && o.version, "letters");
    ok(PARSE("--udp") && strcmp(o.setting[SETTINGS_udp], "yes") == 0, "a setting of yes and no");
    ok(PARSE("--udp=no") && strcmp(o.setting[SETTINGS_udp], "no") == 0, "... may have a value");
    ok(PARSE("--attach=a", "--attach", "b") && o.nattach == 2 && strcmp(o.attach[1], "b") == 0,
       "a list takes one value after the other");
    ok(PARSE("") && o.nwords == 1, "an empty word is a word");
}

static void test_wrong(void)
{
    static const struct {
        const char *args[ARGS_MAX], *wrong, *why;
    } rows[] = {
        {{"list", "--odd"}, "--odd", "no such option"},
        {{"--odd=1"}, "--odd=1", "no such option"},
        {{"-x"}, "-x", "no such option"},
        {{"--serve", "a"}, "--serve", "no such option"},
        {{"--password", "pw"}, "--password", "no such option"},
        {{"--server"}, "--server", "this option needs a value"},
        {{"--json=yes"}, "--json=yes", "this option takes no value"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ok(!parse(rows[i].args), "options_parse: row %zu is wrong", i);
        is_str(wrong, rows[i].wrong, "... in this word");
        is_str(why, rows[i].why, "... and why");
    }
}

/* What does not fit is counted. */
static void test_many(void)
{
    enum { MANY = 300 };
    char name[] = "pochta", word[] = "word", attach[] = "--attach=a", *argv[MANY + 2] = {name};
    for (int i = 1; i <= MANY; i++)
        argv[i] = word;
    ok(options_parse(&o, MANY + 1, argv, &wrong, &why), "many words are no error");
    is_int(o.nwords, MANY, "... and all are counted");
    ok(o.words[OPTIONS_WORDS_MAX - 1] != NULL, "... as many as fit are there");
    for (int i = 1; i <= MANY; i++)
        argv[i] = attach;
    ok(options_parse(&o, MANY + 1, argv, &wrong, &why), "nor are many files");
    is_int(o.nattach, MANY, "... which are counted, too");
    is_str(o.attach[OPTIONS_ATTACH_MAX - 1], "a", "... as many as fit are there");
}

static void test_help(void)
{
    struct buf out;
    struct span rest, line;
    size_t widest = 0;
    buf_init(&out, SIZE_MAX / 2);
    options_describe(&out);
    for (rest = buf_span(&out); span_cut(&rest, '\n', &line);)
        if (span_starts(line, SPAN(" ")) && width_text(line) > widest)
            widest = width_text(line);
    ok(widest > 70 && widest <= 80, "the help of options has lines of at most 80 columns");
    buf_add_char(&out, '\0');
    ok(strstr(out.p, "--edit, -e") && strstr(out.p, "--server HOST[:PORT]"),
       "... with letters and values");
    buf_free(&out);
}

int main(void)
{
    test_good();
    test_wrong();
    test_many();
    test_help();
    return done_testing();
}
