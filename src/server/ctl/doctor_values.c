/* SPDX-License-Identifier: ISC */
/* What is wrong with values of the configuration that the server takes. Pure. */
#include "ctl/doctor_private.h"

#define V4_BITS  32
#define V4_WIDE  (ADDRESS_BITS - V4_BITS + 8)
#define V6_WIDE  16 /* some networks of this size are private, */
#define V6_WIDER 7  /* but none that is larger than this */

/* Whether a network has the machines of very many organizations. */
static bool is_wide(const struct address_net *net)
{
    bool v4 = net->bits >= ADDRESS_BITS - V4_BITS && address_is_v4(&net->first);
    bool own = address_is_loopback(&net->first) || address_is_private(&net->first);
    return net->bits < (v4 ? V4_WIDE : V6_WIDER) || (net->bits <= (v4 ? V4_WIDE : V6_WIDE) && !own);
}

static void judge_trusted(struct buf *rows, const struct config *c)
{
    const struct config_networks *trusted = &c->submission_trusted;
    bool served = c->submission.n > 0;
    const struct doctor_row no_door =
        ROW(trusted->n > 0 && !served, WARNING, "it has no effect without submission",
            "set submission to the address of the server, also if systemd listens there; or remove "
            "%q");
    doctor_add_rows(rows, config_name(CONFIG_KEY_submission_trusted), &no_door, 1);
    for (unsigned i = 0; served && i < trusted->n; i++) {
        char net[ADDRESS_NET_TEXT_BYTES];
        address_format_net(&trusted->at[i], net);
        const struct doctor_row wide =
            ROW(is_wide(&trusted->at[i]), WARNING,
                "any machine of %t may send without a login, and name anyone as the author",
                "list only the addresses of your printers and scripts", .text = net);
        doctor_add_rows(rows, config_name(CONFIG_KEY_submission_trusted), &wide, 1);
    }
}

void doctor_judge_values(struct buf *rows, const struct config *c)
{
    const struct doctor_row domains[] = {
        ROW(config_lacks_domain(c), WARNING,
            "mail for addresses other than NAME@localhost is refused at submission and lmtp",
            "set domains to the domains of your users' mail addresses"),
    };
    const struct doctor_row keep[] = {
        ROW(c->keep_ms > 0 && c->trash_ms == 0, WARNING,
            "mail that was read is deleted for good at this age, since trash-days is 0",
            "set trash-days to the time for which it can be restored, or %q to 0"),
    };

    ADD_ROWS(rows, config_name(CONFIG_KEY_domains), domains);
    judge_trusted(rows, c);
    ADD_ROWS(rows, config_name(CONFIG_KEY_keep_ms), keep);
}
