/* SPDX-License-Identifier: ISC */
#include "store/lock_file.h"

#include <errno.h>
#include <string.h>

#include "os/file.h"
#include "store/layout.h"

/* The contents of "version" while the delivery log is empty, and while it is not. */
static const char *const versions[] = {"pochta-store 1\n", "pochta-store 2\n"};
#define VERSION_BYTES 15

const char *lock_file_version(bool logged)
{
    return versions[logged];
}

bool lock_file_check_version(int dir, const char **why)
{
    struct buf text;
    buf_init(&text, 64);
    bool there = os_file_load(dir, LAYOUT_VERSION, &text);
    bool ok = there ? span_eq(buf_span(&text), span_str(lock_file_version(false))) ||
                          span_eq(buf_span(&text), span_str(lock_file_version(true)))
                    : errno == ENOENT;
    *why = "its file \"version\" cannot be read";
    if (there || errno == EFBIG) {
        *why = span_starts(buf_span(&text), SPAN("pochta-store "))
                   ? "this program does not know its version, see its file \"version\"; use a "
                     "newer Pochta"
                   : "its file \"version\" is damaged; if this version of Pochta has used the "
                     "store, remove that file, which a server then makes again";
        errno = 0;
    }
    buf_free(&text);
    return ok;
}

static bool version_is(const struct lock_file *f, const char *text)
{
    char now[VERSION_BYTES];
    return os_file_read_at(f->version_fd, now, VERSION_BYTES, 0) == VERSION_BYTES &&
           memcmp(now, text, VERSION_BYTES) == 0;
}

bool lock_file_is_logged(const struct lock_file *f)
{
    return version_is(f, lock_file_version(true));
}

bool lock_file_set_logged(struct lock_file *f, bool logged)
{
    f->logged = logged;
    return version_is(f, lock_file_version(logged)) ||
           (os_file_write_at(f->version_fd, lock_file_version(logged), VERSION_BYTES, 0) &&
            os_file_sync(f->version_fd));
}
