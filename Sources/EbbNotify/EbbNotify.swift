// EbbNotify: tells people and programs what a rollout does, and never makes it wait.
//
// A `Notice` is a value with its JSON and its mail text. `Notifier` keeps a bounded queue for each
// channel and a worker that empties it, with retries; whoever posts a notice goes on at once.
// Delivery is by programs that every administrator knows: curl, sendmail, and the user's own.
