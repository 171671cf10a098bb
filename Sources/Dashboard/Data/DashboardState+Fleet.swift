import FleetCore
import PoolModel
import Wording

extension DashboardState {
    /// Charts of a fleet go back so far before the first picture.
    static let fleetSeconds = 3600

    /// Takes in a fleet. Its history comes with it, so that the charts are full at once.
    package mutating func take(_ raw: FleetPicture, utcOffsetSeconds offset: Int, windowSeconds: Int) {
        let picture = raw.cleaned()
        let before = fleet
        fleet = picture
        utcOffsetSeconds = offset
        if before == nil { fleetBegan = picture.takenAt - Double(Self.fleetSeconds) }
        fill(picture.past, began: fleetBegan, untilUptime: .max)
        let totals = picture.fleet.totals
        total = RecentFigures(fleet: totals)
        noteChanges(since: before, in: picture)
        marks = picture.fleet.marks.suffix(Self.markLimit).map { mark($0, began: fleetBegan) }
        scale(windowSeconds: windowSeconds)
    }

    /// The past of an instance, before its first snapshot.
    mutating func take(past: [FleetHistory.Point], marks fleetMarks: [FleetMark], uptimeOffset: Double, before: Double)
    {
        fill(past, began: -uptimeOffset, untilUptime: Int(before))
        marks = fleetMarks.suffix(Self.markLimit).map { mark($0, began: -uptimeOffset) }
    }

    private func mark(_ mark: FleetMark, began: Double) -> Mark {
        Mark(
            uptimeSeconds: mark.time - began, label: visibleText(mark.to, limit: 24),
            localSeconds: mark.time + Double(utcOffsetSeconds))
    }

    /// Makes the history anew. A point is of the seconds since the point before it; where that is much longer ago than
    /// usual, there is a gap.
    private mutating func fill(_ points: [FleetHistory.Point], began: Double, untilUptime end: Int) {
        history = History()
        trend = Timeline()
        let steps = zip(points, points.dropFirst()).map { $1.time - $0.time }.sorted()
        let usual = Int(max(1, steps.isEmpty ? 15 : steps[steps.count / 2]).rounded(.up))
        var filled = 0
        for point in points where point.time.isFinite {
            let last = min(end, Int(min(max(0, point.time - began), 1e9)))
            guard last > filled else { continue }
            let first = last - filled <= 3 * usual && filled > 0 ? filled + 1 : max(filled + 1, last - usual + 1)
            let second = Second(
                http: point.figures.requestsPerSecond.value, tcp: point.figures.openedPerSecond.value, dns: nil,
                cpu: nil)
            let figures = TrendSecond(point.figures)
            for number in first...last {
                history.append(second, at: number)
                trend.append(figures, at: number)
            }
            filled = last
        }
    }

    /// New labels, and instances that went and came.
    private mutating func noteChanges(since before: FleetPicture?, in picture: FleetPicture) {
        let local = picture.takenAt + Double(utcOffsetSeconds)
        let known = before?.fleet.marks ?? []
        for mark in picture.fleet.marks where !known.contains(mark) {
            let was = mark.from.map { ", was \($0)" } ?? ""
            let text = visibleText("\(mark.job.isEmpty ? "" : "\(mark.job): ")\(mark.label) is \(mark.to)\(was)")
            events.append(
                EventLine(localSeconds: mark.time + Double(utcOffsetSeconds), level: .mark, hostID: nil, text: text))
        }
        guard let before else { return }
        let earlier = Dictionary(before.fleet.instances.map { ($0.id, $0.isGone) }) { first, _ in first }
        for instance in picture.fleet.instances {
            let name = visibleText(instance.id.instance, limit: 60)
            let text: String
            switch (earlier[instance.id], instance.isGone) {
            case (false?, true): text = "\(name) is gone: no samples for \(Numbers.duration(instance.lastSeenSeconds))"
            case (true?, false): text = "\(name) is back"
            case (nil, false): text = "\(name) is new"
            case (nil, true), (true?, true), (false?, false): continue
            }
            events.append(
                EventLine(localSeconds: local, level: instance.isGone ? .warn : .info, hostID: nil, text: text))
        }
        let problems = Set(before.fleet.problems.map(\.sentence))
        for problem in picture.fleet.problems where !problems.contains(problem.sentence) {
            events.append(
                EventLine(localSeconds: local, level: .warn, hostID: nil, text: visibleText(problem.sentence)))
        }
    }
}

extension RecentFigures {
    /// The few figures of a fleet that panels of an agent show, too.
    fileprivate init(fleet figures: FleetFigures) {
        self.init()
        requestsPerSecond = figures.requestsPerSecond
        openedPerSecond = figures.openedPerSecond
        reuse = figures.reuse
    }
}
