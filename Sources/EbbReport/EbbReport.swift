// EbbReport: values → text.
//
// Tables, JSON and the renderers of documents. It decides what a reader sees, and touches nothing:
// no file, no terminal, no clock. Whether colours may be used and how wide the terminal is are told.
