import EbbReport
import EbbTestSupport
import Testing

/// The exports against the schemas in `docs/schemas`, as programs of others read those.
///
/// The fleet is the hostile one. `lab/readers` holds the same formats against the models that SARIF's
/// and OSCAL's own tools have.
@Suite(.blocking) struct PublishedShapeTests {
    @Test(arguments: [
        (ComplianceFormat.json, "ebb.compliance-1.schema.json"), (.sarif, "sarif-2.1.0-profile.schema.json"),
        (.oscal, "oscal-1.1.2-profile.schema.json"),
    ]) func `a document is what its schema says, for many hosts and for none`(format: ComplianceFormat, schema: String)
        throws
    {
        for report in [try Fleet.report(), try Fleet.report(hosts: [])] {
            try expect(report.rendered(as: format), is: schema)
        }
    }

    @Test func `the lines of ndjson together are the document`() throws {
        let lines = try Fleet.report().rendered(as: .ndjson).split(separator: "\n")
        let head = try #require(lines.first).dropLast()
        let hosts = lines.dropFirst().joined(separator: ",")
        try expect("\(head),\"hosts\":[\(hosts)]}", is: "ebb.compliance-1.schema.json")
    }

    @Test func `junit is what its schema says, for many hosts and for none`() throws {
        for report in [try Fleet.report(), try Fleet.report(hosts: [])] {
            try ExternalReader.expect(
                report.rendered(as: .junit), isAcceptedBy: "/usr/bin/xmllint",
                ["--noout", "--schema", ExternalReader.schemas + "junit.xsd"])
        }
    }

    private func expect(_ text: String, is schema: String) throws {
        // Debian's python3-jsonschema.
        try ExternalReader.expect(
            text, isAcceptedBy: "/usr/bin/python3", ["-c", Self.validation, ExternalReader.schemas + schema])
    }

    private static let validation = """
        import json, sys, jsonschema
        schema, document = (json.load(open(name, encoding="utf-8")) for name in sys.argv[1:])
        jsonschema.Draft202012Validator.check_schema(schema)
        faults = list(jsonschema.Draft202012Validator(schema).iter_errors(document))
        for fault in faults[:5]:
            print("/".join(map(str, fault.absolute_path)), fault.message[:300])
        sys.exit(bool(faults))
        """
}
