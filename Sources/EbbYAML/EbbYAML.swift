// EbbYAML: YAML text → values that remember where they were written.
//
// The only import of Yams for files that people write: inventories and playbooks. It knows scalars,
// lists and maps, reads typed values out of them, and collects every problem with file and line; it
// does not know what any key means.
