/* SPDX-License-Identifier: ISC */
#include "proto/token.h"

#include "base/digits.h"

bool token_ok(struct span s)
{
    return s.n >= TOKEN_MIN && s.n <= TOKEN_MAX && digits_is_hex(s);
}
