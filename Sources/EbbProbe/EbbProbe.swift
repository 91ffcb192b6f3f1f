/// Questions to a host, and the pure reading of its answers.
///
/// One script goes to a host, one stream comes back: `ProbeScript` makes the first,
/// `FrameParser` cuts the second into probes, and every reader turns the bytes of one probe into a
/// fact or a gap. Nothing here connects, waits, or believes what a host did not finish saying.
package enum EbbProbe {}
