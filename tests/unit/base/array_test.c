/* SPDX-License-Identifier: ISC */
#include "base/array.h"

#include <stdint.h>
#include <stdlib.h>

#include "tap.h"

static void test_room(void)
{
    size_t *all = NULL, n = 0, cap = 0, moves = 0;
    bool same = true;
    for (; n < 1000; n++) {
        size_t before = cap;
        size_t *grown = array_room(all, n, &cap, sizeof *all);
        if (!grown)
            break;
        all = grown;
        all[n] = n;
        moves += cap != before;
    }
    for (size_t i = 0; i < n; i++)
        same = same && all[i] == i;
    is_int(n, 1000, "array_room: there is room for each element");
    ok(same && cap >= n, "... and each stays");
    ok(moves < 10, "... the array doubles");
    size_t before = cap;
    ok(array_room(all, cap - 1, &cap, sizeof *all) == all && cap == before,
       "... it does not grow while there is room");
    cap = SIZE_MAX / 4;
    ok(!array_room(all, cap, &cap, sizeof *all) && cap == SIZE_MAX / 4 && all && all[999] == 999,
       "... nothing is changed if it cannot grow");
    free(all);
}

int main(void)
{
    test_room();
    return done_testing();
}
