/* SPDX-License-Identifier: ISC */
#include "client/verbs_save.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "client/language.h"
#include "client/letter.h"
#include "client/output.h"
#include "client/verbs_ids.h"
#include "mime/file_name.h"
#include "os/error.h"
#include "os/file.h"

#define NAMES_MAX   9999 /* how many names to try for a file */
#define TRIED_BYTES (FILE_NAME_BYTES + 8)

struct saving {
    uint64_t number; /* of the part to save; 0: all files */
    const char *dir; /* as it was given, or NULL */
    int fd;          /* of the directory */
};

/* IDS [N] [DIR]: a number in the second place is N. */
static enum error_code parse_args(struct saving *s, const struct verbs_run *run)
{
    size_t next = 1;
    if (run->nargs > 1 && span_u64(span_str(run->args[1]), UINT64_MAX, &s->number)) {
        if (s->number == 0)
            return error_say(ERROR_USAGE, _("save: 0 is not a part: the first one is 1"));
        next++;
    }
    if (next < run->nargs)
        s->dir = run->args[next++];
    if (next < run->nargs)
        return error_say(ERROR_USAGE, _("save: too many arguments: pochta save IDS [N] [DIR]"));
    return ERROR_NONE;
}

/* The name in the message, made harmless; without one: part-2. */
static void name_file(const struct part *part, char name[FILE_NAME_BYTES])
{
    if (part->name_bytes > 0)
        file_name_safe(span_of(part->name, part->name_bytes), name);
    else
        snprintf(name, FILE_NAME_BYTES, "part-%u", part->number);
}

/* Makes a new file. If the name is taken: name.1, name.2 and so on. tried: the name it has. */
static bool make_file(int dir, const char *name, struct span content, char tried[TRIED_BYTES])
{
    snprintf(tried, TRIED_BYTES, "%s", name);
    for (unsigned i = 1; i <= NAMES_MAX; i++) {
        if (os_file_make(dir, tried, content))
            return true;
        if (errno != EEXIST)
            return false;
        snprintf(tried, TRIED_BYTES, "%s.%u", name, i);
    }
    return false;
}

static enum error_code write_part(struct saving *s, const struct part *part, struct span content)
{
    char name[FILE_NAME_BYTES], tried[TRIED_BYTES];
    name_file(part, name);
    if (!make_file(s->fd, name, content, tried) || !os_file_sync_dir(s->fd))
        return error_say(ERROR_IO, _("cannot write %s%s%s: %s"), s->dir ? s->dir : "",
                         s->dir ? "/" : "", tried, _(os_error_text(errno)));
    if (s->dir) {
        output_write(span_str(s->dir));
        output_write(SPAN("/"));
    }
    output_write(span_str(tried));
    output_write(SPAN("\n"));
    return ERROR_NONE;
}

static enum error_code save_part(struct saving *s, uint64_t id, const struct part *part)
{
    struct buf content;
    size_t n;
    buf_init(&content, SIZE_MAX / 2);
    bool whole = encoding_decode(part->encoding, part->body, &content, &n);
    enum error_code code;
    if (!buf_ok(&content))
        code = error_say(ERROR_SOFTWARE, _("out of memory"));
    else
        code = write_part(s, part, buf_span(&content));
    if (code == ERROR_NONE && !whole)
        code = error_say(ERROR_DATA,
                         _("part %u of %" PRIu64 " is damaged: only what could be read was saved"),
                         part->number, id);
    buf_free(&content);
    return code;
}

/* Of all messages, most have none. */
static enum error_code has_no_files(const struct verbs_run *run, uint64_t id)
{
    if (span_eq(span_str(run->args[0]), SPAN("all")))
        return ERROR_NONE;
    return error_say(ERROR_DATA, _("message %" PRIu64 " has no files"), id);
}

/* Goes on after a damaged part. */
static enum error_code save_parts(struct saving *s, const struct verbs_run *run,
                                  const struct message *m)
{
    enum error_code code = ERROR_NONE;
    struct letter_files f;
    struct parts p;
    struct part part;
    bool any = false;
    letter_files_init(&f, m->body);
    parts_init(&p, m->body);
    while ((s->number ? parts_next(&p, &part) : letter_files_next(&f, &part)) == PARTS_ONE) {
        if (s->number && part.number != s->number)
            continue;
        enum error_code this = save_part(s, m->id, &part);
        any = true;
        if (this != ERROR_NONE)
            code = this;
        if (this != ERROR_NONE && this != ERROR_DATA)
            return code;
    }
    if (any)
        return code;
    if (s->number)
        return error_say(ERROR_DATA,
                         _("%" PRIu64 " has no part %" PRIu64 ": read shows those it has"), m->id,
                         s->number);
    return has_no_files(run, m->id);
}

static enum error_code save_one(struct verbs_ids *walk)
{
    struct message m;
    enum error_code code = verbs_ids_message(walk, true, &m);
    if (code != ERROR_NONE)
        return code;
    if (!parts_is_mime(m.body))
        return has_no_files(walk->run, m.id);
    code = save_parts(walk->ctx, walk->run, &m);
    walk->stop = code != ERROR_NONE && code != ERROR_DATA;
    return code;
}

enum error_code verbs_save_save(struct verbs_run *run)
{
    struct saving s = {.fd = -1};
    enum error_code code = parse_args(&s, run);
    if (code != ERROR_NONE)
        return code;
    s.fd = os_file_open_dir(s.dir ? s.dir : ".");
    if (s.fd < 0)
        return error_say(ERROR_IO, _("cannot open %s: %s"),
                         s.dir ? s.dir : _("the working directory"), _(os_error_text(errno)));
    code = verbs_ids_walk(run, run->args[0], OP_SHOW_LIST, save_one, &s);
    os_file_close(s.fd);
    enum error_code finished = output_finish();
    return code == ERROR_NONE ? finished : code;
}
