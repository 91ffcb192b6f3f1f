// EbbModel: the vocabulary of Ebb.
//
// Values only: what a host is called, how its root is erased, what was declared, what was seen, and
// what was concluded. It knows of no file format, no network, no database and no clock. Every other
// module may import it; it imports nothing of Ebb.
