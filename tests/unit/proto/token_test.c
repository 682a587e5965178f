#include "proto/token.h"

#include "random.h"
#include "tap.h"

int main(void)
{
    char longest[TOKEN_MAX + 1];
    int wrong = 0;

    memset(longest, 'a', sizeof longest);
    ok(token_ok(SPAN("0123456789abcdef")), "the shortest");
    ok(!token_ok(SPAN("0123456789abcde")), "a digit too short");
    ok(token_ok(span_of(longest, TOKEN_MAX)), "the longest");
    ok(!token_ok(span_of(longest, TOKEN_MAX + 1)), "a digit too long");
    ok(!token_ok(SPAN("")), "an empty one");
    for (int i = 0; i < 256; i++) {
        bool hex = (i >= '0' && i <= '9') || (i >= 'a' && i <= 'f');
        longest[0] = (char)i;
        struct span token = exact(span_of(longest, TOKEN_MIN));
        wrong += token_ok(token) != hex;
        exact_free(token);
    }
    is_int(wrong, 0, "every byte");
    return done_testing();
}
