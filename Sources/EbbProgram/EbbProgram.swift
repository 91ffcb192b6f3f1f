/// Programs on the controller that Ebb hands work to: `curl`, `sendmail`, `ssh-keygen`, a person's own.
///
/// The `ssh` program is not among them: it is a transport, and its connections live longer.
enum EbbProgram {}
