/* SPDX-License-Identifier: ISC */
#include "store/programs.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "os/file.h"
#include "store/key_line.h"
#include "store/layout.h"

#define FILE_BYTES 256 /* at most */

/* Takes a number and the dot after it off a version: 0 if there is none. */
static uint64_t take_number(struct span *s)
{
    uint64_t n = 0;
    return span_u64(span_take(s, '.'), UINT64_MAX, &n) ? n : 0;
}

int programs_compare(const char *a, const char *b)
{
    struct span x = span_str(a), y = span_str(b);
    int order = 0;
    while (order == 0 && (x.n > 0 || y.n > 0)) {
        uint64_t m = take_number(&x), n = take_number(&y);
        order = (m > n) - (m < n);
    }
    return order;
}

static bool take_version(struct span *s, struct span key, char version[PROGRAMS_VERSION_BYTES])
{
    return key_line_take_text(s, key, version, PROGRAMS_VERSION_BYTES) && *version &&
           strspn(version, "0123456789.") == strlen(version);
}

bool programs_parse(struct span s, struct programs *p)
{
    *p = (struct programs){.now = ""};
    return take_version(&s, SPAN("now "), p->now) &&
           (s.n == 0 || take_version(&s, SPAN("before "), p->before)) && s.n == 0;
}

static bool load(int dir, struct programs *p)
{
    struct buf text;
    buf_init(&text, FILE_BYTES);
    bool ok = os_file_load(dir, LAYOUT_PROGRAMS, &text) && programs_parse(buf_span(&text), p);
    buf_free(&text);
    return ok;
}

void programs_load(int dir, struct programs *p)
{
    if (!load(dir, p))
        *p = (struct programs){.now = PROGRAMS_EARLIER};
}

bool programs_note(int dir, bool is_new, const char *version)
{
    struct programs p;
    char text[FILE_BYTES];
    programs_load(dir, &p);
    if (strcmp(p.now, version) == 0)
        return true;
    int n = is_new ? snprintf(text, sizeof text, "now %s\n", version)
                   : snprintf(text, sizeof text, "now %s\nbefore %s\n", version, p.now);
    return os_file_replace(dir, LAYOUT_PROGRAMS, span_of(text, (size_t)n));
}
