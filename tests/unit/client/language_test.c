/* SPDX-License-Identifier: ISC */
#include "client/language.h"

#include <errno.h>
#include <signal.h>

#include "client/catalogue.h"
#include "client/ended.h"
#include "os/error.h"
#include "tap.h"

static void test_locales(void)
{
    static const struct {
        const char *name;
        enum language language;
    } cases[] = {
        {NULL, LANGUAGE_ENGLISH},
        {"", LANGUAGE_ENGLISH},
        {"C", LANGUAGE_ENGLISH},
        {"C.UTF-8", LANGUAGE_ENGLISH},
        {"en_GB.UTF-8", LANGUAGE_ENGLISH},
        {"run.UTF-8", LANGUAGE_ENGLISH},
        {"ru", LANGUAGE_RUSSIAN},
        {"ru_RU", LANGUAGE_RUSSIAN},
        {"ru_RU.UTF-8", LANGUAGE_RUSSIAN},
        {"ru_UA.utf8", LANGUAGE_RUSSIAN},
        {"ru_RU.UTF-8@euro", LANGUAGE_RUSSIAN},
        {"ru_RU@euro", LANGUAGE_RUSSIAN},
        {"ru_RU.KOI8-R", LANGUAGE_ENGLISH},
        {"ru_RU.UTF-80", LANGUAGE_ENGLISH},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        is_int(language_of_locale(cases[i].name), cases[i].language, "the language of %s",
               cases[i].name ? cases[i].name : "no locale");
}

static void set_or_unset(const char *variable, const char *value)
{
    if (value)
        setenv(variable, value, 1);
    else
        unsetenv(variable);
}

/* LC_ALL comes before LC_MESSAGES, and that before LANG; an empty one counts for nothing. */
static void test_variables(void)
{
    static const struct {
        const char *all, *messages, *lang;
        bool russian;
    } cases[] = {
        {"", "", "", false},       {"", "", "ru", true},     {"", "ru", "C", true},
        {"", "C", "ru", false},    {"ru", "C", "C", true},   {"C", "ru", "ru", false},
        {NULL, NULL, NULL, false}, {NULL, NULL, "ru", true}, {NULL, "C", "ru", false},
    };
    const struct catalogue_row *row = catalogue[0];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        set_or_unset("LC_ALL", cases[i].all);
        set_or_unset("LC_MESSAGES", cases[i].messages);
        set_or_unset("LANG", cases[i].lang);
        language_choose();
        is_str(language_text(row->english), cases[i].russian ? row->russian : row->english,
               "the language of the variables in row %zu", i);
    }
}

/* Moves *text behind its next conversion (%-5s). Returns how long that is; 0: there is no more. */
static size_t next_conversion(const char **text)
{
    const char *at = strchr(*text, '%');
    if (!at)
        return 0;
    size_t n = 1 + strspn(at + 1, "-+#0123456789.*hlzjt");
    n += at[n] != '\0';
    *text = at + n;
    return n;
}

static bool same_conversions(const char *a, const char *b)
{
    for (;;) {
        size_t n = next_conversion(&a);
        if (n != next_conversion(&b))
            return false;
        if (n == 0)
            return true;
        if (strncmp(a - n, b - n, n) != 0)
            return false;
    }
}

static bool same_end(const char *a, const char *b)
{
    size_t na = strlen(a), nb = strlen(b);
    return na > 0 && nb > 0 && (a[na - 1] == '\n') == (b[nb - 1] == '\n') &&
           (a[na - 1] == ' ') == (b[nb - 1] == ' ');
}

static void test_checks(void)
{
    ok(same_conversions("no", "нет") && same_conversions("%s %5zu%%", "а %s б %5zu %% в"),
       "the same conversions in other words are the same");
    ok(!same_conversions("%s", "а") && !same_conversions("а", "%s") &&
           !same_conversions("%s %d", "%d %s") && !same_conversions("%zu", "%u"),
       "a missing conversion, another order and another type are found");
    ok(same_end("a\n", "б\n") && same_end("a: ", "б: ") && same_end("a", "б"), "the same end");
    ok(!same_end("a\n", "б") && !same_end("a: ", "б:") && !same_end("a", ""), "another end");
}

static void test_rows(void)
{
    for (const struct catalogue_row *const *part = catalogue; *part; part++)
        for (const struct catalogue_row *row = *part; row->english; row++) {
            ok(row->russian && same_conversions(row->english, row->russian) &&
                   same_end(row->english, row->russian),
               "%.*s: both texts have the same conversions and end alike",
               (int)strcspn(row->english, "\n"), row->english);
            language_set(LANGUAGE_RUSSIAN);
            ok(language_text(row->english) == row->russian, "and the row is the only one");
            language_set(LANGUAGE_ENGLISH);
            ok(language_text(row->english) == row->english, "in English it is as in the code");
        }
}

static bool has_row(const char *text)
{
    return language_text(text) != text;
}

/* What the system says of signals that end a program, and of errors. */
static void test_system(void)
{
    static const int harmless[] = {SIGCHLD, SIGCONT, SIGSTOP, SIGTSTP,
                                   SIGTTIN, SIGTTOU, SIGURG,  SIGWINCH};
    language_set(LANGUAGE_RUSSIAN);
    for (int i = 1; i <= SIGRTMAX; i++) {
        bool ends = true;
        for (size_t j = 0; j < sizeof harmless / sizeof harmless[0]; j++)
            ends = ends && i != harmless[j];
        ok(!ends || has_row(os_end_signal_text(i)), "signal %d in Russian", i);
    }
    ok(has_row(os_error_text(EACCES)) && has_row(os_error_text(-1)),
       "a known and an unknown error in Russian");
    language_set(LANGUAGE_ENGLISH);
}

static void test_ended(void)
{
    static const struct {
        struct os_end end;
        const char *english, *russian;
    } rows[] = {
        {{OS_END_EXIT, 3}, "the command ended with exit code 3", "команда завершилась с кодом 3"},
        {{OS_END_SIGNAL, 9},
         "the command was ended by signal 9 (Killed)",
         "команда завершена сигналом 9 (Убито)"},
        {{OS_END_SIGNAL, 35},
         "the command was ended by signal 35 (real-time signal)",
         "команда завершена сигналом 35 (сигнал реального времени)"},
        {{OS_END_HANG_UP, 0}, "the command closed the connection", "команда закрыла соединение"},
        {{OS_END_NOT_RUN, EAGAIN},
         "cannot run the command: Resource temporarily unavailable",
         "не удалось запустить команду: Ресурс временно недоступен"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char words[ENDED_BYTES];
        ended_words(words, &rows[i].end);
        is_str(words, rows[i].english, "ended_words: in English");
        language_set(LANGUAGE_RUSSIAN);
        ended_words(words, &rows[i].end);
        is_str(words, rows[i].russian, "ended_words: in Russian");
        language_set(LANGUAGE_ENGLISH);
    }
}

static void test_unknown(void)
{
    language_set(LANGUAGE_RUSSIAN);
    is_str(language_text("qwe"), "qwe", "a text without a row stays as it is");
}

int main(void)
{
    test_locales();
    test_variables();
    test_checks();
    test_rows();
    test_system();
    test_ended();
    test_unknown();
    return done_testing();
}
