/* SPDX-License-Identifier: ISC */
#include "admin/quota.h"

#include "base/units.h"
#include "store/account_file.h"

#define QUOTA_MAX (UINT64_C(1) << 60)

bool quota_parse(struct span text, uint64_t *quota)
{
    uint64_t number = ACCOUNT_QUOTA_STANDARD;
    if (!span_eq(text, SPAN("-")) &&
        (!units_parse(text, units_size, &number) || number > QUOTA_MAX))
        return false;
    *quota = number;
    return true;
}
