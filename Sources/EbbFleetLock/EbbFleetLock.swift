// EbbFleetLock: the FleetLock protocol, so that other update agents draw from Ebb's budget.
//
// Two endpoints: an agent asks before it reboots (`/v1/pre-reboot`) and tells when it is well again
// (`/v1/steady-state`). A slot has no time to live: it is freed by its holder, or by a person.
// Bytes in, decision, bytes out: no server and no database here.
