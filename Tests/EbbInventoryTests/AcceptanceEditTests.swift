import EbbInventory
import EbbModel
import Testing

@Suite struct AcceptanceEditTests {
    static let acceptance = Acceptance(path: "/var/cache/**", reason: "fills \"again\"", by: "ops", until: "2027-06-30")
    static let line = #"{path: "/var/cache/**", reason: "fills \"again\"", by: ops, until: 2027-06-30}"#

    func apply(_ text: String) throws(AcceptanceEdit.Refusal) -> String {
        try AcceptanceEdit.apply(Self.acceptance, to: text, file: "host_vars/h.yml")
    }

    @Test func `a list gets one more line, and every other line stays`() throws {
        let texts = [
            """
            # who it is
            ebb:
              accept: # losses
                # caches
                - {path: /a, reason: r, by: me}
                - path: /b
                  reason: r # why
                  by: me

              # what comes next
              presets: [nixos]
            ansible_user: root # at the end

            """,
            """
            ebb:
              accept:
              - {path: /a, reason: r, by: me}
              - {path: /b, reason: r, by: me}
              presets: [nixos]
            """,
            """
            ebb:
                presets: [nixos]   # odd indentation
                persistence:
                    - {path: /x, mechanism: bind}

            # about the user
            ansible_user: root
            """, "ansible_user: root\n", "", "# nothing yet\n", "ebb:\n", "ebb:\n  accept: []\n", "ebb:\n  accept:\n",
            "---\nebb:\n  root: {strategy: tmpfs}\n",
        ]
        for text in texts {
            let edited = try apply(text)
            #expect(edited.contains("- " + Self.line), "\(text)")
            let old = text.split(separator: "\n").filter { !$0.contains("accept: []") }
            var rest = edited.split(separator: "\n")[...]
            for line in old {
                let index = rest.firstIndex(of: line)
                #expect(index != nil, "\(line) is gone or moved in:\n\(edited)")
                rest = rest[(index ?? rest.startIndex)...].dropFirst()
            }
            // Once more: the new list is one that can be added to.
            #expect(try apply(edited).split(separator: Self.line).count > 1)
        }
    }

    @Test func `a comment of what comes next is not torn from it`() throws {
        let edited = try apply(
            """
            ebb:
              accept:
                - {path: /a, reason: r, by: me}
              # the presets
              presets: [nixos]
            """)
        let lines = edited.split(separator: "\n").map(String.init)
        #expect(lines[3] == "    - " + Self.line)
        #expect(lines[4] == "  # the presets")
    }

    @Test func `what cannot be edited line by line is refused with the line to add`() {
        for text in [
            "ebb: {presets: [nixos]}\n", "ebb:\n  accept: [{path: /a, reason: r, by: me}]\n", "- a list\n", "ebb: [\n",
            "x: &a\n  accept: []\nebb: *a\n",
        ] { #expect(throws: AcceptanceEdit.Refusal.self, "\(text)") { try apply(text) } }
    }

    @Test func `what an acceptance says beside its reason is written as well`() throws {
        let acceptance = Acceptance(
            path: Acceptance.escaped("/srv/a*b"), reason: "r", by: "ops", namedClass: .secret, isEverything: true)
        let text = try AcceptanceEdit.apply(acceptance, to: "", file: "host_vars/h.yml")
        #expect(
            text.contains(#"{path: "/srv/a\\*b", reason: "r", by: ops, class: secret, everything: true}"#), "\(text)")
    }
}
