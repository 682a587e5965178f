#include "client/menu.h"

#include <stddef.h>
#include <stdio.h>

#include "client/error.h"
#include "client/menu_account.h"
#include "client/menu_mail.h"
#include "client/prompt.h"
#include "client/view.h"
#include "os/tty.h"

enum menu_when { SIGNED_OUT = 1, SIGNED_IN = 2, ALWAYS = SIGNED_OUT | SIGNED_IN };

struct menu_item {
    unsigned number;
    enum menu_when when;
    const char *label;
    enum menu_next (*act)(struct menu *m);
};

static const struct menu_item items[] = {
    {1, SIGNED_IN, "Send message", menu_mail_send},
    {2, ALWAYS, "Exit", menu_account_exit},
    {3, ALWAYS, "Register", menu_account_register},
    {4, SIGNED_OUT, "Login", menu_account_login},
    {4, SIGNED_IN, "Logout", menu_account_logout},
    {5, SIGNED_IN, "Delete user", menu_account_delete},
    {6, SIGNED_IN, "Show unread messages", menu_mail_unread},
    {7, SIGNED_IN, "Show all messages", menu_mail_all},
    {8, SIGNED_IN, "Show the exact message", menu_mail_exact},
    {9, SIGNED_IN, "Delete message", menu_mail_delete},
    {10, SIGNED_IN, "Resend message", menu_mail_resend},
};

#define ITEMS      (sizeof items / sizeof items[0])
#define NEWS_BYTES 2048 /* of lines on mail that are kept: about a screen */

enum menu_next menu_done(const char *text)
{
    printf("\n%s", text);
    if (!prompt_key(" Press any key."))
        return MENU_LEAVE;
    putchar('\n');
    return MENU_ON;
}

static void print_words(struct menu *m)
{
    buf_clear(&m->text);
    view_safe(&m->text, call_words(&m->call), VIEW_ROW);
    fwrite(m->text.p, 1, m->text.n, stdout);
}

enum menu_next menu_failed(struct menu *m, enum reply_result result, const char *text)
{
    if (result != REPLY_NOOP)
        return MENU_LOST;
    printf("\n%s: ", text);
    print_words(m);
    if (!prompt_key(". Press any key."))
        return MENU_LEAVE;
    putchar('\n');
    return MENU_ON;
}

static bool is_shown(const struct menu *m, const struct menu_item *item)
{
    return item->when & (m->signed_in ? SIGNED_IN : SIGNED_OUT);
}

static void print_items(const struct menu *m)
{
    puts("* MAIL *\nSelect the following items:");
    for (size_t i = 0; i < ITEMS; i++)
        if (is_shown(m, &items[i]))
            printf("%u - %s\n", items[i].number, items[i].label);
    if (m->signed_in)
        putchar('\n');
}

static void note_news(struct reply_watcher *w, const struct message *mail)
{
    struct menu *m = (struct menu *)(void *)((char *)w - offsetof(struct menu, watcher));
    if (m->news.n > NEWS_BYTES) {
        m->more_news++;
        return;
    }
    buf_add_str(&m->news, "New mail from ");
    view_safe(&m->news, mail->from, VIEW_ROW);
    buf_add_str(&m->news, ": ");
    view_safe(&m->news, mail->body, VIEW_ROW);
    buf_add_char(&m->news, '\n');
}

enum reply_result menu_watch(struct menu *m)
{
    m->watcher.mail = note_news;
    enum reply_result result = link_watch(&m->call.link, &m->watcher);
    return result == REPLY_NOOP ? REPLY_OK : result;
}

static void print_news(struct menu *m)
{
    if (m->news.n > 0)
        fwrite(m->news.p, 1, m->news.n, stdout);
    if (m->more_news > 0)
        printf("... and %u more\n", m->more_news);
    fflush(stdout);
    buf_clear(&m->news);
    m->more_news = 0;
}

