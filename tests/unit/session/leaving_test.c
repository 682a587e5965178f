/* SPDX-License-Identifier: ISC */
#include "session/leaving.h"

#include "tap.h"

int main(void)
{
    struct leaving l = {0};

    ok(!leaving_has_begun(&l) && !leaving_refuses(&l, INT64_MAX), "leaving: a server stays");
    ok(leaving_begin(&l, 5000), "leaving_begin: the server is leaving");
    ok(leaving_has_begun(&l), "... at once");
    ok(!leaving_refuses(&l, 4999) && leaving_refuses(&l, 5000),
       "... and refuses clients from then on");
    ok(!leaving_begin(&l, 5000) && !leaving_begin(&l, 5001),
       "leaving_begin: a later time is ignored");
    ok(!leaving_refuses(&l, 4999) && leaving_refuses(&l, 5000), "... the first one counts");
    ok(leaving_begin(&l, 4000), "leaving_begin: an earlier time is taken");
    ok(!leaving_refuses(&l, 3999) && leaving_refuses(&l, 4000), "... and counts from then on");
    return done_testing();
}
