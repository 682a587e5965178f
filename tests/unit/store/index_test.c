/* SPDX-License-Identifier: ISC */
/*
 * An index against a model: an array that is searched from its beginning, over random operations.
 */
#include "store/index.h"

#include "random.h"
#include "tap.h"

#define MOST 700

struct model {
    struct mail mails[MOST]; /* in the order of their ids */
    bool hidden[MOST];
    uint64_t bytes[MOST]; /* of each as mail; 0: not noted, or too many */
    size_t n;
};

static const char states[] = "undxb";
static const char *const senders[] = {"ann", "bob", "0", "carol.of.the-long_name.0123456789"};

static enum mail_state random_state(void)
{
    return (enum mail_state)states[random_below(strlen(states))];
}

static enum mail_state random_pending(void)
{
    return random_below(2) ? MAIL_PENDING : MAIL_PENDING_NORMAL;
}

/* Few enough that the same ones come again; sometimes with an odd number of digits. */
static void random_token(char out[TOKEN_MAX + 1])
{
    size_t n = random_below(2) ? TOKEN_MIN + random_below(TOKEN_MAX - TOKEN_MIN + 1) : 17;

    for (size_t i = 0; i < n; i++)
        out[i] = "0f"[random_below(8) == 0];
    out[random_below(3) ? n : 0] = '\0';
}

static size_t model_with_token(const struct model *model, const char *from, const char *token)
{
    for (size_t i = 0; i < model->n; i++)
        if (strcmp(model->mails[i].from, from) == 0 && strcmp(model->mails[i].token, token) == 0)
            return i;
    return INDEX_NONE;
}

/* The token of a broken message is not found. */
static size_t model_find_token(const struct model *model, const char *from, const char *token)
{
    size_t i = model_with_token(model, from, token);
    return i != INDEX_NONE && model->mails[i].state == MAIL_BROKEN ? INDEX_NONE : i;
}

/* No two messages of a mailbox have the same sender and token. */
static void random_mail(struct model *model, uint32_t id)
{
    struct mail m = {
        .id = id, .state = random_state(), .time = (int64_t)random_below(UINT64_C(1) << 40)};

    m.size = (uint32_t)random_below(UINT32_MAX);
    m.escapes = (uint32_t)random_below(UINT32_MAX);
    m.line = (unsigned)random_below(MESSAGE_LINE_BYTES + 1);
    m.line_esc = (unsigned)random_below(m.line + 1);
    snprintf(m.from, sizeof m.from, "%.32s", senders[random_below(4)]);
    random_token(m.token);
    if (model_with_token(model, m.from, m.token) != INDEX_NONE)
        m.token[0] = '\0';
    model->hidden[model->n] = false;
    model->bytes[model->n] = 0;
    model->mails[model->n++] = m;
}

static bool same_mail(const struct mail *a, const struct mail *b)
{
    return a->id == b->id && a->state == b->state && a->time == b->time && a->size == b->size &&
           a->escapes == b->escapes && a->line == b->line && a->line_esc == b->line_esc &&
           strcmp(a->from, b->from) == 0 && strcmp(a->token, b->token) == 0;
}

static bool in_set(enum index_set set, const struct model *model, size_t i)
{
    enum mail_state state = model->mails[i].state;

    if (set == INDEX_HIDDEN || model->hidden[i])
        return set == INDEX_HIDDEN && model->hidden[i];
    return set == INDEX_DELETED
               ? state == MAIL_DELETED
               : state == MAIL_UNREAD || (set == INDEX_LIVE && state == MAIL_NORMAL);
}

static bool same_totals(const struct index *ix, const struct model *model)
{
    struct index_totals got, want = {.messages = 0};

    for (size_t i = 0; i < model->n; i++) {
        const struct mail *m = &model->mails[i];
        want.messages += in_set(INDEX_LIVE, model, i);
        want.unread += in_set(INDEX_UNREAD, model, i);
        want.bytes += in_set(INDEX_LIVE, model, i) ? m->size : 0;
        want.deleted += in_set(INDEX_DELETED, model, i);
        want.deleted_bytes += in_set(INDEX_DELETED, model, i) ? m->size : 0;
        want.hidden += model->hidden[i];
        want.hidden_bytes += model->hidden[i] ? m->size : 0;
        want.pending += mail_is_pending(m);
        want.pending_bytes += mail_is_pending(m) ? m->size : 0;
    }
    index_totals(ix, &got);
    return got.messages == want.messages && got.unread == want.unread && got.bytes == want.bytes &&
           got.deleted == want.deleted && got.deleted_bytes == want.deleted_bytes &&
           got.hidden == want.hidden && got.hidden_bytes == want.hidden_bytes &&
           got.pending == want.pending && got.pending_bytes == want.pending_bytes;
}

