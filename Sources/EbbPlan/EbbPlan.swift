// EbbPlan: decides about reboots, and performs none.
//
// `RebootPlan` says who is rebooted in which wave and who is withheld and why; `Rollout` says what to
// do next after each event; `BootProof` says what a boot proved. Equal inputs give equal answers:
// there is no clock, no network, no database and no randomness here.
