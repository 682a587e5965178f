#include "client/options.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

/* One row an option. It sets the bool at offset, or the string there if it takes a value. */
static const struct option_row {
    const char *name, *value; /* value: what the help calls it; NULL: the option takes none */
    size_t offset;            /* in struct options */
    const char *help;
} options[] = {
    {"server", "HOST:PORT", offsetof(struct options, server),
     "the server; default: POCHTA_SERVER, or 127.0.0.1:5555"},
    {"user", "NAME", offsetof(struct options, user), "the user; default: POCHTA_USER"},
    {"password-file", "FILE", offsetof(struct options, password_file),
     "read the password from the first line of FILE (-: standard input);\n"
     "default: POCHTA_PASSWORD, or ask on the terminal"},
    {"invite-file", "FILE", offsetof(struct options, invite_file),
     "with register: read the invite from the first line of FILE\n"
     "(-: standard input); default: POCHTA_INVITE, or none"},
    {"proxy-command", "COMMAND", offsetof(struct options, proxy_command),
     "connect through the standard input and output of a shell command;\n"
     "%h and %p in it become the server's host and port;\n"
     "default: POCHTA_PROXY_COMMAND; an empty COMMAND: none"},
    {"udp", NULL, offsetof(struct options, udp),
     "use UDP instead of TCP; also if POCHTA_UDP is set"},
    {"udp-datagram", "BYTES", offsetof(struct options, udp_datagram),
     "the largest datagram to send, 32 to 1472; default: 1024"},
    {"raw", NULL, offsetof(struct options, raw),
     "with read and take: write only the text, byte for byte"},
    {"help", NULL, offsetof(struct options, help), "print this text"},
    {"version", NULL, offsetof(struct options, version), "print the version"},
};

#define OPTIONS (sizeof options / sizeof options[0])

#define FIRST_OPTION 256 /* getopt_long returns this for the first row */
#define COLUMN       25  /* where the help of an option begins */

void options_print(void)
{
    for (size_t i = 0; i < OPTIONS; i++) {
        const char *value = options[i].value;
        int n = printf("  --%s%s%s", options[i].name, value ? " " : "", value ? value : "");
        if (n >= COLUMN) {
            putchar('\n');
            n = 0;
        }
        for (const char *line = options[i].help; *line;) {
            int length = (int)strcspn(line, "\n");
            printf("%*s%.*s\n", COLUMN - n, "", length, line);
            line += length + (line[length] == '\n');
            n = 0;
        }
    }
}

static void set_option(struct options *o, const struct option_row *row)
{
    char *place = (char *)o + row->offset;
    if (row->value)
        *(const char **)(void *)place = optarg;
    else
        *(bool *)(void *)place = true;
}

static void add_word(struct options *o, const char *word)
{
    if (o->nwords < OPTIONS_WORDS_MAX)
        o->words[o->nwords] = word;
    o->nwords++;
}

bool options_parse(struct options *o, int argc, char *const *argv, const char **wrong,
                   const char **why)
{
    struct option rows[OPTIONS + 1] = {{NULL, 0, NULL, 0}};
    for (size_t i = 0; i < OPTIONS; i++)
        rows[i] =
            (struct option){options[i].name, options[i].value ? required_argument : no_argument,
                            NULL, FIRST_OPTION + (int)i};
    *o = (struct options){.nwords = 0};
    opterr = 0;
    optind = 1;
    int c;
    /* With "-" the words come in order, each as 1, and argv keeps its order. */
    while (*wrong = argv[optind], (c = getopt_long(argc, argv, "-:", rows, NULL)) != -1) {
        int code = c == ':' || c == '?' ? optopt : c;
        const struct option_row *row = code < FIRST_OPTION ? NULL : &options[code - FIRST_OPTION];
        *why = NULL;
        if (c == 1)
            add_word(o, optarg);
        /* getopt_long takes abbreviations, but --password must not mean --password-file. */
        else if (!row || strcspn(*wrong + 2, "=") != strlen(row->name))
            *why = "no such option";
        else if (c == ':')
            *why = "this option needs a value";
        else if (c == '?')
            *why = "this option takes no value";
        else
            set_option(o, row);
        if (*why)
            return false;
    }
    while (optind < argc)
        add_word(o, argv[optind++]);
    return true;
}
