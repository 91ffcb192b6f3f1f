import EbbModel
import EbbSetup
import Testing

/// The script that puts declared paths in effect at boot, on storage that others may have touched.
@Suite struct PersistBootTests {
    /// Runs the script over a table with one bind, after a shell text; prints what became of it.
    private func boot(_ text: String) async throws -> String {
        let bench = try Bench()
        defer { bench.remove() }
        try bench.write(PersistSetup.script, to: "boot")
        return try await bench.run(
            """
            mkdir -p "$path" "$target" persist/.ebb root/secret; echo kept >"$target/one"
            echo treasure >root/secret/one
            printf 'bind\\t%s\\t%s\\n' "$path" "$target" >persist/.ebb/persistence.tab
            \(text)
            sh boot "$PWD/persist" 2>&1; echo "status $?"; cat "$path/one" 2>/dev/null || echo nothing
            """)
    }

    @Test func `a healthy table is put in effect`() async throws { #expect(try await boot(":") == "status 0\nkept\n") }

    @Test func `a link of another account leads root nowhere`() async throws {
        let away = "rm -r \"$target\"; ln -s \"$PWD/root/secret\" \"$target\""
        let swapped = try await boot("\(away); chown -h 1000 \"$target\"")
        #expect(swapped.contains("is a link that is not root's"), "\(swapped)")
        #expect(swapped.hasSuffix("status 1\nnothing\n"), "\(swapped)")
        let above = try await boot("mv persist/top persist/away; ln -s away persist/top; chown -h 1000 persist/top")
        #expect(above.hasSuffix("status 1\nnothing\n"), "\(above)")
        // A link that root made is root's word.
        #expect(try await boot("mv persist/top persist/away; ln -s away persist/top") == "status 0\nkept\n")
    }

    @Test func `a table that others may write is not obeyed`() async throws {
        for text in [
            "chown 1000 persist/.ebb", "chmod 777 persist/.ebb", "chown 1000 persist/.ebb/persistence.tab",
            "chmod 666 persist/.ebb/persistence.tab",
            "mv persist/.ebb/persistence.tab t; ln -s \"$PWD/t\" persist/.ebb/persistence.tab",
        ] {
            let output = try await boot(text)
            #expect(output.contains("is not root's alone"), "\(text): \(output)")
            #expect(output.hasSuffix("status 1\nnothing\n"), "\(text): \(output)")
        }
    }
}
