#include "proto/token.h"

bool token_ok(struct span s)
{
    if (s.n < TOKEN_MIN || s.n > TOKEN_MAX)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f'))
            return false;
    }
    return true;
}
