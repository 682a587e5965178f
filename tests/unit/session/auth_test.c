/* SPDX-License-Identifier: ISC */
/* What a password costs the server, and what is known once it was checked. */
#include "session_fixture.h"

#include "tap.h"

#define YES "Answer|1|Yes|\n"

/* How many passwords were hashed for what was said. */
static unsigned cost(struct world *w, const char *said, const char *want, const char *name)
{
    world_hashed = 0;
    is_str(world_run(w, span_str(said)), want, "%s", name);
    return world_hashed;
}

static void test_register(struct world *w)
{
    is_int(cost(w, "Register|2|ann|pw\n", YES, "register: a new name"), 1,
           "register: ... costs one hash");
    is_int(cost(w, "Register|2|ann|pw\n", "Answer|2|Noop|this name is taken|\n",
                "register: a name that is taken"),
           0, "register: ... costs none");
    w->service.limits.registration = REGISTRATION_INVITE;
    is_int(cost(w, "Register|3|bob|pw|00000000000000000000000000000000\n",
                "Answer|2|Noop|this invite is unknown, was used or has expired|\n",
                "register: an invite that is not known"),
           0, "register: ... costs none");
    w->service.limits.registration = REGISTRATION_OPEN;
}

static void test_proven(struct world *w)
{
    world_run(w, SPAN("Register|2|bob|pw\n"));
    is_int(cost(w, "Login|2|ann|pw\nLogin|2|ann|pw\nLogin|2|ANN|pw\n", YES YES YES,
                "proven: the same password again in one session"),
           1, "proven: ... costs nothing");
    is_int(cost(w, "Login|2|ann|pw\nLogin|2|bob|pw\nLogin|2|ann|pw\n", YES YES YES,
                "proven: of another user in between"),
           3, "proven: ... costs as the first time");
    is_int(
        cost(w, "Login|2|ann|pw\nLogout\nLogin|2|ann|pw\n", YES YES YES, "proven: after a logout"),
        2, "proven: ... costs as the first time");
    is_int(cost(w, "Login|2|ann|pw\nLogin|2|ann|px\n",
                YES "Answer|2|Noop|wrong name or password|\n", "proven: another password"),
           2, "proven: ... is checked");
    world_ms += 3600000;
    is_int(cost(w, "Login|2|ann|pw\nPassword|2|pw|new\nLogin|2|ann|pw\n",
                YES YES "Answer|2|Noop|wrong name or password|\n",
                "proven: the password changes, and the old one is not proven any more"),
           3, "proven: ... Password proves nothing new with the old one");
    world_ms += 3600000;
    is_str(world_run(w, SPAN("Login|2|ann|new\nPassword|2|new|pw\n")), YES YES,
           "proven: it is changed back");
}

/* The administrator changes the account while the session goes on. */
static void disable(void *ctx, struct account *a)
{
    (void)ctx;
    a->disabled = true;
}

static bool disable_ann(struct world *w)
{
    const struct who who = {.name = "ann"};
    w->meanwhile = NULL;
    w->input = SPAN("Login|2|ann|pw\n");
    return account_change(w->service.store, &who, disable, NULL) == ST_OK;
}

static void test_disabled(struct world *w)
{
    w->meanwhile = disable_ann;
    is_str(world_run(w, SPAN("Login|2|ann|pw\n")), YES "Answer|2|Noop|wrong name or password|\n",
           "disabled: what was proven does not open an account that was disabled since");
}

static void test_no_memory(struct world *w)
{
    world_no_memory = true;
    is_str(world_run(w, SPAN("Login|2|bob|pw\n")),
           "Answer|2|Noop|the server is short of memory, try again later|\n",
           "no memory: the password is not called wrong");
    is_str(world_run(w, SPAN("Register|2|dora|pw\n")),
           "Answer|2|Noop|the server is short of memory, try again later|\n",
           "no memory: an account is not made");
    world_no_memory = false;
    is_int(w->counters.logins_failed, 3, "no memory: it is no wrong password either");
    is_str(world_run(w, SPAN("Login|2|bob|pw\n")), YES, "no memory: later it is checked");
    is_str(world_run(w, SPAN("Register|2|dora|pw\n")), YES, "no memory: ... or made");
    is_int(w->paused_ms, 0, "no memory: ... without a delay");
}

/* A session of this user sends so many bytes. */
static bool can_send(struct world *w, const char *user, size_t bytes)
{
    struct buf said;
    buf_init(&said, SIZE_MAX);
    buf_printf(&said, "Login|2|%s|pw\nSend mes|2|ann|", user);
    memset(buf_space(&said, bytes), 'x', bytes);
    buf_added(&said, bytes);
    buf_add_str(&said, "|\n");
    bool sent = strstr(world_run(w, buf_span(&said)), "Answer|2|Yes|") != NULL;
    buf_free(&said);
    return sent;
}

/* Other sessions of ann, or from one address, have much of the memory already. */
static void test_memory(struct world *w)
{
    const struct guess bob =
        login_throttle_make(w->service.login_throttle, SPAN("elsewhere"), SPAN("bob"), SPAN(""), 0);
    const struct guess here =
        login_throttle_make(w->service.login_throttle, SPAN("here"), SPAN("zoe"), SPAN(""), 0);
    struct budget_share share = {.owners = {bob.name, bob.address}};

    world_run(w, SPAN("Register|2|bob|pw\nRegister|2|carl|pw\n"));
    w->service.limits.message_bytes = 100000;
    w->address = "here";
    ok(can_send(w, "bob", 20000) && can_send(w, "carl", 20000), "memory: there is enough for both");
    ok(budget_take(w->service.memory, &share, 45000), "memory: bob has much of it elsewhere");
    ok(!can_send(w, "bob", 20000), "memory: ... and gets no more");
    ok(can_send(w, "carl", 20000), "memory: ... but another user does");
    budget_take(w->service.memory, &share, 0);
    share.owners[0] = here.name;
    share.owners[1] = here.address;
    ok(budget_take(w->service.memory, &share, 45000), "memory: an address has much of it");
    ok(!can_send(w, "carl", 20000), "memory: ... and its users get no more");
    w->address = "there";
    ok(can_send(w, "carl", 20000), "memory: ... but at another address they do");
    budget_take(w->service.memory, &share, 0);
}

int main(void)
{
    static struct world w;

    world_begin(&w, 10000, 150000);
    test_register(&w);
    test_proven(&w);
    test_disabled(&w);
    w.address = "192.0.2.8";
    test_no_memory(&w);
    test_memory(&w);
    world_end(&w);
    return done_testing();
}
