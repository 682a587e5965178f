/* SPDX-License-Identifier: ISC */
#include "disk.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <linux/loop.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define FILE_NAME   "disk"
#define FILE_NODE   2
#define WRITE_MAX   (1 << 20) /* of one request */
#define WRITE_PAGES 256
#define ROOM        (WRITE_MAX + 4096) /* a request with what stands before its bytes */

/* Old bytes of the image. */
struct old {
    uint64_t offset;
    uint32_t size;
    char *bytes;
};

struct disk {
    char *image;
    size_t size;
    char path[256], dir[240];
    int fuse;
    pthread_t thread;
    char *request;         /* the one that is answered */
    pthread_mutex_t mutex; /* guards what follows, and the image */
    struct disk_record *records;
    atomic_uint count;
    unsigned cap;
    bool recording;
    struct old *olds; /* in the order of the changes */
    size_t old_n, old_cap;
};

static void *need(void *p)
{
    if (p)
        return p;
    fputs("disk: out of memory\n", stderr);
    abort();
}

static void *copy(const char *bytes, size_t size)
{
    return memcpy(need(malloc(size)), bytes, size);
}

/* --- what changes --- */

/* These two with the mutex held. */
static void change(struct disk *d, uint64_t offset, const char *bytes, uint32_t size)
{
    if (d->old_n == d->old_cap) {
        d->old_cap = d->old_cap * 2 + 256;
        d->olds = need(realloc(d->olds, d->old_cap * sizeof *d->olds));
    }
    d->olds[d->old_n++] = (struct old){offset, size, copy(d->image + offset, size)};
    memcpy(d->image + offset, bytes, size);
}

static void add_record(struct disk *d, struct disk_record r)
{
    unsigned n = atomic_load(&d->count);

    if (n == d->cap) {
        d->cap = d->cap * 2 + 256;
        d->records = need(realloc(d->records, d->cap * sizeof *d->records));
    }
    d->records[n] = r;
    atomic_store(&d->count, n + 1); /* before the answer */
}

void disk_record(struct disk *d, bool on)
{
    pthread_mutex_lock(&d->mutex);
    for (unsigned i = 0; on && i < atomic_load(&d->count); i++)
        free(d->records[i].bytes);
    if (on)
        atomic_store(&d->count, 0);
    d->recording = on;
    pthread_mutex_unlock(&d->mutex);
}

const atomic_uint *disk_count(const struct disk *d)
{
    return &d->count;
}

const struct disk_record *disk_at(const struct disk *d, unsigned number)
{
    return &d->records[number];
}

static void forget(struct disk *d)
{
    for (size_t i = 0; i < d->old_n; i++)
        free(d->olds[i].bytes);
    d->old_n = 0;
}

void disk_keep(struct disk *d)
{
    pthread_mutex_lock(&d->mutex);
    forget(d);
    pthread_mutex_unlock(&d->mutex);
}

void disk_take_back(struct disk *d)
{
    pthread_mutex_lock(&d->mutex);
    for (size_t i = d->old_n; i-- > 0;)
        memcpy(d->image + d->olds[i].offset, d->olds[i].bytes, d->olds[i].size);
    forget(d);
    pthread_mutex_unlock(&d->mutex);
}

void disk_apply(struct disk *d, const struct disk_record *r, size_t from, size_t size)
{
    if (size == 0) /* a flush */
        return;
    pthread_mutex_lock(&d->mutex);
    change(d, r->offset + from, r->bytes + from, (uint32_t)size);
    pthread_mutex_unlock(&d->mutex);
}

/* --- the file system: a directory and its file --- */

static void answer(struct disk *d, int error, void *body, size_t size)
{
    const struct fuse_in_header *in = (const void *)d->request;
    struct fuse_out_header out = {(uint32_t)(sizeof out + size), -error, in->unique};
    struct iovec parts[] = {{&out, sizeof out}, {body, size}};

    if (writev(d->fuse, parts, 2) < 0 && errno != ENOENT) /* ENOENT: interrupted, nobody waits */
        perror("# disk: answer");
}

static struct fuse_attr attributes(const struct disk *d, uint64_t node)
{
    struct fuse_attr a = {.ino = node, .nlink = 1, .blksize = 4096};

