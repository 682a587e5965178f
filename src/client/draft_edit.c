/* SPDX-License-Identifier: ISC */
#include "client/draft_edit.h"

#include <errno.h>

#include "client/ended.h"
#include "client/language.h"
#include "os/editor.h"
#include "os/error.h"

#define LETTER "letter.txt"

static const char *editor = OS_EDITOR_STANDARD;

void draft_edit_set(const char *command)
{
    if (command)
        editor = command;
}

static bool ends_line(struct span text)
{
    return text.n > 0 && text.p[text.n - 1] == '\n';
}

/* Makes the directory with the text. Returns its descriptor, or -1 and errno. */
static int hand_out(const struct draft *d, const char *name)
{
    struct buf text;
    int parent = d->dir->fd;
    buf_init(&text, SIZE_MAX / 2);
    buf_add(&text, buf_span(&d->text));
    if (text.n > 0 && !ends_line(buf_span(&text)))
        buf_add_char(&text, '\n');
    /* It may be left over; the lock of the draft guards it, too. */
    os_file_remove_tree(parent, name);
    int fd = os_file_make_dir(parent, name) ? os_file_open_subdir(parent, name) : -1;
    errno = buf_ok(&text) ? errno : ENOMEM;
    if (fd >= 0 && !(buf_ok(&text) && os_file_make(fd, LETTER, buf_span(&text)))) {
        int saved = errno;
        os_file_close(fd);
        os_file_remove_tree(parent, name);
        errno = saved;
        fd = -1;
    }
    buf_free(&text);
    return fd;
}

/*
 * Takes what the editor has saved. An empty text, or only the beginning of the old one, is taken
 * only if the user meant it: an editor that dies while it saves leaves such a text.
 */
static bool take_back(struct draft *d, int fd, bool meant)
{
    struct buf text;
    bool added = !ends_line(buf_span(&d->text));
    buf_init(&text, d->text.limit);
    bool ok = os_file_load(fd, LETTER, &text);
    if (added && ends_line(buf_span(&text)))
        text.n--;
    if (!ok || (!meant && span_starts(buf_span(&d->text), buf_span(&text))) ||
        span_eq(buf_span(&text), buf_span(&d->text))) {
        buf_free(&text);
        return ok;
    }
    buf_free(&d->text);
    d->text = text;
    draft_text_changed(d);
    return true;
}

static void explain(struct buf *why, const struct state_dir *dir, const char *name)
{
    buf_printf(why, "%s%s%s: %s", dir->path, name ? "/" : "", name ? name : "",
               dir->why ? dir->why : _(os_error_text(errno)));
}

bool draft_edit(struct draft *d, struct buf *why)
{
    char name[DRAFT_EDIT_BYTES];
    struct os_end end = {OS_END_NOT_RUN, ENOMEM};
    struct buf path;
    if (d->fd < 0 && !draft_keep(d)) {
        explain(why, d->dir, NULL);
        return false;
    }
    draft_edit_name(d, name);
    int fd = hand_out(d, name);
    if (fd < 0) {
        explain(why, d->dir, name);
        return false;
    }
    buf_init(&path, SIZE_MAX / 2);
    buf_printf(&path, "%s/%s/" LETTER, d->dir->path, name);
    buf_add_char(&path, '\0');
    bool ok = buf_ok(&path) && os_editor_run(editor, path.p, &end);
    bool taken = take_back(d, fd, ok);
    if (!taken)
        explain(why, d->dir, name);
    if (taken && !ok) {
        char words[ENDED_BYTES];
        ended_words(words, &end);
        buf_printf(why, _("%s: %s; the variable VISUAL or EDITOR names another editor"), editor,
                   words);
    }
    /* A text that is nowhere else stays there. */
    if (taken && draft_keep(d))
        os_file_remove_tree(d->dir->fd, name);
    os_file_close(fd);
    buf_free(&path);
    return ok && taken;
}

enum draft_opened draft_edit_open(struct draft *d, const struct state_dir *dir, unsigned number)
{
    char name[DRAFT_EDIT_BYTES];
    enum draft_opened opened = draft_open(d, dir, number);
    if (opened != DRAFT_OPENED)
        return opened;
    draft_edit_name(d, name);
    int fd = os_file_open_subdir(dir->fd, name);
    if (fd >= 0 && take_back(d, fd, false) && draft_keep(d))
        os_file_remove_tree(dir->fd, name);
    os_file_close(fd);
    return opened;
}
