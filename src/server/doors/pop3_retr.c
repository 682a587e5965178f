/* SPDX-License-Identifier: ISC */
#include <inttypes.h>

#include "doors/pop3_lines.h"
#include "doors/pop3_mail.h"
#include "doors/pop3_private.h"
#include "session/reply.h"
#include "store/cache.h"
#include "store/messages.h"
#include "store/reader.h"

/* Adds the header of a mail, at most this many lines of its body, and the final dot. */
static void add_mail(struct session *s, struct pop3_mail *mail, uint64_t most)
{
    struct pop3_lines lines = pop3_lines_new(most);
    struct buf piece;
    bool more = true;
    buf_init(&piece, RENDER_PIECE_BYTES);
    while (more && render_more(&mail->text, &piece)) {
        more = pop3_lines_add(&lines, buf_span(&piece), &s->out) && reply_pour(s);
        if (more)
            buf_clear(&piece);
    }
    if (!buf_ok(&piece))
        buf_fail(&s->out);
    buf_free(&piece);
    buf_add_str(&s->out, ".\r\n");
}

/* Adds the answer to RETR, if it is whole, or to TOP with this many lines of the body. */
static void answer(struct pop3 *p, struct pop3_mail *mail, bool whole, uint64_t most)
{
    if (whole)
        pop3_ok(p, "%" PRIu64 " bytes", render_bytes(&mail->text));
    else
        pop3_ok(p, "the beginning follows");
    add_mail(&p->s, mail, whole ? UINT64_MAX : most);
}

/* Once the network has taken all of a message, it counts as read. */
static void show(struct pop3 *p, size_t index, bool whole, uint64_t most)
{
    struct session *s = &p->s;
    struct mailbox *mb;
    struct pop3_mail mail;
    enum status st = mailbox_open(s->service->store, &s->who, &mb);
    if (st != ST_OK) {
        pop3_refuse_status(p, st);
        return;
    }
    st = pop3_mail_open(s, mb, p->drop.ids[index], &mail);
    if (st == ST_OK) {
        answer(p, &mail, whole, most);
        if (whole && mail.m.state == MAIL_UNREAD && reply_flush(s))
            messages_mark_read(mb, &mail.m.id, 1);
    } else {
        p->drop.marks[index] = reader_leaves_out(st) ? POP3_GONE : p->drop.marks[index];
        pop3_refuse_status(p, st);
    }
    pop3_mail_close(s, &mail);
    mailbox_close(mb);
}

void pop3_retr(struct pop3 *p, const struct pop3_command *c)
{
    size_t i;
    if (pop3_find(p, c->arg[0], &i))
        show(p, i, true, 0);
}

void pop3_top(struct pop3 *p, const struct pop3_command *c)
{
    size_t i;
    uint64_t most;
    if (!span_number(c->arg[1], &most))
        pop3_refuse(p, "", "the number of lines must be a decimal number");
    else if (pop3_find(p, c->arg[0], &i))
        show(p, i, false, most);
}
