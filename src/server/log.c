#include "log.h"

#include <stdarg.h>
#include <stdio.h>

#include "os_file.h"
#include "span.h"

#define LINE_BYTES     1024
#define STANDARD_ERROR 2

/* Whatever stands in names and paths must not look like another line. */
static void make_printable(char *line, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)line[i] < ' ' || line[i] == 127)
            line[i] = '?';
}

static void write_line(const char *prefix, const char *format, va_list args)
{
    char line[LINE_BYTES];
    int n = snprintf(line, sizeof line, "%s", prefix);
    int more = vsnprintf(line + n, sizeof line - (size_t)n - 1, format, args);
    size_t length = (size_t)n + (more > 0 ? (size_t)more : 0);

    if (length > sizeof line - 2)
        length = sizeof line - 2;
    make_printable(line, length);
    line[length] = '\n';
    os_file_write(STANDARD_ERROR, line, length + 1);
}

void log_info(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    write_line("pochtad: ", format, args);
    va_end(args);
}

void log_trouble(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    write_line("pochtad: trouble: ", format, args);
    va_end(args);
}
