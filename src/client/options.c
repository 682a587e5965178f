/* SPDX-License-Identifier: ISC */
#include "client/options.h"

#include <getopt.h>
#include <string.h>

static struct options given; /* what the rows below set */

/*
 * One row an option: TEXT takes a value, which the help calls value; LIST takes one and can be
 * given several times; FLAG takes none; SHORT is a FLAG that also has a letter.
 */
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
    const char *help; /* LF where a line ends */
    size_t *count;    /* text is a list with this many values; NULL: it has one */
    size_t most;      /* how many values the list has room for */
} options[] = {
    TEXT("server", server, "HOST[:PORT]", "the server; default: POCHTA_SERVER, or 127.0.0.1:5555"),
    TEXT("user", user, "NAME", "the user; default: POCHTA_USER"),
    TEXT("password-file", password_file, "FILE",
         "read the password from the first line of FILE (-: standard input);\n"
         "default: POCHTA_PASSWORD, or ask on the terminal"),
    TEXT("new-password-file", new_password_file, "FILE",
         "with password: read the new password from the first line of FILE\n"
         "(-: standard input); default: ask on the terminal"),
    TEXT("invite-file", invite_file, "FILE",
         "with register: read the invite from the first line of FILE\n"
         "(-: standard input); default: POCHTA_INVITE, or none"),
    TEXT("proxy-command", proxy_command, "COMMAND",
         "connect through the standard input and output of a shell command;\n"
         "%h and %p in it become the server's host and port;\n"
         "default: POCHTA_PROXY_COMMAND; an empty COMMAND: none"),
    FLAG("udp", udp, "use UDP instead of TCP; also if POCHTA_UDP is set"),
    TEXT("udp-datagram", udp_datagram, "BYTES",
         "the largest datagram to send, 32 to 1472; default: 1024"),
    LIST("attach", attach, nattach, "FILE", "with send: attach a file; may be given several times"),
    TEXT("message-limit", message_limit, "BYTES",
         "with --attach: the largest message; default: POCHTA_MESSAGE_LIMIT, or\n"
         "10485760, which is what a server accepts unless it is set"),
    FLAG("raw", raw, "with read and take: write only the text, byte for byte"),
    FLAG("yes", yes, "with delete-account: do not ask"),
    FLAG("json", json,
         "with list, trash and search: write an object of JSON for each\n"
         "message, one a line"),
    SHORT('h', "help", help, "print this text"),
    SHORT('V', "version", version, "print the version"),
};

#define OPTIONS (sizeof options / sizeof options[0])

#define FIRST_OPTION 256 /* getopt_long returns this for the first row */
#define COLUMN       25  /* where the help of an option begins */

void options_describe(struct buf *out)
{
    for (size_t i = 0; i < OPTIONS; i++) {
        size_t start = out->n;
        buf_printf(out, "  --%s", options[i].name);
        if (options[i].value)
            buf_printf(out, " %s", options[i].value);
        if (options[i].letter)
            buf_printf(out, ", -%c", options[i].letter);
        if (out->n - start >= COLUMN) {
            buf_add_char(out, '\n');
            start = out->n;
        }
        for (const char *line = options[i].help; *line; start = out->n) {
            int length = (int)strcspn(line, "\n");
            int pad = COLUMN - (int)(out->n - start);
            buf_printf(out, "%*s%.*s\n", pad, "", length, line);
            line += length + (line[length] == '\n');
        }
    }
}

static void add_word(const char *word)
{
    if (given.nwords < OPTIONS_WORDS_MAX)
        given.words[given.nwords] = word;
    given.nwords++;
}

static void set_text(const struct option_row *row, const char *value)
{
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
        rows[i] =
            (struct option){options[i].name, options[i].text ? required_argument : no_argument,
                            NULL, FIRST_OPTION + (int)i};
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
            *why = "no such option";
        else if (c == ':')
            *why = "this option needs a value";
        else if (c == '?')
            *why = "this option takes no value";
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
