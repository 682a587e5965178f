/* SPDX-License-Identifier: ISC */
/* The file of a group: what is taken is written again byte for byte, and its members are names. */
#include "store/group_file.h"

#include <string.h>

#include "fuzz.h"

void fuzz_one(struct span in)
{
    static struct group g;
    char folded[NAME_BYTES + 1];
    struct buf out;

    if (!group_file_parse(in, &g))
        return;
    must(g.n <= GROUP_MEMBERS);
    for (size_t i = 0; i < g.n; i++) {
        bool there;
        const char *name = g.members[i].name;
        must(name_fold(span_str(name), folded) && strcmp(folded, name) == 0);
        must(strlen(g.members[i].generation) == STORE_GENERATION_DIGITS);
        must(group_position(&g, name, &there) == i && there);
    }
    buf_init(&out, GROUP_FILE_BYTES);
    group_file_add(&out, &g);
    must(buf_ok(&out) && span_eq(buf_span(&out), in));
    buf_free(&out);
}
