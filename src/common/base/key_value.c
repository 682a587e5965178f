/* SPDX-License-Identifier: ISC */
#include "base/key_value.h"

#include <string.h>

enum key_value key_value_next(struct key_value_file *file, struct span *key, struct span *value,
                              const char **why)
{
    while (file->rest.n > 0) {
        struct span line = span_line(file->rest);
        file->rest = span_skip(file->rest, line.n);
        file->line++;
        if (span_find(line, '\0') < line.n) {
            *why = "the line contains a NUL byte; this must be a text file";
            return KEY_VALUE_WRONG;
        }
        line = span_trim(line);
        if (line.n == 0 || line.p[0] == '#')
            continue;
        if (!span_cut(&line, '=', key)) {
            *why = "not a line \"key = value\", and no comment, which begins with #";
            return KEY_VALUE_WRONG;
        }
        *key = span_trim(*key);
        *value = span_trim(line);
        return KEY_VALUE_GIVEN;
    }
    return KEY_VALUE_NONE;
}

bool key_value_is(struct span key, const char *name)
{
    for (size_t i = 0; i < key.n; i++)
        if (!name[i] || (key.p[i] != name[i] && !(key.p[i] == '_' && name[i] == '-')))
            return false;
    return name[key.n] == '\0';
}

bool key_value_has_comment(struct span value)
{
    for (size_t i = 0; i < value.n; i++)
        if (value.p[i] == '#' && (i == 0 || strchr(" \t", value.p[i - 1])))
            return true;
    return false;
}
