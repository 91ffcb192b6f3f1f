// EbbInventory: inventory files → hosts, groups and settings.
//
// The shape is Ansible's YAML. Pure: it takes the files' bytes and gives values, together with every
// problem it saw. It knows no file system, no network and no clock, and it decides nothing about
// hosts; it only says what was written about them, and where.
