/* SPDX-License-Identifier: ISC */
/*
 * A mailbox's directory with files of any name and content: what is good is read, byte for byte,
 * what is not is found out, and new mail comes in behind it.
 */
#include "store/mailbox.h"

#include "fuzz.h"
#include "store/fsck.h"
#include "store_fixture.h"

#define FILES 12

static struct fixture f;
static struct store *store;

static struct file {
    char name[MESSAGE_FILE_NAME_BYTES];
    struct span body;
    bool good; /* as delivery_put would have written it */
} files[FILES];
static size_t nfiles;

static void end(void)
{
    fixture_clear(store);
    store_close(store);
    fixture_end(&f);
}

static void begin(void)
{
    fixture_begin_in(&f, "/dev/shm");
    store = fixture_open(&f, true);
    fuzz_at_end(end);
}

static struct file *find(const char *name)
{
    for (size_t i = 0; i < nfiles; i++)
        if (strcmp(files[i].name, name) == 0)
            return &files[i];
    return NULL;
}

static void note(const char *name, struct span body, bool good)
{
    struct file *file = find(name);

    file = file ? file : &files[nfiles++];
    snprintf(file->name, sizeof file->name, "%s", name);
    file->body = body;
    file->good = good;
}

/* A message, perhaps with a byte that is another. */
static void write_message(struct span *in, int dir)
{
    static const char *const tokens[] = {"", "", "0123456789abcdef", "0123456789abcdef0"};
    struct mail m = {.id = 1 + (uint32_t)fuzz_below(in, 8),
                     .state = (enum mail_state) "uunndxb"[fuzz_below(in, 7)],
                     .time = (int64_t)fuzz_below(in, 65536) << fuzz_below(in, 24),
                     .from = "ann"};
    char name[MESSAGE_FILE_NAME_BYTES], text[MESSAGE_FILE_HEADER_BYTES + 256];
    unsigned change = fuzz_byte(in) % 4 == 0 ? fuzz_byte(in) : 0;
    size_t at = fuzz_below(in, 400);

    strcpy(m.token, tokens[fuzz_below(in, 4)]);
    struct span body = fuzz_bytes(in, fuzz_below(in, 256));
    message_file_measure(&m, body);
    message_file_name(&m, name);
    size_t n = message_file_header(&m, body, text);
    memcpy(text + n, body.p, body.n);
    text[at % (n + body.n)] ^= (char)change;
    must(os_file_replace(dir, name, span_of(text, n + body.n)));
    note(name, body, change == 0);
}

static void write_any(struct span *in, int dir)
{
    struct span name = fuzz_bytes(in, fuzz_below(in, 128)), body = fuzz_bytes(in, fuzz_byte(in));
    char text[MESSAGE_FILE_NAME_BYTES];

    snprintf(text, sizeof text, "%.*s", SPAN_PRINTF(name));
    if (!text[0] || strchr(text, '/') || text[0] == '.' || strncmp(text, "account", 7) == 0)
        return;
    must(os_file_replace(dir, text, body));
    note(text, body, false);
}

/* Whether this file may have become that message: the second file with an id gets another id. */
static bool may_be(const struct file *file, const struct mail *m)
{
    struct mail was;
    if (!message_file_parse_name(file->name, &was) || was.state != m->state)
        return false;
    was.id = m->id;
    return message_file_is_same(&was, m);
}

static bool reads_as(struct mailbox *mb, const struct mail *m, const struct file *file)
{
    return (fixture_body(mb, m, file->body) == ST_OK) == file->good;
}

/* The message as its file says. */
static void read_one(struct mailbox *mb, const struct mail *m)
{
    char name[MESSAGE_FILE_NAME_BYTES];
    bool right = false;

    message_file_name(m, name);
    const struct file *file = find(name);
    for (size_t i = 0; !file && !right && i < nfiles; i++)
        right = may_be(&files[i], m) && reads_as(mb, m, &files[i]);
    must(right || (file && reads_as(mb, m, file)));
}

static void read_all(struct mailbox *mb)
{
    struct mail m[FILES];
    struct snapshot snap;
    size_t n = 0;

    must(snapshot_take(&snap, mb, INDEX_LIVE, 0, SIZE_MAX, fixture_measure, NULL) == ST_OK);
    must(snapshot_next(&snap, m, FILES, &n) == ST_OK && n == snap.count);
    for (size_t i = 0; i < n; i++) {
        must(i == 0 || m[i].id > m[i - 1].id);
        read_one(mb, &m[i]);
    }
    snapshot_drop(&snap);
}

static void tell(void *ctx, const char *mailbox, const char *file, const char *what, bool set_aside)
{
    (void)ctx;
    must(strcmp(mailbox, "ann") == 0 && what[0] && (file || !set_aside));
}

static uint64_t check(bool repair)
{
    struct fsck fsck = {.store = store, .repair = repair, .finding = tell};

    must(fsck_mailbox(&fsck, "ann") == ST_OK && fsck.mailboxes == 1);
    return fsck.findings;
}

static bool note_last(void *ctx, const char *name)
{
    uint32_t *last = ctx;
    struct mail m;
    if (message_file_parse_name(name, &m) && m.id > *last)
        *last = m.id;
    return true;
}

static void deliver(struct mailbox *mb)
{
    uint32_t last = 0;
    int dir = fixture_directory(&f, "ann");
    must(os_file_each(dir, note_last, &last));
    os_file_close(dir);
    uint32_t id = fixture_deliver(mb, "bob", "new");
    must(last == MAIL_ID_MAX ? id == 0 : id == last + 1);
    must(id == 0 || fixture_text(mb, id, "new") == ST_OK);
}

void fuzz_one(struct span in)
{
    struct who ann = {.name = "ann"};
    struct mailbox *mb;

    if (!store)
        begin();
    fixture_clear(store);
    must(account_register(store, "ann", "hash") == ST_OK);
    int dir = fixture_directory(&f, "ann");
    for (nfiles = 0; in.n > 0 && nfiles < FILES;)
        (fuzz_byte(&in) % 4 ? write_message : write_any)(&in, dir);
    os_file_close(dir);
    must(mailbox_open(store, &ann, &mb) == ST_OK);
    read_all(mb);
    uint64_t findings = check(true);
    must(check(false) <= findings);
    deliver(mb);
    mailbox_close(mb);
}
