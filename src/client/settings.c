/* SPDX-License-Identifier: ISC */
#include "client/settings.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/key_value.h"
#include "base/units.h"
#include "client/language.h"
#include "client/proxy.h"
#include "client/state.h"
#include "client/view.h"
#include "os/environment.h"
#include "os/error.h"
#include "os/path.h"

#define FILE_LIMIT     ((size_t)1024 * 1024)
#define VARIABLE_BYTES 64
#define INSTEAD        2

struct row;

struct type {
    /* Sets a member. On failure returns false and appends what is allowed to rule: "a number". */
    bool (*set)(const struct row *row, void *member, const char *value, struct buf *rule);
    void (*print)(const struct row *row, const void *member, struct buf *out);
};

struct row {
    const char *name, *value, *standard, *instead[INSTEAD], *help;
    const struct type *type;
    size_t offset; /* of the member of struct settings */
    uint64_t least, most;
};

/* --- types --- */

static bool set_text(const struct row *row, void *member, const char *value, struct buf *rule)
{
    const char **text = member;
    (void)row;
    (void)rule;
    *text = *value ? value : NULL;
    return true;
}

static void print_text(const struct row *row, const void *member, struct buf *out)
{
    const char *const *text = member;
    (void)row;
    if (*text)
        view_safe(out, span_str(*text), VIEW_ROW);
}

static const struct type type_text = {set_text, print_text};
static const struct type type_path = {set_text, print_text};

static bool set_place(const struct row *row, void *member, const char *value, struct buf *rule)
{
    struct address_place place;
    if (address_parse_server(span_str(value), SETTINGS_PORT, &place))
        return set_text(row, member, value, rule);
    buf_add_str(rule, _(SETTINGS_SERVER_RULE));
    return false;
}

static const struct type type_place = {set_place, print_text};

static bool set_proxy(const struct row *row, void *member, const char *value, struct buf *rule)
{
    if (proxy_text_ok(value))
        return set_text(row, member, value, rule);
    buf_printf(rule, _("a proxy command: %s"), _(PROXY_TEXT_RULE));
    return false;
}

static const struct type type_proxy = {set_proxy, print_text};

static bool set_yes(const struct row *row, void *member, const char *value, struct buf *rule)
{
    bool *yes = member;
    (void)row;
    *yes = strcmp(value, "yes") == 0 || strcmp(value, "1") == 0;
    if (*yes || strcmp(value, "no") == 0 || strcmp(value, "0") == 0)
        return true;
    buf_add_str(rule, _("yes or no"));
    return false;
}

static void print_yes(const struct row *row, const void *member, struct buf *out)
{
    const bool *yes = member;
    (void)row;
    buf_add_str(out, *yes ? "yes" : "no");
}

static const struct type type_yes = {set_yes, print_yes};

static bool set_number(const struct row *row, uint64_t *number, const char *value,
                       const struct unit *units, const char *form, struct buf *rule)
{
    if (!units_parse(span_str(value), units, number)) {
        buf_add_str(rule, _(form));
        return false;
    }
    if (*number >= row->least && *number <= row->most)
        return true;
    char texts[2][UNITS_BYTES];
    struct span least = units_format(row->least, units, texts[0]);
    struct span most = units_format(row->most, units, texts[1]);
    buf_printf(rule, _("between %.*s and %.*s"), SPAN_PRINTF(least), SPAN_PRINTF(most));
    return false;
}

static bool set_size(const struct row *row, void *member, const char *value, struct buf *rule)
{
    return set_number(row, member, value, units_size, UNITS_SIZE_RULE, rule);
}

static bool set_time(const struct row *row, void *member, const char *value, struct buf *rule)
{
    return set_number(row, member, value, units_time, UNITS_TIME_RULE, rule);
}

static void print_size(const struct row *row, const void *member, struct buf *out)
{
    const uint64_t *number = member;
    char text[UNITS_BYTES];
    (void)row;
    buf_add(out, units_format(*number, units_size, text));
}

static void print_time(const struct row *row, const void *member, struct buf *out)
{
    const uint64_t *number = member;
    char text[UNITS_BYTES];
    (void)row;
    buf_add(out, units_format(*number, units_time, text));
}

static const struct type type_size = {set_size, print_size};
static const struct type type_time = {set_time, print_time};

/* --- the table --- */

#define ROW(member, type, name, value, standard, least, most, instead, instead_2, help) \
    {name,                                                                              \
     value,                                                                             \
     standard,                                                                          \
     {instead, instead_2},                                                              \
     help,                                                                              \
     &type_##type,                                                                      \
     offsetof(struct settings, member),                                                 \
     least,                                                                             \
     most},

static const struct row rows[] = {SETTINGS(ROW)};

