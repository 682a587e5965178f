/* SPDX-License-Identifier: ISC */
/*
 * token: the client's mark on a Send, by which the server recognizes a repeated one (PROTOCOL 5).
 * Pure.
 */
#ifndef PROTO_TOKEN_H
#define PROTO_TOKEN_H

#include "base/span.h"

#define TOKEN_MIN  16
#define TOKEN_MAX  64
#define TOKEN_RULE "a token has 16 to 64 of 0-9 a-f"

/* Checks a token against TOKEN_RULE. */
bool token_ok(struct span s);

#endif
