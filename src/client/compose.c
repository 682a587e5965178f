#include "client/compose.h"

#include "client/prompt.h"

bool compose_read(struct buf *body, struct buf *line)
{
    buf_clear(body);
    for (bool first = true; prompt_line(line, ""); first = false) {
        if (span_eq(buf_span(line), SPAN(".")))
            return true;
        if (!first)
            buf_add_char(body, '\n');
        buf_add(body, buf_span(line));
    }
    return false;
}