const char *settings_value(unsigned i)
{
    return rows[i].type == &type_yes ? NULL : rows[i].value;
}

bool settings_given(const struct settings *s, enum settings_index i)
{
    return s->origin[i].source != SETTINGS_DEFAULT;
}

void settings_describe(unsigned i, struct buf *out)
{
    buf_add_str(out, _(rows[i].help));
    if (*rows[i].standard)
        buf_printf(out, _("; default: %s"), rows[i].standard);
}

/* POCHTA_PASSWORD_FILE for password-file. */
static void name_variable(const struct row *row, char variable[VARIABLE_BYTES])
{
    snprintf(variable, VARIABLE_BYTES, "POCHTA_%s", row->name);
    for (char *c = variable; *c; c++)
        *c = *c == '-' ? '_' : *c >= 'a' && *c <= 'z' ? (char)(*c - 'a' + 'A') : *c;
}

/*
 * Sets a setting. On failure returns false, and why says that the value is not what is allowed,
 * after name.
 */
static bool set(struct settings *s, unsigned i, const char *name, const char *value,
                struct settings_origin origin, char why[SETTINGS_WHY_BYTES])
{
    const struct row *row = &rows[i];
    struct buf rule, shown;
    buf_init(&rule, SETTINGS_WHY_BYTES);
    bool good = row->type->set(row, (char *)s + row->offset, value, &rule);
    s->origin[i] = origin;
    if (good && row->type == &type_path && origin.source == SETTINGS_FILE && *value &&
        !os_path_is_absolute(value) && strncmp(value, "~/", 2) != 0) {
        buf_add_str(&rule, _(os_path_rule()));
        good = false;
    }
    if (!good) {
        buf_init(&shown, SIZE_MAX / 2);
        view_safe(&shown, span_first(span_str(value), 60), VIEW_ROW);
        snprintf(why, SETTINGS_WHY_BYTES, _("%s: \"%.*s\" is not %.*s"), name,
                 SPAN_PRINTF(buf_span(&shown)), SPAN_PRINTF(buf_span(&rule)));
        buf_free(&shown);
    }
    buf_free(&rule);
    return good;
}

/* --- the file --- */

static int find_row(struct span name)
{
    for (unsigned i = 0; i < SETTINGS_COUNT; i++)
        if (key_value_is(name, rows[i].name))
            return (int)i;
    return -1;
}

/* The value lies in s->file, and is not at its end. */
static bool take_setting(struct settings *s, struct span name, struct span value, unsigned line,
                         char *why)
{
    int i = find_row(name);
    if (i < 0) {
        struct buf shown;
        buf_init(&shown, SIZE_MAX / 2);
        view_safe(&shown, span_first(name, 60), VIEW_ROW);
        snprintf(why, SETTINGS_WHY_BYTES,
                 _("unknown key \"%.*s\"; pochta --print-config lists all"),
                 SPAN_PRINTF(buf_span(&shown)));
        buf_free(&shown);
        return false;
    }
    if (s->origin[i].source == SETTINGS_FILE) {
        snprintf(why, SETTINGS_WHY_BYTES, _("%s: already set in line %u"), rows[i].name,
                 s->origin[i].line);
        return false;
    }
    if (key_value_has_comment(value)) {
        snprintf(why, SETTINGS_WHY_BYTES,
                 _("%s: the value contains \" #\"; a comment needs a line of its own"),
                 rows[i].name);
        return false;
    }
    char *text = s->file.p + (value.p - s->file.p);
    text[value.n] = '\0';
    return set(s, (unsigned)i, rows[i].name, text,
               (struct settings_origin){SETTINGS_FILE, line, NULL}, why);
}

bool settings_parse(struct settings *s, char why[SETTINGS_WHY_BYTES])
{
    buf_add_char(&s->file, '\n');
    struct key_value_file file = {.rest = buf_span(&s->file)};
    struct span name, value;
    enum key_value found;
    const char *wrong;
    char error[SETTINGS_WHY_BYTES];
    while ((found = key_value_next(&file, &name, &value, &wrong)) == KEY_VALUE_GIVEN &&
           take_setting(s, name, value, file.line, error))
        ;
    if (found == KEY_VALUE_NONE)
        return true;
    snprintf(why, SETTINGS_WHY_BYTES, "%.200s:%u: %.280s", s->path, file.line,
             found == KEY_VALUE_WRONG ? _(wrong) : error);
    return false;
}

