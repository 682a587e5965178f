/* SPDX-License-Identifier: ISC */
/*
 * Segments of a delivery log: records of ours, marks and any bytes, some of which are damaged then,
 * and a mailbox that has some of the messages already. A recovery writes the messages whose records
 * are whole, once, and no others, and leaves a store in which fsck finds nothing. A second recovery
 * of the same segments, as after a crash at the end of the first one, changes nothing.
 */
#include "store/redo_recovery.h"

#include "fuzz.h"
#include "os/random.h"
#include "redo_records.h"
#include "store/fsck.h"
#include "store_fixture.h"

#define RECORDS 24
#define OTHERS  100 /* ids from here on are not in the log */

static struct fixture f;
static struct store *store;
static struct who ann;
static uint64_t log_number; /* random: nothing in an input can be a record by chance */
static struct buf bytes, whole;

static struct record {
    struct redo_place place;
    struct mail mail;
    struct span body;
    size_t at, end;
    bool counts; /* it is whole, and still needed */
    bool purged; /* before */
    int found;   /* in the mailbox afterwards */
    char text[128];
} records[RECORDS];
static size_t n_records;
static uint64_t oldest;

static void end(void)
{
    fixture_clear(store);
    store_close(store);
    fixture_end(&f);
    buf_free(&bytes);
    buf_free(&whole);
}

static void begin(void)
{
    fixture_begin_in(&f, "/dev/shm");
    store = fixture_open(&f, true);
    fixture_steady(store);
    os_random_bytes(&log_number, sizeof log_number);
    buf_init(&bytes, 1 << 20);
    buf_init(&whole, 1 << 20);
    fuzz_at_end(end);
}

static void align(void)
{
    while (bytes.n % REDO_ALIGN != 0)
        buf_add_char(&bytes, '\0');
}

static struct redo_place place(struct span *in)
{
    struct redo_place p = {.log = log_number, .serial = 1 + fuzz_below(in, 8)};

    p.sequence = n_records;
    p.oldest = fuzz_below(in, 4) ? 1 : 1 + fuzz_below(in, p.serial);
    return p;
}

static void add_record(struct span *in)
{
    struct record *r = &records[n_records];
    char token[TOKEN_MAX + 1] = "";

    align();
    *r = (struct record){.place = place(in)};
    struct span text = fuzz_bytes(in, fuzz_below(in, 100));
    int n = snprintf(r->text, sizeof r->text, "%zu: ", n_records); /* it tells them apart */
    memcpy(r->text + n, text.p ? text.p : "", text.n);
    r->body = span_of(r->text, (size_t)n + text.n);
    if (fuzz_below(in, 2))
        snprintf(token, sizeof token, "%016zx", n_records);
    r->mail = redo_mail(1 + (uint32_t)n_records, "", token);
    message_file_measure(&r->mail, r->body);
    r->at = redo_put(&bytes, &r->place, &ann, &r->mail, r->body);
    r->end = bytes.n;
    n_records++;
}

static void add_anything(struct span *in)
{
    struct redo_place p;

    switch (fuzz_below(in, 4)) {
    case 0:
        buf_add(&bytes, fuzz_bytes(in, fuzz_below(in, 200)));
        break;
    case 1:
        redo_end_block(&bytes);
        break;
    case 2: /* a mark, which is like a record that cannot be damaged */
        align();
        p = place(in);
        redo_put_mark(&bytes, &p);
        oldest = p.oldest > oldest ? p.oldest : oldest;
        break;
    default: /* of another log */
        align();
        p = place(in);
        p.log++;
        redo_put_mark(&bytes, &p);
    }
}

static void write_segment(void)
{
    char path[300], name[REDO_NAME_BYTES];

    snprintf(path, sizeof path, "%s/log", f.path);
    int dir = os_file_open_dir(path);
    snprintf(name, sizeof name, REDO_SEGMENT "%016" PRIx64 "-0", log_number);
    must(os_file_replace(dir, name, buf_span(&bytes)));
    os_file_close(dir);
}

/* Damage to records only: what a mark says is known then. */
static void damage(struct span *in)
{
    for (size_t n = n_records > 0 ? fuzz_below(in, 8) : 0; n > 0; n--) {
        const struct record *r = &records[fuzz_below(in, n_records)];
        bytes.p[r->at + fuzz_below(in, 400) % (r->end - r->at)] ^= (char)fuzz_byte(in);
    }
}

static void see_which_count(void)
{
    for (size_t i = 0; i < n_records; i++) {
        struct record *r = &records[i];
        struct redo_place p;
        struct span content;
        size_t at = 0;
        r->counts = memcmp(bytes.p + r->at, whole.p + r->at, r->end - r->at) == 0;
        /* What is damaged in the padding alone is whole, too. */
        if (!r->counts && redo_record_find(span_of(bytes.p + r->at, r->end - r->at), log_number,
                                           &at, &p, &content))
            r->counts = at == 0 && memcmp(bytes.p + r->at, whole.p + r->at,
                                          REDO_HEADER_BYTES + content.n) == 0;
        if (r->counts && r->place.oldest > oldest)
            oldest = r->place.oldest;
    }
    for (size_t i = 0; i < n_records; i++)
        records[i].counts = records[i].counts && records[i].place.serial >= oldest;
}

