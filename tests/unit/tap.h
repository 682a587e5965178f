/* SPDX-License-Identifier: ISC */
/*
 * tap: what a unit test says to prove(1). A test is a program: it states what should be so and ends
 * with `return done_testing();`.
 */
#ifndef TAP_H
#define TAP_H

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
    int count, failed;
} tap;

#define diag(...) (printf("# "), printf(__VA_ARGS__), printf("\n"))

/* States that a condition holds; what follows says in printf's words what it means. */
#define ok(condition, ...) (tap_result((condition), __LINE__, #condition), tap_means(__VA_ARGS__))
#define is_int(got, want, ...) \
    (tap_int((intmax_t)(got), (intmax_t)(want), __LINE__), tap_means(__VA_ARGS__))
#define is_str(got, want, ...) (tap_str((got), (want), __LINE__), tap_means(__VA_ARGS__))

static inline void tap_result(bool good, int line, const char *what)
{
    tap.failed += !good;
    if (!good)
        diag("line %d: %s", line, what);
    printf("%sok %d - ", good ? "" : "not ", ++tap.count);
}

static inline void tap_int(intmax_t got, intmax_t want, int line)
{
    if (got != want)
        diag("got %jd, want %jd", got, want);
    tap_result(got == want, line, "the numbers differ");
}

static inline void tap_str(const char *got, const char *want, int line)
{
    if (strcmp(got, want) != 0)
        diag("got \"%s\", want \"%s\"", got, want);
    tap_result(strcmp(got, want) == 0, line, "the texts differ");
}

/* Ends the line; after a failure the test, too, if STOP_AT_FAILURE is in the environment. */
__attribute__((format(__printf__, 1, 2))) static inline void tap_means(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    printf("\n");
    if (tap.failed > 0 && getenv("STOP_AT_FAILURE"))
        exit(1);
}

static inline int done_testing(void)
{
    printf("1..%d\n", tap.count);
    return tap.failed > 0;
}

#endif