    a.mode = node == FILE_NODE ? S_IFREG | 0600 : S_IFDIR | 0700;
    a.size = node == FILE_NODE ? d->size : 0;
    a.blocks = a.size / DISK_SECTOR;
    return a;
}

static void answer_init(struct disk *d)
{
    struct fuse_init_out out = {.major = FUSE_KERNEL_VERSION,
                                .minor = FUSE_KERNEL_MINOR_VERSION,
                                .flags = FUSE_BIG_WRITES | FUSE_MAX_PAGES,
                                .max_background = 16,
                                .congestion_threshold = 12,
                                .max_write = WRITE_MAX,
                                .max_pages = WRITE_PAGES,
                                .time_gran = 1};

    answer(d, 0, &out, sizeof out);
}

static void answer_lookup(struct disk *d, const char *name)
{
    struct fuse_entry_out out = {.nodeid = FILE_NODE, .attr = attributes(d, FILE_NODE)};

    if (strcmp(name, FILE_NAME) == 0)
        answer(d, 0, &out, sizeof out);
    else
        answer(d, ENOENT, NULL, 0);
}

static void answer_attributes(struct disk *d, uint64_t node)
{
    struct fuse_attr_out out = {.attr = attributes(d, node)};

    answer(d, 0, &out, sizeof out);
}

static void answer_open(struct disk *d)
{
    struct fuse_open_out out = {.open_flags = FOPEN_DIRECT_IO};

    answer(d, 0, &out, sizeof out);
}

static void answer_read(struct disk *d, const struct fuse_read_in *in)
{
    size_t size = in->size;

    if (in->offset >= d->size)
        size = 0;
    else if (size > d->size - in->offset)
        size = d->size - in->offset;
    answer(d, 0, d->image + (size ? in->offset : 0), size);
}

static void answer_write(struct disk *d, const struct fuse_write_in *in)
{
    struct fuse_write_out out = {.size = in->size};
    const char *bytes = (const char *)(in + 1);

    if (in->offset > d->size || in->size > d->size - in->offset) {
        answer(d, ENOSPC, NULL, 0);
        return;
    }
    pthread_mutex_lock(&d->mutex);
    change(d, in->offset, bytes, in->size);
    if (d->recording && in->size > 0)
        add_record(d, (struct disk_record){in->offset, in->size, copy(bytes, in->size)});
    pthread_mutex_unlock(&d->mutex);
    answer(d, 0, &out, sizeof out);
}

static void answer_sync(struct disk *d)
{
    pthread_mutex_lock(&d->mutex);
    if (d->recording)
        add_record(d, (struct disk_record){.size = 0});
    pthread_mutex_unlock(&d->mutex);
    answer(d, 0, NULL, 0);
}

static void answer_request(struct disk *d)
{
    const struct fuse_in_header *in = (const void *)d->request;
    const void *body = in + 1;

    switch (in->opcode) {
    case FUSE_INIT:
        return answer_init(d);
    case FUSE_LOOKUP:
        return answer_lookup(d, body);
    case FUSE_GETATTR:
    case FUSE_SETATTR:
        return answer_attributes(d, in->nodeid);
    case FUSE_OPEN:
        return answer_open(d);
    case FUSE_READ:
        return answer_read(d, body);
    case FUSE_WRITE:
        return answer_write(d, body);
    case FUSE_FSYNC:
        return answer_sync(d);
    case FUSE_FLUSH:
    case FUSE_RELEASE:
    case FUSE_DESTROY:
        return answer(d, 0, NULL, 0);
    case FUSE_FORGET:
    case FUSE_BATCH_FORGET:
    case FUSE_INTERRUPT:
        return; /* these are not answered */
    default:
        answer(d, ENOSYS, NULL, 0);
    }
}

static void *serve(void *arg)
{
    struct disk *d = arg;

    for (;;) {
        ssize_t n = read(d->fuse, d->request, ROOM);
        if (n >= (ssize_t)sizeof(struct fuse_in_header))
            answer_request(d);
        else if (n >= 0 || (errno != EINTR && errno != ENOENT && errno != EAGAIN))
            return NULL; /* ENODEV: unmounted */
    }
}

