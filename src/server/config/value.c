/* SPDX-License-Identifier: ISC */
/* The types of values: how each is read and printed. */
#include <stdio.h>
#include <string.h>

#include "config/config_private.h"

/* Says that the value of a key is not what rule describes. Returns false. */
static bool reject(const struct config_key *key, struct span value, const char *rule, char *why)
{
    snprintf(why, CONFIG_WHY_BYTES, "%s: \"%.*s\" is not %s", key->name,
             SPAN_PRINTF(span_first(value, 100)), rule);
    return false;
}

/* --- numbers --- */

static void print_number(const struct config_key *key, const void *member, unsigned i,
                         struct buf *out)
{
    const uint64_t *number = member;
    char text[UNITS_BYTES];
    (void)i;
    buf_add(out, units_format(*number, key->type->units, text));
}

static bool set_number(const struct config_key *key, void *member, struct span value, char *why)
{
    char least[UNITS_BYTES], most[UNITS_BYTES], range[CONFIG_WHY_BYTES];
    uint64_t parsed, *number = member;
    if (!units_parse(value, key->type->units, &parsed))
        return reject(key, value, key->type->rule, why);
    if (parsed >= key->min && parsed <= key->max) {
        *number = parsed;
        return true;
    }
    units_format(key->min, key->type->units, least);
    units_format(key->max, key->type->units, most);
    snprintf(range, sizeof range, "between %s and %s", least, most);
    return reject(key, value, range, why);
}

const struct config_type config_time = {false, set_number, print_number, units_time,
                                        UNITS_TIME_RULE};
const struct config_type config_days = {false, set_number, print_number, units_days,
                                        UNITS_DAYS_RULE};
const struct config_type config_size = {false, set_number, print_number, units_size,
                                        UNITS_SIZE_RULE};

/* --- paths and users --- */

/* An option may say only what a line of the file can say. */
static bool is_plain(struct span path)
{
    for (size_t i = 0; i < path.n; i++)
        if ((unsigned char)path.p[i] < ' ' || path.p[i] == 0x7f)
            return false;
    return path.n == 0 || (path.p[0] != ' ' && path.p[path.n - 1] != ' ');
}

static bool set_path(const struct config_key *key, void *member, struct span value, char *why)
{
    char *path = member;
    if (value.n >= CONFIG_PATH_BYTES || (value.n == 0 && *key->standard)) {
        snprintf(why, CONFIG_WHY_BYTES, "%s: a path must have 1 to %d bytes", key->name,
                 CONFIG_PATH_BYTES - 1);
        return false;
    }
    if (!is_plain(value)) {
        snprintf(why, CONFIG_WHY_BYTES,
                 "%s: a path must not contain control characters, or begin or end with a space",
                 key->name);
        return false;
    }
    memcpy(path, value.p, value.n);
    path[value.n] = '\0';
    return true;
}

/* Whether the user exists is checked when the server becomes it. */
static bool set_user(const struct config_key *key, void *member, struct span value, char *why)
{
    size_t name = span_find(value, ':');
    size_t group = name < value.n ? value.n - name - 1 : 1;
    char *user = member;
    if (value.n > 0 && (name == 0 || name >= OS_PROCESS_NAME_BYTES || group == 0 ||
                        group >= OS_PROCESS_NAME_BYTES || !is_plain(value)))
        return reject(key, value, "NAME or NAME:GROUP", why);
    memcpy(user, value.p, value.n);
    user[value.n] = '\0';
    return true;
}

static void print_path(const struct config_key *key, const void *member, unsigned i,
                       struct buf *out)
{
    (void)key;
    (void)i;
    buf_add_str(out, member);
}

const struct config_type config_path = {.set = set_path, .print = print_path};
const struct config_type config_user = {.set = set_user, .print = print_path};

/* --- addresses --- */

static bool set_place(const struct config_key *key, void *member, struct span value, char *why)
{
    struct config_places *places = member;
    if (value.n == 0 && !*key->standard)
        return true;
    if (!address_parse_place(value, &places->at[places->n]))
        return reject(key, value, "ADDR:PORT (127.0.0.1:5555, [::1]:5555)", why);
    places->n++;
    return true;
}

static void print_place(const struct config_key *key, const void *member, unsigned i,
                        struct buf *out)
{
    const struct config_places *places = member;
    const struct address_place *place = &places->at[i];
    (void)key;
    if (i >= places->n)
        return;
    buf_printf(out, strchr(place->host, ':') ? "[%s]:%s" : "%s:%s", place->host, place->port);
}

const struct config_type config_places = {.many = true, .set = set_place, .print = print_place};

/*
 * A client of LMTP has no login, so it must be on this machine. What a host name stands for is
 * checked when it is bound.
 */
