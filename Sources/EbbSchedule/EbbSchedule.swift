// EbbSchedule: decides when something may happen, and makes nothing happen.
//
// `MaintenanceCalendar` turns windows and blackouts into absolute intervals; `RebootGate` says why a
// host must not be rebooted now; `Schedule` says which opening is due, which was missed and which
// is next; `RetryOfAway` catches hosts that are seldom there. Every answer takes the time as an
// argument: there is no clock here. Zones come from ICU, hence FoundationInternationalization.
//
// Daylight saving, in one place:
// - a window starts by the wall clock of its zone, and then lasts as long as it says in seconds that
//   pass: four hours are four hours in every night of the year;
// - a start that the clocks jump over (02:30 where 02:00 becomes 03:00) is the moment of the jump;
// - a start that comes twice (02:30 where 03:00 becomes 02:00) is the first of the two, only.
