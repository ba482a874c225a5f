<?php
// Answers with all that a PHP program can see, as JSON.
header("Content-Type: application/json");
echo json_encode([
    "environment" => $_SERVER + $_ENV,
    "getenv" => getenv(),
    "headers" => function_exists("getallheaders") ? getallheaders() : null,
    "module" => function_exists("apache_getenv") ? array_map(
        "apache_getenv", array_combine(array_keys($_SERVER),
                                       array_keys($_SERVER))) : null,
    "password" => [$_SERVER["PHP_AUTH_USER"] ?? null,
                   $_SERVER["PHP_AUTH_PW"] ?? null],
    "body" => file_get_contents("php://input"),
], JSON_INVALID_UTF8_SUBSTITUTE | JSON_PARTIAL_OUTPUT_ON_ERROR);
