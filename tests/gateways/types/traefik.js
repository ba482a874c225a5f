// SPDX-License-Identifier: Apache-2.0
// traefik.js FILE: checks the middlewares of a dynamic configuration against the
// types of Traefik: every name is known, every value has its type.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { parse } from "yaml";

const { http } = parse(readFileSync(process.argv[2], "utf8"));
const source = join(import.meta.dirname, "middlewares.ts");
writeFileSync(source, `
import type { IMiddlewareSpec }
    from "@kubernetes-models/traefik/traefik.io/v1alpha1/MiddlewareSpec";
export const middlewares: Record<string, IMiddlewareSpec> =
    ${JSON.stringify(http.middlewares, null, 1)};
`);
const program = ts.createProgram([source], {
    noEmit: true, strict: true, skipLibCheck: true,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2022 });
const errors = ts.getPreEmitDiagnostics(program).map(
    (one) => ts.flattenDiagnosticMessageText(one.messageText, "\n"));
for (const [name, router] of Object.entries(http.routers)) {
    for (const used of router.middlewares) {
        if (!http.middlewares[used]) {
            errors.push(`router ${name}: there is no middleware ${used}`);
        }
    }
}
errors.forEach((error) => console.log(error));
process.exitCode = errors.length ? 1 : 0;
