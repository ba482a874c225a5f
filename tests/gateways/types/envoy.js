// SPDX-License-Identifier: Apache-2.0
// envoy.js FILE: checks a configuration against the types of Envoy's API: every
// name is a field of its message, every value has its type.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import protobuf from "protobufjs";
import { parse } from "yaml";

const { resolve } = createRequire(import.meta.url);
const folder = (name) => dirname(resolve(`${name}/package.json`));
const deps = join(folder("@grpc/grpc-js-xds"), "deps");
const folders = ["envoy-api", "googleapis", "protoc-gen-validate", "xds"].map(
    (name) => join(deps, name)).concat(folder("protobufjs"));
const FILES = [
    "envoy/config/bootstrap/v3/bootstrap.proto",
    "envoy/extensions/transport_sockets/tls/v3/tls.proto",
    "envoy/extensions/filters/network/http_connection_manager/v3/" +
        "http_connection_manager.proto",
    "envoy/extensions/filters/http/ext_authz/v3/ext_authz.proto",
    "envoy/extensions/filters/http/router/v3/router.proto",
];

const root = new protobuf.Root();
const builtIn = root.resolvePath;
root.resolvePath = (origin, target) => {
    for (const top of folders) {
        const file = join(top, target);
        try {
            readFileSync(file);
            return file;
        } catch {
            // It is in another folder.
        }
    }
    return builtIn.call(root, origin, target);
};
root.loadSync(FILES, { keepCase: true }).resolveAll();

const errors = [];

const SCALARS = { string: "string", bool: "boolean" };
const WRAPPED = { "google.protobuf.Duration": "string",
                  "google.protobuf.BoolValue": "boolean",
                  "google.protobuf.UInt32Value": "number",
                  "google.protobuf.UInt64Value": "number" };

function checkAny(value, path) {
    const { "@type": url, ...rest } = value;
    if (!url) {
        errors.push(`${path}: no @type`);
        return;
    }
    checkMessage(root.lookupType(url.split("/")[1]), rest, path);
}

function checkValue(field, value, path) {
    const type = field.resolvedType;
    const name = type ? type.fullName.slice(1) : field.type;
    const wanted = WRAPPED[name] ?? SCALARS[field.type] ?? "number";
    if (name === "google.protobuf.Any") {
        checkAny(value, path);
    } else if (type instanceof protobuf.Enum) {
        if (!(value in type.values)) {
            errors.push(`${path}: ${value} is none of ${name}`);
        }
    } else if (type && !WRAPPED[name]) {
        checkMessage(type, value, path);
    } else if (typeof value !== wanted) {
        errors.push(`${path}: ${value} is no ${wanted}`);
    }
}

function checkMessage(type, value, path) {
    if (value === null || typeof value !== "object") {
        errors.push(`${path}: ${value} is no ${type.name}`);
        return;
    }
    for (const [name, part] of Object.entries(value)) {
        const field = type.fields[name];
        const where = `${path}.${name}`;
        if (!field) {
            errors.push(`${where}: ${type.fullName} has no such field`);
        } else if (field.repeated || field instanceof protobuf.MapField) {
            for (const [key, item] of Object.entries(part)) {
                checkValue(field, item, `${where}[${key}]`);
            }
        } else {
            checkValue(field, part, where);
        }
    }
}

checkMessage(root.lookupType("envoy.config.bootstrap.v3.Bootstrap"),
             parse(readFileSync(process.argv[2], "utf8")), "");
errors.forEach((error) => console.log(error));
process.exitCode = errors.length ? 1 : 0;
