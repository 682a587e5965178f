/* SPDX-License-Identifier: ISC */
/* What newer versions added that an administrator should decide about: one row each. Pure. */
#include <string.h>

#include "ctl/doctor.h"

static const struct decision {
    const char *since; /* the first version that has the key */
    enum config_index key;
    const char *effect; /* of the default, and how to choose otherwise */
} decisions[] = {
    {"1.0", CONFIG_KEY_quota_warning,
     "users get a message when their mailbox is nearly full; 0 turns that off"},
};

/* Whether a line sets the key, or has it as a comment. */
static bool mentions(struct span text, struct span key)
{
    while (text.n > 0) {
        struct span line = span_take(&text, '\n');
        while (line.n > 0 && strchr("# \t", line.p[0]))
            line = span_skip(line, 1);
        if (!span_starts(line, key))
            continue;
        line = span_skip(line, key.n);
        while (line.n > 0 && strchr(" \t", line.p[0]))
            line = span_skip(line, 1);
        if (line.n > 0 && line.p[0] == '=')
            return true;
    }
    return false;
}

static void add_decision(struct buf *rows, const struct decision *d)
{
    const char *name = config_name(d->key), *value = config_default(d->key);
    buf_printf(rows,
               "warning\t%s\tnew since the previous version: %s = %s: %s\twrite %s = %s, or "
               "another value, into the configuration file, and pass it with --config\n",
               name, name, value, d->effect, name, value);
}

void doctor_judge_upgrade(struct buf *rows, const struct doctor_store *s, const struct config *c,
                          struct span file)
{
    const struct programs *p = &s->programs;
    const char *last = programs_compare(p->now, POCHTA_VERSION) < 0 ? p->now : p->before;
    if (s->why || s->missing || !*last)
        return;
    for (size_t i = 0; i < sizeof decisions / sizeof *decisions; i++) {
        const struct decision *d = &decisions[i];
        if (programs_compare(last, d->since) < 0 &&
            programs_compare(d->since, POCHTA_VERSION) <= 0 &&
            c->origin[d->key].source == CONFIG_DEFAULT &&
            !mentions(file, span_str(config_name(d->key))))
            add_decision(rows, d);
    }
}
