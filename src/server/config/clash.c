/* SPDX-License-Identifier: ISC */
/* Two values of the configuration that name one address, where only the first could be bound. */
#include <stdio.h>
#include <string.h>

#include "config/config_private.h"

/* One value of a key that names addresses. */
struct named_place {
    enum config_index key;
    unsigned i;
};

/* The places of a key; none if its values are of another type. */
static const struct config_places *places_of(const struct config *c, enum config_index key)
{
    static const struct config_places none = {.n = 0};
    const struct config_key *k = config_key(key);
    bool has = k->type == &config_places || k->type == &config_loopback;
    return has ? config_value(c, k) : &none;
}

static const struct address_place *place_of(const struct config *c, struct named_place p)
{
    return &places_of(c, p.key)->at[p.i];
}

/* Whether one address is 0.0.0.0 or [::], which stands for all others of its family. */
static bool has_all_of_family(const struct address *a, const struct address *b)
{
    static const struct address v6 = {{0}};
    struct address v4 = address_of_v4((const unsigned char[4]){0});
    return address_is_v4(a) == address_is_v4(b) && (address_equal(a, &v4) || address_equal(a, &v6));
}

/* Port 0 is a different one each time. What a host name stands for is seen when it is bound. */
static bool is_one_place(const struct address_place *a, const struct address_place *b)
{
    struct address x, y;
    if (strcmp(a->port, b->port) != 0 || strcmp(a->port, "0") == 0)
        return false;
    if (strcmp(a->host, b->host) == 0)
        return true;
    return address_parse(span_str(a->host), &x) && address_parse(span_str(b->host), &y) &&
           (address_equal(&x, &y) || has_all_of_family(&x, &y) || has_all_of_family(&y, &x));
}

/* Ports of UDP are others than those of TCP. */
static bool is_clash(const struct config *c, struct named_place a, struct named_place b)
{
    return (a.key == CONFIG_KEY_udp) == (b.key == CONFIG_KEY_udp) &&
           is_one_place(place_of(c, a), place_of(c, b));
}

static void print_place(const struct config *c, struct named_place p, struct buf *out)
{
    const struct config_key *key = config_key(p.key);
    key->type->print(key, config_value(c, key), p.i, out);
}

/* An empty value is counted by origin alone; it makes sense only before the others. */
static void say_clash(const struct config *c, struct named_place earlier, struct named_place later,
                      char why[CONFIG_WHY_BYTES])
{
    const struct config_origin *origin = &c->origin[later.key];
    struct buf text;
    buf_init(&text, CONFIG_WHY_BYTES);
    if (origin->source == CONFIG_FILE)
        buf_printf(&text, "%.200s:%u: ", c->file,
                   origin->line[later.i + origin->n - places_of(c, later.key)->n]);
    buf_printf(&text, "%s: ", config_name(later.key));
    print_place(c, later, &text);
    buf_printf(&text, " is taken by %s = ", config_name(earlier.key));
    print_place(c, earlier, &text);
    buf_add_str(&text, "; each needs an address or port of its own");
    snprintf(why, CONFIG_WHY_BYTES, "%.*s", SPAN_PRINTF(buf_span(&text)));
    buf_free(&text);
}

/* Looks for a value before this one that names the same address. */
static bool find_earlier(const struct config *c, struct named_place later,
                         struct named_place *earlier)
{
    for (earlier->key = 0; earlier->key <= later.key; earlier->key++) {
        const struct config_places *places = places_of(c, earlier->key);
        unsigned n = earlier->key == later.key ? later.i : places->n;
        for (earlier->i = 0; earlier->i < n; earlier->i++)
            if (is_clash(c, *earlier, later))
                return true;
    }
    return false;
}

bool config_clashes(const struct config *c, char why[CONFIG_WHY_BYTES])
{
    struct named_place later, earlier;
    for (later.key = 0; later.key < CONFIG_KEY_COUNT; later.key++) {
        const struct config_places *places = places_of(c, later.key);
        for (later.i = 0; later.i < places->n; later.i++) {
            if (!find_earlier(c, later, &earlier))
                continue;
            say_clash(c, earlier, later, why);
            return true;
        }
    }
    return false;
}
