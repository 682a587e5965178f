/* SPDX-License-Identifier: ISC */
#include "evidence.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../crash/client.h"
#include "client/draft.h"

void evidence_init(struct evidence *e, struct server *server)
{
    *e = (struct evidence){.server = server};
    buf_init(&e->text, SIZE_MAX / 2);
}

void evidence_free(struct evidence *e)
{
    buf_free(&e->text);
}

void evidence_of(struct evidence *e, const struct script *letter)
{
    e->letter = letter;
    e->copies = 0;
    buf_clear(&e->text);
}

static void take_text(struct evidence *e, struct span text)
{
    buf_clear(&e->text);
    buf_add(&e->text, text);
}

/* A server that was killed may have forgotten that a message was read: it is counted once. */
static void count(struct evidence *e, const struct message *m)
{
    if (m->id <= e->last_id)
        return;
    e->last_id = m->id;
    if (script_is_part(e->letter, m->body, 0)) {
        e->copies++;
        take_text(e, m->body);
    } else {
        e->strange++;
        printf("# another message: %.*s\n", SPAN_PRINTF(m->body));
    }
}

static bool look_at_mailbox(struct evidence *e)
{
    const struct span login[] = {span_str("bob"), span_str("secret")};
    struct client_wire wire;
    struct link link;
    struct message m;
    enum reply_result result = REPLY_LOST;
    if (!client_dial(e->server, &wire, &link, NULL)) {
        puts("# the server cannot be reached");
        return false;
    }
    if (link_start(&link) == REPLY_OK && link_ask(&link, OP_LOGIN, login, 2) == REPLY_OK &&
        link_ask(&link, OP_SHOW_UNREAD, NULL, 0) == REPLY_OK)
        while ((result = link_next_message(&link, &m)) == REPLY_OK)
            count(e, &m);
    if (result != REPLY_END)
        printf("# the mailbox cannot be read: %.*s\n", SPAN_PRINTF(link_words(&link)));
    client_hang_up(&wire, &link);
    return result == REPLY_END;
}

static void look_at_drafts(struct evidence *e)
{
    struct state_dir dir;
    unsigned numbers[16];
    state_dir_find(&dir, DRAFT_DIR);
    e->damaged = 0;
    e->drafts = (unsigned)draft_numbers(&dir, numbers, 16);
    for (unsigned i = 0; i < e->drafts && i < 16; i++) {
        struct draft d;
        enum draft_opened opened = draft_peek(&d, &dir, numbers[i]);
        if (opened != DRAFT_OPENED && opened != DRAFT_BUSY) {
            e->damaged++;
            continue;
        }
        e->number = numbers[i];
        take_text(e, buf_span(&d.text));
        draft_close(&d);
    }
    state_dir_close(&dir);
}

bool evidence_look(struct evidence *e)
{
    bool ok = look_at_mailbox(e);
    look_at_drafts(e);
    return ok;
}
