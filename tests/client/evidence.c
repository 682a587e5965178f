/* SPDX-License-Identifier: ISC */
#include "evidence.h"

#include <stdio.h>
#include <string.h>

#include "../crash/client.h"
#include "client/draft.h"

void evidence_free(struct evidence *e)
{
    buf_free(&e->text);
}

void evidence_of(struct evidence *e, const struct script *letter, bool to_all)
{
    e->letter = letter;
    e->nto = to_all ? EVIDENCE_TO_MAX : 1;
    for (size_t i = 0; i < EVIDENCE_TO_MAX; i++)
        e->to[i].copies = 0;
    buf_clear(&e->text);
}

static void take_text(struct evidence *e, struct span text)
{
    buf_clear(&e->text);
    buf_add(&e->text, text);
}

/* A server that was killed may have forgotten that a message was read: it is counted once. */
static void count(struct evidence *e, struct evidence_to *to, const struct message *m)
{
    if (m->id <= to->last_id)
        return;
    to->last_id = m->id;
    if (!e->letter)
        return;
    if (script_is_part(e->letter, m->body, 0)) {
        to->copies++;
        take_text(e, m->body);
    } else {
        e->strange++;
        printf("# another message: %.*s\n", SPAN_PRINTF(m->body));
    }
}

static bool look_at_mailbox(struct evidence *e, struct evidence_to *to)
{
    const struct span login[] = {span_str(to->name), span_str("secret")};
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
            count(e, to, &m);
    if (result != REPLY_END)
        printf("# the mailbox cannot be read: %.*s\n", SPAN_PRINTF(link_words(&link)));
    client_hang_up(&wire, &link);
    return result == REPLY_END;
}

static void note_recipients(struct evidence *e, const struct draft *d)
{
    for (size_t i = 0; i < d->nto; i++)
        for (size_t k = 0; k < EVIDENCE_TO_MAX; k++)
            if (d->to[i].mark != DRAFT_SENT && strcmp(d->to[i].name, e->to[k].name) == 0)
                e->to[k].waits = true;
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
        note_recipients(e, &d);
        take_text(e, buf_span(&d.text));
        draft_close(&d);
    }
    state_dir_close(&dir);
}

bool evidence_look(struct evidence *e)
{
    bool ok = true;
    e->copies = e->most = e->lost = 0;
    for (size_t i = 0; i < e->nto; i++) {
        e->to[i].waits = false;
        ok = look_at_mailbox(e, &e->to[i]) && ok;
    }
    look_at_drafts(e);
    for (size_t i = 0; i < e->nto; i++) {
        const struct evidence_to *to = &e->to[i];
        e->copies += to->copies;
        e->most = to->copies > e->most ? to->copies : e->most;
        e->lost += to->copies == 0 && !to->waits;
    }
    return ok;
}

bool evidence_init(struct evidence *e, struct server *server)
{
    *e = (struct evidence){.server = server,
                           .to = {{.name = "bob"}, {.name = "carol"}, {.name = "dan"}}};
    buf_init(&e->text, SIZE_MAX / 2);
    evidence_of(e, NULL, true);
    return evidence_look(e);
}

bool evidence_sent_once(const struct evidence *e)
{
    return e->copies == e->nto && e->most == 1 && e->drafts == 0;
}
