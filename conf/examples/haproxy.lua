-- SPDX-License-Identifier: Apache-2.0
-- http-request lua.uptime-keys PLACE: asks mod_uptime_keys whether a request may
-- go on; see haproxy.cfg.

local VERIFY = "http://127.0.0.1:8089/verify/"
local TIMEOUT = 3000 -- milliseconds of an attempt; HAProxy makes four

-- What httpd needs of the request, and what the client gets of a refusal.
local CREDENTIALS = { "authorization", "x-api-key" }
local REFUSAL = { "content-type", "www-authenticate", "retry-after",
                  "cache-control" }
local IDENTITY = { "x-uptime-key-id", "x-uptime-key-name", "x-uptime-team",
                   "x-uptime-scopes" }
local REFUSED = { [400] = true, [401] = true, [403] = true, [429] = true,
                  [503] = true }

-- HAProxy itself makes a 503 if it cannot connect.
local function is_of_httpd(answer)
    return answer.status ~= 503 or answer.headers["retry-after"]
end

-- HAProxy counts the values of a header from 0.
local function values(headers, name)
    local found = {}
    for i = 0, #(headers[name] or {}) do
        if headers[name] and headers[name][i] then
            table.insert(found, headers[name][i])
        end
    end
    return found
end

local function ask(txn, place)
    local headers = { ["x-real-ip"] = { txn.sf:src() },
                      ["host"] = { "verify.invalid" } }
    local request = txn.http:req_get_headers()
    for _, name in ipairs(CREDENTIALS) do
        headers[name] = values(request, name)
    end
    return core.httpclient():get {
        url = VERIFY .. place, headers = headers, timeout = TIMEOUT }
end

local function accept(txn, answer)
    for _, name in ipairs(IDENTITY) do
        txn.http:req_set_header(name, values(answer.headers, name)[1] or "")
    end
    txn:set_var("txn.uptime_keys", "accepted")
end

local function refuse(txn, answer)
    local reply = txn:reply { status = answer.status, body = answer.body }
    for _, name in ipairs(REFUSAL) do
        for _, value in ipairs(values(answer.headers, name)) do
            reply:add_header(name, value)
        end
    end
    txn:done(reply)
end

core.register_action("uptime-keys", { "http-req" }, function(txn, place)
    local answer = ask(txn, place)
    if answer.status == 204 then
        accept(txn, answer)
    elseif REFUSED[answer.status] and is_of_httpd(answer) then
        refuse(txn, answer)
    end
    -- Anything else is left to the configuration, which denies the request.
end, 1)
