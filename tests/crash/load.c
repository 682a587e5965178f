/* SPDX-License-Identifier: ISC */
#include "load.h"

#include <stdlib.h>

#include "door_request.h"
#include "os/random.h"
#include "request.h"

/* Once, all goes to one's own mailbox, so that there is something to do there. */
static unsigned some_mailbox(struct client *c)
{
    unsigned n = c->campaign->mailboxes ? c->campaign->mailboxes : LEDGER_USERS;

    return c->campaign->once ? c->me : client_below(c, n);
}

static struct copy *add_copy(struct request *r, unsigned mailbox)
{
    for (unsigned i = 0; i < r->copy_n; i++)
        if (r->copies[i].mailbox == mailbox)
            return &r->copies[i];
    r->copies[r->copy_n] = (struct copy){.mailbox = mailbox};
    return &r->copies[r->copy_n++];
}

/* Enters that it is about to be sent. */
static void intend(struct client *c, struct request *r)
{
    unsigned from = r->way == WAY_LMTP ? LEDGER_OUTSIDE : c->me;

    for (unsigned i = 0; i < r->copy_n; i++)
        r->copies[i].number =
            ledger_intend(c->campaign->ledger, r->copies[i].mailbox, from, r->body);
}

static struct request new_send(const char *what, unsigned to)
{
    struct request r = {.what = what};

    add_copy(&r, to);
    os_random_hex(r.token, LINK_TOKEN_BYTES);
    return r;
}

static void keep_sending(struct client *c, const struct request *r)
{
    if (c->sending_n == c->sending_cap) {
        c->sending_cap = c->sending_cap * 2 + 64;
        c->sendings = realloc(c->sendings, c->sending_cap * sizeof *c->sendings);
        if (!c->sendings)
            abort();
    }
    c->sendings[c->sending_n++] = *r;
}

/* Sends it until it is answered; at times again, as if the answer had been lost. */
static void send_and_keep(struct client *c, struct request *r, request_ask *ask_again)
{
    intend(c, r);
    client_perform(c, r);
    if (client_is_over(c))
        return;
    r->ask = ask_again;
    r->again = true;
    keep_sending(c, r);
    if (client_below(c, 10) > 0)
        return;
    r->what = "Send mes again";
    client_perform(c, r);
}

static void send_one(struct client *c)
{
    struct request r = new_send("Send mes", some_mailbox(c));

    r.body = (struct ledger_body){c->me, c->bodies++};
    r.ask = request_send;
    send_and_keep(c, &r, request_send_again);
}

/*
 * As a mail program does: to one mailbox, to several, or to a group and others. The group is left
 * out where storage fails: a message counts as sent if one member has it, and the letter about the
 * others may fail, too.
 */
static void send_by_door(struct client *c)
{
    struct request r = new_send("a message", some_mailbox(c));
    bool one = c->campaign->mailboxes == 1;

    r.way = client_way(c->campaign, c->me);
    r.body = (struct ledger_body){c->me, c->bodies++};
    r.ask = door_send;
    while (!one && client_below(c, 3) == 0)
        add_copy(&r, client_below(c, LEDGER_USERS));
    r.to_group =
        !one && r.way == WAY_SUBMISSION && !c->campaign->storage_fails && client_below(c, 4) == 0;
    for (unsigned i = 0; r.to_group && i < DOOR_MEMBERS; i++)
        add_copy(&r, i)->by_group = client_below(c, 4) > 0; /* or is named, too */
    send_and_keep(c, &r, door_send);
}

/* Picks one of the client's messages whose id is known, live or deleted. False: it has none yet. */
static bool pick(struct client *c, bool deleted, uint32_t *number)
{
    uint32_t n = ledger_count(c->campaign->ledger, c->me);

    for (int tries = 0; n > 0 && tries < 8; tries++) {
        struct letter letter =
            ledger_letter(c->campaign->ledger, c->me, *number = client_below(c, n));
        if (letter.answered && letter.id != 0 && letter.deleted == deleted)
            return true;
    }
    return false;
}

