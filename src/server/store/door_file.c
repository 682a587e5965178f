/* SPDX-License-Identifier: ISC */
#include "store/door_file.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/crc32c.h"
#include "base/digits.h"
#include "os/crypt.h"
#include "store/key_line.h"

#define FIRST_LINE "pochta-doors 1"

static bool is_name(struct span name)
{
    bool ok = name.n > 0 && name.n <= DOOR_DOMAIN_BYTES;
    for (size_t i = 0; ok && i < name.n; i++)
        ok = name.p[i] > ' ' && name.p[i] < 0x7f;
    return ok;
}

enum status door_file_add_domain(struct door_file *f, int64_t since, struct span name)
{
    if (!is_name(name) || f->n == DOOR_DOMAINS || since < 0 ||
        (f->n > 0 && since <= f->domains[f->n - 1].since))
        return ST_DAMAGED;
    struct door_domain *all = array_room(f->domains, f->n, &f->cap, sizeof *all);
    if (!all)
        return ST_NO_MEMORY;
    f->domains = all;
    struct door_domain *d = &all[f->n++];
    d->since = since;
    memcpy(d->name, name.p, name.n);
    d->name[name.n] = '\0';
    return ST_OK;
}

/* The keys are written one after the other, each byte as two digits. */
static bool take_keys(struct span *text, struct door_file *f)
{
    struct span digits;
    if (!key_line_take(text, SPAN("key "), &digits) || digits.n != 2 * sizeof f->keys)
        return false;
    for (size_t i = 0; i < sizeof f->keys; i++) {
        uint64_t byte;
        if (!digits_get_hex(span_first(span_skip(digits, 2 * i), 2), &byte))
            return false;
        f->keys[i / SIPHASH_KEY_BYTES][i % SIPHASH_KEY_BYTES] = (unsigned char)byte;
    }
    return true;
}

static enum status take_domain(struct span line, struct door_file *f)
{
    struct span seconds;
    uint64_t since;
    if (!span_cut(&line, ' ', &seconds) || !span_u64(seconds, INT64_MAX, &since))
        return ST_DAMAGED;
    return door_file_add_domain(f, (int64_t)since, line);
}

/* Whether the rest of the text is a right checksum of what is before it. */
static bool is_checked(struct span text, struct span rest)
{
    uint32_t right = crc32c(0, span_first(text, text.n - rest.n));
    struct span digits;
    uint64_t sum;
    return key_line_take(&rest, SPAN("checksum "), &digits) && rest.n == 0 && digits.n == 8 &&
           digits_get_hex(digits, &sum) && sum == right;
}

enum status door_file_parse(struct span text, struct door_file *f)
{
    struct span rest = text, line;
    enum status st = ST_OK;
    *f = (struct door_file){.n = 0};
    if (!key_line_take(&rest, SPAN(FIRST_LINE), &line) || line.n > 0 || !take_keys(&rest, f))
        return ST_DAMAGED;
    while (st == ST_OK && key_line_take(&rest, SPAN("domain "), &line))
        st = take_domain(line, f);
    if (st != ST_OK)
        return st;
    return f->n > 0 && is_checked(text, rest) ? ST_OK : ST_DAMAGED;
}

void door_file_add(struct buf *out, const struct door_file *f)
{
    size_t before = out->n;
    buf_add_str(out, FIRST_LINE "\nkey ");
    for (size_t i = 0; i < sizeof f->keys; i++)
        buf_printf(out, "%02x", f->keys[i / SIPHASH_KEY_BYTES][i % SIPHASH_KEY_BYTES]);
    buf_add_char(out, '\n');
    for (size_t i = 0; i < f->n; i++)
        buf_printf(out, "domain %" PRId64 " %s\n", f->domains[i].since, f->domains[i].name);
    uint32_t sum = crc32c(0, span_skip(buf_span(out), before));
    buf_printf(out, "checksum %08" PRIx32 "\n", sum);
}

void door_file_free_text(struct buf *text)
{
    os_crypt_wipe(text->p, text->n);
    buf_free(text);
}

void door_file_free(struct door_file *f)
{
    os_crypt_wipe(f->keys, sizeof f->keys);
    free(f->domains);
    *f = (struct door_file){.n = 0};
}
