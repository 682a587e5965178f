/* SPDX-License-Identifier: ISC */
/* A log's line: whatever the values, it is one line of fields, within its limit. */
#include "log/event.h"

#include "event_line.h"
#include "fuzz.h"

void fuzz_one(struct span in)
{
    size_t size = EVENT_LEAST_BYTES + fuzz_below(&in, 1000);
    struct event e;

    event_begin(&e, "x", (enum event_level)fuzz_below(&in, EVENT_DEBUG + 1));
    e.ms = (int64_t)fuzz_byte(&in) - 1;
    while (in.n > 0 && e.n < EVENT_FIELDS) {
        size_t n = fuzz_below(&in, 600);
        if (n < 590)
            event_text(&e, "k", fuzz_bytes(&in, n));
        else
            event_number(&e, "n", n);
    }
    char *line = malloc(size);
    if (!line)
        abort();
    size_t n = event_write(&e, line, size);
    must(n < size && n == strlen(line) && event_line_ok(line));
    free(line);
}
