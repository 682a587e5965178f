/* SPDX-License-Identifier: ISC */
/* A configuration's file: what is taken is the same when it is printed and read again. */
#include "config/config.h"

#include "config/config_private.h"
#include "fuzz.h"

static void print(const struct config *c, struct buf *out)
{
    const struct config_key *key;

    for (unsigned i = 0; (key = config_key(i)); i++)
        for (unsigned n = 0; n < c->origin[i].n; n++) {
            buf_printf(out, "%s =", key->name);
            key->type->print(key, config_value(c, key), n, out);
            buf_add_char(out, '\n');
        }
}

void fuzz_one(struct span in)
{
    static struct config c, again;
    char why[CONFIG_WHY_BYTES] = "";
    struct buf first, second, restart;

    config_set_defaults(&c);
    if (!config_parse(&c, "file", in, why)) {
        must(strncmp(why, "file:", 5) == 0 && strlen(why) < sizeof why);
        return;
    }
    buf_init(&first, SIZE_MAX / 2);
    buf_init(&second, SIZE_MAX / 2);
    buf_init(&restart, SIZE_MAX / 2);
    print(&c, &first);
    config_set_defaults(&again);
    must(config_parse(&again, "file", buf_span(&first), why));
    print(&again, &second);
    must(span_eq(buf_span(&first), buf_span(&second)));
    config_adopt(&c, &again, &restart);
    must(restart.n == 0);
    buf_free(&first);
    buf_free(&second);
    buf_free(&restart);
}
