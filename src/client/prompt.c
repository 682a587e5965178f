/* SPDX-License-Identifier: ISC */
#include "client/prompt.h"

#include <stdio.h>

#include "os/tty.h"

/* Longer lines may have been cut by a terminal in line mode, without a sign. */
#define TERMINAL_LINE_BYTES 4094

static enum prompt_end end;
static struct prompt_meanwhile *meanwhile;

enum prompt_end prompt_end(void)
{
    return end;
}

void prompt_meanwhile(struct prompt_meanwhile *m)
{
    meanwhile = m;
}

static void show(const char *text)
{
    fputs(text, stdout);
    fflush(stdout);
}

void prompt_above(struct span lines)
{
    fwrite(lines.p, 1, lines.n, stdout);
    fflush(stdout);
}

/* Returns whether the question was answered. */
static bool ends(enum prompt_end how)
{
    end = how;
    return how == PROMPT_ANSWERED;
}

/* Does the other things until there is input. Returns false if they stop the prompt. */
static bool await_input(void)
{
    while (meanwhile && !os_tty_wait(meanwhile->fd, meanwhile->at_ms))
        if (!meanwhile->act(meanwhile))
            return ends(PROMPT_STOPPED);
    return true;
}

bool prompt_line(struct buf *line, const char *text)
{
    for (;;) {
        show(text);
        if (!await_input())
            return false;
        bool whole = os_tty_line(line, true);
        size_t most = line->limit;
        if (os_tty_is_terminal(0) && most > TERMINAL_LINE_BYTES)
            most = TERMINAL_LINE_BYTES;
        if (whole && line->n <= most)
            return ends(PROMPT_ANSWERED);
        if (!whole && buf_ok(line))
            break;
        printf("This line is too long, and was not taken: at most %zu bytes.\n", most);
    }
    show("\n");
    return ends(PROMPT_ENDED);
}

bool prompt_name(struct buf *line, const char *text, const char *preset)
{
    char folded[NAME_BYTES + 1];
    while (prompt_line(line, text)) {
        if (line->n == 0 && !preset)
            return ends(PROMPT_CANCELLED);
        if (line->n == 0)
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
        if (line->n == 0)
            return ends(PROMPT_CANCELLED);
        if (span_u64(buf_span(line), UINT64_MAX, &id)) {
            buf_clear(line);
            return buf_add_u64(line, id, 0);
        }
        printf("This is not a message ID: it is a decimal number.\n");
    }
    return false;
}

bool prompt_text(struct prompt_writer *w)
{
    struct buf line;
    bool ended = false, more = true;
    buf_init(&line, PROMPT_TEXT_BYTES);
    while (more && !ended && prompt_line(&line, "")) {
        ended = span_eq(buf_span(&line), SPAN("."));
        more = ended || w->line(w, buf_span(&line), false);
    }
    buf_free(&line);
    return more ? ended : ends(PROMPT_STOPPED);
}

struct message_writer {
    struct prompt_writer writer; /* first, so that add_line can cast it back */
    struct buf *body;
    bool first;
};

static bool add_line(struct prompt_writer *writer, struct span line, bool pasted)
{
    struct message_writer *w = (struct message_writer *)writer;
    (void)pasted;
    if (!w->first)
        buf_add_char(w->body, '\n');
    w->first = false;
    buf_add(w->body, line);
    return true;
}

bool prompt_message(struct buf *body)
{
    struct message_writer w = {{.line = add_line}, body, true};
    buf_clear(body);
    return prompt_text(&w.writer);
}

bool prompt_password(struct secret *s, const char *text)
{
    for (;;) {
        show(text);
        switch (secret_ask(s)) {
        case SECRET_OK:
            return ends(PROMPT_ANSWERED);
        case SECRET_NONE:
            show("\n");
            return ends(PROMPT_ENDED);
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
        if (line->n == 0)
            return ends(PROMPT_CANCELLED);
        printf("Enter y or n.\n");
    }
    return false;
}

bool prompt_key(const char *text)
{
    show(text);
    bool pressed = os_tty_key();
    show("\n");
    return ends(pressed ? PROMPT_ANSWERED : PROMPT_ENDED);
}
