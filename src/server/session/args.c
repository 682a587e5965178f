/* SPDX-License-Identifier: ISC */
#include "session/args.h"

#include <string.h>

#include "os/clock.h"
#include "proto/escape.h"
#include "proto/token.h"
#include "session/reply.h"

#define DAY_S INT64_C(86400) /* how far clocks may be apart */

bool args_unescape(struct session *s, struct span *arg)
{
    if (s->dialect.version < 2 || arg->n == 0) /* an empty argument may point anywhere */
        return true;
    if (escape_undo(*arg, s->in.p + (arg->p - s->in.p), &arg->n))
        return true;
    reply_noop(s, ESCAPE_RULE);
    return false;
}

bool args_number(struct session *s, struct span arg, uint64_t *number)
{
    if (span_number(arg, number))
        return true;
    reply_noop(s, ARGS_NUMBER_RULE);
    return false;
}

bool args_state(struct session *s, struct span arg, enum mail_state *state)
{
    uint64_t number = MESSAGE_DELETED;
    span_u64(arg, MESSAGE_UNREAD, &number);
    *state = number == MESSAGE_UNREAD ? MAIL_UNREAD : MAIL_NORMAL;
    if (number != MESSAGE_DELETED)
        return true;
    reply_noop(s, ARGS_STATE_RULE);
    return false;
}

bool args_date(struct session *s, struct span arg, int64_t *time)
{
    struct tm tm;
    bool utc;
    if (message_date_parse(arg, &tm, &utc) && utc) {
        *time = os_clock_from_utc(&tm);
        if (*time >= 0 && *time <= os_clock_now() + DAY_S)
            return true;
    }
    reply_noop(s, ARGS_DATE_RULE);
    return false;
}

bool args_name(struct session *s, struct span arg, char name[NAME_BYTES + 1])
{
    if (name_fold(arg, name))
        return true;
    reply_noop(s, NAME_RULE);
    return false;
}

bool args_password(struct session *s, struct span arg, char password[PASSWORD_BYTES + 1])
{
    if (!name_password_ok(arg)) {
        reply_noop(s, PASSWORD_RULE);
        return false;
    }
    memcpy(password, arg.p, arg.n);
    password[arg.n] = '\0';
    return true;
}

bool args_token(struct session *s, const struct span *arg, size_t nargs, size_t at,
                struct span *token)
{
    *token = nargs > at ? arg[at] : SPAN("");
    if (nargs <= at || token_ok(*token))
        return true;
    reply_noop(s, TOKEN_RULE);
    return false;
}
