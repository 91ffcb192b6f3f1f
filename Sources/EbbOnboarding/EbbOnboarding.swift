// EbbOnboarding: how a living host becomes one that is erased at every boot, without losing anything.
//
// It plans (datasets, persistence set, erase mechanism), writes the files and scripts that carry a
// plan out, and keeps the order of the steps. It is pure: it opens no connection and no file, and
// no plan of it ever destroys or formats anything.
