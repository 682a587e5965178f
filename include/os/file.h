/* SPDX-License-Identifier: ISC */
/*
 * os_file: files and directories. Names are relative to the descriptor of a directory, and a
 * symbolic link as their last part is never followed, unless a function says otherwise. Descriptors
 * are closed on exec. Functions that return -1 or false set errno. All of them retry after EINTR,
 * except fsync, which is never retried. On Windows, mode 0600 or 0700 means that only the owner has
 * any access. Thread-safe.
 */
#ifndef OS_FILE_H
#define OS_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define OS_FILE_PATH_BYTES 4096   /* PATH_MAX: room for the longest path, with its NUL */
#define OS_FILE_CWD        (-100) /* as a directory: the working directory */
#define OS_FILE_STANDARD   0      /* the descriptor of standard input */

/* Opens a directory by its path, following symbolic links. */
int os_file_open_dir(const char *path);

/* The same, but only for the dir argument of other calls: needs no read permission. */
int os_file_reach_dir(const char *path);

/* Opens a directory inside another one. */
int os_file_open_subdir(int dir, const char *name);

/* Opens a regular file for reading. EISDIR: it is a directory; EINVAL: some other kind of file. */
int os_file_open(int dir, const char *name);

/*
 * Opens whatever has this name for reading, one system call less. Where it is no regular file,
 * os_file_read_at fails, or os_file_look_at says what it is.
 */
int os_file_open_any(int dir, const char *name);

/* The same as os_file_open for a path given by the user: follows symbolic links. */
int os_file_open_path(const char *path);

/* Opens a file of any kind by a path given by the user, to be read from its beginning. */
int os_file_open_stream(const char *path);

/* Creates a file for writing, with mode 0600. EEXIST: the name is taken. */
int os_file_create(int dir, const char *name);

/* Opens a file for os_file_append, and makes it first if it is missing, with mode 0600. */
int os_file_open_append(int dir, const char *name);

/*
 * Appends to a file in one call: what other processes append meanwhile comes before it or after it.
 * False: not all of it was written.
 */
bool os_file_append(int fd, const void *bytes, size_t size);

/* Closes a descriptor; does nothing if it is -1. Preserves errno. */
void os_file_close(int fd);

/* Changes the working directory of the process. Only before the first thread is started. */
bool os_file_go_into(int dir);

/* Reads up to size bytes at an offset in one attempt, which may give fewer. Returns how many. */
int64_t os_file_read_some(int fd, void *bytes, size_t size, uint64_t offset);

/* Reads up to size bytes at an offset; fewer only at the end of the file. Returns how many. */
int64_t os_file_read_at(int fd, void *bytes, size_t size, uint64_t offset);

/*
 * Asks the file system about an open file, past the cache of this host. If the file system is
 * shared with other hosts, what is read next is then up to date.
 */
bool os_file_refresh(int fd);

/*
 * Reads the beginning of a file from its disk, or from the host that has it, past the cache of this
 * host. Returns true also on a file system that cannot do that.
 */
bool os_file_read_through(int dir, const char *name);

/* Reads up to size bytes at the file position, and moves it. Returns how many; 0 at the end. */
int64_t os_file_read_next(int fd, void *bytes, size_t size);

/* Writes all size bytes at an offset. */
bool os_file_write_at(int fd, const void *bytes, size_t size, uint64_t offset);

/* Writes all size bytes at the file position. */
bool os_file_write(int fd, const void *bytes, size_t size);

/* The size of a file in bytes. */
int64_t os_file_size(int fd);

enum os_file_kind { OS_FILE_REGULAR, OS_FILE_DIRECTORY, OS_FILE_LINK, OS_FILE_OTHER };

