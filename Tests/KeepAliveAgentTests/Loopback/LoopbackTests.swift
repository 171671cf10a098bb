import Testing

/// The whole agent against real sockets. One test at a time: they watch clocks, and two cores are soon busy.
@Suite(.serialized, .timeLimit(.minutes(5))) struct LoopbackTests {}
