// EbbCommands: the command line.
//
// One file per verb, in a folder per area. A verb reads the inventory, composes the adapters it
// needs, hands the work to the engine, and renders what came back. It decides nothing about hosts.
// Data goes to standard output, everything else to standard error.