static bool same_set(struct index *ix, const struct model *model, enum index_set set)
{
    struct position_set copy;
    size_t from = model->n > 0 ? random_below((uint32_t)model->n + 70) : 0;
    bool alike = index_copy_set(ix, set, from, &copy);

    for (size_t i = from, next; alike && i < model->n; i = next) {
        next = position_set_next(&copy, i);
        size_t want = i;
        while (want < model->n && !in_set(set, model, want))
            want++;
        alike = next == (want < model->n ? want : POSITION_NONE);
        next = alike && next != POSITION_NONE ? next + 1 : model->n;
    }
    position_set_free(&copy);
    return alike;
}

static bool same_mails(const struct index *ix, const struct model *model)
{
    struct mail m;

    for (size_t i = 0; i < model->n; i++) {
        const struct mail *want = &model->mails[i];
        index_get(ix, i, &m);
        if (index_mail_bytes(ix, i) != model->bytes[i])
            return false;
        if (!same_mail(&m, want) || index_find(ix, want->id) != i)
            return false;
        if (index_seek(ix, want->id) != i || index_seek(ix, (uint64_t)want->id + 1) != i + 1)
            return false;
        if (want->token[0] && index_find_token(ix, want->from, want->token) !=
                                  (want->state == MAIL_BROKEN ? INDEX_NONE : i))
            return false;
        if (index_belongs(ix, INDEX_LIVE, i) !=
            (want->state == MAIL_UNREAD || want->state == MAIL_NORMAL))
            return false;
    }
    return index_count(ix) == model->n;
}

static bool same(struct index *ix, const struct model *model)
{
    uint32_t last = model->n ? model->mails[model->n - 1].id : 0;

    return index_last_id(ix) == last && same_mails(ix, model) && same_totals(ix, model) &&
           same_set(ix, model, INDEX_LIVE) && same_set(ix, model, INDEX_UNREAD) &&
           same_set(ix, model, INDEX_DELETED) && same_set(ix, model, INDEX_HIDDEN);
}

/* Adds the model's messages in random order. */
static bool add_shuffled(struct index *ix, const struct model *model)
{
    size_t order[MOST];

    for (size_t i = 0; i < model->n; i++) {
        size_t k = random_below(i + 1);
        order[i] = i;
        order[i] = order[k];
        order[k] = i;
    }
    for (size_t i = 0; i < model->n; i++)
        if (!index_add(ix, &model->mails[order[i]]))
            return false;
    return true;
}

static uint32_t next_id(const struct model *model)
{
    uint32_t last = model->n ? model->mails[model->n - 1].id : 0;

    return last + 1 + (uint32_t)(random_below(3) ? 0 : random_below(1000));
}

/* Makes one change to both, and looks for ids and tokens that are not there. */
static bool step(struct index *ix, struct model *model)
{
    size_t i = model->n ? random_below(model->n) : 0;
    char token[TOKEN_MAX + 1];

    if (random_below(2) && model->n < MOST) {
        random_mail(model, next_id(model));
        return index_add(ix, &model->mails[model->n - 1]);
    }
    if (model->n > 0 && random_below(4) == 0 &&
        (index_belongs(ix, INDEX_LIVE, i) || index_belongs(ix, INDEX_DELETED, i))) {
        model->hidden[i] = random_below(3) > 0;
        index_hide(ix, i, model->hidden[i]);
    } else if (model->n > 0 && random_below(4) == 0) {
        uint64_t bytes = UINT32_MAX - 2 + random_below(5);
        index_set_mail_bytes(ix, i, bytes);
        model->bytes[i] = bytes <= UINT32_MAX ? bytes : 0;
    } else if (model->n > 0) {
        model->hidden[i] = false;
        model->mails[i].state = random_below(5) ? random_state() : random_pending();
        index_set_state(ix, i, model->mails[i].state);
    }
    random_token(token);
    return index_find(ix, UINT64_C(1) << 32) == INDEX_NONE && index_find(ix, 0) == INDEX_NONE &&
           (!token[0] ||
            index_find_token(ix, "bob", token) == model_find_token(model, "bob", token));
}

static bool one_round(struct model *model, size_t read, size_t steps)
{
    struct index *ix = index_new();
    bool good = ix != NULL;

    model->n = 0;
    while (model->n < read)
        random_mail(model, next_id(model));
    good = good && add_shuffled(ix, model) && index_sort(ix, NULL, NULL) && same(ix, model);
    for (size_t i = 0; good && i < steps; i++)
        good = step(ix, model);
    good = good && same(ix, model);
    index_unref(ix);
    return good;
}

static void test_model(void)
{
    static struct model model;
    int rounds = 0;

    while (rounds < 200 && one_round(&model, random_below(200), random_below(200)))
        rounds++;
    is_int(rounds, 200, "model: an index behaves like its model");
    for (; rounds < 205 && one_round(&model, MOST, 200);)
        rounds++;
    is_int(rounds, 205, "model: a larger index, too");
    if (rounds < 205)
        random_diag();
}

