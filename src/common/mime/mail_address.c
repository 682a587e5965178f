/* SPDX-License-Identifier: ISC */
#include "mime/mail_address.h"

#include <string.h>

static bool is_control(char c)
{
    return (unsigned char)c < ' ' || c == 0x7f;
}

/* Whether a byte may stand in a word without quotes. A dot stands between words. */
static bool is_atom(char c)
{
    return !is_control(c) && c != ' ' && !strchr("()<>[]:;@\\,.\"", c);
}

static bool is_domain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || (unsigned char)c >= 0x80;
}

/* The first byte, or a NUL, which may stand nowhere. */
static char first(struct span s)
{
    return s.n > 0 ? s.p[0] : '\0';
}

/* Skips spaces, line ends and comments, which may be nested. A comment that does not end stays, and
 * belongs nowhere. */
static void skip_space(struct span *s)
{
    size_t depth = 0, i = 0, begin = 0;
    for (; i < s->n; i++) {
        char c = s->p[i];
        if (depth > 0 && c == '\\')
            i++;
        else if (c == '(' && depth++ == 0)
            begin = i;
        else if (depth > 0 && c == ')')
            depth--;
        else if (depth == 0 && !span_is_space(c))
            break;
    }
    *s = span_skip(*s, depth > 0 ? begin : i);
}

/* Takes one byte, and the spaces after it, if s begins with it. */
static bool take(struct span *s, char c)
{
    if (first(*s) != c)
        return false;
    *s = span_skip(*s, 1);
    skip_space(s);
    return true;
}

/* Adds a byte to a part of an address. False: the part is too long. */
static bool add(struct mail_address *a, char *room, size_t size, size_t *n, char c)
{
    if (*n == size) {
        a->too_long = true;
        return false;
    }
    room[(*n)++] = c;
    return true;
}

/*
 * The words before a "@", "<" or ":". Whether they are a local part is known only there; words of a
 * name may be longer than one.
 */
struct words {
    size_t n;
    bool local;  /* so far they may be a local part: dots stand between them */
    bool dotted; /* the last one was a dot */
};

static void add_local(struct words *w, struct mail_address *a, char c)
{
    w->local = w->local && add(a, a->local_room, sizeof a->local_room, &a->local_bytes, c);
}

/* Takes a word between quotes. A backslash makes the next character an ordinary one. */
static bool take_quoted(struct span *s, struct words *w, struct mail_address *a)
{
    for (size_t i = 1; i < s->n; i++) {
        char c = s->p[i];
        if (c == '"') {
            *s = span_skip(*s, i + 1);
            return true;
        }
        if (c == '\r' || c == '\n')
            continue; /* folded */
        if (c == '\\' && ++i < s->n)
            c = s->p[i];
        if (is_control(c) && c != '\t')
            return false;
        add_local(w, a, c);
    }
    return false;
}

/* Takes words and dots up to something else. */
static bool take_words(struct span *s, struct words *w, struct mail_address *a)
{
    *w = (struct words){0, true, true};
    a->local_bytes = 0;
    while (s->n > 0) {
        char c = s->p[0];
        if (c != '.' && c != '"' && !is_atom(c))
            break;
        if (c != '.')
            w->local = w->local && w->dotted;
        w->dotted = c == '.';
        if (c == '"') {
            if (!take_quoted(s, w, a))
                return false;
        } else {
            do {
                add_local(w, a, s->p[0]);
                *s = span_skip(*s, 1);
            } while (c != '.' && s->n > 0 && is_atom(s->p[0]));
        }
        w->n++;
        skip_space(s);
    }
    return true;
}

static bool add_domain(struct mail_address *a, char c)
{
    return add(a, a->domain_room, sizeof a->domain_room, &a->domain_bytes, c);
}

/* Takes [192.0.2.1] or [IPv6:::1]. */
static bool take_literal(struct span *s, struct mail_address *a)
{
    size_t n = 1;
    while (n < s->n && (is_domain(s->p[n]) || s->p[n] == '.' || s->p[n] == ':'))
        n++;
    struct span literal = span_first(*s, n + 1);
    a->too_long = literal.n > sizeof a->domain_room;
    if (!span_ends(literal, SPAN("]")) || a->too_long)
        return false;
    memcpy(a->domain_room, literal.p, literal.n);
    a->domain_bytes = literal.n;
    *s = span_skip(*s, literal.n);
    skip_space(s);
    return true;
}

/* Takes a domain: labels with one dot between any two. */
static bool take_domain(struct span *s, struct mail_address *a)
{
    a->domain_bytes = 0;
    if (first(*s) == '[')
        return take_literal(s, a);
    do {
        size_t n = 0;
        while (n < s->n && is_domain(s->p[n]))
            if (!add_domain(a, s->p[n++]))
                return false;
        *s = span_skip(*s, n);
        if (n == 0)
            return false;
        skip_space(s);
    } while (take(s, '.') && add_domain(a, '.'));
    return first(*s) != '.';
}

/* Takes what follows a "<", up to its ">". A route and empty words are allowed only in a path. */
static bool take_angle(struct span *s, struct mail_address *a, bool is_path)
{
    struct words w;
    bool route = false;
    while (is_path && take(s, '@')) {
        if (!take_domain(s, a))
            return false;
        route = true;
        while (take(s, ','))
            ;
    }
    a->domain_bytes = 0;
    if ((route && !take(s, ':')) || !take_words(s, &w, a) || !w.local)
        return false;
    if (w.n == 0 && (!is_path || route))
        return false;
    if (take(s, '@') && !take_domain(s, a))
        return false;
    return first(*s) == '>';
}

enum mail_address_result mail_address_next(struct span *value, struct mail_address *a)
{
    struct words w;
    skip_space(value);
    do {
        while (take(value, ',') || take(value, ';'))
            ;
        if (value->n == 0)
            return MAIL_ADDRESS_END;
        if (!take_words(value, &w, a))
            return MAIL_ADDRESS_BROKEN;
    } while (w.n > 0 && take(value, ':')); /* the name of a group */
    a->domain_bytes = 0;
    bool good = w.n > 0 && w.local;
    if (first(*value) == '<')
        good = take(value, '<') && take_angle(value, a, false) && take(value, '>');
    else if (first(*value) == '@')
        good = good && take(value, '@') && take_domain(value, a);
    return good && (value->n == 0 || value->p[0] == ',' || value->p[0] == ';')
               ? MAIL_ADDRESS_ONE
               : MAIL_ADDRESS_BROKEN;
}

bool mail_address_path(struct span *s, struct mail_address *a)
{
    struct span rest = *s;
    a->too_long = false;
    skip_space(&rest);
    if (!take(&rest, '<') || !take_angle(&rest, a, true))
        return false;
    rest = span_skip(rest, 1);
    if (rest.n > 0 && rest.p[0] != ' ')
        return false;
    *s = rest;
    return true;
}
