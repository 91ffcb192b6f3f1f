import Testing

/// Everything that talks to real servers, one test after another.
///
/// Each of them has deadlines; side by side they would measure how busy the machine is.
@Suite(.serialized, .timeLimit(.minutes(5))) struct RealServerTests {}
