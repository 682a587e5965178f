/* SPDX-License-Identifier: ISC */
#include "proto/token.h"

#include "random.h"
#include "tap.h"

int main(void)
{
    char longest[TOKEN_MAX + 1];
    int wrong = 0;

    memset(longest, 'a', sizeof longest);
    ok(token_ok(SPAN("0123456789abcdef")), "token_ok: the shortest token");
    ok(!token_ok(SPAN("0123456789abcde")), "token_ok: one digit too short");
    ok(token_ok(span_of(longest, TOKEN_MAX)), "token_ok: the longest token");
    ok(!token_ok(span_of(longest, TOKEN_MAX + 1)), "token_ok: one digit too long");
    ok(!token_ok(SPAN("")), "token_ok: an empty token");
    for (int i = 0; i < 256; i++) {
        bool hex = (i >= '0' && i <= '9') || (i >= 'a' && i <= 'f');
        longest[0] = (char)i;
        struct span token = exact(span_of(longest, TOKEN_MIN));
        wrong += token_ok(token) != hex;
        exact_free(token);
    }
    is_int(wrong, 0, "token_ok: every byte, of which only hex digits are allowed");
    return done_testing();
}
