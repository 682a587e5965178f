/* SPDX-License-Identifier: ISC */
/*
 * Redirected input: a console is not known yet.
 */
#include "os/tty.h"

#include "file_private.h"

#define PART_BYTES 8192

bool os_tty_is_terminal(int fd)
{
    (void)fd;
    return false;
}

unsigned os_tty_columns(int fd)
{
    (void)fd;
    return 0;
}

bool os_tty_line(struct buf *line, bool echo)
{
    char c;
    int64_t n;
    (void)echo;
    buf_clear(line);
    if ((n = os_file_read_next(0, &c, 1)) <= 0)
        return false;
    for (; n > 0 && c != '\n'; n = os_file_read_next(0, &c, 1))
        buf_add_char(line, c);
    return buf_ok(line);
}

bool os_tty_part(struct buf *text, bool *end)
{
    char *room = buf_space(text, PART_BYTES);
    int64_t n = room ? os_file_read_next(0, room, PART_BYTES) : -1;
    *end = n == 0;
    if (n > 0)
        buf_added(text, (size_t)n);
    return n >= 0;
}

bool os_tty_enter(int *before)
{
    (void)before;
    return false;
}

void os_tty_leave(int before)
{
    (void)before;
}

void os_tty_say(const char *text)
{
    (void)text;
}

bool os_tty_wait(int fd, int64_t until_ms)
{
    (void)fd;
    (void)until_ms;
    return true;
}

void os_tty_meanwhile(const struct os_tty_aside *aside)
{
    (void)aside;
}

void os_tty_forget(void)
{
}

bool os_tty_raw_begin(void)
{
    return false;
}

void os_tty_raw_end(void)
{
}

enum os_tty_event os_tty_raw_wait(int fd, int64_t until_ms, char *bytes, size_t size, size_t *n)
{
    (void)fd;
    (void)until_ms;
    (void)bytes;
    (void)size;
    *n = 0;
    return OS_TTY_ENDED;
}

void os_tty_raw_at_end(void (*act)(void *ctx), void *ctx)
{
    (void)act;
    (void)ctx;
}

void os_tty_raw_stop(void)
{
}

void os_tty_size(unsigned *columns, unsigned *rows)
{
    *columns = 80;
    *rows = 24;
}

bool os_tty_key(void)
{
    struct buf line;
    buf_init(&line, 0);
    return os_tty_line(&line, true) || !buf_ok(&line);
}
