#include "ctl/options.h"

#include <string.h>

/* One row an option: exactly one of flag and value is where it goes. */
struct row {
    const char *name;
    bool *flag;
    const char **value;
};

static bool wrong(struct buf *why, const char *what, const char *word)
{
    buf_printf(why, "%s %s; see pochtactl --help", what, word);
    return false;
}

/* Takes *at, which begins with "--"; *at becomes its last argument. */
static bool take_option(const struct row *row, char ***at, struct buf *why)
{
    struct span name = span_str(**at), rest = name;
    bool has_value = span_cut(&rest, '=', &name);

    while (row->name && !span_eq(name, span_str(row->name)))
        row++;
    if (!row->name)
        return wrong(why, "unknown option", **at);
    if (row->flag && has_value)
        return wrong(why, "no value goes with", row->name);
    if (row->flag)
        *row->flag = true;
    else if (has_value)
        *row->value = rest.p;
    else if ((*at)[1])
        *row->value = *++*at;
    else
        return wrong(why, "a value is missing behind", row->name);
    return true;
}

static bool choose_verb(struct ctl_options *o, char **words, int n, struct buf *why)
{
    int used = 0;
    unsigned found = ctl_table_find(words, n, &o->verb, &used), given;
    const struct admin_verb *v = o->verb.verb;

    if (n == 0)
        return wrong(why, "no command", "was given");
    if (found != 1)
        return wrong(
            why,
            found ? "not clear, more than one command begins so:" : "no such command:", words[0]);
    o->args = words + used;
    o->nargs = n - used;
    given = (unsigned)o->nargs + ((v->flags & ADMIN_PASSWORD) != 0);
    if (given < v->min || given > v->max)
        return wrong(why, v->name, *v->args ? v->args : "takes no arguments");
    return true;
}

/* An option that means nothing to the verb is told, with the verbs that know it. */
static bool goes_with(const struct ctl_options *o, const char *option, unsigned flag,
                      struct buf *why)
{
    if (ctl_table_takes(o->verb.verb, flag))
        return true;
    buf_printf(why, "%s does not go with %s, but with:", option, o->verb.verb->name);
    ctl_table_takers(why, flag);
    return false;
}

bool ctl_options_parse(struct ctl_options *o, char **argv, struct buf *why)
{
    const struct row rows[] = {
        {"--store", NULL, &o->store},     {"--config", NULL, &o->config},
        {"--json", &o->json, NULL},       {"--prometheus", &o->prometheus, NULL},
        {"--repair", &o->repair, NULL},   {"--help", &o->help, NULL},
        {"--version", &o->version, NULL}, {NULL, NULL, NULL},
    };
    char **words = argv;
    int n = 0;

    *o = (struct ctl_options){.nargs = 0};
    for (char **at = argv + 1; *at; at++) {
        if (strncmp(*at, "--", 2) != 0)
            words[n++] = *at;
        else if (!take_option(rows, &at, why))
            return false;
    }
    if (o->help || o->version)
        return true;
    if (!choose_verb(o, words, n, why))
        return false;
    if (o->json && o->prometheus)
        return wrong(why, "one of the two goes:", "--json or --prometheus");
    return (!o->json || goes_with(o, "--json", ADMIN_JSON, why)) &&
           (!o->prometheus || goes_with(o, "--prometheus", ADMIN_PROMETHEUS, why)) &&
           (!o->repair || goes_with(o, "--repair", ADMIN_REPAIR, why)) &&
           (!o->config || goes_with(o, "--config", ADMIN_CONFIG, why));
}
