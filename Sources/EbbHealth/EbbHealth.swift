// Looks at hosts from outside, as their users do: is the port open, does the page answer?
//
// TCP through SwiftNIO; HTTP by curl, which every administrator knows, with the system's own
// certificates and proxies.
