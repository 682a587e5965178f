/* SPDX-License-Identifier: ISC */
#include "client/prompt.h"

#include <stdio.h>

#include "os/tty.h"

static void show(const char *text)
{
    fputs(text, stdout);
    fflush(stdout);
}

bool prompt_line(struct buf *line, const char *text)
{
    for (;;) {
        show(text);
        if (os_tty_line(line, true))
            return true;
        if (buf_ok(line))
            break;
        printf("This line is too long: at most %zu bytes.\n", line->limit);
    }
    show("\n");
    return false;
}

bool prompt_name(struct buf *line, const char *text, const char *preset)
{
    char folded[NAME_BYTES + 1];
    while (prompt_line(line, text)) {
        if (line->n == 0 && preset)
            buf_add_str(line, preset);
        if (name_fold(buf_span(line), folded))
            return true;
        printf("This is not a name: %s.\n", NAME_RULE);
    }
    return false;
}

bool prompt_id(struct buf *line, const char *text)
{
    uint64_t id;
    while (prompt_line(line, text)) {
        if (span_u64(buf_span(line), UINT64_MAX, &id)) {
            buf_clear(line);
            return buf_add_u64(line, id, 0);
        }
        printf("This is not a message ID: it is a decimal number.\n");
    }
    return false;
}

bool prompt_message(struct buf *body, struct buf *line)
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

bool prompt_password(struct secret *s, const char *text)
{
    for (;;) {
        show(text);
        switch (secret_ask(s)) {
        case SECRET_OK:
            return true;
        case SECRET_NONE:
            show("\n");
            return false;
        case SECRET_BAD:
            printf("This is not a password: %s.\n", PASSWORD_RULE);
        }
    }
}

bool prompt_yes(struct buf *line, const char *text, bool *yes)
{
    while (prompt_line(line, text)) {
        char c = line->n == 1 ? line->p[0] : '\0';
        *yes = c == 'y' || c == 'Y';
        if (*yes || c == 'n' || c == 'N')
            return true;
        printf("Enter y or n.\n");
    }
    return false;
}

bool prompt_key(const char *text)
{
    show(text);
    bool pressed = os_tty_key();
    show("\n");
    return pressed;
}
