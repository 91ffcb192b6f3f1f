// EbbSSH: reaches hosts over SSH, and keeps what the port EbbTransport promises.
//
// `SSHTransport` speaks through libssh2, which is used as a state machine: SwiftNIO owns the socket,
// and one actor per session, confined to one event loop, is all that enters the library. Host keys
// are decided here, in Swift. Nothing here knows what the commands mean.
