/* SPDX-License-Identifier: ISC */
#include "client/menu_account.h"

#include <stdio.h>

#include "client/language.h"
#include "client/prompt.h"
#include "proto/status.h"

enum menu_next menu_account_exit(struct menu *m)
{
    /* The user leaves, whatever the server answers. */
    if (link_exit(&m->call.link) == REPLY_OK)
        prompt_say("%s\n", _("Disconnected from server successfully."));
    return MENU_LEAVE;
}

/* Asks for a password, not echoed, until the user has typed the same one twice. */
static bool new_password(struct secret *password)
{
    struct secret again = {.n = 0};
    bool same = false;
    while (!same && prompt_password(password, _("Enter the <password>: ")) &&
           prompt_password(&again, _("Enter the <password> again: "))) {
        same = secret_same(password, &again);
        if (!same)
            prompt_say("%s\n", _("The passwords are not the same."));
    }
    secret_wipe(&again);
    return same;
}

/*
 * Asks for an invite if the server demands one. An empty line: no invite. Returns false if the user
 * does not want to answer.
 */
static bool register_user(struct menu *m, const struct secret *password, enum reply_result *result)
{
    struct span args[3] = {buf_span(&m->line), secret_span(password)};
    *result = link_ask(&m->call.link, OP_REGISTER, args, 2);
    if (*result != REPLY_NOOP ||
        !span_eq(call_words(&m->call), span_str(status_text(ST_INVITE_ONLY))))
        return true;
    struct buf invite;
    buf_init(&invite, PROMPT_LINE_BYTES / 4);
    bool answered = prompt_line(&invite, _("Enter the <invite>: "));
    if (answered && invite.n > 0) {
        args[2] = buf_span(&invite);
        *result = link_ask(&m->call.link, OP_REGISTER, args, 3);
    }
    buf_free(&invite);
    return answered;
}

/* Only who is signed in can ask for a user. */
static enum reply_result may_register(struct menu *m, bool *taken)
{
    struct span name = buf_span(&m->line);
    *taken = m->signed_in && link_ask(&m->call.link, OP_CHECK_USER, &name, 1) == REPLY_OK;
    if (m->signed_in)
        return REPLY_OK;
    enum reply_result result = call_may_register(&m->call, name, NULL);
    *taken = result == REPLY_NOOP &&
             span_eq(call_words(&m->call), span_str(status_text(ST_USER_EXISTS)));
    return result;
}

enum menu_next menu_account_register(struct menu *m)
{
    struct secret password = {.n = 0};
    enum menu_next next = MENU_LEAVE;
    if (!prompt_name(&m->line, _("You are about to register. Enter the <username>: "),
                     m->set->user))
        return MENU_LEAVE;
    bool taken;
    enum reply_result result = may_register(m, &taken);
    if (taken)
        return menu_done(_("User was not registered: the name is taken."));
    if (result != REPLY_OK)
        return menu_failed(m, result, _("User was not registered"));
    if (new_password(&password) && register_user(m, &password, &result))
        next = result == REPLY_OK ? menu_done(_("User registered successfully."))
                                  : menu_failed(m, result, _("User was not registered"));
    secret_wipe(&password);
    return next;
}

/* The listing's prompt, with the name from the command line, which an empty answer means. */
static bool ask_name(struct menu *m)
{
    char text[256];
    if (!m->set->user)
        return prompt_name(&m->line, _("You are about to sign in. Enter the <username>: "), NULL);
    snprintf(text, sizeof text, _("You are about to sign in. Enter the <username> [%.32s]: "),
             m->set->user);
    return prompt_name(&m->line, text, m->set->user);
}

enum menu_next menu_account_login(struct menu *m)
{
    struct secret password = {.n = 0};
    enum menu_next next = MENU_LEAVE;
    if (ask_name(m) && prompt_password(&password, _("Enter the <password>: "))) {
        enum reply_result result = menu_sign_in(m, buf_span(&m->line), &password);
        next = result == REPLY_OK ? menu_done(_("User signed in successfully."))
                                  : menu_failed(m, result, _("User was not signed in"));
    }
    secret_wipe(&password);
    return next;
}

enum menu_next menu_account_logout(struct menu *m)
{
    enum reply_result result = link_ask(&m->call.link, OP_LOGOUT, NULL, 0);
    if (result != REPLY_OK)
        return menu_failed(m, result, _("User was not signed out"));
    menu_signed_out(m);
    return menu_done(_("User signed out successfully."));
}

enum menu_next menu_account_password(struct menu *m)
{
    struct secret old = {.n = 0}, password = {.n = 0};
    enum menu_next next = MENU_LEAVE;
    prompt_say("%s\n", _("You are about to change the password. Enter the old one first."));
    if (prompt_password(&old, _("Enter the <password>: ")) && puts(_("Now the new one.")) >= 0 &&
        new_password(&password)) {
        struct span args[2] = {secret_span(&old), secret_span(&password)};
        enum reply_result result = link_ask(&m->call.link, OP_PASSWORD, args, 2);
        next = result == REPLY_OK ? menu_done(_("Password changed successfully."))
                                  : menu_failed(m, result, _("Password was not changed"));
    }
    secret_wipe(&old);
    secret_wipe(&password);
    return next;
}

/* The name must be typed after the question was shown: nothing typed ahead deletes an account. */
enum menu_next menu_account_delete(struct menu *m)
{
    char text[400];
    snprintf(text, sizeof text,
             _("You are about to delete the user %s with all messages.\n"
               "Enter the <username> to delete it: "),
             m->user);
    prompt_drop_typed();
    if (!prompt_line(&m->line, text))
        return MENU_LEAVE;
    if (!span_eq(buf_span(&m->line), span_str(m->user)))
        return menu_done(_("User was not deleted."));
    enum reply_result result = link_ask(&m->call.link, OP_DELETE_USER, NULL, 0);
    if (result != REPLY_OK)
        return menu_failed(m, result, _("User was not deleted"));
    menu_signed_out(m);
    return menu_done(_("User deleted successfully."));
}
