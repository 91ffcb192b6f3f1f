/// What the differences of a host mean, by the catalogue, the declarations and what was learned.
///
/// Pure: observed values and settings in, verdicts out, each with its reason. Nothing here asks a
/// host, a clock or a database.
package enum EbbClassifier {}
