// EbbPersistence: how the declared paths of a host come onto its persistent storage and stay there.
//
// It writes the shell scripts that do it and reads their answers. It is pure: it opens no
// connection and no file, and knows nothing of when it is right to run a script.
