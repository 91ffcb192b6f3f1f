import EbbReport

/// The description of the API, for programs.
enum OpenAPI {
    static let description: JSON = [
        "openapi": "3.1.0",
        "info": [
            "title": "Ebb", "version": "1",
            "description":
                "What Ebb knows of a fleet. Read only; objects only ever gain members.",
        ],
        "security": [["bearer": []], ["basic": []], [:]],
        "paths": [
            "/api/v1/fleet": get("Every host with its verdict", "ebb.fleet/1", "hosts"),
            "/api/v1/hosts/{host}": get(
                "One host with controls, drift, boots and attempts", "ebb.host/1", "controls",
                parameter("host", "string", "web1")),
            "/api/v1/drift": get(
                "Paths that would be lost, by path", "ebb.fleet-drift/1", "paths"),
            "/api/v1/rollouts": get("The newest rollouts", "ebb.rollouts/1", "rollouts"),
            "/api/v1/rollouts/{rollout}": get(
                "One rollout with its attempts", "ebb.rollout/1", "attempts",
                parameter("rollout", "integer", 1)),
            "/v1/pre-reboot": fleetLock("Takes a slot of a group"),
            "/v1/steady-state": fleetLock("Gives the slot back"),
        ],
        "components": [
            "securitySchemes": [
                "bearer": ["type": "http", "scheme": "bearer"],
                "basic": ["type": "http", "scheme": "basic"],
            ],
            "schemas": [
                "Error": [
                    "type": "object", "required": ["error", "message"],
                    "properties": ["error": ["type": "string"], "message": ["type": "string"]],
                ],
                "FleetLockRequest": [
                    "type": "object", "required": ["client_params"],
                    "properties": [
                        "client_params": [
                            "type": "object", "required": ["id", "group"],
                            "properties": [
                                "id": [
                                    "type": "string", "pattern": "^[A-Za-z0-9._@:-]{1,128}$",
                                    "examples": ["web1"],
                                ],
                                "group": [
                                    "type": "string", "pattern": "^[A-Za-z0-9._@:-]{1,64}$",
                                    "examples": ["web"],
                                ],
                            ],
                        ]
                    ],
                ],
                "FleetLockError": [
                    "type": "object", "required": ["kind", "value"],
                    "properties": ["kind": ["type": "string"], "value": ["type": "string"]],
                ],
            ],
        ],
    ]

    private static func get(
        _ summary: String, _ schema: String, _ list: String, _ parameter: JSON? = nil
    ) -> JSON {
        let body: JSON = [
            "type": "object", "required": .strings(["schema", "generatedAt", list]),
            "properties": .object([
                JSON.Member("schema", ["type": "string", "const": .string(schema)]),
                JSON.Member("generatedAt", ["type": "string", "format": "date-time"]),
                JSON.Member(list, ["type": "array", "items": ["type": "object"]]),
            ]),
        ]
        var responses = [
            JSON.Member(
                "200",
                ["description": "Known", "content": ["application/json": ["schema": body]]]),
            failure("401", "No or a wrong token"), failure("403", "Wrong Host header"),
            failure("503", "The database cannot be read"),
        ]
        if parameter != nil { responses.append(failure("404", "Unknown")) }
        return [
            "get": [
                "summary": .string(summary), "parameters": .array(parameter.map { [$0] } ?? []),
                "responses": .object(responses),
            ]
        ]
    }

    private static func fleetLock(_ summary: String) -> JSON {
        [
            "post": [
                "summary": .string(summary + " (FleetLock protocol)"),
                "parameters": [
                    [
                        "name": "fleet-lock-protocol", "in": "header", "required": true,
                        "schema": ["type": "string", "const": "true"],
                    ]
                ],
                "requestBody": [
                    "required": true,
                    "content": [
                        "application/json": [
                            "schema": ["$ref": "#/components/schemas/FleetLockRequest"]
                        ]
                    ],
                ],
                "responses": .object([
                    JSON.Member("200", ["description": "Done"]),
                    failure("400", "No FleetLock request", "FleetLockError"),
                    failure("401", "No or a wrong token"),
                    failure("403", "Wrong Host header or another site's page"),
                    failure("404", "No such group", "FleetLockError"),
                    failure("409", "No slot is free", "FleetLockError"),
                    failure("413", "Too long"),
                    failure("503", "The database cannot be read", "FleetLockError"),
                ]),
            ]
        ]
    }

    private static func parameter(_ name: String, _ type: String, _ example: JSON) -> JSON {
        [
            "name": .string(name), "in": "path", "required": true, "example": example,
            "schema": ["type": .string(type)],
        ]
    }

    private static func failure(
        _ status: String, _ text: String, _ schema: String = "Error"
    ) -> JSON.Member {
        JSON.Member(
            status,
            [
                "description": .string(text),
                "content": [
                    "application/json": [
                        "schema": ["$ref": .string("#/components/schemas/\(schema)")]
                    ]
                ],
            ])
    }
}
