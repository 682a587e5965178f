/* SPDX-License-Identifier: ISC */
#include "store/account_file.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "os/file.h"
#include "store/key_line.h"
#include "store/store_private.h"

#define WARNED "quota-warned "
#define ARMED  "quota-armed "

const struct account account_file_standard = {.quota_bytes = ACCOUNT_QUOTA_STANDARD,
                                              .quota_messages = ACCOUNT_QUOTA_STANDARD};

/* The text of the file. text has room for ACCOUNT_FILE_BYTES. */
static bool format(struct buf *text, const struct who *who, const struct account *a)
{
    buf_printf(text, "pochta-account 1\ngeneration %s\npassword %s\n", who->generation, a->hash);
    if (a->disabled)
        buf_add_str(text, "disabled yes\n");
    if (a->quota_bytes != ACCOUNT_QUOTA_STANDARD)
        buf_printf(text, "quota-bytes %" PRIu64 "\n", a->quota_bytes);
    if (a->quota_messages != ACCOUNT_QUOTA_STANDARD)
        buf_printf(text, "quota-messages %" PRIu64 "\n", a->quota_messages);
    if (a->warnings > 0)
        buf_printf(text, "%s%" PRIu64 "\n", a->warned ? WARNED : ARMED, a->warnings);
    return buf_ok(text);
}

bool account_file_write(int dir, const char *name, const struct who *who, const struct account *a)
{
    struct buf text;
    buf_init(&text, ACCOUNT_FILE_BYTES);
    bool ok = format(&text, who, a) && os_file_make(dir, name, buf_span(&text));
    buf_free(&text);
    return ok;
}

bool account_file_write_unsynced(int dir, const char *name, const struct who *who,
                                 const struct account *a)
{
    struct buf text;
    buf_init(&text, ACCOUNT_FILE_BYTES);
    int fd = format(&text, who, a) ? os_file_create(dir, name) : -1;
    bool ok = fd >= 0 && os_file_write(fd, text.p, text.n);
    os_file_close(fd);
    buf_free(&text);
    return ok;
}

/* A line that may be missing: *value is left as it is then. */
static bool take_quota(struct span *s, struct span key, uint64_t *value)
{
    return !span_starts(*s, key) || key_line_take_number(s, key, UINT64_MAX, value);
}

/* A line that may be missing, in one of two forms. */
static bool take_warnings(struct span *s, struct account *a)
{
    a->warned = span_starts(*s, SPAN(WARNED));
    if (!a->warned && !span_starts(*s, SPAN(ARMED)))
        return true;
    return key_line_take_number(s, a->warned ? SPAN(WARNED) : SPAN(ARMED), UINT32_MAX,
                                &a->warnings) &&
           a->warnings > 0;
}

bool account_file_parse(struct span s, struct who *who, struct account *a)
{
    char version[8], disabled[8];
    *a = account_file_standard;
    if (!key_line_take_text(&s, SPAN("pochta-account "), version, sizeof version) ||
        strcmp(version, "1") != 0 ||
        !key_line_take_text(&s, SPAN("generation "), who->generation, sizeof who->generation) ||
        strlen(who->generation) != STORE_GENERATION_DIGITS ||
        !key_line_take_text(&s, SPAN("password "), a->hash, sizeof a->hash))
        return false;
    a->disabled = key_line_take_text(&s, SPAN("disabled "), disabled, sizeof disabled);
    return take_quota(&s, SPAN("quota-bytes "), &a->quota_bytes) &&
           take_quota(&s, SPAN("quota-messages "), &a->quota_messages) && take_warnings(&s, a) &&
           s.n == 0;
}

/* Whether an account was deleted since its directory was opened: then its file may be gone, too. */
static bool is_deleted(struct store *s, int dir, const char *name)
{
    struct os_file_info opened, named;
    if (!os_file_look_at(dir, &opened))
        return false;
    bool there = os_file_look(s->dirs[LAYOUT_USERS], name, &named);
    return there ? named.inode != opened.inode : errno == ENOENT;
}

enum status account_file_read(struct store *s, int dir, struct who *who, struct account *a)
{
    char text[ACCOUNT_FILE_BYTES + 1];
    enum status st = ST_OK;
    int fd = os_file_open_any(dir, LAYOUT_ACCOUNT);
    int64_t n = fd >= 0 ? os_file_read_at(fd, text, sizeof text, 0) : -1;
    int error = errno;
    os_file_close(fd);
    if (n < 0 && error == ENOENT && is_deleted(s, dir, who->name)) {
        st = ST_NO_USER;
    } else if (n < 0) {
        errno = error;
        st = store_failed(s, "read", "users/%s/" LAYOUT_ACCOUNT, who->name);
    } else if (n > ACCOUNT_FILE_BYTES || !account_file_parse(span_of(text, (size_t)n), who, a)) {
        st = ST_IO;
        store_trouble(s, "account %s: its file is damaged", who->name);
        error = EIO;
    }
    os_crypt_wipe(text, n > 0 ? (size_t)n : 0);
    errno = error;
    return st;
}
