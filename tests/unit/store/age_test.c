/* SPDX-License-Identifier: ISC */
#include "store/age.h"

#include "tap.h"

#define NOW INT64_C(1512316293)

int main(void)
{
    struct age a;

    age_begin(&a, NOW, 100);
    is_int(age_look(&a, NOW, 100), 0, "age: a clock that has just been looked at was not set");
    ok(!age_is_known(&a, 100), "age: at the start nothing is known");
    is_int(age_look(&a, NOW + 3599, 3699), 0, "age: a clock that runs was not set");
    ok(!age_is_known(&a, 3699), "age: an hour less a second is not enough");
    ok(age_is_known(&a, 3700), "age: an hour is enough");
    for (int64_t i = 0; i < 100; i++)
        if (age_look(&a, NOW + 3600 + i * 60, 3700) != 0)
            ok(false, "age: step %d of a minute counts", (int)i);
    ok(age_is_known(&a, 3700), "age: many small steps leave it known");
    is_int(age_look(&a, NOW + 3600 + 99 * 60 + 86400, 3700), 86400, "age: a day ahead is noticed");
    ok(!age_is_known(&a, 3700), "age: ... and nothing is known any more");
    is_int(age_look(&a, NOW + 3600 + 99 * 60 + 86401, 3701), 0, "age: ... it is noticed once");
    ok(age_is_known(&a, 3700 + 3600), "age: an hour later it is known again");
    is_int(age_look(&a, 0, 7301), -(NOW + 3600 + 99 * 60 + 86401 + 3600),
           "age: a clock that is set back to 1970 is noticed");
    ok(!age_is_known(&a, 7301), "age: ... and nothing is known");
    return done_testing();
}