/* The numbers of bytes cost nothing before the first one is known. */
static void test_mail_bytes(void)
{
    static struct model model;
    struct index *ix = index_new();

    model.n = 0;
    while (model.n < 100)
        random_mail(&model, next_id(&model));
    ok(ix && add_shuffled(ix, &model) && index_sort(ix, NULL, NULL), "mail bytes: an index");
    size_t before = index_bytes(ix);
    ok(index_mail_bytes(ix, 99) == 0 && index_bytes(ix) == before,
       "mail bytes: who asks for what is not known takes no memory");
    index_set_mail_bytes(ix, 3, 7);
    ok(index_mail_bytes(ix, 3) == 7, "mail bytes: one is known");
    size_t more = index_bytes(ix) - before;
    ok(more >= 400 && more < 800, "mail bytes: ... for %zu bytes of memory, which count", more);
    while (model.n < 300) {
        random_mail(&model, next_id(&model));
        index_add(ix, &model.mails[model.n - 1]);
    }
    ok(index_mail_bytes(ix, 299) == 0, "mail bytes: that of a new message is not known");
    index_set_mail_bytes(ix, 299, 8);
    ok(index_mail_bytes(ix, 3) == 7 && index_mail_bytes(ix, 298) == 0 &&
           index_mail_bytes(ix, 299) == 8,
       "mail bytes: ... until it is noted");
    index_unref(ix);
}

static void test_empty(void)
{
    struct index *ix = index_new();
    struct position_set copy;

    ok(ix && index_sort(ix, NULL, NULL), "empty: index_sort");
    ok(index_count(ix) == 0 && index_last_id(ix) == 0, "empty: there are no messages");
    ok(index_find(ix, 1) == INDEX_NONE && index_seek(ix, 0) == 0, "empty: no id is found");
    ok(index_find_token(ix, "ann", "0123456789abcdef") == INDEX_NONE, "empty: no token is found");
    ok(index_copy_set(ix, INDEX_LIVE, 0, &copy) && position_set_next(&copy, 0) == POSITION_NONE,
       "empty: the sets are empty");
    position_set_free(&copy);
    index_unref(index_ref(ix));
    is_int(index_count(ix), 0, "empty: the index lives as long as a reference");
    index_unref(ix);
    index_unref(NULL);
}

/* Enough for a table of tokens with 32,768 places. */
#define MANY   20000
#define PLACES 32768

/* Where a hash without a key, FNV-1a, would put a message of ann's with this token. */
static uint32_t place_without_key(const char *token)
{
    uint32_t h = UINT32_C(2166136261);

    for (const char *p = "ann"; *p; p++)
        h = (h ^ (unsigned char)*p) * UINT32_C(16777619);
    for (; *token; token += 2)
        h = (h ^ (uint32_t)strtoul((char[]){token[0], token[1], '\0'}, NULL, 16)) *
            UINT32_C(16777619);
    return (h ^ h >> 15) % PLACES;
}

/* The next token after *number. Chosen ones all go to the first 64th of a table without a key. */
static void next_token(char token[TOKEN_MAX + 1], unsigned *number, bool chosen)
{
    do
        snprintf(token, TOKEN_MAX + 1, "%016x", ++*number);
    while (chosen && place_without_key(token) >= PLACES / 64);
}

/* What searches in an index of many tokens waste. */
static uint64_t wasted_probes(bool chosen)
{
    struct mail m = {.id = 0, .state = MAIL_UNREAD, .from = "ann"};
    struct index *ix = index_new();
    uint64_t wasted;
    unsigned number = 0;
    bool good = index_sort(ix, NULL, NULL);

    while (good && m.id++ < MANY) {
        next_token(m.token, &number, chosen);
        good = index_add(ix, &m);
    }
    ok(good && index_find_token(ix, "ann", m.token) == MANY - 1, "tokens: an index of %d %s ones",
       MANY, chosen ? "chosen" : "other");
    wasted = index_wasted_probes(ix);
    diag("%" PRIu64 " places are looked at in vain", wasted);
    index_unref(ix);
    return wasted;
}

/* Senders choose their tokens, and must not be able to make a mailbox slow. */
static void test_chosen_tokens(void)
{
    uint64_t usual = wasted_probes(false), again = usual;

    ok(wasted_probes(true) < 2 * usual, "tokens: chosen ones are found as quickly as others");
    for (int i = 0; i < 5 && again == usual; i++)
        again = wasted_probes(false);
    ok(again != usual, "tokens: each index hashes with its own key");
}

int main(void)
{
    random_begin();
    test_chosen_tokens();
    test_mail_bytes();
    test_empty();
    test_model();
    return done_testing();
}
