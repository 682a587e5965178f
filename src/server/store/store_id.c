/* SPDX-License-Identifier: ISC */
#include "store/store_id.h"

#include <errno.h>
#include <string.h>

#include "base/digits.h"
#include "os/file.h"
#include "os/random.h"
#include "store/key_line.h"
#include "store/store_private.h"

#define ID_BYTES (BACKUP_STORE_DIGITS + 1) /* of the file: its digits and LF */

/* ST_NO_MESSAGE: there is none. */
static enum status read_id(struct store *s, char id[BACKUP_STORE_DIGITS + 1])
{
    struct buf file;
    enum status st = ST_OK;
    buf_init(&file, ID_BYTES);
    if (!os_file_load(s->dir, LAYOUT_ID, &file)) {
        st = errno == ENOENT ? ST_NO_MESSAGE : store_failed(s, "read", LAYOUT_ID);
    } else {
        struct span text = buf_span(&file);
        if (!key_line_take_text(&text, SPAN(""), id, BACKUP_STORE_DIGITS + 1) || text.n > 0 ||
            strlen(id) != BACKUP_STORE_DIGITS || !digits_is_hex(span_str(id))) {
            store_trouble(
                s, "the file " LAYOUT_ID " of the store is damaged: it does not have %d digits",
                BACKUP_STORE_DIGITS);
            st = ST_IO;
        }
    }
    buf_free(&file);
    return st;
}

static enum status make_id(struct store *s, const char *id)
{
    char text[ID_BYTES];
    memcpy(text, id, BACKUP_STORE_DIGITS);
    text[ID_BYTES - 1] = '\n';
    if (!os_file_replace(s->dir, LAYOUT_ID, span_of(text, sizeof text)))
        return store_failed(s, "write", LAYOUT_ID);
    return store_sync_top(s);
}

enum status store_id_find(struct store *s, char id[BACKUP_STORE_DIGITS + 1])
{
    enum status st = read_id(s, id);
    if (st != ST_NO_MESSAGE)
        return st;
    os_random_hex(id, BACKUP_STORE_DIGITS);
    return make_id(s, id);
}

enum status store_id_adopt(struct store *s, const char *id)
{
    char found[BACKUP_STORE_DIGITS + 1];
    enum status st = read_id(s, found);
    return st == ST_NO_MESSAGE ? make_id(s, id) : st;
}
