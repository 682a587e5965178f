#include "admin/ctl_table.h"

#include <string.h>

static const struct admin_verb server_verbs[] = {
    {"who", 0, 0, 0, "", "list the sessions of a server",
     "session\tuser\taddress\tport\tseconds\ttransport"},
    {"kick", 1, 1, 0, "NAME|SESSION", "end the sessions of a user, or one", "ended"},
    {"stats", 0, 0, ADMIN_PROMETHEUS, "", "what a server has done since it started", "name\tvalue"},
    {"drain", 0, 0, 0, "", "let nobody in any more, and wait until all have gone", "sessions"},
    {"stop", 0, 0, 0, "", "end a server", ""},
    {"reload", 0, 0, 0, "", "have a server read its configuration file again", "key\tnote"},
    {"log", 0, 1, 0, "[LEVEL]", "which level a server logs, or another until it reloads", "level"},
};

static const struct admin_verb store_verbs[] = {
    {"fsck", 0, UINT32_MAX, ADMIN_REPAIR, "[NAME]...",
     "check the files of mailboxes, or --repair them", "mailbox\tfile\twrong\tset-aside"},
    {"doctor", 0, 0, ADMIN_CONFIG, "[--config FILE]", "look whether all is well for a server",
     "level\tsubject\twrong\tmend"},
};

#define COUNT(a) (sizeof(a) / sizeof *(a))

bool ctl_table_verb(size_t i, struct ctl_verb *verb)
{
    size_t admins = 0;

    while (admin_verb(admins))
        admins++;
    if (i < admins)
        *verb = (struct ctl_verb){CTL_BOTH, admin_verb(i)};
    else if (i - admins < COUNT(server_verbs))
        *verb = (struct ctl_verb){CTL_SERVER, &server_verbs[i - admins]};
    else if (i - admins - COUNT(server_verbs) < COUNT(store_verbs))
        *verb = (struct ctl_verb){CTL_STORE, &store_verbs[i - admins - COUNT(server_verbs)]};
    else
        return false;
    return true;
}

bool ctl_table_named(struct span name, struct ctl_verb *verb)
{
    for (size_t i = 0; ctl_table_verb(i, verb); i++)
        if (span_eq(name, span_str(verb->verb->name)))
            return true;
    return false;
}

bool ctl_table_takes(const struct admin_verb *verb, unsigned flag)
{
    return flag == ADMIN_JSON ? *verb->columns != '\0' : (verb->flags & flag) != 0;
}

void ctl_table_takers(struct buf *out, unsigned flag)
{
    struct ctl_verb v;
    const char *before = " ";

    for (size_t i = 0; ctl_table_verb(i, &v); i++) {
        if (!ctl_table_takes(v.verb, flag))
            continue;
        buf_printf(out, "%s%s", before, v.verb->name);
        before = ", ";
    }
}

/* How many words of a verb's name the given ones begin, all of them; or 0. *exact: in full. */
static int match(const char *name, char **words, int n, bool *exact)
{
    struct span rest = span_str(name), word;
    int i = 0;

    *exact = true;
    do {
        word = span_first(rest, span_find(rest, ' '));
        rest = span_skip(rest, word.n + 1);
        if (i == n || !words[i][0] || !span_starts(word, span_str(words[i])))
            return 0;
        *exact = *exact && word.n == strlen(words[i]);
        i++;
    } while (rest.n > 0);
    return i;
}

unsigned ctl_table_find(char **words, int n, struct ctl_verb *verb, int *used)
{
    struct ctl_verb candidate;
    unsigned found = 0;
    bool exact;

    for (size_t i = 0; ctl_table_verb(i, &candidate); i++) {
        int taken = match(candidate.verb->name, words, n, &exact);
        if (taken == 0)
            continue;
        *verb = candidate;
        *used = taken;
        found++;
        if (exact)
            return 1;
    }
    return found;
}

static void add_json_string(struct buf *out, struct span s)
{
    buf_add_char(out, '"');
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c < ' ')
            buf_printf(out, "\\u%04x", (unsigned)c);
        else if (c == '"' || c == '\\')
            buf_printf(out, "\\%c", c);
        else
            buf_add_char(out, (char)c);
    }
    buf_add_char(out, '"');
}

/* What has a name may be called 7, and is a string all the same. */
static bool holds_names(struct span column)
{
    return span_eq(column, SPAN("name")) || span_eq(column, SPAN("user")) ||
           span_eq(column, SPAN("mailbox")) || span_eq(column, SPAN("file")) ||
           span_eq(column, SPAN("code"));
}

static void add_json_value(struct buf *out, struct span column, struct span s)
{
    bool number = span_is_decimal(s) && (s.n == 1 || s.p[0] != '0') && s.n < 16;

    if (number && !holds_names(column))
        buf_add(out, s);
    else
        add_json_string(out, s);
}

/* Cuts at sep, or takes all there is. */
static struct span take(struct span *s, char sep)
{
    struct span head = span_first(*s, span_find(*s, sep));

    *s = span_skip(*s, head.n + 1);
    return head;
}

void ctl_table_text(struct buf *out, struct span s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c < ' ' || c >= 0x7f)
            buf_printf(out, "\\x%02x", (unsigned)c);
        else
            buf_add_char(out, (char)c);
    }
}

void ctl_table_json(struct buf *out, const char *columns, struct span rows)
{
    const char *before_row = "\n";

    buf_add_char(out, '[');
    while (rows.n > 0) {
        struct span row = take(&rows, '\n'), names = span_str(columns), column;
        const char *before = "{";

        buf_add_str(out, before_row);
        before_row = ",\n";
        while (names.n > 0) {
            buf_add_str(out, before);
            before = ", ";
            column = take(&names, '\t');
            add_json_string(out, column);
            buf_add_str(out, ": ");
            add_json_value(out, column, take(&row, '\t'));
        }
        buf_add_char(out, '}');
    }
    buf_add_str(out, "\n]\n");
}

static void add_metric(struct buf *out, struct span name)
{
    buf_add_str(out, "pochta_");
    for (size_t i = 0; i < name.n; i++)
        buf_add_char(out, name.p[i] == '-' ? '_' : name.p[i]);
}

void ctl_table_prometheus(struct buf *out, struct span rows)
{
    while (rows.n > 0) {
        struct span row = take(&rows, '\n'), name = take(&row, '\t');

        buf_add_str(out, "# TYPE ");
        add_metric(out, name);
        /* All but one only grow (counters.h). */
        buf_add_str(out, span_eq(name, SPAN("sessions")) ? " gauge\n" : " counter\n");
        add_metric(out, name);
        buf_printf(out, " %.*s\n", SPAN_PRINTF(row));
    }
}
