/* SPDX-License-Identifier: ISC */
#include "client/verbs_list.h"

#include "client/output.h"
#include "client/rows.h"

static struct rows rows; /* the list that was begun last */

void verbs_list_begin(const struct verbs_run *run)
{
    unsigned columns = output_columns();
    rows = (struct rows){run->json ? ROWS_JSON : rows_form(columns), columns, output_coloured(),
                         false};
}

void verbs_list_row(struct buf *out, const struct message *m)
{
    rows_add(&rows, out, m);
}
