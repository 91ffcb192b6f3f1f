// EbbPlaybook: playbook text → steps.
//
// A playbook strings Ebb's own verbs together for a choice of hosts: look, decide, act, prove, tell.
// Pure: it reads bytes and gives values with every problem at once. It performs nothing, and it is no
// programming language: there are no variables, no loops and no templates.
