/*
 * ctl_table: the one table of an administrator's verbs, which pochtactl and a server share, and the
 * form of what pochtactl prints. Pure.
 */
#ifndef ADMIN_CTL_TABLE_H
#define ADMIN_CTL_TABLE_H

#include "admin/admin.h"
#include "base/buf.h"

enum ctl_where {
    CTL_BOTH,   /* asked of a server, or done on the store when none runs */
    CTL_SERVER, /* asked of a server */
    CTL_STORE   /* done on the store, beside a server, too */
};

struct ctl_verb {
    enum ctl_where where;
    const struct admin_verb *verb;
};

/* The i-th verb. False: there are no more. */
bool ctl_table_verb(size_t i, struct ctl_verb *verb);

enum {
    CTL_FINDINGS = 1
}; /* the exit code of a verb that looks for what is wrong, and finds some */

/* The verb of this name, in full. False: there is none. */
bool ctl_table_named(struct span name, struct ctl_verb *verb);

/*
 * Finds the verb at the start of words, each of which may be cut short as long as it is clear what
 * is meant. *used becomes how many words it took. Returns how many verbs it could be: 1 when *verb
 * is it.
 */
unsigned ctl_table_find(char **words, int n, struct ctl_verb *verb, int *used);

/* Whether an option (enum admin_flags) means something to a verb; ", "-separated, which verbs. */
bool ctl_table_takes(const struct admin_verb *verb, unsigned flag);
void ctl_table_takers(struct buf *out, unsigned flag);

/* Adds text of unknown origin, such as a file's name: \xHH for all but printable ASCII. */
void ctl_table_text(struct buf *out, struct span s);

/* Rows of tab-separated columns as an array of JSON objects with these names. */
void ctl_table_json(struct buf *out, const char *columns, struct span rows);

/* Rows of a name and a number each, in Prometheus' text format. */
void ctl_table_prometheus(struct buf *out, struct span rows);

#endif
