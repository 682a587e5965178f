/* SPDX-License-Identifier: ISC */
#include "ctl/options.h"

#include <getopt.h>
#include <string.h>

#include "store/restore.h"

#define KEEP_MAX 100000

static bool wrong(struct buf *why, const char *what, const char *word)
{
    buf_printf(why, "%s %s; see pochtactl --help", what, word);
    return false;
}

static bool read_options(struct ctl_options *o, int argc, char **argv, struct buf *why)
{
    static const struct option table[] = {{"store", required_argument, NULL, 's'},
                                          {"config", required_argument, NULL, 'c'},
                                          {"batch", required_argument, NULL, 'b'},
                                          {"keep", required_argument, NULL, 'k'},
                                          {"at", required_argument, NULL, 'a'},
                                          {"delay", required_argument, NULL, 'd'},
                                          {"json", no_argument, NULL, 'j'},
                                          {"prometheus", no_argument, NULL, 'p'},
                                          {"repair", no_argument, NULL, 'r'},
                                          {"usage", no_argument, NULL, 'u'},
                                          {"help", no_argument, NULL, 'h'},
                                          {"version", no_argument, NULL, 'v'},
                                          {NULL, 0, NULL, 0}};
    int found, row = 0;

    opterr = 0;
    optind = 0; /* glibc: begin a new command line */
    while ((found = getopt_long(argc, argv, ":", table, &row)) != -1) {
        const char *word = argv[optind - 1];

        if (optarg && optarg == word)
            word = argv[optind - 2];
        if (found == ':')
            return wrong(why, word, "needs a value");
        if (found == '?' && optopt && !strncmp(word, "--", 2))
            return wrong(why, word, "takes no value");
        /* getopt_long also takes unambiguous beginnings: a script must not depend on one. */
        if (found == '?' || strcspn(word + 2, "=") != strlen(table[row].name))
            return wrong(why, "unknown option", word);
        o->json |= found == 'j';
        o->prometheus |= found == 'p';
        o->repair |= found == 'r';
        o->usage |= found == 'u';
        o->help |= found == 'h';
        o->version |= found == 'v';
        if (found == 's')
            o->store = optarg;
        if (found == 'c')
            o->config = optarg;
        if (found == 'b')
            o->batch = optarg;
        if (found == 'a')
            o->at = optarg;
        if (found == 'd')
            o->delay = optarg;
        if (found == 'd' && !verb_delay_parse(span_str(optarg), &o->delay_ms))
            return wrong(why, optarg, "is not " VERB_DELAY_RULE);
        if (found == 'k' && (!span_u64(span_str(optarg), KEEP_MAX, &o->keep) || o->keep == 0))
            return wrong(why, optarg, "is not a number of backups from 1 to 100000");
        if (found == 'a' && !restore_at_ok(span_str(optarg)))
            return wrong(why, optarg, "is not a date (2026-11, 2026-11-30, 2026-11-30T02:45:24Z)");
    }
    return true;
}

/* Says that words name no verb, or that one of two words needs the second. */
static bool no_verb(char **words, struct buf *why)
{
    struct buf second;
    buf_init(&second, SIZE_MAX / 2);
    verb_second_words(&second, span_str(words[0]));
    if (second.n > 0)
        buf_printf(why, "%s needs one of%.*s; see pochtactl --help", words[0],
                   SPAN_PRINTF(buf_span(&second)));
    else
        wrong(why, "unknown command", words[0]);
    buf_free(&second);
    return false;
}

static bool choose_verb(struct ctl_options *o, char **words, int n, struct buf *why)
{
    int used = 0;
    unsigned found = verb_find(words, n, &o->verb, &used), given;
    if (n == 0)
        return wrong(why, "no command", "given");
    if (found == 0)
        return no_verb(words, why);
    if (found > 1)
        return wrong(why, "ambiguous command", words[0]);
    o->args = words + used;
    o->nargs = n - used;
    given = (unsigned)o->nargs + ((o->verb->flags & VERB_PASSWORD) != 0);
    if (o->batch && verb_takes(o->verb, VERB_BATCH))
        return o->nargs == 0 || wrong(why, "--batch FILE", "takes no other argument");
    if (given >= o->verb->min && given <= o->verb->max)
        return true;
    if (!*o->verb->args)
        return wrong(why, o->verb->name, "takes no arguments");
    buf_printf(why, "usage: pochtactl %s", o->verb->name);
    return wrong(why, "", o->verb->args);
}

/* Whether the verb takes an option, if it is given. */
static bool fits_verb(const struct ctl_options *o, bool given, const char *option, unsigned flag,
                      struct buf *why)
{
    if (!given || verb_takes(o->verb, flag))
        return true;
    buf_printf(why, "%s does not take %s; these do:", o->verb->name, option);
    verb_takers(why, flag);
    return false;
}

bool ctl_options_parse(struct ctl_options *o, int argc, char **argv, struct buf *why)
{
    *o = (struct ctl_options){.nargs = 0};
    if (!read_options(o, argc, argv, why))
        return false;
    if (o->help || o->version)
        return true;
    if (!choose_verb(o, argv + optind, argc - optind, why))
        return false;
    if (o->json && o->prometheus)
        return wrong(why, "give only one of", "--json and --prometheus");
    return fits_verb(o, o->json, "--json", VERB_JSON, why) &&
           fits_verb(o, o->prometheus, "--prometheus", VERB_PROMETHEUS, why) &&
           fits_verb(o, o->repair, "--repair", VERB_REPAIR, why) &&
           fits_verb(o, o->usage, "--usage", VERB_USAGE, why) &&
           fits_verb(o, o->batch != NULL, "--batch", VERB_BATCH, why) &&
           fits_verb(o, o->keep > 0, "--keep", VERB_KEEP, why) &&
           fits_verb(o, o->at != NULL, "--at", VERB_AT, why) &&
           fits_verb(o, o->delay != NULL, "--delay", VERB_DELAY, why) &&
           fits_verb(o, o->config != NULL, "--config", VERB_CONFIG, why);
}
