/* SPDX-License-Identifier: ISC */
/*
 * backup: the verbs backup, restore, user export and user import of pochtactl: run store/backup.h
 * and store/restore.h, and print what they find. Each returns the exit code, CTL_FINDINGS if there
 * are findings.
 */
#ifndef CTL_BACKUP_H
#define CTL_BACKUP_H

#include "ctl/options.h"

int ctl_backup(const struct ctl_options *o);
int ctl_restore(const struct ctl_options *o);
int ctl_user_export(const struct ctl_options *o);
int ctl_user_import(const struct ctl_options *o);

#endif