static enum error_code read_file(struct settings *s)
{
    char why[SETTINGS_WHY_BYTES];
    const char *none;
    if (!state_path(s->path, OS_ENVIRONMENT_CONFIG, "config", &none)) {
        s->path[0] = '\0';
        return ERROR_NONE;
    }
    if (!os_file_load_path(s->path, &s->file)) {
        if (errno == ENOENT || errno == ENOTDIR)
            return ERROR_NONE;
        return error_say(ERROR_CONFIG, _("%s: cannot read the file: %s"), s->path,
                         errno == EINVAL ? _("not a regular file") : _(os_error_text(errno)));
    }
    return settings_parse(s, why) ? ERROR_NONE : error_say(ERROR_CONFIG, "%s", why);
}

/* --- all of them --- */

void settings_init(struct settings *s)
{
    char why[SETTINGS_WHY_BYTES];
    *s = (struct settings){.path = ""};
    buf_init(&s->file, FILE_LIMIT + 1);
    for (unsigned i = 0; i < SETTINGS_COUNT; i++)
        set(s, i, "", rows[i].standard, (struct settings_origin){SETTINGS_DEFAULT, 0, NULL}, why);
}

/* The value of a variable, or NULL if it is not set or empty. */
static const char *variable_value(const char *name)
{
    const char *value = os_environment(name);
    return value && *value ? value : NULL;
}

/* Takes the first variable of other programs that stands for the default. */
static void take_instead(struct settings *s, unsigned i)
{
    char why[SETTINGS_WHY_BYTES];
    for (size_t n = 0; n < INSTEAD && rows[i].instead[n]; n++) {
        const char *name = rows[i].instead[n], *value = variable_value(name);
        if (!value)
            continue;
        set(s, i, name, value, (struct settings_origin){SETTINGS_DEFAULT, 0, name}, why);
        return;
    }
}

static bool take_variable(struct settings *s, unsigned i, char *why)
{
    char name[VARIABLE_BYTES];
    name_variable(&rows[i], name);
    const char *value = variable_value(name);
    return !value ||
           set(s, i, name, value, (struct settings_origin){SETTINGS_VARIABLE, 0, NULL}, why);
}

static bool take_option(struct settings *s, unsigned i, const char *value, char *why)
{
    char name[VARIABLE_BYTES];
    snprintf(name, sizeof name, "--%s", rows[i].name);
    return !value ||
           set(s, i, name, value, (struct settings_origin){SETTINGS_OPTION, 0, NULL}, why);
}

enum error_code settings_read(struct settings *s, const char *const given[SETTINGS_COUNT])
{
    char why[SETTINGS_WHY_BYTES];
    settings_init(s);
    for (unsigned i = 0; i < SETTINGS_COUNT; i++)
        take_instead(s, i);
    enum error_code code = read_file(s);
    for (unsigned i = 0; i < SETTINGS_COUNT && code == ERROR_NONE; i++)
        if (!take_variable(s, i, why) || !take_option(s, i, given[i], why))
            code = error_say(ERROR_USAGE, "%s", why);
    return code;
}

void settings_free(struct settings *s)
{
    buf_free(&s->file);
}

/* --- printing --- */

static void add_origin(const struct settings *s, unsigned i, struct buf *out)
{
    const struct settings_origin *origin = &s->origin[i];
    char variable[VARIABLE_BYTES];
    switch (origin->source) {
    case SETTINGS_DEFAULT:
        if (origin->instead)
            buf_printf(out, _("the variable %s"), origin->instead);
        else
            buf_add_str(out, _("default"));
        break;
    case SETTINGS_FILE:
        buf_printf(out, "%s:%u", s->path, origin->line);
        break;
    case SETTINGS_VARIABLE:
        name_variable(&rows[i], variable);
        buf_printf(out, _("the variable %s"), variable);
        break;
    case SETTINGS_OPTION:
        buf_add_str(out, _("option"));
        break;
    }
}

static void add_value(const struct settings *s, unsigned i, struct buf *out)
{
    rows[i].type->print(&rows[i], (const char *)s + rows[i].offset, out);
}

void settings_print(const struct settings *s, struct buf *out)
{
    for (unsigned i = 0; i < SETTINGS_COUNT; i++) {
        buf_add_str(out, "# ");
        add_origin(s, i, out);
        buf_printf(out, "\n%s = ", rows[i].name);
        size_t start = out->n;
        add_value(s, i, out);
        if (out->n == start && out->n > 0)
            buf_erase(out, start - 1, 1);
        buf_add_char(out, '\n');
    }
}

void settings_show(const struct settings *s, struct buf *out)
{
    for (unsigned i = 0; i < SETTINGS_COUNT; i++) {
        buf_printf(out, "%s: ", rows[i].name);
        size_t start = out->n;
        add_value(s, i, out);
        buf_printf(out, "%s (", out->n == start ? _("none") : "");
        add_origin(s, i, out);
        buf_add_str(out, ")\n");
    }
}
