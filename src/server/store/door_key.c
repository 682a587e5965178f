/* SPDX-License-Identifier: ISC */
#include "store/door_key.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/digits.h"
#include "mime/envelope.h"
#include "mime/parts.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/random.h"
#include "proto/message.h"
#include "store/changes.h"
#include "store/changes_known.h"
#include "store/door_file.h"
#include "store/store_private.h"

#define HEADER_BYTES (64 << 10) /* in which a Message-ID is looked for */
#define UNFINISHED   LAYOUT_DOORS LAYOUT_UNFINISHED
#define HASH_BYTES   8

struct door_key {
    struct door_file file;
};

/* --- the file --- */

/* ST_NO_MESSAGE: there is no file. ST_IO: errno. On any status the caller frees both. */
static enum status load_from(int dir, struct buf *text, struct door_file *f)
{
    *f = (struct door_file){.n = 0};
    buf_init(text, DOOR_FILE_BYTES);
    if (!os_file_load(dir, LAYOUT_DOORS, text))
        return errno == ENOENT ? ST_NO_MESSAGE : errno == EFBIG ? ST_DAMAGED : ST_IO;
    enum status st = door_file_parse(buf_span(text), f);
    if (st != ST_NO_MEMORY)
        return st;
    errno = ENOMEM;
    return ST_IO;
}

/* The same for a store. A failed read is logged. */
static enum status load(struct store *s, struct buf *text, struct door_file *f)
{
    enum status st = load_from(s->dir, text, f);
    return st == ST_IO ? store_failed(s, "read", LAYOUT_DOORS) : st;
}

const char *door_key_check(struct store *s)
{
    struct buf text;
    struct door_file f;
    enum status st = load(s, &text, &f);
    door_file_free(&f);
    door_file_free_text(&text);
    if (st == ST_OK || st == ST_NO_MESSAGE)
        return NULL;
    return st == ST_DAMAGED ? "it is damaged; copy it from a backup" : "it cannot be read";
}

bool door_key_is_damaged(int dir)
{
    struct buf text;
    struct door_file f;
    enum status st = load_from(dir, &text, &f);
    door_file_free(&f);
    door_file_free_text(&text);
    return st == ST_DAMAGED;
}

enum status door_key_load(struct store *s, struct buf *text)
{
    struct buf found;
    struct door_file f;
    enum status st = load(s, &found, &f);
    if (st == ST_OK && !buf_add(text, buf_span(&found))) {
        errno = ENOMEM;
        st = store_failed(s, "read", LAYOUT_DOORS);
    }
    door_file_free(&f);
    door_file_free_text(&found);
    return st;
}

/*
 * Another process, such as a tool that restores a backup, may make the file at the same time. The
 * file that gets the name first stays; then ST_USER_EXISTS.
 */
static enum status make(struct store *s, struct span text)
{
    bool ok = (os_file_remove(s->dir, UNFINISHED) || errno == ENOENT) &&
              os_file_make(s->dir, UNFINISHED, text);
    if (ok && !os_file_rename_new(s->dir, UNFINISHED, s->dir, LAYOUT_DOORS)) {
        int error = errno;
        os_file_remove(s->dir, UNFINISHED);
        if (error == EEXIST)
            return ST_USER_EXISTS;
        errno = error;
        ok = false;
    }
    if (!ok)
        return store_failed(s, "write", LAYOUT_DOORS);
    return store_sync_top(s);
}

static enum status write_over(struct store *s, struct span text)
{
    if (!os_file_replace(s->dir, LAYOUT_DOORS, text))
        return store_failed(s, "write", LAYOUT_DOORS);
    return store_sync_top(s);
}

/* Compares the key of a store's file with that of f. ST_NO_MESSAGE, ST_DAMAGED: as load. */
static enum status compare_key(struct store *s, const struct door_file *f, bool *same)
{
    struct buf text;
    struct door_file mine;
    enum status st = load(s, &text, &mine);
    *same = st == ST_OK && memcmp(mine.keys, f->keys, sizeof mine.keys) == 0;
    door_file_free(&mine);
    door_file_free_text(&text);
    return st;
}

