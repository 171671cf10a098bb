import PoolModel
import Wording

/// Applies one input and returns the effects for the shell to perform. The only place where the model changes.
package func update(_ model: inout Model, _ input: Input) -> [UIEffect] {
    switch input {
    case .key(let key): return model.remembering(model.press(key))
    case .resize(let width, let height):
        model.width = max(0, width)
        model.height = max(0, height)
    case .snapshot(let snapshot, let utcOffsetSeconds):
        model.live.take(snapshot, utcOffsetSeconds: utcOffsetSeconds, windowSeconds: model.windowSeconds)
        model.lastSnapshotAt = model.now
        model.sourceFailure = nil
    case .fleet(let picture, let offset): model.take(picture, utcOffsetSeconds: offset)
    case .instance(let news, let offset): model.take(news) { _ in offset }
    case .picture(let picture, let playback):
        let capacity = model.live.capacity
        model.live = picture
        let seconds = model.windowSeconds
        if capacity != picture.capacity { model.live.setCapacity(capacity, windowSeconds: seconds) }
        model.playback = playback
    case .tick(let moment): model.tick(moment)
    case .mouse(let x, let y, let act): return model.remembering(model.mouse(x: x, y: y, act))
    case .notice(let text): model.say(visibleText(text))
    case .sourceFailed(let reason):
        let text = visibleText(reason)
        model.sourceFailure = text
        model.say("no more figures: \(text)")
    case .paste: break
    }
    return []
}

extension Model {
    mutating func say(_ text: String) { notice = Notice(text: text, until: now + Notice.lifetime) }

    fileprivate mutating func tick(_ moment: Moment) {
        // Before the first tick the time was unknown, so everything until then counts as happening at this moment.
        if now == .zero {
            if lastSnapshotAt != nil { lastSnapshotAt = moment }
            if let text = notice?.text { notice = Notice(text: text, until: moment + Notice.lifetime) }
        }
        now = moment
        if let until = notice?.until, until <= moment { notice = nil }
        if let until = resetArmedUntil, until <= moment { resetArmedUntil = nil }
    }

    /// ^C and ^Z have the same meaning everywhere; other keys go to the topmost layer.
    fileprivate mutating func press(_ key: Key) -> [UIEffect] {
        switch key {
        case .ctrl("c"): return [.quit]
        case .ctrl("l"): return [.redraw]
        case .ctrl("z"): return perform(.suspend, key: key)
        default: break
        }
        if overlay != nil { return pressInOverlay(key) }
        if isTypingFilter { return typeFilter(key) }
        guard let (row, action) = binding(for: key) else {
            return []
        }
        if let reason = row.disabledBecause(self) {
            say("\(row.shown): not possible, \(reason)")
            return []
        }
        return perform(action, key: key)
    }

    private mutating func typeFilter(_ key: Key) -> [UIEffect] {
        switch key {
        case .enter: isTypingFilter = false
        case .escape:
            isTypingFilter = false
            typedFilter = ""
        case .backspace:
            if typedFilter.isEmpty { isTypingFilter = false } else { typedFilter.unicodeScalars.removeLast() }
        case .character(let scalar):
            if typedFilter.unicodeScalars.count < 40 { typedFilter.unicodeScalars.append(visibleScalar(scalar)) }
        case .up: moveWhileTyping(by: -1)
        case .down: moveWhileTyping(by: 1)
        case .ctrl, .left, .right, .pageUp, .pageDown, .home, .end, .tab, .shiftTab, .function: break
        }
        return []
    }

    private mutating func moveWhileTyping(by step: Int) {
        switch view {
        case .fleet: moveFleet(by: step)
        case .processes: moveProcess(by: step)
        case .events: moveEvent(by: step)
        case .overview, .inspect, .generator: moveSelection(by: step)
        }
    }

