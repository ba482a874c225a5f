// SPDX-License-Identifier: Apache-2.0
// Enhancements of the HTML pages, which work without scripts.
"use strict";

const make = (tag, properties) =>
    Object.assign(document.createElement(tag), properties);

// The Clipboard API needs a secure context; elsewhere, copy the selection.
async function copy(field) {
    try {
        await navigator.clipboard.writeText(field.value);
        return true;
    } catch {
        field.select();
        return document.execCommand("copy");
    }
}

function addCopyButton(field) {
    const row = make("div", {className: "copy"});
    const button = make("button", {type: "button", textContent: "Copy",
                                   className: "primary"});
    const told = make("span", {role: "status"});

    button.addEventListener("click", async () => {
        told.textContent = await copy(field)
            ? "Copied" : "Press Ctrl-C or ⌘-C to copy";
    });
    field.addEventListener("focus", () => field.select());
    row.append(button, told);
    field.after(row);
}

// The browser may keep the page for its back button, but without the key.
function forgetOnLeaving(field) {
    addEventListener("pagehide", () => {
        field.value = field.textContent = "";
        document.querySelector("pre").textContent = "";
    });
    addEventListener("pageshow", (event) => {
        if (event.persisted) {
            location.reload();
        }
    });
}

function addGroupButton(group) {
    const boxes = [...group.querySelectorAll("input")];
    const button = make("button", {
        type: "button", className: "small",
        textContent: `All of ${group.dataset.group}`});
    const isFull = () => boxes.every((box) => box.checked);
    const tell = () => button.setAttribute("aria-pressed", isFull());

    button.addEventListener("click", () => {
        const wanted = !isFull();
        for (const box of boxes) {
            box.checked = wanted;
        }
        tell();
    });
    group.addEventListener("change", tell);
    tell();
    group.append(button);
}

// Typing a date chooses it; choosing another expiry clears the date.
function linkDate(form) {
    const date = form.elements.date;

    date.addEventListener("input", () => {
        if (date.value) {
            form.elements.expires.value = "date";
        }
    });
    form.addEventListener("change", (event) => {
        if (event.target.name === "expires" && event.target.value !== "date") {
            date.value = "";
        }
    });
}

// A second click would be answered by "made already" instead of the key.
function sendOnce(form) {
    const button = form.querySelector("[type=submit]");

    form.addEventListener("submit", () => { button.disabled = true; });
    addEventListener("pageshow", () => { button.disabled = false; });
}

function askBeforeDeleting(dialog) {
    const form = dialog.querySelector("form");
    let asked;

    for (const link of document.querySelectorAll("a.delete")) {
        link.addEventListener("click", (event) => {
            if (event.ctrlKey || event.metaKey || event.shiftKey) {
                return;
            }
            event.preventDefault();
            asked = link;
            dialog.querySelector("bdi").textContent = link.dataset.name;
            dialog.querySelector("code").textContent = link.dataset.prefix;
            form.action = link.href;
            dialog.showModal();
        });
    }
    dialog.querySelector("[type=button]").addEventListener(
        "click", () => dialog.close());
    dialog.addEventListener("close", () => asked.focus());
}

const key = document.getElementById("key");
if (key) {
    addCopyButton(key);
    forgetOnLeaving(key);
}
document.querySelectorAll("[data-group]").forEach(addGroupButton);
document.querySelectorAll("form.sheet").forEach(linkDate);
document.querySelectorAll("form[method=post]").forEach(sendOnce);
document.querySelectorAll("dialog").forEach(askBeforeDeleting);
document.querySelector("[role=alert]")?.focus();
