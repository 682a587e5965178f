/* SPDX-License-Identifier: ISC */
#include "client/error.h"

#include <stdarg.h>
#include <stdio.h>

#include "client/language.h"
#include "client/progress.h"
#include "client/view.h"
#include "client/wrap.h"
#include "os/tty.h"
#include "proto/status.h"

#define STDOUT 1
#define STDERR 2

/* The protocol gives reasons only in words. This knows the words of this project's own server. */
static enum error_code error_of_noop(struct span words)
{
    static const enum status temporary[] = {ST_FULL,     ST_DISK_FULL, ST_READ_ONLY, ST_NO_MEMORY,
                                            ST_NO_FILES, ST_BUSY,      ST_IO};
    if (span_eq(words, span_str(status_text(ST_NO_USER))) ||
        span_eq(words, span_str(status_text(ST_NO_MEMBERS))))
        return ERROR_NO_USER;
    for (size_t i = 0; i < sizeof temporary / sizeof temporary[0]; i++)
        if (span_eq(words, span_str(status_text(temporary[i]))))
            return ERROR_TEMPORARY;
    if (span_starts(words, span_str(status_text(ST_TOO_OFTEN))))
        return ERROR_TEMPORARY;
    return ERROR_DATA;
}

enum error_code error_of(enum reply_result result, struct span words)
{
    switch (result) {
    case REPLY_OK:
    case REPLY_END:
        return ERROR_NONE;
    case REPLY_NOOP:
        return error_of_noop(words);
    case REPLY_EXIT:
    case REPLY_LOST:
    case REPLY_TIMEOUT:
        return ERROR_TEMPORARY;
    case REPLY_BROKEN:
        return ERROR_PROTOCOL;
    case REPLY_MEMORY:
        return ERROR_SOFTWARE;
    case REPLY_NOBODY:
        return ERROR_UNAVAILABLE;
    }
    return ERROR_SOFTWARE;
}

enum error_code error_say(enum error_code code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    progress_hide();
    fputs("pochta: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    fflush(stderr);
    va_end(args);
    return code;
}

void error_note(const char *format, ...)
{
    struct buf text, shown;
    size_t column = 0;
    va_list args;
    buf_init(&text, SIZE_MAX / 2);
    buf_init(&shown, SIZE_MAX / 2);
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    wrap_text(&shown, buf_span(&text), os_tty_columns(STDERR), &column);
    fprintf(stderr, "%.*s", SPAN_PRINTF(buf_span(&shown)));
    fflush(stderr);
    buf_free(&text);
    buf_free(&shown);
}

void error_nothing(const char *text)
{
    if (os_tty_is_terminal(STDOUT))
        error_say(ERROR_NOTHING, "%s", text);
}

/* A text that is empty could not be made. */
static struct span text_or_why_not(const struct buf *text)
{
    return text->n > 0 ? buf_span(text) : span_str(_("out of memory"));
}

enum error_code error_why(enum error_code code, struct buf *why)
{
    if (code != ERROR_NONE)
        error_say(code, "%.*s", SPAN_PRINTF(text_or_why_not(why)));
    buf_free(why);
    return code;
}

enum error_code error_reply(const char *what, enum reply_result result, struct span words)
{
    struct buf text;
    buf_init(&text, SIZE_MAX);
    view_safe(&text, words, VIEW_ROW);
    struct span safe = text_or_why_not(&text);
    enum error_code code = error_say(error_of(result, words), "%s: %.*s", what, SPAN_PRINTF(safe));
    buf_free(&text);
    return code;
}