    mutating func perform(_ action: Action, key: Key) -> [UIEffect] {
        switch action {
        case .quit: return [.quit]
        case .help: askForHelp()
        case .advice: overlay = .advice(scroll: 0)
        case .back: return goBack(escape: key == .escape)
        case .inspect where view == .events: jumpToEventsHost()
        case .inspect where view == .processes: return openProcess()
        case .inspect where view == .fleet: return openFleetRow()
        case .inspect:
            selectedHost = selection
            if selectedHost != nil { show(.inspect) }
        case .show(.processes) where hasProcesses: return leaveProcess()
        case .show(.fleet) where isFleet: return leaveInstance()
        case .groups: toggleGroups()
        case .show(let view): show(view)
        case .nextView: show(view.moved(by: 1, among: views))
        case .previousView: show(view.moved(by: -1, among: views))
        case .move(let motion): move(motion)
        case .left: moveSideways(-1)
        case .right: moveSideways(1)
        case .filter: isTypingFilter = true
        case .sortNext: sortNext(by: 1)
        case .sortReverse where view == .processes: processSortReversed.toggle()
        case .sortReverse where view == .fleet: fleetSortReversed.toggle()
        case .sortReverse: choose(sort, reversed: !sortReversed)
        case .sortMenu: openSortMenu()
        case .columns: overlay = .menu(.columns, selected: 0)
        case .setup: overlay = .menu(.setup, selected: 0)
        case .copy: overlay = .menu(.copy, selected: 0)
        case .apply: return applyAdvice()
        case .undo: return undoLast()
        case .command(let text):
            overlay = .command(CommandInput(text))
            if !text.isEmpty { preferences.knowsOwnCPU = true }
        case .names: return changeNames()
        case .pause:
            frozen = frozen == nil ? live : nil
            // The picture shows now all that was said of it while it stood still.
            notice = nil
        case .wider: return changeWindow(by: 1)
        case .narrower: return changeWindow(by: -1)
        case .play(let act):
            // The message referred to the position that is being left.
            notice = nil
            return [.play(act)]
        case .charts: choose(charts.following)
        case .largeChart: largeChart = largeChart.map { $0 < 3 ? $0 + 1 : nil } ?? 0
        case .eventLines: choose(eventLines.following)
        case .glyphs: choose(glyphs.next)
        case .mouse: return setMouse(!mouse)
        case .save:
            return [.save(text: render(self, width: width, height: height).plainText(), snapshot: picture.source)]
        case .redraw: return [.redraw]
        case .suspend: return configuration.capabilities.suspend == nil ? [.suspend] : []
        case .agent(let act): return sayingThatItActed(key, perform(act))
        }
        return []
    }

    mutating func show(_ view: View) {
        if let reason = whyNot(view) { return say(reason) }
        if view == .inspect { selectedHost = selection }
        if self.view != view { socketScroll = 0 }
        self.view = view
    }

    /// Leaves the filter if there is one, otherwise the view. At the top level nothing happens, because `esc` never
    /// quits.
    private mutating func goBack(escape: Bool) -> [UIEffect] {
        if notice != nil, escape { notice = nil }
        pointedColumn = nil
        if !filter.isEmpty, view == .overview {
            filter = ""
        } else if view == .processes {
            processFilter = ""
        } else if view == .fleet {
            fleetFilter = ""
        } else if view == .overview {
            return isFleet ? leaveInstance() : leaveProcess()
        } else if !eventFilter.isEmpty, view == .events {
            typedFilter = ""
        } else if isFleet, instance == nil {
            view = .fleet
        } else {
            show(.overview)
        }
        return []
    }

    private mutating func changeWindow(by step: Int) -> [UIEffect] {
        let index = (Self.windows.firstIndex(of: windowMinutes) ?? 0) + step
        guard Self.windows.indices.contains(index) else { return [] }
        return setWindow(minutes: Self.windows[index])
    }

    private mutating func sortNext(by step: Int) {
        if view == .inspect {
            socketSort = socketSort.following
            return
        }
        if view == .processes { return sortProcesses(by: step) }
        if view == .fleet { return sortFleet(by: step) }
        choose(sort.moved(by: step), reversed: false)
    }

    private mutating func moveSideways(_ step: Int) {
        if view == .inspect {
            // In a fixed order. In a sort order that changes continuously, some hosts could never be reached.
            moveSelection(by: step, among: visibleHosts().sorted { $0.id < $1.id })
            socketScroll = 0
        } else {
            sortNext(by: step)
        }
    }

    mutating func moveSelection(by step: Int) { moveSelection(by: step, among: visibleHosts()) }

    private mutating func moveSelection(by step: Int, among hosts: [ShownHost]) {
        guard !hosts.isEmpty else { return }
        let index = hosts.firstIndex { $0.id == selection } ?? 0
        selectedHost = hosts[min(hosts.count - 1, max(0, index + step))].id
    }

    private mutating func move(_ motion: Motion) {
        let page = max(1, height / 2)
        let step: Int
        switch motion {
        case .up: step = -1
        case .down: step = 1
        case .pageUp: step = -page
        case .pageDown: step = page
        case .first: step = -1_000_000
        case .last: step = 1_000_000
        }
        switch view {
        case .fleet: moveFleet(by: step)
        case .processes: moveProcess(by: step)
        case .overview: moveSelection(by: step)
        case .inspect:
            let count = picture.host(selection)?.sockets?.count ?? 0
            socketScroll = min(max(0, count - 1), max(0, socketScroll + step))
        case .events:
            // The newest line is at the top, so scrolling down goes back in time.
            moveEvent(by: step)
        case .generator: moveSelection(by: step)
        }
    }
}
