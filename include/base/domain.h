/* SPDX-License-Identifier: ISC */
/*
 * domain: domain names in mail addresses and in the configuration (RFC 1123, section 2.1; RFC 5321,
 * section 4.1.2). Pure.
 */
#ifndef BASE_DOMAIN_H
#define BASE_DOMAIN_H

#include "base/span.h"

#define DOMAIN_BYTES 254 /* room for a domain, with its NUL */

/*
 * Writes a domain in lower case, with its NUL. Returns false, with name undefined, unless text is 1
 * to 253 bytes of labels with dots between them, and each label is 1 to 63 letters of ASCII, digits
 * and hyphens, and neither begins nor ends with a hyphen.
 */
bool domain_fold(struct span text, char name[DOMAIN_BYTES]);

#endif
