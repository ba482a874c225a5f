/* SPDX-License-Identifier: Apache-2.0 */
/* The HTML page on which a key is edited, disabled and enabled. */
#ifndef UK_MANAGE_HTML_EDIT_H
#define UK_MANAGE_HTML_EDIT_H

#include "core/problem_document.h"
#include "manage/context.h"

/** The page for ctx->key.
 *
 *  @param problem why ctx->form was refused: with errors, it is shown as it was
 *                 filled in; else the key is shown as it is now. NULL: it is
 *                 shown for the first time
 *  @return a document, in the request's pool */
const char *uk_html_edit(const uk_context_t *ctx,
                         const uk_problem_document_t *problem);

#endif
