import EbbPlan
import FoundationEssentials
import Testing

@testable import EbbModel

struct GroupBudgetTests {
    private static let epoch = Date(timeIntervalSince1970: 0)

    private func host(_ name: String, _ group: String, budget: String?, most: RebootSettings.Count = .hosts(1)) throws
        -> HostSettings
    {
        let host = try HostName(name)
        return HostSettings(
            host: host, groups: [group], connection: ConnectionSettings(host: host, address: "192.0.2.1"),
            reboot: RebootSettings(maxUnavailable: most, budgetGroup: budget))
    }

    private func slot(_ host: HostSettings) -> Slot { Slot(host: host.host, since: Self.epoch) }

    private func agent(_ id: String, _ group: String) -> Slot {
        Slot(machine: id, holder: .agent(group: group), since: Self.epoch)
    }

    @Test func `agents outside Ebb and hosts that are not well draw from one budget`() throws {
        let fleet = try ["a", "b", "c"].map { try host($0, "web", budget: "web", most: .hosts(2)) }
        let budgets = GroupBudgets(fleet: fleet)
        func refusal(_ slots: [Slot]) -> String? { budgets.refusal(of: fleet[0], among: slots) }
        #expect(refusal([agent("x", "web")]) == nil)
        #expect(refusal([agent("x", "elsewhere"), slot(fleet[1])]) == nil)
        #expect(
            refusal([agent("x", "web"), slot(fleet[1])])
                == "web: at most 2 may be unavailable at once, taken by agent x, b")
        // The host itself, being unwell, takes no second slot, nor does an agent that asks twice.
        #expect(refusal([agent("x", "web"), slot(fleet[0])]) == nil)
        #expect(refusal([agent("x", "web"), agent("x", "default")]) == nil)
    }

    @Test func `a machine that left the inventory while it was down counts where it did`() throws {
        let fleet = try ["a", "b"].map { try host($0, "web", budget: "web") } + [host("c", "db", budget: "db")]
        let gone = try HostName("gone")
        func refusal(_ settings: HostSettings, _ limits: Set<String>?, names: Set<HostName> = []) -> String? {
            GroupBudgets(fleet: fleet).refusal(
                of: settings,
                among: [Slot(machine: "gone", holder: .host(gone), since: Self.epoch, names: names, limits: limits)])
        }
        #expect(refusal(fleet[0], ["web"]) == "web: at most 1 may be unavailable at once, taken by gone")
        #expect(refusal(fleet[2], ["web"]) == nil)
        // Of one that was taken before it was noted nobody knows.
        #expect(refusal(fleet[0], nil) != nil && refusal(fleet[2], nil) != nil)
        // Under another name of its machine it is there, and its own slot does not stand in its way.
        #expect(refusal(fleet[0], [], names: [gone, fleet[1].host]) != nil)
        #expect(refusal(fleet[1], ["web"], names: [gone, fleet[1].host]) == nil)

        var going = fleet[0]
        going.root = RootSettings(strategy: .mkfs)
        going.persist = [PersistentStorage(mount: "/persist")]
        let planner = RebootPlanner(
            selected: [going], fleet: fleet, unavailable: [gone],
            slots: [Slot(machine: "gone", holder: .host(gone), since: Self.epoch, limits: ["web"])])
        #expect(planner.plan().limits.first?.members.contains(gone) == true)
    }

    @Test func `of two names of one machine one is planned, and the other says which`() throws {
        var fleet = try ["a", "b", "c"].map { try host($0, "web", budget: "web") }
        for index in fleet.indices {
            fleet[index].root = RootSettings(strategy: .mkfs)
            fleet[index].persist = [PersistentStorage(mount: "/persist")]
        }
        let marks = MachineMarks(machineID: "m", hostKeys: ["ed": "k"])
        let planner = RebootPlanner(
            selected: fleet.reversed(), fleet: fleet, machines: Machines([fleet[0].host: marks, fleet[1].host: marks]))
        let plan = planner.plan()
        #expect(plan.hosts == [fleet[2].host, fleet[1].host])
        #expect(plan.withheld.map(\.host) == [fleet[0].host])
        #expect(plan.withheld.first?.reason == "it is one machine with b, which is rebooted for both names")
    }

    @Test func `the group default is the whole fleet, with the fleet's own limit`() throws {
        // A strict group does not make the whole fleet as strict.
        let fleet =
            try (1...20).map { try host("w\($0)", "web", budget: "all", most: .percent(10)) } + [
                host("db1", "db", budget: "db", most: .hosts(1))
            ]
        let budgets = GroupBudgets(fleet: fleet)
        #expect(budgets.fleetLock("default")?.maxUnavailable == 2)
        #expect(budgets.fleetLock("default")?.members.count == 21)
        #expect(budgets.fleetLock("db")?.maxUnavailable == 1)
        #expect(budgets.fleetLock("db")?.agentGroups == ["db"])
        #expect(budgets.fleetLock("misspelt") == nil)
        let named = GroupBudgets(fleet: fleet + [try host("x", "default", budget: "default")])
        #expect(named.fleetLock("default")?.members.count == 1)
    }

    @Test func `a group that sets no budget is shared with the agents that hold its slots`() throws {
        let fleet = try [
            host("a", "web", budget: "all", most: .rest), host("b", "web", budget: "all", most: .hosts(1)),
        ]
        let budgets = GroupBudgets(fleet: fleet)
        #expect(budgets.refusal(of: fleet[0], among: [agent("x", "web")]) != nil)
        #expect(budgets.refusal(of: fleet[0], among: [agent("x", "other")]) == nil)
    }
}