struct os_file_info {
    int64_t changed;    /* last change or rename, in seconds since 1970 */
    int64_t changed_ns; /* the same in nanoseconds; 0 on Windows */
    int64_t modified;   /* last change of the contents, or what os_edit_date has set */
    uint64_t bytes;
    uint64_t disk_bytes; /* its space on the disk, without its inode */
    uint64_t inode;
    enum os_file_kind kind;
    unsigned owner, group;
    unsigned mode; /* permissions: 0 to 07777 */
};

/* Describes the file with this name, or an open file. A directory or a link counts as a file. */
bool os_file_look(int dir, const char *name, struct os_file_info *info);
bool os_file_look_at(int fd, struct os_file_info *info);

/* Appends a whole file to a buffer. EFBIG: it would exceed the buffer's limit; ENOMEM. */
bool os_file_load(int dir, const char *name, struct buf *into);

/* The same for a path given by the user: follows symbolic links. */
bool os_file_load_path(const char *path, struct buf *into);

/* Appends all of standard input to a buffer. Fails like os_file_load. */
bool os_file_load_standard(struct buf *into);

/*
 * Reads the first line of a file of any kind, or of standard input if path is NULL, without its LF,
 * and not a byte beyond it. Returns its length, or -1. EFBIG: it is longer than size. Makes no
 * other copy in memory, so that the caller can wipe a secret.
 */
int64_t os_file_first_line(const char *path, char *bytes, size_t size);

/* Makes a new file with this content, and syncs it. On failure there is no such file. */
bool os_file_make(int dir, const char *name, struct span content);

/*
 * Replaces a file as a whole: writes name.new beside it, syncs that, and renames it over name. The
 * caller syncs the directory.
 */
bool os_file_replace(int dir, const char *name, struct span content);

/* Puts a file's contents, or a directory's names, on stable storage. A failure is final. */
bool os_file_sync(int fd);
bool os_file_sync_dir(int dir);

/* The same for contents that were written over others: what only changes dates need not be kept. */
bool os_file_sync_data(int fd);

/*
 * Puts the whole file system of an open file on stable storage. Fails also if anything on it could
 * not be written since fd was opened, or since this was last called for it (os_mount_reports_sync).
 */
bool os_file_sync_all(int fd);

/* Renames. EEXIST: the new name is taken. */
bool os_file_rename_new(int from_dir, const char *from, int to_dir, const char *to);

/* Renames, replacing a file that has the new name. */
bool os_file_rename_over(int from_dir, const char *from, int to_dir, const char *to);

/* Gives a file one more name: a hard link. EEXIST: the name is taken; EMLINK: it has too many. */
bool os_file_link(int from_dir, const char *from, int to_dir, const char *to);

bool os_file_remove(int dir, const char *name);
bool os_file_truncate(int dir, const char *name);
bool os_file_make_dir(int dir, const char *name); /* mode 0700 */
bool os_file_exists(int dir, const char *name);

/* Removes an empty directory. */
bool os_file_remove_dir(int dir, const char *name);

/* Changes the owner and the group of an open file or directory. */
bool os_file_give(int fd, uint32_t user, uint32_t group);

/* Removes a file, or a directory with everything in it. Removes as much as possible on failure. */
bool os_file_remove_tree(int dir, const char *name);

/*
 * Calls each(ctx, name) for every name in a directory except . and .., in no particular order,
 * until it returns false. Returns false only if the directory cannot be read.
 */
bool os_file_each(int dir, bool (*each)(void *ctx, const char *name), void *ctx);

/*
 * Whether standard input, output and error are open. If one is not, the next file or connection
 * that is opened takes its place and gets the output meant for it.
 */
bool os_file_standard_open(void);

/* Opens /dev/null in place of each of the three that is not open. Returns false on failure. */
bool os_file_standard_fill(void);

/* Raises the limit of descriptors of this process as far as allowed, and returns the new limit. */
uint64_t os_file_raise_limit(void);

/* Resolves all symbolic links in a path. Returns false and sets errno if it leads nowhere. */
bool os_file_resolve(const char *path, char target[OS_FILE_PATH_BYTES]);

#endif
