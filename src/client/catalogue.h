/* SPDX-License-Identifier: ISC */
/*
 * catalogue: every text of pochta that people read, one row each: ROW("English", "Russian"). Both
 * texts have the same conversions (%s and so on) in the same order. tests/it/language.t compares
 * the rows with the source.
 */
#ifndef CLIENT_CATALOGUE_H
#define CLIENT_CATALOGUE_H

#define ROW(english, russian) \
    {                         \
        english, russian      \
    }

struct catalogue_row {
    const char *english, *russian;
};

/* A part ends with a row of NULL. */
extern const struct catalogue_row catalogue_menu[];    /* the menu, and writing letters in it */
extern const struct catalogue_row catalogue_letters[]; /* letters, drafts, reading and answering */
extern const struct catalogue_row catalogue_verbs[];   /* the commands */
extern const struct catalogue_row catalogue_options[]; /* the help: options, settings, commands */
extern const struct catalogue_row catalogue_errors[];  /* connecting, files, texts of other rooms */

/* All parts; the last is NULL. */
extern const struct catalogue_row *const catalogue[];

#endif
