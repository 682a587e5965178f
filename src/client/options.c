/* SPDX-License-Identifier: ISC */
#include "client/options.h"

#include <getopt.h>
#include <string.h>

#include "base/width.h"
#include "client/language.h"
#include "client/output.h"

static struct options given; /* what the rows below set */

/*
 * One row an option: TEXT takes a value, which the help calls value; LIST takes one and can be
 * given several times; FLAG takes none; SHORT is a FLAG that also has a letter. The settings come
 * first, with the same index; a SETTING that needs no value can have one after "=".
 */
#define SETTING(member, type, name, ...) \
    {0, name, &given.setting[SETTINGS_##member], NULL, NULL, NULL, NULL, 1},
#define TEXT(name, member, value, help)                    \
    {                                                      \
        0, name, &given.member, NULL, value, help, NULL, 1 \
    }
#define LIST(name, member, count, value, help)                  \
    {                                                           \
        0, name, given.member, NULL, value, help, &given.count, \
            sizeof given.member / sizeof *given.member          \
    }
#define FLAG(name, member, help) SHORT(0, name, member, help)
#define SHORT(letter, name, member, help)                      \
    {                                                          \
        letter, name, NULL, &given.member, NULL, help, NULL, 0 \
    }

static const struct option_row {
    char letter; /* 0: none */
    const char *name;
    const char **text; /* set to the value; or */
    bool *flag;        /* set to true */
    const char *value;
    const char *help;
    size_t *count; /* text is a list with this many values; NULL: it has one */
    size_t most;   /* how many values the list has room for */
} options[] = {
    SETTINGS(SETTING) TEXT("new-password-file", new_password_file, "FILE",
                           N_("with password: read the new password from the first line of FILE "
                              "(-: standard input); default: ask on the terminal")),
    TEXT("invite-file", invite_file, "FILE",
         N_("with register: read the invite from the first line of FILE "
            "(-: standard input); default: POCHTA_INVITE, or none")),
    LIST("attach", attach, nattach, "FILE",
         N_("with send and reply: attach a file; may be given several times")),
    SHORT('e', "edit", edit, N_("with send and reply: write the message in the editor")),
    TEXT("exec", exec, "COMMAND",
         N_("with watch: run a shell command for each message instead of printing it; "
            "its environment has POCHTA_ID, POCHTA_FROM, POCHTA_SUBJECT, ...")),
    TEXT("format", format, "FORMAT", N_("with export and import: maildir or mbox")),
    FLAG("delete", erase, N_("with export: delete each message once it is safely in PATH")),
    FLAG("raw", raw, N_("with read, take and drafts show: write only the text, byte for byte")),
    FLAG("yes", yes, N_("with delete-account: do not ask")),
    FLAG("json", json,
         N_("with list, trash and search: write an object of JSON for each "
            "message, one a line")),
    FLAG("print-config", print_config, N_("print the settings, and where each comes from")),
    SHORT('h', "help", help, N_("print this text")),
    SHORT('V', "version", version, N_("print the version")),
};

#define OPTIONS (sizeof options / sizeof options[0])

#define FIRST_OPTION  256 /* getopt_long returns this for the first row */
#define COLUMN        27  /* where the help of an option begins */
#define COLUMNS       80  /* where a line of the help ends */
#define NARROW        64  /* with fewer columns, help begins a line of its own */
#define NARROW_COLUMN 6

static const char *value_of(size_t i)
{
    const char *value = options[i].value;
    return value || i >= SETTINGS_COUNT ? value : settings_value((unsigned)i);
}

unsigned options_columns(void)
{
    unsigned columns = output_columns();
    return columns > 0 && columns < COLUMNS ? columns : COLUMNS;
}

bool options_are_narrow(void)
{
    return options_columns() < NARROW;
}

void options_add_help(struct buf *out, size_t start, struct span help)
{
    unsigned columns = options_columns(), column = options_are_narrow() ? NARROW_COLUMN : COLUMN;
    size_t at = out->n - start; /* the column; only help has characters of more than one byte */
    if (at >= column) {
        buf_add_char(out, '\n');
        at = 0;
    }
    for (bool first = true; help.n > 0; first = false) {
        size_t n = 0;
        while (n < help.n && help.p[n] != ' ')
            n++;
        struct span word = span_first(help, n);
        size_t wide = width_text(word);
        if (!first && at + 1 + wide > columns) {
            buf_add_char(out, '\n');
            at = 0;
            first = true;
        }
        buf_printf(out, "%*s%.*s", first ? (int)(column - at) : 1, "", SPAN_PRINTF(word));
        at = (first ? column : at + 1) + wide;
        help = span_skip(help, n < help.n ? n + 1 : n);
    }
    buf_add_char(out, '\n');
}

static void describe_option(size_t i, struct buf *out)
{
    const struct option_row *row = &options[i];
    struct buf help;
    size_t start = out->n;
    buf_init(&help, SIZE_MAX / 2);
    if (row->help)
        buf_add_str(&help, _(row->help));
    else
        settings_describe((unsigned)i, &help);
    buf_printf(out, "  --%s", row->name);
    if (value_of(i))
        buf_printf(out, " %s", value_of(i));
    if (row->letter)
        buf_printf(out, ", -%c", row->letter);
    options_add_help(out, start, buf_span(&help));
    if (!buf_ok(&help))
        buf_fail(out);
    buf_free(&help);
}

void options_describe(struct buf *out)
{
    buf_add_str(out,
                _("Options, which are also variables (POCHTA_PASSWORD_FILE) and keys of the file "
                  "$XDG_CONFIG_HOME/pochta/config (password-file = FILE):\n"));
    for (size_t i = 0; i < SETTINGS_COUNT; i++)
        describe_option(i, out);
    buf_add_str(out, _("\nOther options:\n"));
    for (size_t i = SETTINGS_COUNT; i < OPTIONS; i++)
        describe_option(i, out);
}

static void add_word(const char *word)
{
    if (given.nwords < OPTIONS_WORDS_MAX)
        given.words[given.nwords] = word;
    given.nwords++;
}

/* value is NULL if an option that needs none has none. */
static void set_text(const struct option_row *row, const char *value)
{
    if (!value)
        value = "yes";
    if (!row->count)
        *row->text = value;
    else if ((*row->count)++ < row->most)
        row->text[*row->count - 1] = value;
}

/*
 * The row that getopt_long has found, or NULL. It takes abbreviations of names, but --password must
 * not mean --password-file.
 */
static const struct option_row *find_row(int code, const char *arg)
{
    if (code >= FIRST_OPTION) {
        const struct option_row *row = &options[code - FIRST_OPTION];
        return strcspn(arg + 2, "=") == strlen(row->name) ? row : NULL;
    }
    for (size_t i = 0; i < OPTIONS; i++)
        if (options[i].letter == code && code != 0)
            return &options[i];
    return NULL;
}

bool options_parse(struct options *o, int argc, char *const *argv, const char **wrong,
                   const char **why)
{
    struct option rows[OPTIONS + 1] = {{NULL, 0, NULL, 0}};
    char letters[OPTIONS + 3] = "-:", *letter = letters + 2;
    for (size_t i = 0; i < OPTIONS; i++) {
        int value = !options[i].text ? no_argument
                    : value_of(i)    ? required_argument
                                     : optional_argument;
        rows[i] = (struct option){options[i].name, value, NULL, FIRST_OPTION + (int)i};
        if (options[i].letter)
            *letter++ = options[i].letter;
    }
    given = (struct options){.nwords = 0};
    opterr = 0;
    optind = 1;
    int c;
    /* With "-" the words come in order, each as 1, and argv keeps its order. */
    while (*wrong = argv[optind], (c = getopt_long(argc, argv, letters, rows, NULL)) != -1) {
        const struct option_row *row = find_row(c == ':' || c == '?' ? optopt : c, *wrong);
        *why = NULL;
        if (c == 1)
            add_word(optarg);
        else if (!row)
            *why = _("no such option");
        else if (c == ':' || c == '?') /* which of them for what, systems disagree */
            *why = row->text ? _("this option needs a value") : _("this option takes no value");
        else if (row->text)
            set_text(row, optarg);
        else
            *row->flag = true;
        if (*why)
            return false;
    }
    while (optind < argc)
        add_word(argv[optind++]);
    *o = given;
    return true;
}