/* Tells of mail that comes, until a line is typed or the connection is of no more use. */
static void await_line(struct menu *m)
{
    while (m->signed_in && !os_tty_wait(m->call.net.fd) && link_check(&m->call.link) == REPLY_OK)
        print_news(m);
}

/* The item that was typed; NULL: there is none such. */
static const struct menu_item *find_item(const struct menu *m)
{
    uint64_t number;
    if (!span_u64(buf_span(&m->line), ITEMS, &number))
        return NULL;
    for (size_t i = 0; i < ITEMS; i++)
        if (items[i].number == number && is_shown(m, &items[i]))
            return &items[i];
    return NULL;
}

/* Only the items before signing in have a prompt and a blank line after it: so the listing wants.
 */
static enum menu_next choose(struct menu *m, const struct menu_item **item)
{
    while (await_line(m), prompt_line(&m->line, m->signed_in ? "" : "Enter your option:\n")) {
        if (!m->signed_in)
            putchar('\n');
        *item = find_item(m);
        if (*item)
            return MENU_ON;
        printf("There is no such item. Enter a number from %s.\n",
               m->signed_in ? "1 to 10" : "2 to 4");
    }
    return MENU_LEAVE;
}

static enum menu_next round_of(struct menu *m)
{
    const struct menu_item *item;
    if (link_check(&m->call.link) != REPLY_OK)
        return MENU_LOST;
    print_news(m);
    print_items(m);
    enum menu_next next = choose(m, &item);
    if (next != MENU_ON)
        return next;
    /* The server may have hung up while the user was thinking: say so before asking for more. */
    if (link_check(&m->call.link) != REPLY_OK)
        return MENU_LOST;
    return item->act(m);
}

static bool connect_to_place(struct menu *m)
{
    m->signed_in = false;
    if (call_open(&m->call, &m->place) == REPLY_OK) {
        puts("Connected to server successfully.\n");
        return true;
    }
    printf("Could not connect to server: ");
    print_words(m);
    puts(".");
    return false;
}

/* Offers to connect until it works or the user has enough. */
static enum menu_next connect_again(struct menu *m)
{
    bool yes;
    do {
        if (!prompt_yes(&m->line, "Connect again? (y/n): ", &yes) || !yes)
            return MENU_LEAVE;
    } while (!connect_to_place(m));
    return MENU_ON;
}

static enum menu_next after_loss(struct menu *m)
{
    printf("\nDisconnected from server: ");
    print_words(m);
    puts(".");
    return connect_again(m);
}

/* Asks for the server until one answers. */
static enum menu_next connect_first(struct menu *m, const char *server)
{
    if (server) {
        if (connect_to_place(m))
            return MENU_ON;
        return connect_again(m);
    }
    while (prompt_line(&m->line, "Enter <host>:<port> of Mail Server: ")) {
        const char *why = call_place(&m->call, buf_span(&m->line), &m->place);
        if (why)
            printf("This is not a server: %s.\n", why);
        else if (connect_to_place(m))
            return MENU_ON;
    }
    return MENU_LEAVE;
}

enum error_code menu_run(const struct options *o, const struct call_way *way)
{
    struct menu m = {.preset = o->user};
    call_init(&m.call, way);
    const char *why = o->server ? call_place(&m.call, span_str(o->server), &m.place) : NULL;
    if (why)
        return error_say(ERROR_USAGE, "not a server: %s: %s", o->server, why);
    buf_init(&m.line, PROMPT_LINE_BYTES);
    buf_init(&m.text, SIZE_MAX / 2);
    buf_init(&m.news, SIZE_MAX / 2);
    enum menu_next next = connect_first(&m, o->server);
    while (next != MENU_LEAVE)
        next = next == MENU_LOST ? after_loss(&m) : round_of(&m);
    call_close(&m.call);
    buf_free(&m.line);
    buf_free(&m.text);
    buf_free(&m.news);
    return ERROR_NONE;
}