enum status door_key_adopt(struct store *s, struct span text, bool replace, bool *replaced)
{
    struct door_file f;
    bool same = false;
    *replaced = false;
    enum status st = door_file_parse(text, &f);
    if (st == ST_NO_MEMORY) {
        errno = ENOMEM;
        store_failed(s, "write", LAYOUT_DOORS);
    }
    if (st == ST_OK) {
        enum status mine = compare_key(s, &f, &same);
        if (mine == ST_NO_MESSAGE)
            st = make(s, text);
        else if (status_is_shortage(mine))
            st = mine;
        else if (!same)
            st = replace ? write_over(s, text) : ST_USER_EXISTS;
        *replaced = st == ST_OK && mine != ST_NO_MESSAGE && !same;
    }
    door_file_free(&f);
    return st;
}

/* --- at a start --- */

/* Writes f, which has just got a domain. is_new: as a file that was missing. */
static enum status write_file(struct store *s, const struct door_file *f, bool is_new)
{
    struct buf text;
    buf_init(&text, DOOR_FILE_BYTES);
    door_file_add(&text, f);
    enum status st;
    if (!buf_ok(&text)) {
        errno = ENOMEM;
        st = store_failed(s, "write", LAYOUT_DOORS);
    } else {
        st = is_new ? make(s, buf_span(&text)) : write_over(s, buf_span(&text));
    }
    door_file_free_text(&text);
    return st;
}

/*
 * Chooses a time later than that of any message: one of the present second may have been shown
 * under the earlier domain. If the clock is behind the notes of changes, or behind the last domain,
 * messages may have times later than now.
 */
static int64_t choose_time(struct store *s, const struct door_file *f, int64_t now)
{
    int64_t noted = changes_now(s), last = f->domains[f->n - 1].since;
    int64_t since = noted > now ? noted + CHANGES_HOUR_S : now + 1;
    return since > last ? since : last + 1;
}

static void tell_later(struct store *s, const char *domain, int64_t since)
{
    char date[MESSAGE_DATE_BYTES];
    struct tm utc;
    os_clock_utc(since, &utc);
    message_date_format(2, &utc, date);
    store_trouble(s,
                  "mail is shown under the domain %s only from %s on, since the store may have "
                  "messages with times up to then",
                  domain, date);
}

static enum status add_domain(struct store *s, struct door_file *f, const char *domain)
{
    int64_t now = os_clock_now(), since = f->n > 0 ? choose_time(s, f, now) : 0;
    enum status st = door_file_add_domain(f, since, span_str(domain));
    if (st == ST_NO_MEMORY) {
        errno = ENOMEM;
        return store_failed(s, "write", LAYOUT_DOORS);
    }
    if (st == ST_DAMAGED)
        store_trouble(s,
                      "the domain \"%.300s\" cannot be added to the file " LAYOUT_DOORS
                      " of the store: it must have 1 to %d visible ASCII characters, and the file "
                      "has room for %d domains",
                      domain, DOOR_DOMAIN_BYTES, DOOR_DOMAINS);
    else if (f->n > 1 && since > now + 1)
        tell_later(s, domain, since);
    return st;
}

/* Sets f to what the file has, or to a new key without a domain. */
static enum status load_or_draw(struct store *s, struct door_file *f)
{
    struct buf text;
    enum status st = load(s, &text, f);
    door_file_free_text(&text);
    if (st == ST_DAMAGED)
        store_trouble(s,
                      "the file " LAYOUT_DOORS
                      " of the store is damaged: stop the server, and copy the newest file "
                      "DATE." LAYOUT_DOORS
                      " of a backup over it; without a backup, remove it: then a message that was "
                      "sent before, and is sent again, is stored twice");
    if (st != ST_NO_MESSAGE)
        return st;
    os_random_bytes(f->keys, sizeof f->keys);
    return ST_OK;
}

static enum status open_file(struct store *s, const char *domain, struct door_file *f)
{
    enum status st = load_or_draw(s, f);
    bool is_new = f->n == 0;
    if (st != ST_OK || (f->n > 0 && strcmp(f->domains[f->n - 1].name, domain) == 0))
        return st;
    bool read_only = store_is_failed(s);
    if (read_only)
        store_trouble(s,
                      "the domain %.300s is not added to the file " LAYOUT_DOORS
                      ", since the store can only be read until the next start",
                      domain);
    if (read_only && !is_new)
        return ST_OK;
    st = add_domain(s, f, domain);
    return st == ST_OK && !read_only ? write_file(s, f, is_new) : st;
}

