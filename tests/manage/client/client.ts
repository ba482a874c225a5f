// SPDX-License-Identifier: Apache-2.0
// A program as a client developer would write it: the types come from
// openapi.json, the requests are made by openapi-fetch.
//
//     node client.js BASE GUARDED USER PASSWORD
//
// BASE is where keys are managed, GUARDED a place that wants one.  Prints what
// happened, a JSON object.

import process from "node:process";
import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

type ApiKey = components["schemas"]["ApiKey"];
type Wish = components["schemas"]["ApiKeyWish"];

const [base, guarded, user, password] = process.argv.slice(2) as
    [string, string, string, string];

const people = createClient<paths>({
    baseUrl: base,
    headers: { Authorization: `Basic ${btoa(`${user}:${password}`)}` },
});

async function names(): Promise<string[]> {
    const { data } = await people.GET("/", {
        params: { query: { perPage: 200 } },
    });
    return data!.data.apiKeys.map((key: ApiKey) => key.name);
}

async function use(key: string): Promise<number> {
    const answer = await fetch(guarded, {
        headers: { Authorization: `Bearer ${key}` },
    });
    return answer.status;
}

const wish: Wish = {
    name: "made by a generated client",
    scopes: ["monitors:read", "api-keys:read"],
    expiresAt: "2035-01-31T12:00:00Z",
};

const before = await names();
const scopes = await people.GET("/scopes");
const created = await people.POST("/", { body: wish });
const { apiKey, key } = created.data!.data;
const after = await names();
const used = await use(key);

const path = { id: apiKey.id };
const found = await people.GET("/{id}", { params: { path } });
const deleted = await people.DELETE("/{id}", { params: { path } });
const refused = await use(key);
const again = await people.DELETE("/{id}", { params: { path } });
const wrong = await people.POST("/", {
    body: { name: "", scopes: ["monitors:read"] },
});

console.log(JSON.stringify({
    key,
    before,
    scopes: scopes.data!.data.scopes.length,
    created: created.response.status,
    expires: apiKey.expiresAt && new Date(apiKey.expiresAt).toISOString(),
    after,
    used,
    found: found.data!.data.apiKey.keyPrefix,
    deleted: deleted.data!.data.deleted,
    refused,
    again: again.error!.type,
    wrong: wrong.error!.errors!.map((error) => error.pointer),
    finally: await names(),
}));
