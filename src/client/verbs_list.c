/* SPDX-License-Identifier: ISC */
#include "client/verbs_list.h"

#include "client/output.h"
#include "client/rows.h"

static struct rows rows; /* the list that was begun last */

void verbs_list_begin(const struct verbs_run *run)
{
    unsigned columns = output_columns();
    enum rows_form form = columns > 0 ? ROWS_COLUMNS : ROWS_TABS;
    rows = (struct rows){run->json ? ROWS_JSON : form, columns, output_coloured(), false};
}

void verbs_list_row(struct buf *out, const struct message *m)
{
    rows_add(&rows, out, m);
}
