/* SPDX-License-Identifier: ISC */
#include "admin/batch_line.h"

#include "admin/quota.h"
#include "os/crypt.h"
#include "store/account_file.h"

#define YESCRYPT_BYTES 43 /* of the last part of a hash */

bool batch_line_is_empty(struct span line)
{
    return line.n == 0 || line.p[0] == '#';
}

/* Whether s has only characters of crypt's base 64. */
static bool is_base64(struct span s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '.' && c <= '9')))
            return false;
    }
    return true;
}

/*
 * Whether a password begins like a hash of crypt(3): $y$ or $6$. A hash that is truncated or not a
 * yescrypt hash must not become a password that nobody knows.
 */
static bool looks_hashed(struct span s)
{
    struct span kind;
    if (s.n == 0 || s.p[0] != '$')
        return false;
    s = span_skip(s, 1);
    if (!span_cut(&s, '$', &kind) || kind.n == 0)
        return false;
    for (size_t i = 0; i < kind.n; i++) {
        char c = kind.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'))
            return false;
    }
    return true;
}

/* $y$PARAMETERS$SALT$HASH */
static bool is_yescrypt(struct span s)
{
    struct span parameters, salt;
    if (s.n >= OS_CRYPT_HASH_BYTES || !span_starts(s, SPAN("$y$")))
        return false;
    s = span_skip(s, SPAN("$y$").n);
    return span_cut(&s, '$', &parameters) && parameters.n > 0 && is_base64(parameters) &&
           span_cut(&s, '$', &salt) && is_base64(salt) && s.n == YESCRYPT_BYTES && is_base64(s);
}

static bool read_quota(struct span *rest, bool given, uint64_t *quota)
{
    *quota = ACCOUNT_QUOTA_STANDARD;
    return !given || quota_parse(span_take(rest, '\t'), quota);
}

const char *batch_line_parse(struct span line, struct batch_line *l)
{
    size_t tabs = span_count(line, '\t');
    if (tabs < 1 || tabs > 3)
        return "a line has two to four columns, separated by tabs: name, password or hash, quota "
               "of bytes, quota of messages";
    if (!name_fold(span_take(&line, '\t'), l->name))
        return NAME_RULE;
    l->secret = span_take(&line, '\t');
    l->hashed = looks_hashed(l->secret);
    if (l->hashed && !is_yescrypt(l->secret))
        return "not a yescrypt hash ($y$...); a password cannot begin like a hash";
    if (!l->hashed && !name_password_ok(l->secret))
        return PASSWORD_RULE;
    if (!read_quota(&line, tabs > 1, &l->quota_bytes) ||
        !read_quota(&line, tabs > 2, &l->quota_messages))
        return "not " QUOTA_RULE;
    return NULL;
}
