/* SPDX-License-Identifier: ISC */
/*
 * Arguments that their commands do not allow, in both versions: the answer to each names the rule,
 * and nothing is done.
 */
#include "proto/escape.h"
#include "proto/token.h"
#include "session/args.h"
#include "session_fixture.h"

#define IN  "Login|2|ann|pw\n"
#define TWO "Start|1|2\n" IN

static const struct {
    const char *said, *why; /* why: of the last answer */
} refusals[] = {
    {"Start|1|0\n", "the version must be a number, 1 or higher"},
    {"Start|1|two\n", "the version must be a number, 1 or higher"},
    {"Login|2|.ann|pw\n", NAME_RULE},
    {"Login|2|ann|\n", PASSWORD_RULE},
    {IN "Password|2||new\n", PASSWORD_RULE},
    {IN "Password|2|pw|\n", PASSWORD_RULE},
    {IN "Send mes|2|.bob|text\n", NAME_RULE},
    {IN "Check user|1|.bob\n", NAME_RULE},
    {IN "Mark mes|2|one|0\n", ARGS_NUMBER_RULE},
    {IN "Show list|2|one|1\n", ARGS_NUMBER_RULE},
    {IN "Show list|2|1|one\n", ARGS_NUMBER_RULE},
    {IN "Resend|2|.bob|.1\n", NAME_RULE},
    {IN "Resend|2|bob|carl\n", ARGS_NUMBER_RULE},
    {IN "Resend|2|bob|99999999999999999999\n", "no such message"},
    {IN "Resend|2|nobody|1\n", "no such user"},
    {IN "Resend|2|1|nobody\n", "no such user"},
    {IN "Resend|2|2|bob\n", "no such message"},
    {TWO "Resend|2|.bob|1\n", NAME_RULE},
    {TWO "Resend|2|1|bob\n", ARGS_NUMBER_RULE},
    {TWO "Resend|3|bob|1|short\n", TOKEN_RULE},
    {TWO "Send mes|3|bob|text|short\n", TOKEN_RULE},
    {TWO "Send mes|2|bob|a\\x\n", ESCAPE_RULE},
    {TWO "Send mes|2|bob|0^a\\x^^0^0^a^\n", ESCAPE_RULE},
    {TWO "Send mes|2|bob|0^^a\\x^0^0^a^\n", ESCAPE_RULE},
    {TWO "Import mes|3|yesterday|0|text\n", ARGS_DATE_RULE},
    {TWO "Import mes|3|2017-12-03T12:51:33Z|7|text\n", ARGS_STATE_RULE},
    {TWO "Import mes|4|2017-12-03T12:51:33Z|0|text|short\n", TOKEN_RULE},
};

/* What the last answer says; in version 2 its backslashes are escaped. */
static bool ends_with_noop(const char *got, const char *why, bool escaped)
{
    struct buf want;

    buf_init(&want, 1000);
    buf_add_str(&want, "Answer|2|Noop|");
    for (const char *c = why; *c; c++)
        buf_add_str(&want, escaped && *c == '\\' ? "\\\\" : (char[]){*c, '\0'});
    buf_add_str(&want, "|\n");
    bool ends = span_ends(span_str(got), buf_span(&want));
    buf_free(&want);
    return ends;
}

int main(void)
{
    struct world w;
    struct mail m;

    world_begin(&w, 10000, 100000);
    struct mailbox *ann = fixture_account(w.service.store, "ann");
    struct mailbox *bob = fixture_account(w.service.store, "bob");
    account_set_hash(w.service.store, mailbox_who(ann), "pw");
    is_int(fixture_deliver(ann, "bob", "one"), 1, "ann has a message");
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const char *said = refusals[i].said, *got = world_run(&w, span_str(said));
        bool noop = ends_with_noop(got, refusals[i].why, strncmp(said, "Start|1|2\n", 10) == 0);
        ok(noop, "refusal %zu: %s", i, refusals[i].why);
        if (!noop)
            diag("said \"%s\", got \"%s\"", said, got);
    }
    ok(messages_find(bob, 1, &m) == ST_NO_MESSAGE && messages_find(ann, 2, &m) == ST_NO_MESSAGE,
       "nothing was stored");
    mailbox_close(ann);
    mailbox_close(bob);
    world_end(&w);
    return done_testing();
}