static bool is_elsewhere(const struct address_place *place)
{
    struct address address;
    return address_parse(span_str(place->host), &address) && !address_is_loopback(&address);
}

static bool set_loopback(const struct config_key *key, void *member, struct span value, char *why)
{
    struct config_places *places = member;
    struct address_place *place = &places->at[places->n];
    bool path = span_starts(value, SPAN("/"));
    bool ok = path ? value.n < OS_LOCAL_PATH_BYTES && is_plain(value)
                   : address_parse_place(value, place) && !is_elsewhere(place);
    if (value.n == 0)
        return true;
    if (!ok)
        return reject(key, value,
                      "a loopback address (127.0.0.1:24) or an absolute path of at most 107 bytes "
                      "(/run/pochta/lmtp); lmtp has no login",
                      why);
    if (path) {
        *place = (struct address_place){.port = ""};
        memcpy(place->host, value.p, value.n);
    }
    places->n++;
    return true;
}

static void print_loopback(const struct config_key *key, const void *member, unsigned i,
                           struct buf *out)
{
    const struct config_places *places = member;
    if (i < places->n && places->at[i].host[0] == '/')
        buf_add_str(out, places->at[i].host);
    else
        print_place(key, member, i, out);
}

const struct config_type config_loopback = {
    .many = true, .set = set_loopback, .print = print_loopback};

/* Says what is wrong with a network, and which one is meant if only a bit after its prefix is set.
 */
static bool reject_network(const struct config_key *key, struct span value, char *why)
{
    struct address_net net;
    char text[ADDRESS_NET_TEXT_BYTES], rule[CONFIG_WHY_BYTES];
    if (!address_net_around(value, &net))
        return reject(key, value, "an address or a network (127.0.0.2, 10.1.0.0/16)", why);
    address_format_net(&net, text);
    snprintf(rule, sizeof rule, "a network, since bits after its prefix are set; write %s", text);
    return reject(key, value, rule, why);
}

static bool set_network(const struct config_key *key, void *member, struct span value, char *why)
{
    struct config_networks *networks = member;
    if (value.n == 0)
        return true;
    if (!address_parse_net(value, &networks->at[networks->n]))
        return reject_network(key, value, why);
    networks->n++;
    return true;
}

static void print_network(const struct config_key *key, const void *member, unsigned i,
                          struct buf *out)
{
    const struct config_networks *networks = member;
    char text[ADDRESS_NET_TEXT_BYTES];
    (void)key;
    if (i >= networks->n)
        return;
    address_format_net(&networks->at[i], text);
    buf_add_str(out, text);
}

const struct config_type config_networks = {
    .many = true, .set = set_network, .print = print_network};

/* --- domains --- */

static bool set_domain(const struct config_key *key, void *member, struct span value, char *why)
{
    struct config_domains *domains = member;
    if (!domain_fold(value, domains->at[domains->n]))
        return reject(key, value,
                      "a domain (example.org): labels of up to 63 letters, digits and hyphens with "
                      "dots between them, 253 bytes in all",
                      why);
    domains->n++;
    return true;
}

static void print_domain(const struct config_key *key, const void *member, unsigned i,
                         struct buf *out)
{
    const struct config_domains *domains = member;
    (void)key;
    if (i < domains->n)
        buf_add_str(out, domains->at[i]);
}

const struct config_type config_domains = {.many = true, .set = set_domain, .print = print_domain};

/* --- words --- */

static bool set_word(const struct config_key *key, void *member, struct span value, char *why)
{
    struct span words = span_str(key->value);
    unsigned *number = member;
    for (unsigned i = 0; words.n > 0; i++) {
        if (!span_eq(span_take(&words, '|'), value))
            continue;
        *number = i;
        return true;
    }
    struct buf allowed;
    buf_init(&allowed, CONFIG_WHY_BYTES);
    buf_add_str(&allowed, "one of ");
    for (words = span_str(key->value); words.n > 0;) {
        buf_add(&allowed, span_take(&words, '|'));
        buf_add_str(&allowed, words.n > 0 ? ", " : "");
    }
    reject(key, value, buf_add_char(&allowed, '\0') ? allowed.p : "allowed", why);
    buf_free(&allowed);
    return false;
}

static void print_word(const struct config_key *key, const void *member, unsigned i,
                       struct buf *out)
{
    struct span words = span_str(key->value);
    const unsigned *number = member;
    (void)i;
    for (unsigned skipped = 0; skipped < *number; skipped++)
        span_take(&words, '|');
    buf_add(out, span_take(&words, '|'));
}

const struct config_type config_word = {.set = set_word, .print = print_word};
