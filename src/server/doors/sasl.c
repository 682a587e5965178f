/* SPDX-License-Identifier: ISC */
#include "doors/sasl.h"

#include <string.h>

#include "doors/line.h"
#include "mime/encoding.h"
#include "os/crypt.h"
#include "proto/name.h"
#include "session/doors_service.h"
#include "session/login.h"

bool sasl_decode(struct span base64, char out[SASL_BYTES], size_t *n)
{
    char room[LINE_BYTES + 1];
    struct buf decoded;
    *n = 0;
    if (span_eq(base64, SPAN("=")))
        return true;
    buf_init_room(&decoded, room, sizeof room);
    bool ok = encoding_decode(ENCODING_BASE64, base64, &decoded, n) && *n <= SASL_BYTES;
    if (ok)
        memcpy(out, room, *n);
    os_crypt_wipe(room, sizeof room);
    return ok;
}

bool sasl_plain(struct span response, struct sasl_plain *p)
{
    struct span rest = response;
    if (!span_cut(&rest, '\0', &p->as) || !span_cut(&rest, '\0', &p->user))
        return false;
    p->password = rest;
    return span_find(rest, '\0') == rest.n;
}

/* Many mail programs log in with the user's mail address. Leaves out a domain of ours. */
static struct span name_in(const struct session *s, struct span user)
{
    size_t at = span_find(user, '@');
    bool ours = at < user.n && s->service->doors &&
                doors_is_ours(s->service->doors, span_skip(user, at + 1));
    return ours ? span_first(user, at) : user;
}

bool sasl_is_foreign(const struct session *s, const struct sasl_plain *p)
{
    char as[NAME_BYTES + 1], user[NAME_BYTES + 1];
    if (p->as.n == 0 || span_eq(p->as, p->user))
        return false;
    return !name_fold(name_in(s, p->as), as) || !name_fold(name_in(s, p->user), user) ||
           strcmp(as, user) != 0;
}

enum status sasl_login(struct session *s, struct span user, struct span password)
{
    char name[NAME_BYTES + 1], secret[PASSWORD_BYTES + 1];
    if (!name_fold(name_in(s, user), name) || !name_password_ok(password))
        return ST_WRONG_PASSWORD;
    memcpy(secret, password.p, password.n);
    secret[password.n] = '\0';
    enum status st = login_start(s, name, secret);
    os_crypt_wipe(secret, sizeof secret);
    return st;
}
