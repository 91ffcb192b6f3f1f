import EbbModel

extension Recurrence {
    /// The days of the range that the rule means, as numbers of days after 1970-01-01.
    ///
    /// Foundation's own rules are not used: on Linux they get some last weekdays of a month wrong,
    /// and end the process on others.
    func days(in range: Range<Int>, from anchor: CalendarDate?) -> [Int] {
        let range = max(range.lowerBound, anchor?.daysSinceEpoch ?? 0)..<range.upperBound
        var found: [Int] = []
        var month = Month(containing: CalendarDate(daysSinceEpoch: range.lowerBound))
        while month.firstDay < range.upperBound {
            found += days(of: month, from: anchor)
            month = month.next
        }
        return found.filter(range.contains)
    }

    private func days(of month: Month, from anchor: CalendarDate?) -> [Int] {
        guard months.isEmpty || months.contains(month.month) else { return [] }
        let start = anchor ?? CalendarDate(daysSinceEpoch: 0)
        let isOnBeat =
            switch frequency {
            case .daily, .weekly: true
            case .monthly: (month.count - Month(containing: start).count) % interval == 0
            case .yearly: (month.year - start.year) % interval == 0
            }
        guard isOnBeat else { return [] }
        let days = (1...month.length).filter { day in
            let number = month.firstDay + day - 1
            let isOnBeat =
                switch frequency {
                case .daily: (number - start.daysSinceEpoch) % interval == 0
                case .weekly: (Self.week(number) - Self.week(start.daysSinceEpoch)) % interval == 0
                case .monthly, .yearly: true
                }
            return isOnBeat && isWanted(day, of: month)
        }
        guard !positions.isEmpty else { return days.map { month.firstDay + $0 - 1 } }
        let chosen = positions.map { $0 > 0 ? $0 - 1 : days.count + $0 }
        return Set(chosen).filter(days.indices.contains).sorted().map { month.firstDay + days[$0] - 1 }
    }

    private func isWanted(_ day: Int, of month: Month) -> Bool {
        let onMonthDay =
            daysOfMonth.isEmpty || daysOfMonth.contains(day) || daysOfMonth.contains(day - month.length - 1)
        guard onMonthDay, !days.isEmpty else { return onMonthDay }
        let weekday = Weekday.allCases[Self.dayOfWeek(month.firstDay + day - 1)]
        return days.contains { wanted in
            guard wanted.weekday == weekday else { return false }
            guard let ordinal = wanted.ordinal else { return true }
            return ordinal > 0 ? (day - 1) / 7 + 1 == ordinal : (month.length - day) / 7 + 1 == -ordinal
        }
    }

    /// 0 is Monday; 1970-01-01 was a Thursday.
    private static func dayOfWeek(_ number: Int) -> Int { (number + 3) % 7 }

    /// Weeks start on Monday.
    private static func week(_ number: Int) -> Int { (number + 3) / 7 }
}

/// A month of a year.
private struct Month {
    let year: Int
    let month: Int
    let firstDay: Int

    init(containing day: CalendarDate) {
        year = day.year
        month = day.month
        firstDay = day.daysSinceEpoch - day.day + 1
    }

    /// A number that grows by one from month to month.
    var count: Int { year * 12 + month }

    /// 32 days after its first day every month is over, and none has two ends by then.
    var next: Month { Month(containing: CalendarDate(daysSinceEpoch: firstDay + 31)) }

    var length: Int {
        let inNext = CalendarDate(daysSinceEpoch: firstDay + 31)
        return 32 - inNext.day
    }
}
