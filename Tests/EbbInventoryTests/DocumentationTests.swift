import EbbInventory
import EbbModel
import Foundation
import Testing

@Suite struct DocumentationTests {
    @Test func `every example of the inventory's documentation can be used`() throws {
        let folder = (#filePath as NSString).deletingLastPathComponent
        let text = try String(contentsOfFile: folder + "/../../docs/inventory.md", encoding: .utf8)
        let examples = text.components(separatedBy: "```yaml\n").dropFirst().map {
            $0.components(separatedBy: "```")[0]
        }
        #expect(examples.count >= 4)
        for example in examples {
            let isTree = example.hasPrefix("all:")
            let storage = "ebb: {persist: [{mount: /persist}]}"
            let reading = read([
                "hosts.yml": isTree ? example : "all: {hosts: {h: }}",
                isTree ? "group_vars/all.yml" : "group_vars/all/example.yml": isTree ? storage : example,
            ])
            #expect(reading.told == [], "\(example)")
        }
    }

    @Test func `a fleet of thousands is read, merged and chosen from`() throws {
        var hosts = "all:\n  children:\n"
        for group in 0..<40 {
            hosts += "    g\(group): {hosts: {\"n\(group)x[000:099]\": }, vars: {ebb_priority: \(group)}}\n"
        }
        hosts += "    rack: {children: {g1: , g2: }, vars: {ebb: {reboot: {timeout: 7m}}}}\n"
        let reading = read(["hosts.yml": hosts])
        #expect(reading.told == [])
        #expect(reading.inventory.hosts.count == 4_000)
        #expect(try reading.select("rack:&*x05*:!g1").count == 10)
        #expect(try reading.settings("n1x007")?.reboot.timeout == 420)
    }
}
