/// One file of an inventory, already read.
package struct InventoryFile: Sendable, Hashable {
    /// What the bytes are.
    package enum Form: Sendable, Hashable {
        /// The file as it is.
        case text
        /// What the command printed that stands for the file: Ansible's `--list` in JSON.
        case listing(command: String)
        /// Nothing: the file has to be asked by a command, which could not be run, for this reason.
        case unanswered(reason: String, hint: String?)
    }

    /// Who understands the file.
    package enum Interpreter: Sendable, Hashable {
        case ebb
        /// The file is a program: it answers to `--list`.
        case itself
        /// Another of Ansible's forms, such as INI.
        case ansible
    }

    /// The path below the inventory's directory, such as `group_vars/all.yml`.
    package let path: String
    package let bytes: [UInt8]
    package let form: Form
    /// Whether the file may be run.
    package let isExecutable: Bool

    package init(path: String, bytes: [UInt8], form: Form = .text, isExecutable: Bool = false) {
        (self.path, self.bytes, self.form, self.isExecutable) = (path, bytes, form, isExecutable)
    }
}

/// What an inventory's text does not say about the machine it is read on.
package struct InventoryContext: Sendable {
    /// The inventory's directory, as messages name it and relative paths start from.
    package var directory: String
    /// What `~` stands for.
    package var home: String
    /// The user to log in as where nothing is written.
    package var user: String
    /// The catalogue's presets; `nil` leaves names unchecked.
    package var presets: [String]?

    package init(directory: String, home: String, user: String, presets: [String]? = nil) {
        (self.directory, self.home, self.user, self.presets) = (directory, home, user, presets)
    }

    /// How messages name a file of the inventory.
    func display(_ path: String) -> String { directory.isEmpty || directory == "." ? path : directory + "/" + path }

    /// A path on the controller: `~` is the home, anything relative starts at the inventory.
    func controllerPath(_ path: String) -> String {
        if path == "~" { return home }
        if path.hasPrefix("~/") { return home + path.dropFirst() }
        return path.hasPrefix("/") ? path : display(path)
    }
}
