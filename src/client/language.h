/* SPDX-License-Identifier: ISC */
/*
 * language: the texts of pochta, in English and in Russian. In the code stands the English text:
 *
 *     puts(_("Enter one of these letters."));
 *     static const char *const kinds[] = {N_("sent"), N_("kept")}; ... puts(_(kinds[i]));
 *
 * The catalogue (catalogue.h) has a row for each. What programs read stays English: the words of
 * --json, columns separated by tabs, the configuration; and so do the server's answers.
 */
#ifndef CLIENT_LANGUAGE_H
#define CLIENT_LANGUAGE_H

/* The text in the language of the user. */
#define _(english)  language_text(english)
/* Marks a text that is passed to _() elsewhere. */
#define N_(english) (english)

enum language { LANGUAGE_ENGLISH, LANGUAGE_RUSSIAN };

/*
 * The language of a locale as the environment names it (ru_RU.UTF-8; NULL is allowed). English,
 * unless it is Russian in UTF-8, or Russian without an encoding.
 */
enum language language_of_locale(const char *name);

/*
 * Chooses the language of all texts: LC_ALL, LC_MESSAGES or LANG says which, the first of them that
 * is set and not empty. Before the first thread begins. Until then it is English.
 */
void language_choose(void);
void language_set(enum language language);

enum language language_chosen(void);

/*
 * The text in the chosen language: a constant. english itself if the catalogue has no row for it.
 * From any thread.
 */
const char *language_text(const char *english) __attribute__((format_arg(1)));

#endif