enum status door_key_open(struct store *s, const char *domain, struct door_key **k)
{
    struct door_key *key = calloc(1, sizeof *key);
    *k = NULL;
    if (!key) {
        errno = ENOMEM;
        return store_failed(s, "read", LAYOUT_DOORS);
    }
    enum status st = open_file(s, domain, &key->file);
    if (st == ST_USER_EXISTS) { /* a tool was quicker: its file has a domain */
        door_file_free(&key->file);
        st = open_file(s, domain, &key->file);
    }
    if (st == ST_OK)
        *k = key;
    else
        door_key_free(key);
    return st;
}

void door_key_free(struct door_key *k)
{
    if (k)
        door_file_free(&k->file);
    free(k);
}

/* --- domains --- */

const char *door_key_domain(const struct door_key *k, int64_t time)
{
    const struct door_file *f = &k->file;
    size_t i = f->n - 1;
    while (i > 0 && f->domains[i].since > time)
        i--;
    return f->domains[i].name;
}

bool door_key_is_ours(const struct door_key *k, struct span domain)
{
    bool ours = false;
    for (size_t i = 0; i < k->file.n && !ours; i++)
        ours = span_eq_folded(span_str(k->file.domains[i].name), domain);
    return ours;
}

/* --- tokens --- */

/* Whether a Message-ID can tell messages apart. Scripts write <> or <@> if they have nothing to put
 * there. */
static bool names_message(struct span id)
{
    size_t i = 0;
    while (i < id.n && (strchr("<>@", id.p[i]) || span_is_space(id.p[i])))
        i++;
    return i < id.n;
}

/* Sets *value to what the token is made of: the text's Message-ID, or else the whole text. Returns
 * a letter for which of the two it is. */
static char choose_value(struct span text, struct span *value)
{
    struct span header = envelope_header(span_first(text, HEADER_BYTES));
    if (envelope_field(header, "Message-ID", value) && names_message(*value)) {
        *value = span_trim(*value);
        return 'i';
    }
    *value = text;
    return 't';
}

static void put_hash(char *to, uint64_t hash)
{
    for (size_t i = 0; i < HASH_BYTES; i++)
        to[i] = (char)(hash >> 8 * i & 0xff);
}

void door_message_begin(struct door_message *m, const struct door_key *k, struct span sender,
                        struct span text)
{
    struct span value;
    *m = (struct door_message){.key = k, .kind = choose_value(text, &value)};
    for (size_t half = 0; half < 2; half++) {
        const unsigned char *inner = k->file.keys[2 * half];
        m->hashes[half][0] = siphash(inner, sender);
        m->hashes[half][1] = siphash(inner, value);
    }
}

/*
 * A hash of three hashes of fixed length, so that no two different messages are the same bytes. The
 * inner and the outer hashes have keys of their own: a text cannot pass for three hashes.
 */
static uint64_t hash_all(const struct door_message *m, size_t half, struct span recipient)
{
    const struct door_file *f = &m->key->file;
    char words[3 * HASH_BYTES + 1];
    put_hash(words, m->hashes[half][0]);
    put_hash(words + HASH_BYTES, siphash(f->keys[2 * half], recipient));
    put_hash(words + 2 * HASH_BYTES, m->hashes[half][1]);
    words[3 * HASH_BYTES] = m->kind;
    return siphash(f->keys[2 * half + 1], span_of(words, sizeof words));
}

void door_message_token(const struct door_message *m, struct span recipient,
                        char token[DOOR_TOKEN_DIGITS + 1])
{
    for (size_t half = 0; half < 2; half++)
        digits_put_hex(token + half * DOOR_TOKEN_DIGITS / 2, hash_all(m, half, recipient),
                       DOOR_TOKEN_DIGITS / 2);
    token[DOOR_TOKEN_DIGITS] = '\0';
}

void door_key_token(const struct door_key *k, struct span sender, struct span recipient,
                    struct span text, char token[DOOR_TOKEN_DIGITS + 1])
{
    struct door_message m;
    door_message_begin(&m, k, sender, text);
    door_message_token(&m, recipient, token);
}

bool door_key_proves(const struct door_key *k, struct span sender, struct span recipient,
                     struct span body, const char *token)
{
    char right[DOOR_TOKEN_DIGITS + 1];
    unsigned char differs = 0;
    if (strlen(token) != DOOR_TOKEN_DIGITS)
        return false;
    door_key_token(k, sender, recipient, parts_without_mark(body), right);
    /* Compares all digits, so that the time does not tell how many of them were right. */
    for (size_t i = 0; i < DOOR_TOKEN_DIGITS; i++)
        differs |= (unsigned char)(right[i] ^ token[i]);
    return differs == 0;
}
