/* SPDX-License-Identifier: ISC */
/*
 * os_each: calls a function of the room os again and again, while each system call that it makes
 * fails in its turn. The function must say so with the errno of that call, leave no descriptor and
 * no memory behind, and change nothing. A call that is interrupted, or that reads or writes only a
 * part, is no failure. Each time there is a new directory with a few files.
 */
#ifndef OS_EACH_H
#define OS_EACH_H

#include "os_faults.h"

#include <stdlib.h>

#include "descriptors.h"
#include "os/edit.h"
#include "os/file.h"
#include "tap.h"

static char path[200], file_path[220]; /* the directory, and its file "file" */
static int dir, fd, spare;             /* the directory, and the file opened twice */

struct row {
    const char *name, *harmless; /* the calls whose failure does not matter */
    const char *after;           /* what picture returns if it has succeeded */
    /* cppcheck-suppress unusedStructMember ; each_run calls it */
    bool (*act)(void); /* false: it has failed, and errno is set */
};

/* --- what the directory holds --- */

#define BEFORE "file:content new:- file.new:- sub:/ sub/inner:inside "

static inline void describe(const char *name, char *text, size_t size)
{
    struct os_file_info info;
    char content[32] = "";

    if (!os_file_look(dir, name, &info)) {
        snprintf(text, size, "%s:- ", name);
        return;
    }
    int opened = info.kind == OS_FILE_REGULAR ? os_file_open(dir, name) : -1;
    if (opened >= 0)
        os_file_read_at(opened, content, sizeof content - 1, 0);
    os_file_close(opened);
    snprintf(text, size, "%s:%s ", name, info.kind == OS_FILE_REGULAR ? content : "/");
}

/* Returns what there is, in the form of BEFORE. */
static inline const char *picture(void)
{
    static const char *const names[] = {"file", "new", "file.new", "sub", "sub/inner"};
    static char text[400];

    *text = '\0';
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        describe(names[i], text + strlen(text), sizeof text - strlen(text));
    return text;
}

static inline void each_prepare(void)
{
    snprintf(path, sizeof path, "/dev/shm/os_each.XXXXXX"); /* where syncs cost nothing */
    if (!mkdtemp(path))
        exit(1);
    snprintf(file_path, sizeof file_path, "%s/file", path);
    dir = os_file_open_dir(path);
    if (!os_file_make(dir, "file", SPAN("content")) || !os_file_make_dir(dir, "sub") ||
        !os_file_make(dir, "sub/inner", SPAN("inside")))
        exit(1);
    fd = os_edit_open(file_path);
    spare = os_file_open(dir, "file");
}

static inline void each_clean_up(void)
{
    os_file_close(fd);
    os_file_close(spare);
    os_file_close(dir);
    if (!os_file_remove_tree(OS_FILE_CWD, path))
        exit(1);
}

/* --- runs --- */

static int wrong;

static inline void each_check(bool right, const struct row *row, int nth, const char *what)
{
    if (!right && wrong++ < 5)
        diag("%s: call %d, %s, fails with %d: %s", row->name, nth,
             faults.failed ? faults.failed : "none", faults.error, what);
}

/* Returns whether the call was made, and so failed. */
static inline bool each_run(const struct row *row, int nth, int error)
{
    each_prepare();
    int descriptors = open_descriptors(), blocks = atomic_load(&faults.blocks);
    faults_arm(nth, error);
    bool good = row->act();
    int got = errno;
    faults_disarm();
    bool harmless =
        !faults.failed || error == EINTR || error == SHORT || strstr(row->harmless, faults.failed);
    each_check(good == harmless, row, nth,
               good ? "and nobody says so" : "and so does the function");
    each_check(good || got == faults.set, row, nth, "the errno is another one");
    each_check(open_descriptors() == descriptors, row, nth, "a descriptor is left open, or closed");
    each_check(atomic_load(&faults.blocks) == blocks, row, nth, "memory is not freed");
    each_check(strcmp(picture(), good ? row->after : BEFORE) == 0, row, nth, picture());
    each_clean_up();
    return faults.failed != NULL;
}

/* Returns how many calls can fail with this error. */
static inline int each_try(const struct row *row, int error)
{
    int nth = 1;

    while (nth < 200 && each_run(row, nth, error))
        nth++;
    return nth - 1;
}

static inline void each_test(const struct row *rows, size_t n)
{
    for (const struct row *row = rows; row < rows + n; row++) {
        wrong = 0;
        int failed = each_try(row, EIO), interrupted = each_try(row, EINTR);
        int cut = each_try(row, SHORT);
        is_int(wrong, 0, "%s: %d calls fail, %d are interrupted, %d do only a part", row->name,
               failed, interrupted, cut);
    }
}

/* An act for a row, called do_WORD. */
#define ACT(word, expression)   \
    static bool do_##word(void) \
    {                           \
        return expression;      \
    }

static inline bool opened(int descriptor)
{
    os_file_close(descriptor);
    return descriptor >= 0;
}

#endif
