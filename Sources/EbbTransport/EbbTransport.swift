// EbbTransport: the port through which Ebb reaches hosts.
//
// It says what a connection promises and how it fails; adapters (EbbSSH) keep the promise. It knows
// neither libssh2 nor what the commands mean.
