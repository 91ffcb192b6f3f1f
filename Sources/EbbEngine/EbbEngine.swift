// EbbEngine: performs what the pure modules decided.
//
// It talks to hosts through the transport port, stores evidence before anything is judged, and hands
// events to the machines in EbbPlan. It decides nothing by itself: when to start, to stop or to trust
// is asked of EbbPlan and EbbClassifier.
