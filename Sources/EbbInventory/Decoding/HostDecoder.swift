import EbbModel

/// Merged variables → typed settings.
struct HostDecoder {
    /// What is decoded for one host.
    struct Input {
        let host: HostName
        let location: SourceLocation?
        let groups: [String]
        let variables: YAMLValue
        let budgetGroup: String?
    }

    let context: InventoryContext
    let problems: ProblemCollector

    /// Every host's settings; jump hosts are resolved once all connections are known.
    func hosts(_ inputs: [Input]) -> [Inventory.Host] {
        let connections = inputs.map { input in
            ConnectionDecoder(context: context, problems: problems).decoded(input)
        }
        let known = Dictionary(
            zip(inputs.map(\.host), connections), uniquingKeysWith: { first, _ in first })
        let jumps = JumpResolver(known: known, user: context.user, problems: problems)
        return zip(inputs, connections).map { input, connection in
            let settings = settings(input, jumps.resolved(connection))
            return Inventory.Host(
                name: input.host, settings: settings, listing: { Origins.of(input.variables) },
                open: connection.open)
        }
    }

    private func settings(_ input: Input, _ connection: ConnectionSettings) -> HostSettings {
        var settings = HostSettings(
            host: input.host, groups: input.groups, connection: connection)
        guard let value = input.variables["ebb"] else { return settings }
        let ebb = MapReader(value, name: "ebb", problems: problems)
        // Read by the connection's decoder.
        for key in ["connection", "known_hosts", "identity_files", "password_prompt"] {
            _ = ebb.value(key)
        }
        let state = StateDecoder(context: context, problems: problems)
        settings.root = ebb.map("root").flatMap(state.root)
        settings.persist = state.named(ebb, "persist", state.storage)
        settings.presets = state.presets(ebb)
        settings.persistence = state.named(ebb, "persistence", state.entry)
        settings.accept = state.named(ebb, "accept", state.acceptance)
        settings.datasets = state.named(ebb, "datasets", state.dataset)
        PathRules(problems: problems).check(settings, ebb)
        settings.reboot.budgetGroup = input.budgetGroup
        if let reboot = ebb.map("reboot") {
            RebootDecoder(problems: problems).decode(reboot, into: &settings.reboot)
        }
        if let compliance = ebb.map("compliance") {
            ComplianceDecoder(state: state).decode(compliance, into: &settings.compliance)
        }
        ebb.finish()
        return settings
    }
}
