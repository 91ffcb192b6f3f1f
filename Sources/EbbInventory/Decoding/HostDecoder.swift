import EbbModel

/// A host's settings as written: its jump hosts are names still.
struct WrittenHost {
    var settings: HostSettings
    /// The jump hosts, nearest to the controller first.
    var jumps: [JumpName] = []
    /// Where the jump hosts were written.
    var jumpLocation: SourceLocation?
    /// What nobody wrote.
    var open: Set<Inventory.OpenSetting> = []
}

/// Merged variables → typed settings.
struct HostDecoder {
    /// What is decoded for one host.
    struct Input {
        let host: HostName
        let groups: [String]
        let variables: YAMLValue
        let budgetGroup: String?
    }

    let context: InventoryContext
    let problems: ProblemCollector

    /// Every host's settings; jump hosts are resolved once all connections are known.
    func hosts(_ inputs: [Input]) -> [Inventory.Host] {
        let written = inputs.map(decoded)
        let known = Dictionary(zip(inputs.map(\.host), written), uniquingKeysWith: { first, _ in first })
        let jumps = JumpResolver(known: known, user: context.user, problems: problems)
        return zip(inputs, written).map { input, written in
            var settings = written.settings
            settings.connection.jumps = jumps.jumps(of: written)
            return Inventory.Host(
                name: input.host, settings: settings, listing: { Origins.of(input.variables) }, open: written.open)
        }
    }

    private func decoded(_ input: Input) -> WrittenHost {
        var written = WrittenHost(
            settings: HostSettings(
                host: input.host, groups: input.groups,
                connection: ConnectionSettings(host: input.host, address: input.host.text, user: context.user)))
        let decoder = ConnectionDecoder(context: context, problems: problems)
        decoder.decode(MapReader(input.variables, name: "", problems: problems), into: &written)
        if let value = input.variables["ebb"] {
            let ebb = MapReader(value, name: "ebb", problems: problems)
            ebb.read(HostSettings.declared, into: &written.settings)
            ebb.finish()
            checkPresets(ebb)
            PathRules(problems: problems).check(written.settings, ebb)
        }
        written.settings.reboot.budgetGroup = input.budgetGroup
        decoder.complete(&written)
        return written
    }

    /// Reports presets that the catalogue does not have, those that are taken out among them.
    private func checkPresets(_ ebb: MapReader) {
        guard let known = context.presets else { return }
        for entry in ebb.value("presets")?.entries ?? [] where !known.contains(entry.key) {
            problems.error(
                at: entry.value.location, "no preset is called “\(PrintableText.line(entry.key))”",
                hint: Suggestion.hint(for: entry.key, among: known))
        }
    }
}