/* --- the whole --- */

static bool failed(const char *what)
{
    printf("# %s: %s\n", what, strerror(errno));
    return false;
}

static bool load(struct disk *d, const char *image)
{
    int fd = open(image, O_RDONLY | O_CLOEXEC);
    struct stat st;
    bool ok = fd >= 0 && fstat(fd, &st) == 0;

    if (ok) {
        d->size = (size_t)st.st_size;
        /* Shared, so that a fork costs nothing. */
        d->image = mmap(NULL, d->size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        ok = d->image != MAP_FAILED;
    }
    for (off_t at = 0; ok && (at = lseek(fd, at, SEEK_DATA)) >= 0;) {
        off_t end = lseek(fd, at, SEEK_HOLE);
        for (ssize_t n; ok && at < end; at += n)
            ok = (n = pread(fd, d->image + at, (size_t)(end - at), at)) > 0;
    }
    if (fd >= 0)
        close(fd);
    return ok || failed(image);
}

static bool mount_fuse(struct disk *d)
{
    char options[96];

    d->fuse = open("/dev/fuse", O_RDWR | O_CLOEXEC);
    if (d->fuse < 0)
        return failed("/dev/fuse");
    snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=0,group_id=0", d->fuse);
    if (mount("pochta-replay", d->dir, "fuse", MS_NOSUID | MS_NODEV, options) != 0)
        return failed("cannot mount with FUSE");
    errno = pthread_create(&d->thread, NULL, serve, d);
    if (errno != 0) {
        failed("no thread");
        umount2(d->dir, MNT_DETACH);
        return false;
    }
    return true;
}

struct disk *disk_new(const char *image, const char *dir)
{
    struct disk *d = need(calloc(1, sizeof *d));

    d->fuse = -1;
    pthread_mutex_init(&d->mutex, NULL);
    d->request = need(malloc(ROOM));
    snprintf(d->dir, sizeof d->dir, "%s", dir);
    snprintf(d->path, sizeof d->path, "%s/" FILE_NAME, d->dir);
    if (load(d, image) && mount_fuse(d))
        return d;
    if (d->fuse >= 0)
        close(d->fuse);
    if (d->image && d->image != MAP_FAILED)
        munmap(d->image, d->size);
    free(d->request);
    free(d);
    return NULL;
}

void disk_free(struct disk *d)
{
    umount2(d->dir, MNT_DETACH);
    pthread_join(d->thread, NULL);
    close(d->fuse);
    disk_keep(d);
    disk_record(d, true);
    free(d->records);
    free(d->olds);
    free(d->request);
    pthread_mutex_destroy(&d->mutex);
    munmap(d->image, d->size);
    free(d);
}

/* A loop device that ends with its last user. -1: none. */
static int attach(const struct disk *d, char device[32])
{
    int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
    int file = open(d->path, O_RDWR | O_CLOEXEC);
    struct loop_config config = {.fd = (uint32_t)file, .info.lo_flags = LO_FLAGS_AUTOCLEAR};
    int loop = -1;

    for (int tries = 0; loop < 0 && control >= 0 && file >= 0 && tries < 100; tries++) {
        snprintf(device, 32, "/dev/loop%d", ioctl(control, LOOP_CTL_GET_FREE));
        loop = open(device, O_RDWR | O_CLOEXEC);
        if (loop < 0 || ioctl(loop, LOOP_CONFIGURE, &config) == 0)
            continue;
        close(loop); /* somebody else was faster */
        loop = -1;
        if (errno != EBUSY)
            break;
    }
    if (loop < 0)
        failed("no loop device");
    if (control >= 0)
        close(control);
    if (file >= 0)
        close(file);
    return loop;
}

bool disk_mount(struct disk *d, const char *type, const char *at)
{
    char device[32];
    int loop = attach(d, device);
    bool ok = loop >= 0 && mount(device, at, type, MS_NOATIME, NULL) == 0;

    if (loop >= 0 && !ok)
        failed("cannot mount the device");
    if (loop >= 0)
        close(loop);
    return ok;
}
