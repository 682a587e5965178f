/* SPDX-License-Identifier: ISC */
/*
 * writing: a person types the letter of a stage, and uses the editor. For one thread.
 */
#ifndef WRITING_H
#define WRITING_H

#include "stage.h"

#define WRITING_EDITOR_WAITS "The editor waits.\n"

/* Types the letter, up to its end or that of the client. */
void writing_type(struct stage *s);

/* Answers an editor that waits. */
void writing_answer_editor(struct stage *s);

#endif