static void write_file(int dir, const struct mail *m, struct span body, bool spoil)
{
    char name[MESSAGE_FILE_NAME_BYTES], text[MESSAGE_FILE_HEADER_BYTES + 200];

    message_file_name(m, name);
    size_t n = message_file_header(m, body, text);
    memcpy(text + n, body.p ? body.p : "", body.n);
    text[n - 2] ^= (char)(spoil ? 1 : 0);
    must(os_file_replace(dir, name, span_of(text, m->state == MAIL_EXPUNGED ? 0 : n + body.n)));
}

/* The mailbox has some of the messages already, whole or not, or others in their places. */
static void fill_mailbox(struct span *in)
{
    int dir = fixture_directory(&f, "ann");

    for (size_t i = 0; i < n_records; i++) {
        struct record *r = &records[i];
        struct mail m = r->mail;
        size_t kind = fuzz_below(in, 10);
        if (!r->counts || kind > 6)
            continue;
        m.state = (enum mail_state) "undxb.u"[kind];
        r->purged = m.state == MAIL_EXPUNGED;
        if (kind == 5) { /* another message under its id */
            m = redo_mail(m.id, "not that one, but another", "");
            write_file(dir, &m, SPAN("not that one, but another"), false);
            continue;
        }
        if (kind == 6) { /* the same under another id */
            if (!m.token[0])
                continue;
            m.id += OTHERS;
        }
        write_file(dir, &m, r->body, kind != 6 && (m.state == MAIL_BROKEN || fuzz_byte(in) % 2));
    }
    os_file_close(dir);
}

/* Each file of the mailbox is a message of ours, byte for byte, or was there before. */
static bool look_at_file(void *ctx, const char *name)
{
    const int *dir = ctx;
    struct mail m;
    struct buf file;
    char head[MESSAGE_FILE_HEADER_BYTES];

    if (!message_file_parse_name(name, &m) || m.state == MAIL_EXPUNGED)
        return true;
    buf_init(&file, 1 << 20);
    must(os_file_load(*dir, name, &file));
    for (size_t i = 0; i < n_records; i++) {
        struct record *r = &records[i];
        size_t n = message_file_header(&m, r->body, head);
        r->found += span_starts(buf_span(&file), span_of(head, n)) &&
                    span_eq(span_skip(buf_span(&file), n), r->body);
    }
    buf_free(&file);
    return true;
}

static void check_mailbox(void)
{
    int dir = fixture_directory(&f, "ann");

    for (size_t i = 0; i < n_records; i++)
        records[i].found = 0;
    must(os_file_each(dir, look_at_file, &dir));
    os_file_close(dir);
    for (size_t i = 0; i < n_records; i++)
        must(records[i].found == (records[i].counts && !records[i].purged));
}

/* The names and bytes of all files in ann's mailbox, in any order. */
struct sum {
    int dir;
    uint64_t files, checksums;
};

static bool add_to_sum(void *ctx, const char *name)
{
    struct sum *sum = ctx;
    struct buf file;

    buf_init(&file, 1 << 20);
    must(os_file_load(sum->dir, name, &file));
    sum->files++;
    sum->checksums += crc32c(crc32c(0, span_str(name)), buf_span(&file));
    buf_free(&file);
    return true;
}

static struct sum sum_mailbox(void)
{
    struct sum sum = {.dir = fixture_directory(&f, "ann")};

    must(os_file_each(sum.dir, add_to_sum, &sum));
    os_file_close(sum.dir);
    return sum;
}

static void tell(void *ctx, const char *mailbox, const char *file, const char *what, bool set_aside)
{
    (void)ctx;
    (void)set_aside;
    diag("%s: %s: %s", mailbox, file ? file : "", what);
}

static void check_store(void)
{
    struct fsck fsck = {.store = store, .finding = tell};

    must(fsck_mailbox(&fsck, "ann") == ST_OK && fsck.findings == 0);
    must(!redo_is_left(store->dir) && !store_is_failed(store));
}

static void recover(void)
{
    struct mailbox *mb;

    write_segment();
    redo_recover(store);
    must(mailbox_open(store, &ann, &mb) == ST_OK);
    check_mailbox();
    mailbox_close(mb);
    check_store();
}

void fuzz_one(struct span in)
{
    struct account a;

    if (!store)
        begin();
    store_set_limits(store, &(struct store_limits){.trash_s = 0});
    fixture_clear(store);
    store_set_limits(store, &(struct store_limits){.trash_s = 1000000}); /* nothing is purged */
    buf_clear(&bytes);
    buf_clear(&whole);
    n_records = 0;
    oldest = 1;
    must(account_register(store, "ann", "hash") == ST_OK);
    must(account_find(store, "ann", &ann, &a) == ST_OK);
    for (size_t left = fuzz_below(&in, 2 * RECORDS); left > 0 && n_records < RECORDS; left--)
        (fuzz_byte(&in) % 4 ? add_record : add_anything)(&in);
    redo_end_block(&bytes);
    buf_add(&whole, buf_span(&bytes));
    damage(&in);
    see_which_count();
    fill_mailbox(&in);
    recover();
    struct sum once = sum_mailbox();
    recover();
    struct sum twice = sum_mailbox();
    must(once.files == twice.files && once.checksums == twice.checksums);
}
