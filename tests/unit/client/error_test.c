/* SPDX-License-Identifier: ISC */
#include "client/error.h"

#include "client/ended.h"
#include "proto/status.h"
#include "tap.h"

static void test_codes(void)
{
    static const struct {
        enum reply_result result;
        enum error_code code;
    } rows[] = {{REPLY_OK, ERROR_NONE},           {REPLY_END, ERROR_NONE},
                {REPLY_NOOP, ERROR_DATA},         {REPLY_EXIT, ERROR_TEMPORARY},
                {REPLY_LOST, ERROR_TEMPORARY},    {REPLY_TIMEOUT, ERROR_TEMPORARY},
                {REPLY_BROKEN, ERROR_PROTOCOL},   {REPLY_MEMORY, ERROR_SOFTWARE},
                {REPLY_NOBODY, ERROR_UNAVAILABLE}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        is_int(error_of(rows[i].result, SPAN("odd")), rows[i].code, "error_of: result %d",
               (int)rows[i].result);
    is_int(error_of(REPLY_LOST, span_str(status_text(ST_NO_USER))), ERROR_TEMPORARY,
           "error_of: words decide nothing but for Noop");
}

/* The words of this project's server. */
static void test_words(void)
{
    static const struct {
        enum status status;
        enum error_code code;
    } rows[] = {{ST_NO_USER, ERROR_NO_USER},     {ST_FULL, ERROR_TEMPORARY},
                {ST_DISK_FULL, ERROR_TEMPORARY}, {ST_READ_ONLY, ERROR_TEMPORARY},
                {ST_NO_MEMORY, ERROR_TEMPORARY}, {ST_NO_FILES, ERROR_TEMPORARY},
                {ST_BUSY, ERROR_TEMPORARY},      {ST_IO, ERROR_TEMPORARY},
                {ST_NO_MESSAGE, ERROR_DATA},     {ST_USER_EXISTS, ERROR_DATA},
                {ST_INVITE_ONLY, ERROR_DATA},    {ST_TOO_OFTEN, ERROR_TEMPORARY},
                {ST_WRONG_PASSWORD, ERROR_DATA}, {ST_NO_MEMBERS, ERROR_NO_USER}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        is_int(error_of(REPLY_NOOP, span_str(status_text(rows[i].status))), rows[i].code,
               "error_of: %s", status_text(rows[i].status));
    is_int(error_of(REPLY_NOOP, SPAN("too often, wait 5 s")), ERROR_TEMPORARY,
           "error_of: too often, and for how long");
}

static void test_ends(void)
{
    static const struct {
        struct os_end end;
        const char *words;
    } rows[] = {
        {{OS_END_EXIT, 3}, "the command ended with exit code 3"},
        {{OS_END_SIGNAL, 2}, "the command was ended by signal 2 (Interrupt)"},
        {{OS_END_HANG_UP, 0}, "the command closed the connection"},
        {{OS_END_NOT_RUN, 2}, "cannot run the command: No such file or directory"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char words[ENDED_BYTES];
        ended_words(words, &rows[i].end);
        is_str(words, rows[i].words, "ended_words: kind %d", (int)rows[i].end.kind);
    }
}

int main(void)
{
    test_codes();
    test_words();
    test_ends();
    return done_testing();
}
