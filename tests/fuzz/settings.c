/* SPDX-License-Identifier: ISC */
/*
 * The client's configuration file: what is taken is the same when it is printed and read again, if
 * printing needs no escapes.
 */
#include "client/settings.h"

#include "fuzz.h"

/* Reads text as the file, and prints all settings. Whether it is right. */
static bool read_back(struct span text, struct buf *printed)
{
    struct settings s;
    char why[SETTINGS_WHY_BYTES] = "";
    settings_init(&s);
    strcpy(s.path, "file");
    buf_add(&s.file, text);
    bool good = settings_parse(&s, why);
    must(good || (strncmp(why, "file:", 5) == 0 && strlen(why) < sizeof why));
    buf_init(printed, SIZE_MAX / 2);
    for (unsigned i = 0; i < SETTINGS_COUNT; i++)
        s.origin[i].source = SETTINGS_DEFAULT;
    if (good)
        settings_print(&s, printed);
    settings_free(&s);
    return good;
}

static bool is_plain(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((s.p[i] < ' ' || s.p[i] > '~') && !strchr("\t\r\n", s.p[i]))
            return false;
    return true;
}

void fuzz_one(struct span in)
{
    struct buf first, second;
    if (read_back(in, &first) && is_plain(in)) {
        must(read_back(buf_span(&first), &second));
        must(span_eq(buf_span(&first), buf_span(&second)));
        buf_free(&second);
    }
    buf_free(&first);
}
