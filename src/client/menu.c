/* SPDX-License-Identifier: ISC */
#include "client/menu.h"

#include <limits.h>
#include <stddef.h>
#include <stdio.h>

#include "client/language.h"
#include "client/menu_account.h"
#include "client/menu_answer.h"
#include "client/menu_letter.h"
#include "client/menu_mail.h"
#include "client/menu_more.h"
#include "client/menu_search.h"
#include "client/prompt.h"

enum menu_when { SIGNED_OUT = 1, SIGNED_IN = 2, ALWAYS = SIGNED_OUT | SIGNED_IN };

/* One row an item, in the order of the listing. */
static const struct menu_item {
    unsigned number; /* what the user types */
    enum menu_when when;
    const char *label;
    enum menu_next (*act)(struct menu *m);
} items[] = {
    {1, SIGNED_IN, N_("Send message"), menu_letter_new},
    {2, ALWAYS, N_("Exit"), menu_account_exit},
    {3, ALWAYS, N_("Register"), menu_account_register},
    {4, SIGNED_OUT, N_("Login"), menu_account_login},
    {4, SIGNED_IN, N_("Logout"), menu_account_logout},
    {5, SIGNED_IN, N_("Delete user"), menu_account_delete},
    {6, SIGNED_IN, N_("Show unread messages"), menu_mail_unread},
    {7, SIGNED_IN, N_("Show all messages"), menu_mail_all},
    {8, SIGNED_IN, N_("Show the exact message"), menu_mail_exact},
    {9, SIGNED_IN, N_("Delete message"), menu_mail_delete},
    {10, SIGNED_IN, N_("Resend message"), menu_answer_resend},
    /* These the listing does not have. */
    {11, SIGNED_IN, N_("List messages"), menu_more_list},
    {12, SIGNED_IN, N_("Reply to message"), menu_answer_reply},
    {13, SIGNED_IN, N_("Restore message"), menu_more_restore},
    {14, SIGNED_IN, N_("Show trash"), menu_more_trash},
    {15, SIGNED_IN, N_("Change password"), menu_account_password},
    {16, SIGNED_IN, N_("Show status"), menu_more_status},
    {17, SIGNED_IN, N_("Search messages"), menu_search},
    {18, SIGNED_IN, N_("Drafts"), menu_letter_drafts},
    {19, ALWAYS, N_("Settings"), menu_more_settings},
    {20, ALWAYS, N_("Help"), menu_more_help},
};

#define ITEMS (sizeof items / sizeof items[0])

static bool is_shown(const struct menu *m, const struct menu_item *item)
{
    return item->when & (m->signed_in ? SIGNED_IN : SIGNED_OUT);
}

/* Announces new mail while the menu waits for a choice. A lost connection ends the wait. */
static bool take_news(struct prompt_meanwhile *meanwhile)
{
    struct menu *m = (struct menu *)(void *)((char *)meanwhile - offsetof(struct menu, meanwhile));
    if (link_check(&m->call.link) != REPLY_OK)
        return false;
    menu_print_news(m);
    return true;
}

/* The item whose number was typed, or NULL. */
static const struct menu_item *find_item(const struct menu *m)
{
    uint64_t number;
    if (!span_u64(buf_span(&m->line), UINT_MAX, &number))
        return NULL;
    for (size_t i = 0; i < ITEMS; i++)
        if (items[i].number == number && is_shown(m, &items[i]))
            return &items[i];
    return NULL;
}

/* The item that the user chooses, or NULL; prompt_end() says why. */
static const struct menu_item *choose(struct menu *m)
{
    const struct menu_item *item = NULL;
    m->meanwhile = (struct prompt_meanwhile){m->call.net.fd, INT64_MAX, take_news};
    prompt_meanwhile(&m->meanwhile);
    while (!item && prompt_line(&m->line, _("Enter your option:\n"))) {
        putchar('\n');
        item = find_item(m);
        if (!item)
            prompt_say(_("There is no such item. Enter one of the numbers above.\n"));
    }
    prompt_meanwhile(NULL);
    return item;
}

/* Shows the items and does what the user chooses. */
static enum menu_next offer_items(struct menu *m)
{
    if (!m->call.open || link_check(&m->call.link) != REPLY_OK)
        return MENU_LOST;
    menu_print_news(m);
    puts(_("* MAIL *\nSelect the following items:"));
    for (size_t i = 0; i < ITEMS; i++)
        if (is_shown(m, &items[i]))
            printf("%u - %s\n", items[i].number, _(items[i].label));
    const struct menu_item *item = choose(m);
    enum menu_next next = MENU_LEAVE;
    /* The server may have hung up meanwhile: say so before asking for more. */
    if (prompt_end() == PROMPT_STOPPED || link_check(&m->call.link) != REPLY_OK)
        return MENU_LOST;
    if (item)
        next = item->act(m);
    return next == MENU_LEAVE && prompt_end() == PROMPT_CANCELLED ? MENU_ON : next;
}

enum error_code menu_run(const struct options *o, const struct call_way *way)
{
    struct menu m;
    menu_init(&m, o, way);
    bool given = settings_given(&o->set, SETTINGS_server);
    const char *why = call_place(&m.call, span_str(o->set.server), &m.place);
    if (given && why)
        return error_say(ERROR_USAGE, _("not a server: %s: %s"), o->set.server, why);
    menu_letter_remind(&m);
    enum menu_next next = menu_connect(&m, !given);
    while (next != MENU_LEAVE)
        next = next == MENU_LOST ? menu_reconnect(&m) : offer_items(&m);
    menu_free(&m);
    return ERROR_NONE;
}
