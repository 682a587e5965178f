/* SPDX-License-Identifier: ISC */
#include "client/menu_session.h"

#include <stddef.h>
#include <stdio.h>

#include "base/utf8.h"
#include "client/language.h"
#include "client/output.h"
#include "client/prompt.h"
#include "client/view.h"

#define NEWS_LINES  24 /* about new mail, to keep: about a screen */
#define NEWS_INDENT 6  /* of a line that goes on, so that it does not look like another one */

void menu_init(struct menu *m, const struct options *o, const struct call_way *way)
{
    *m = (struct menu){.set = &o->set, .drafts.fd = -1};
    call_init(&m->call, way);
    buf_init(&m->line, PROMPT_LINE_BYTES);
    buf_init(&m->text, SIZE_MAX / 2);
    listing_init(&m->arrived);
    buf_init(&m->news, SIZE_MAX / 2);
}

void menu_free(struct menu *m)
{
    call_close(&m->call);
    state_dir_close(&m->drafts);
    secret_wipe(&m->password);
    buf_free(&m->line);
    buf_free(&m->text);
    listing_free(&m->arrived);
    buf_free(&m->news);
}

static enum menu_next wait_for_key(const char *text)
{
    if (!prompt_key(text))
        return MENU_LEAVE;
    putchar('\n');
    return MENU_ON;
}

enum menu_next menu_pause(void)
{
    return wait_for_key(_(" Press any key."));
}

enum menu_next menu_done(const char *text)
{
    prompt_say("\n%s", text);
    return menu_pause();
}

struct span menu_words(struct menu *m)
{
    buf_clear(&m->text);
    view_safe(&m->text, call_words(&m->call), VIEW_ROW);
    return buf_span(&m->text);
}

enum menu_next menu_failed(struct menu *m, enum reply_result result, const char *text)
{
    if (result != REPLY_NOOP)
        return MENU_LOST;
    struct span words = menu_words(m);
    prompt_say("\n%s: %.*s%s", text, SPAN_PRINTF(words), _(". Press any key."));
    return wait_for_key("");
}

static void note_news(struct reply_watcher *w, const struct message *mail)
{
    struct menu *m = (struct menu *)(void *)((char *)w - offsetof(struct menu, watcher));
    if (m->arrived.n >= NEWS_LINES || !listing_add(&m->arrived, mail))
        m->more_news++;
}

static bool add_news(struct listing_taker *t, const struct message *mail)
{
    struct menu *m = (struct menu *)(void *)((char *)t - offsetof(struct menu, news_taker));
    struct buf line;
    buf_init(&line, SIZE_MAX / 2);
    buf_add_str(&line, _("New mail from "));
    view_safe(&line, mail->from, VIEW_ROW);
    buf_add_str(&line, ": ");
    view_safe(&line, utf8_first_line(mail->body, MESSAGE_LINE_BYTES), VIEW_ROW);
    view_text(&m->news, buf_span(&line), NEWS_INDENT, output_columns());
    buf_add_char(&m->news, '\n');
    buf_free(&line);
    return true;
}

enum reply_result menu_watch(struct menu *m)
{
    m->watcher.mail = note_news;
    enum reply_result result = link_watch(&m->call.link, &m->watcher);
    return result == REPLY_NOOP ? REPLY_OK : result;
}

/* A connection that is lost meanwhile is noticed by the next request. */
void menu_print_news(struct menu *m)
{
    m->news_taker.take = add_news;
    listing_give(&m->arrived, &m->call.link, &m->news_taker);
    if (m->more_news > 0)
        buf_printf(&m->news, _("... and %u more\n"), m->more_news);
    prompt_above(buf_span(&m->news));
    buf_clear(&m->news);
    m->more_news = 0;
}

enum reply_result menu_sign_in(struct menu *m, struct span name, const struct secret *password)
{
    name_fold(name, m->user);
    enum reply_result result = call_login(&m->call, name, password);
    if (result != REPLY_OK)
        return result;
    m->signed_in = true;
    m->password = *password;
    return menu_watch(m);
}

void menu_signed_out(struct menu *m)
{
    m->signed_in = false;
    secret_wipe(&m->password);
    listing_free(&m->arrived); /* its ids mean nothing to the next user */
    m->more_news = 0;
}

enum reply_result menu_sign_in_again(void *ctx)
{
    struct menu *m = ctx;
    m->signed_in = false;
    enum reply_result result = call_open(&m->call, &m->place);
    if (result == REPLY_OK)
        result = call_login(&m->call, span_str(m->user), &m->password);
    m->signed_in = result == REPLY_OK;
    return m->signed_in ? menu_watch(m) : result;
}

/* With the user and the password of the settings. What fails the user can do by the menu. */
static void sign_in_at_once(struct menu *m)
{
    struct secret password = {.n = 0};
    if (name_fold(span_str(m->set->user), m->user) &&
        secret_get(&password, m->set, m->user) == ERROR_NONE) {
        if (menu_sign_in(m, span_str(m->user), &password) == REPLY_OK) {
            prompt_say("%s\n", _("User signed in successfully."));
        } else {
            struct span words = menu_words(m);
            prompt_say("%s: %.*s.\n", _("User was not signed in"), SPAN_PRINTF(words));
        }
        putchar('\n');
    }
    secret_wipe(&password);
}

/* A user who has signed out, or in as another, is not signed in again. */
static bool signs_in_at_once(const struct menu *m, bool was_signed_in)
{
    const char *user = m->set->user;
    return user && secret_is_given(m->set) &&
           (!m->user[0] || (was_signed_in && span_eq_folded(span_str(m->user), span_str(user))));
}

static bool connect_to_place(struct menu *m)
{
    bool at_once = signs_in_at_once(m, m->signed_in);
    menu_signed_out(m);
    if (call_open(&m->call, &m->place) == REPLY_OK) {
        prompt_say("%s\n", _("Connected to server successfully.\n"));
        if (at_once)
            sign_in_at_once(m);
        return true;
    }
    struct span words = menu_words(m);
    prompt_say("%s%.*s.\n", _("Could not connect to server: "), SPAN_PRINTF(words));
    return false;
}

static enum menu_next offer_to_connect(struct menu *m)
{
    bool yes;
    do {
        if (!prompt_yes(&m->line, _("Connect again? (y/n): "), &yes) || !yes)
            return MENU_LEAVE;
    } while (!connect_to_place(m));
    return MENU_ON;
}

enum menu_next menu_reconnect(struct menu *m)
{
    struct span words = menu_words(m);
    prompt_say("%s%.*s.\n", _("\nDisconnected from server: "), SPAN_PRINTF(words));
    return offer_to_connect(m);
}

enum menu_next menu_connect(struct menu *m, bool ask)
{
    if (!ask)
        return connect_to_place(m) ? MENU_ON : offer_to_connect(m);
    while (prompt_line(&m->line, _("Enter <host>:<port> of Mail Server: "))) {
        const char *why = call_place(&m->call, buf_span(&m->line), &m->place);
        if (why)
            prompt_say(_("This is not a server: %s.\n"), why);
        else if (connect_to_place(m))
            return MENU_ON;
    }
    return MENU_LEAVE;
}
