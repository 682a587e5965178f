#include "client/fault.h"

#include <stdarg.h>
#include <stdio.h>

#include "client/view.h"

enum exits fault_say(enum exits code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("pochta: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    return code;
}

enum exits fault_reply(const char *what, enum reply_result result, struct span words)
{
    struct buf text;
    buf_init(&text, SIZE_MAX);
    view_safe(&text, words, VIEW_ROW);
    struct span safe = buf_span(&text);
    enum exits code = fault_say(exits_of_reply(result, words), "%s: %.*s", what, SPAN_PRINTF(safe));
    buf_free(&text);
    return code;
}
