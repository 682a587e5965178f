/* SPDX-License-Identifier: ISC */
#include "client/attach.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "client/language.h"
#include "mime/compose.h"
#include "os/error.h"
#include "os/file.h"
#include "os/random.h"

static struct span name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return span_str(slash ? slash + 1 : path);
}

static enum error_code cannot(const char *path)
{
    const char *why = errno == EINVAL ? _("it is not a regular file") : _(os_error_text(errno));
    return error_say(ERROR_NO_INPUT, _("cannot attach %s: %s"), path, why);
}

static enum error_code too_large(const char *path, uint64_t bytes, uint64_t limit)
{
    return error_say(ERROR_DATA,
                     _("cannot attach %s: the message would have %" PRIu64
                       " bytes, at most %" PRIu64 " are allowed: see --message-limit"),
                     path, bytes, limit);
}

/* How many bytes a file adds to a message. */
static enum error_code measure(const char *path, uint64_t limit, uint64_t *bytes)
{
    int fd = os_file_open_path(path);
    int64_t size = fd < 0 ? -1 : os_file_size(fd);
    os_file_close(fd);
    if (size < 0)
        return cannot(path);
    *bytes = compose_file_bytes(name_of(path).n, (uint64_t)size);
    return *bytes <= limit ? ERROR_NONE : too_large(path, *bytes, limit);
}

enum error_code attach_check(const struct options *o)
{
    uint64_t limit = o->set.message_limit, bytes = 0, sum = 0;
    enum error_code code = ERROR_NONE;
    for (size_t i = 0; i < o->nattach && code == ERROR_NONE; i++) {
        code = measure(o->attach[i], limit, &bytes);
        if (code == ERROR_NONE && (sum += bytes) > limit)
            code = too_large(o->attach[i], sum, limit);
    }
    return code;
}

static enum error_code add_file(struct compose *c, const char *path, uint64_t limit)
{
    struct buf content;
    enum error_code code = ERROR_NONE;
    buf_init(&content, (size_t)limit);
    if (os_file_load_path(path, &content))
        compose_file(c, name_of(path), buf_span(&content));
    else
        code = cannot(path);
    buf_free(&content);
    return code;
}

enum error_code attach_add(const struct options *o, struct buf *body)
{
    unsigned char chance[COMPOSE_CHANCE_BYTES];
    struct compose c;
    struct buf out;
    uint64_t limit = o->set.message_limit;
    enum error_code code = ERROR_NONE;
    buf_init(&out, SIZE_MAX / 2);
    os_random_bytes(chance, sizeof chance);
    compose_begin(&c, &out, buf_span(body), chance);
    for (size_t i = 0; i < o->nattach && code == ERROR_NONE; i++)
        code = add_file(&c, o->attach[i], limit);
    compose_end(&c);
    if (code == ERROR_NONE && !buf_ok(&out))
        code = error_say(ERROR_SOFTWARE, _("out of memory"));
    if (code == ERROR_NONE && out.n > limit)
        code = error_say(ERROR_DATA,
                         _("the message with its files has %zu bytes, at most %" PRIu64
                           " are allowed: see --message-limit"),
                         out.n, limit);
    if (code != ERROR_NONE) {
        buf_free(&out);
        return code;
    }
    buf_free(body);
    *body = out;
    return ERROR_NONE;
}
