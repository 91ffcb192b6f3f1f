// EbbCompliance: facts × policy × now → verdicts.
//
// Each control is a rule of its own that says what it concludes, in one sentence, from which rows of
// evidence and how old they are. It reads no clock and no store: equal inputs give equal verdicts.
// "I could not tell" is a verdict of its own here and is never folded into a good one.
