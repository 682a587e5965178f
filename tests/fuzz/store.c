/* SPDX-License-Identifier: ISC */
/*
 * The files "lock" and "version" of a store as a process leaves them when it dies, but with some
 * bytes changed, and some of its semaphores. Either the store is refused with a reason, or it is
 * opened, and then it takes and shows mail.
 */
#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>

#include "../machine/machine_private.h"
#include "fuzz.h"
#include "memory.h"
#include "store/fsck.h"
#include "store_fixture.h"

#define STORE "/store"

static struct buf lock; /* of a store that is open */
static char key[LOCK_KEY_DIGITS + 1];

static void died(void *ctx, const char *mailbox)
{
    (void)ctx;
    must(memchr(mailbox, '\0', NAME_BYTES + 1) != NULL);
}

static void trouble(void *ctx, const char *text)
{
    (void)ctx;
    must(text[0]);
}

static struct store *open_store(const char **why)
{
    const struct store_events events = {.trouble = trouble, .died = died};
    struct store *s = store_open(STORE, true, events, why);

    if (s)
        s->second_look_ms = 0;
    return s;
}

/* Copies the lock file of a store that is in use. */
static void begin(void)
{
    const char *why;
    struct lock_file_look look;
    struct store *s = open_store(&why);

    must(s != NULL);
    buf_init(&lock, 1 << 20);
    must(os_file_load_path(STORE "/lock", &lock));
    must(lock_file_look(store_dir(s), &look));
    memcpy(key, look.key, sizeof key);
    store_close(s);
}

/* For a stripe of the copy, as a dead process leaves it. Value 0: it died with the stripe. */
static void make_semaphore(unsigned stripe, unsigned value)
{
    char name[80];
    struct lock_slot slot;
    size_t at = lock.n - (LOCK_STRIPES - stripe) * sizeof slot;

    memcpy(&slot, lock.p + at, sizeof slot);
    snprintf(name, sizeof name, "/pochta-%s-%.*s", key, LOCK_SEMAPHORE_DIGITS, slot.semaphore);
    sem_unlink(name);
    sem_t *sem = sem_open(name, O_CREAT | O_EXCL, 0600, 1);
    must(sem != SEM_FAILED);
    if (value == 0)
        must(sem_trywait(sem) == 0);
    sem_close(sem);
}

static void leave_files(struct span *in)
{
    struct span copy = exact(buf_span(&lock));
    char *bytes = exact_bytes(copy);
    must(copy.n > 0);
    size_t cut = fuzz_below(in, 4) ? copy.n : fuzz_below(in, 65536) % copy.n;

    for (size_t n = fuzz_below(in, 16); n > 0; n--)
        make_semaphore((unsigned)fuzz_below(in, LOCK_STRIPES), fuzz_byte(in) & 1);
    for (size_t n = fuzz_below(in, 16); n > 0; n--) {
        size_t at = fuzz_below(in, 65536) % copy.n, change = fuzz_below(in, 80);
        struct span more = span_first(fuzz_bytes(in, change), copy.n - at);
        memcpy(bytes + at, more.n > 0 ? more.p : "", more.n);
    }
    memory_write(STORE "/lock", span_first(copy, cut));
    exact_free(copy);
    if (fuzz_byte(in) & 1)
        memory_write(STORE "/version", *in);
}

static void use(struct store *s)
{
    struct who ann = {.name = "ann"};
    struct mailbox *mb;
    struct fsck fsck = {.store = s};

    must(account_register(s, "ann", "hash") == ST_OK);
    must(mailbox_open(s, &ann, &mb) == ST_OK);
    must(fixture_deliver(mb, "bob", "text") == 1 && fixture_text(mb, 1, "text") == ST_OK);
    mailbox_close(mb);
    must(fsck_mailbox(&fsck, "ann") == ST_OK && fsck.findings == 0);
    fixture_clear(s);
}

void fuzz_one(struct span in)
{
    const char *why = "";

    if (lock.n == 0)
        begin();
    machine_forget_semaphores();
    leave_files(&in);
    struct store *s = open_store(&why);
    if (s) {
        use(s);
        store_close(s);
        return;
    }
    must(why[0]);
    /* The text tells people to remove these files: then a server makes them again. */
    must(os_file_remove(OS_FILE_CWD, STORE "/lock"));
    must(os_file_remove(OS_FILE_CWD, STORE "/version") || errno == ENOENT);
    s = open_store(&why);
    must(s != NULL);
    use(s);
    store_close(s);
}