static void about_one(struct client *c, const char *what, bool deleted,
                      enum reply_result (*ask)(struct client *c, struct request *r))
{
    struct request r = {.what = what, .ask = ask};

    if (pick(c, deleted, &r.number))
        client_perform(c, &r);
}

/* The sender who is shown by POP3 is then the one of the original. */
static bool is_taken_for_original(struct client *c, const struct request *r)
{
    return client_is_mail(c, r->body.author) &&
           (r->body.author == c->me || r->copies[0].mailbox == c->me);
}

static void resend_one(struct client *c)
{
    struct request r = new_send("Resend", some_mailbox(c));

    if (!pick(c, false, &r.number))
        return;
    r.ask = request_resend;
    r.body = ledger_letter(c->campaign->ledger, c->me, r.number).body;
    if (is_taken_for_original(c, &r))
        return;
    intend(c, &r);
    client_perform(c, &r);
}

static void change_password(struct client *c)
{
    c->password_open = true;
    client_perform(
        c, &(struct request){.what = "Password", .ask = request_password, .number = c->password});
    c->password_open = client_is_over(c);
}

static void come_and_go(struct client *c)
{
    c->flies++;
    client_perform(c, &(struct request){.what = "Register", .ask = request_register});
    client_perform(c, &(struct request){.what = "Delete user", .ask = request_delete_user});
    client_perform(c, &(struct request){.what = "Login", .ask = request_whether_gone});
    client_disconnect(c);
}

static void do_one(struct client *c, uint32_t dice)
{
    if (dice < 400)
        send_one(c);
    else if (dice < 500)
        client_perform(c, &(struct request){.what = "Show unread", .ask = request_show_unread});
    else if (dice < 600)
        about_one(c, "Show list", false, request_show_list);
    else if (dice < 720)
        about_one(c, "Show exact", false, request_show_exact);
    else if (dice < 750)
        about_one(c, "Show exact", true, request_show_exact);
    else if (dice < 850)
        about_one(c, "Delete mes", false, request_delete);
    else if (dice < 910)
        about_one(c, "Restore mes", true, request_restore);
    else if (dice < 976)
        resend_one(c);
    else if (dice < 980)
        change_password(c);
    else
        come_and_go(c);
}

/* Those who speak as mail programs do also do so. */
static void use_door(struct client *c)
{
    if (client_way(c->campaign, c->me) == WAY_POP3)
        client_perform(
            c, &(struct request){.what = "a session of POP3", .way = WAY_POP3, .ask = door_read});
    else
        send_by_door(c);
}

/* The bodies of those who send by doors are those of mail programs: they send only there. */
static void do_any(struct client *c)
{
    enum server_way way = client_way(c->campaign, c->me);

    if (way != WAY_FRAMES && client_below(c, 4))
        use_door(c);
    else if (way == WAY_FRAMES || way == WAY_POP3)
        do_one(c, client_below(c, 1000));
    else
        do_one(c, 400 + client_below(c, 600));
}

static void do_each(struct client *c)
{
    static const uint32_t each[] = {0, 0, 400, 500, 600, 750, 720, 850, 910, 0, 976, 980};

    for (size_t i = 0; i < sizeof each / sizeof *each && !client_is_over(c); i++)
        do_one(c, each[i]);
}

/* To read, there must be something. */
static void do_each_by_door(struct client *c)
{
    for (unsigned i = 0; i < 2 && !client_is_over(c); i++)
        if (client_way(c->campaign, c->me) == WAY_POP3)
            send_one(c);
    for (unsigned i = 0; i < 3 && !client_is_over(c); i++)
        use_door(c);
}

void *load_run(void *client)
{
    struct client *c = client;

    if (!c->campaign->once)
        while (!atomic_load(&c->campaign->finishing) && !client_is_over(c))
            do_any(c);
    else if (client_way(c->campaign, c->me) == WAY_FRAMES)
        do_each(c);
    else
        do_each_by_door(c);
    client_disconnect(c);
    atomic_store(&c->done, true);
    return NULL;
}
