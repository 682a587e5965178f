/* SPDX-License-Identifier: ISC */
#include "client/attach.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "client/language.h"
#include "mime/compose.h"
#include "os/error.h"
#include "os/file.h"
#include "os/path.h"
#include "os/random.h"

static struct span name_of(const char *path)
{
    return span_str(os_path_name(path));
}

static enum error_code cannot(const char *path, struct buf *why)
{
    buf_printf(why, _("cannot attach %s: %s"), path,
               errno == EINVAL ? _("it is not a regular file") : _(os_error_text(errno)));
    return ERROR_NO_INPUT;
}

static enum error_code too_large(const char *path, uint64_t bytes, uint64_t limit, struct buf *why)
{
    buf_printf(why,
               _("cannot attach %s: the message would have %" PRIu64 " bytes, at most %" PRIu64
                 " are allowed: see --message-limit"),
               path, bytes, limit);
    return ERROR_DATA;
}

/* How many bytes a file adds to a message. */
static enum error_code measure(const char *path, uint64_t limit, uint64_t *bytes, struct buf *why)
{
    int fd = os_file_open_path(path);
    int64_t size = fd < 0 ? -1 : os_file_size(fd);
    os_file_close(fd);
    if (size < 0)
        return cannot(path, why);
    *bytes = compose_file_bytes(name_of(path).n, (uint64_t)size);
    return *bytes <= limit ? ERROR_NONE : too_large(path, *bytes, limit, why);
}

enum error_code attach_check(const struct options *o)
{
    uint64_t limit = o->set.message_limit, bytes = 0, sum = 0;
    enum error_code code = ERROR_NONE;
    struct buf why;
    buf_init(&why, SIZE_MAX / 2);
    for (size_t i = 0; i < o->nattach && code == ERROR_NONE; i++) {
        code = measure(o->attach[i], limit, &bytes, &why);
        if (code == ERROR_NONE && (sum += bytes) > limit)
            code = too_large(o->attach[i], sum, limit, &why);
    }
    return error_why(code, &why);
}

/* Its name stays as it was given: it is the one that the recipient sees. */
static bool make_absolute(const char *path, struct buf *out)
{
    char dir[OS_FILE_PATH_BYTES], target[OS_FILE_PATH_BYTES];
    struct span name = name_of(path);
    size_t n = strlen(path) - name.n;
    errno = ENAMETOOLONG;
    if (n >= sizeof dir)
        return false;
    snprintf(dir, sizeof dir, "%.*s", (int)n, path);
    if (!os_file_resolve(n > 0 ? dir : ".", target))
        return false;
    buf_printf(out, "%s/", strcmp(target, "/") == 0 ? "" : target);
    buf_add(out, name);
    buf_add_char(out, '\0');
    errno = ENOMEM;
    return buf_ok(out);
}

enum error_code attach_name(const struct options *o, struct draft *d)
{
    enum error_code code = ERROR_NONE;
    struct buf path, why;
    buf_init(&path, OS_FILE_PATH_BYTES);
    buf_init(&why, SIZE_MAX / 2);
    for (size_t i = 0; i < o->nattach && code == ERROR_NONE; i++) {
        buf_clear(&path);
        if (make_absolute(o->attach[i], &path))
            draft_add_file(d, path.p);
        else
            code = cannot(o->attach[i], &why);
    }
    buf_free(&path);
    return error_why(code, &why);
}

static enum error_code add_file(struct compose *c, const char *path, uint64_t limit,
                                struct buf *why)
{
    struct buf content;
    enum error_code code = ERROR_NONE;
    buf_init(&content, (size_t)limit);
    if (os_file_load_path(path, &content))
        compose_file(c, name_of(path), buf_span(&content));
    else
        code = cannot(path, why);
    buf_free(&content);
    return code;
}

enum error_code attach_read(struct draft *d, uint64_t limit, struct buf *why)
{
    struct span files = buf_span(&d->files), path;
    unsigned char chance[COMPOSE_CHANCE_BYTES];
    struct compose c;
    struct buf out;
    enum error_code code = ERROR_NONE;
    if (files.n == 0)
        return ERROR_NONE;
    buf_init(&out, SIZE_MAX / 2);
    os_random_bytes(chance, sizeof chance);
    compose_begin(&c, &out, buf_span(&d->text), chance);
    while (code == ERROR_NONE && span_cut(&files, '\0', &path))
        code = add_file(&c, path.p, limit, why);
    compose_end(&c);
    if (code == ERROR_NONE && !buf_ok(&out)) {
        buf_add_str(why, _("out of memory"));
        code = ERROR_SOFTWARE;
    } else if (code == ERROR_NONE && out.n > limit) {
        buf_printf(why,
                   _("the message with its files has %zu bytes, at most %" PRIu64
                     " are allowed: see --message-limit"),
                   out.n, limit);
        code = ERROR_DATA;
    }
    if (code != ERROR_NONE) {
        buf_free(&out);
        return code;
    }
    buf_clear(&d->files);
    buf_free(&d->text);
    d->text = out;
    draft_text_changed(d);
    return ERROR_NONE;
}
