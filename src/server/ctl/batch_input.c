/* SPDX-License-Identifier: ISC */
#include "ctl/batch_input.h"

#include <string.h>

#include "os/crypt.h"
#include "os/file.h"

_Static_assert(BATCH_INPUT_BYTES > BATCH_LINE_BYTES, "there is room for a line and its LF");

void batch_input_init(struct batch_input *in, int fd)
{
    memset(in, 0, sizeof *in);
    in->fd = fd;
}

/* Makes room and reads more. False: errno. At the end of the file sets in->ended. */
static bool read_more(struct batch_input *in)
{
    memmove(in->bytes, in->bytes + in->begin, in->n - in->begin);
    in->n -= in->begin;
    in->begin = 0;
    int64_t got = os_file_read_next(in->fd, in->bytes + in->n, sizeof in->bytes - in->n);
    if (got > 0)
        in->n += (size_t)got;
    in->ended = got == 0;
    return got >= 0;
}

enum batch_input_result batch_input_next(struct batch_input *in, struct span *line)
{
    bool too_long = false;
    for (;;) {
        struct span have = span_of(in->bytes + in->begin, in->n - in->begin);
        size_t length = span_find(have, '\n');
        bool whole = length < have.n;
        if (length > BATCH_LINE_BYTES)
            too_long = true;
        if (whole || (in->ended && (have.n > 0 || too_long))) {
            in->begin += whole ? length + 1 : have.n;
            in->line++;
            *line = span_first(have, length);
            return too_long ? BATCH_INPUT_TOO_LONG : whole ? BATCH_INPUT_LINE : BATCH_INPUT_CUT;
        }
        if (in->ended)
            return BATCH_INPUT_END;
        if (too_long)
            in->begin = in->n;
        if (!read_more(in))
            return BATCH_INPUT_FAILED;
    }
}

void batch_input_wipe(struct batch_input *in)
{
    os_crypt_wipe(in->bytes, sizeof in->bytes);
}
