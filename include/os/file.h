/*
 * os_file: files and directories, relative to a directory's descriptor and never following a
 * symbolic link in the last part, but where it says otherwise. Descriptors close on exec. Functions
 * that return -1 or false set errno; all try again after EINTR, except fsync, which is never tried
 * twice. Safe for threads.
 */
#ifndef OS_FILE_H
#define OS_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define OS_FILE_CWD (-100) /* instead of a directory: relative to the working directory */

/* Opens a directory, follows symbolic links; or one inside another, following none. */
int os_file_open_dir(const char *path);

/* A directory, only to go on from it by names: it need not be open to reading. */
int os_file_reach_dir(const char *path);
int os_file_open_subdir(int dir, const char *name);

/* Opens a regular file for reading. EISDIR: it is a directory; EINVAL: another thing. */
int os_file_open(int dir, const char *name);

/* Makes a new file for writing, mode 0600; EEXIST when the name is taken. */
int os_file_create(int dir, const char *name);

void os_file_close(int fd);

/* Makes a directory the working directory of the process. Before any thread is started. */
bool os_file_go_into(int dir);

/* Reads up to size bytes at an offset; fewer only at the end of the file. -1: errno. */
int64_t os_file_read_at(int fd, void *bytes, size_t size, uint64_t offset);

/* Writes all size bytes at the file position. */
bool os_file_write(int fd, const void *bytes, size_t size);

/* Bytes in the file, or -1. */
int64_t os_file_size(int fd);

enum os_file_kind { OS_FILE_REGULAR, OS_FILE_DIRECTORY, OS_FILE_LINK, OS_FILE_OTHER };

struct os_file_info {
    int64_t changed; /* when it was changed or renamed last: seconds since 1970 */
    uint64_t bytes;
    enum os_file_kind kind;
    unsigned owner, group;
    unsigned mode; /* who may read, write and execute it: 0 to 07777 */
};

/* Looks at whatever has this name, not following a symbolic link; or at what is open. */
bool os_file_look(int dir, const char *name, struct os_file_info *info);
bool os_file_look_at(int fd, struct os_file_info *info);

/* Adds the whole file to the end of a buffer. EFBIG: the limit is too low; ENOMEM. */
bool os_file_load(int dir, const char *name, struct buf *into);

/* The same by a path that a person has given: symbolic links are followed. */
bool os_file_load_path(const char *path, struct buf *into);

/*
 * Replaces a file as a whole: writes name.new beside it, syncs it, renames it over name. The caller
 * syncs the directory.
 */
bool os_file_replace(int dir, const char *name, struct span content);

/* Puts a file's contents, or a directory's names, on stable storage. A failure stays a failure. */
bool os_file_sync(int fd);
bool os_file_sync_dir(int dir);

/* Puts the whole file system of a descriptor on stable storage. */
bool os_file_sync_all(int fd);

/* Renames; the first refuses (EEXIST) when the new name is taken, the second replaces a file. */
bool os_file_rename_new(int from_dir, const char *from, int to_dir, const char *to);
bool os_file_rename_over(int from_dir, const char *from, int to_dir, const char *to);

bool os_file_remove(int dir, const char *name);
bool os_file_truncate(int dir, const char *name);
bool os_file_make_dir(int dir, const char *name); /* mode 0700 */
bool os_file_exists(int dir, const char *name);

/* Gives what is open to a user and a group. */
bool os_file_give(int fd, uint32_t user, uint32_t group);

/* Removes a directory and the files in it, to any depth. */
bool os_file_remove_tree(int dir, const char *name);

/*
 * Calls each(ctx, name) for every name in a directory but . and .., in no order, until it returns
 * false. Returns false when the directory cannot be read (errno), true otherwise.
 */
bool os_file_each(int dir, bool (*each)(void *ctx, const char *name), void *ctx);

/*
 * Whether standard input, output and error are open. Where one is not, the next file or connection
 * that is opened takes its place, and gets what is meant for it.
 */
bool os_file_standard_open(void);

/* Puts /dev/null in the place of those that are not. False: errno. */
bool os_file_standard_fill(void);

/* Raises how many descriptors this process may have as far as it may, and returns how many that is.
 */
uint64_t os_file_raise_limit(void);

/*
 * The kind of the file system behind a descriptor, where it is one that a store should not be on:
 * "nfs", "overlay", "tmpfs" and the like; else "".
 */
const char *os_file_doubtful_system(int fd);

/* Free bytes and inodes for an unprivileged writer of the file system behind a descriptor. */
bool os_file_free_space(int fd, uint64_t *bytes, uint64_t *inodes);

#endif
