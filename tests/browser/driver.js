// SPDX-License-Identifier: Apache-2.0
// Makes Playwright's objects available to a program through pipes.
//
//     node driver.js NODE_MODULES
//
// A call is a line of JSON on standard input, its result a line on standard
// output, one after the other:
//
//     {"on": HANDLE, "call": "keyboard.press", "with": ["Tab"]}
//     {"value": VALUE} or {"handle": NUMBER} or {"error": MESSAGE}
//
// Handle 0 is `tools` below.  An argument may be {"$handle": NUMBER},
// {"$js": "SOURCE OF A FUNCTION"} or {"$regex": [SOURCE, FLAGS]}.  At the end
// of its input the driver closes its browsers and exits.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";

const load = createRequire(join(process.argv[2], "package.json"));
const { chromium } = load("playwright-core");
const EXECUTABLE = process.env.CHROMIUM ?? "/usr/bin/chromium";
const ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
    "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
];
const HTML_RULES = {
    extends: ["html-validate:recommended"],
    rules: {
        // The checkboxes of a group share a name.
        "form-dup-name": ["error", { shared: ["radio", "checkbox"] }],
    },
};
const stories = new WeakMap();
const browsers = [];
let axeSource;
let validator;

const tools = {
    async launch(options = {}) {
        const browser = await chromium.launch({
            executablePath: EXECUTABLE, timeout: 60_000, ...options,
            args: [...ARGUMENTS, ...(options.args ?? [])],
        });
        browsers.push(browser);
        return browser;
    },

    // A new browser context, with a record of what its pages do.
    async visit(browser, options, timeout) {
        const context = await browser.newContext(options);
        context.setDefaultTimeout(timeout);
        stories.set(context, await watch(context));
        return context;
    },

    // The record of a context: requests, console, errors.
    story: (context) => stories.get(context).record,

    // The body of the last document.
    document: (context) => stories.get(context).lastDocument.text(),

    async axe(page, rules) {
        axeSource ??= readFileSync(load.resolve("axe-core/axe.min.js"), "utf8");
        if (!await page.evaluate("typeof axe === 'object'"))
            await page.evaluate(axeSource);
        const { violations } = await page.evaluate(
            (only) => globalThis.axe.run(document, {
                resultTypes: ["violations"],
                ...only && { runOnly: { type: "rule", values: only } },
            }), rules);
        return violations.flatMap((violation) => violation.nodes.map((node) =>
            `${violation.id}: ${node.failureSummary} ${node.html}`));
    },

    async htmlErrors(text) {
        validator ??= new (load("html-validate").HtmlValidate)(HTML_RULES);
        const report = await validator.validateString(text);
        return report.results.flatMap((result) => result.messages.map(
            (message) => `${message.line}:${message.column} ` +
                `${message.ruleId}: ${message.message}`));
    },
};

async function watch(context) {
    const record = { requests: [], console: [], errors: [] };
    const story = { record, lastDocument: null };
    const known = new Map();
    context.on("request", (request) => {
        const entry = {
            url: request.url(), method: request.method(),
            type: request.resourceType(), headers: request.headers(),
            body: request.postData() ?? "", status: null,
        };
        known.set(request, entry);
        record.requests.push(entry);
    });
    context.on("response", (response) => {
        const entry = known.get(response.request());
        if (entry) entry.status = response.status();
        if (entry?.type === "document" &&
            response.frame().parentFrame() === null)
            story.lastDocument = response;
    });
    context.on("console", (message) => record.console.push(
        { type: message.type(), text: message.text() }));
    context.on("weberror", (error) => record.errors.push(
        String(error.error().stack ?? error.error())));
    context.on("dialog", (dialog) => {
        record.errors.push(`${dialog.type()} dialog: ${dialog.message()}`);
        void dialog.dismiss();
    });
    await context.addInitScript(() => addEventListener(
        "securitypolicyviolation",
        (event) => console.error("CSP violation",
            event.effectiveDirective, event.blockedURI, event.sample)));
    return story;
}

const handles = [tools];

function decoded(argument) {
    if (Array.isArray(argument)) return argument.map(decoded);
    if (argument === null || typeof argument !== "object") return argument;
    if ("$handle" in argument) return handles[argument.$handle];
    if ("$regex" in argument) return new RegExp(...argument.$regex);
    if ("$js" in argument) return new Function(`return (${argument.$js})`)();
    return Object.fromEntries(Object.entries(argument).map(
        ([name, value]) => [name, decoded(value)]));
}

function isPlain(value) {
    return value === null || typeof value !== "object" ||
        Array.isArray(value) ||
        Object.getPrototypeOf(value) === Object.prototype ||
        Object.getPrototypeOf(value) === null;
}

function encoded(value) {
    if (value === undefined || Buffer.isBuffer(value)) return { value: null };
    if (!isPlain(value)) return { handle: handles.push(value) - 1 };
    if (Array.isArray(value) && !value.every(isPlain))
        return { handles: value.map((item) => handles.push(item) - 1) };
    return { value };
}

async function answer({ on, call, with: parameters }) {
    const path = call.split(".");
    const name = path.pop();
    const object = path.reduce((found, step) => found[step], handles[on]);
    if (typeof object[name] !== "function")
        throw new Error(`there is no function ${call}`);
    return encoded(await object[name](...parameters.map(decoded)));
}

for await (const line of createInterface({ input: process.stdin })) {
    const outcome = await answer(JSON.parse(line)).catch(
        (error) => ({ error: String(error?.message ?? error) }));
    process.stdout.write(JSON.stringify(outcome) + "\n");
}
await Promise.all(browsers.map((browser) => browser.close()));
process.exit(0);
