import PoolModel
import Wording

extension Model {
    /// An open overlay takes the keys.
    mutating func pressInOverlay(_ key: Key) -> [UIEffect] {
        guard let overlay else { return [] }
        if case .command(let input) = overlay { return type(key, in: input) }
        if key == .character("q") { return [.quit] }
        switch overlay {
        case .help(let scroll): scrollOverlay(key, closes: [.help], scroll) { .help(scroll: $0) }
        case .advice where key == .character("a") && whyNot(.control) == nil:
            self.overlay = nil
            return applyAdvice()
        case .advice(let scroll): scrollOverlay(key, closes: [.advice], scroll) { .advice(scroll: $0) }
        case .closeIdle(let host):
            return sayingThatItActed(.character(ChangeKey.closeIdle.rawValue), answerCloseIdle(key, host: host))
        case .faults(let host, let selected):
            let effects = chooseFault(key, host: host, selected: selected)
            return sayingThatItActed(.character(ChangeKey.fault.rawValue), effects)
        case .command(let input): return type(key, in: input)
        case .menu(let kind, let selected): return press(key, in: kind, selected: selected)
        case .explain(let column): return press(key, explaining: column)
        }
        return []
    }

    private mutating func scrollOverlay(
        _ key: Key, closes: Set<Action>, _ scroll: Int, _ make: (Int) -> Overlay
    ) {
        let page = max(1, height - 6)
        switch key {
        case .escape, .backspace, .enter: overlay = nil
        case .up, .character("k"): overlay = make(max(0, scroll - 1))
        case .down, .character("j"): overlay = make(min(overlayScrollLimit, scroll + 1))
        case .pageUp: overlay = make(max(0, scroll - page))
        case .pageDown: overlay = make(min(overlayScrollLimit, scroll + page))
        case .home, .character("g"): overlay = make(0)
        case .end, .character("G"): overlay = make(overlayScrollLimit)
        default:
            let bound = binding(for: key)
            if let action = bound?.action, closes.contains(action) { overlay = nil }
        }
    }

    private mutating func answerCloseIdle(_ key: Key, host: Int) -> [UIEffect] {
        switch key {
        case .character("y"), .enter:
            overlay = nil
            return [.agent(.closeIdle(host: host))]
        case .character("a"):
            overlay = nil
            return [.agent(.closeIdle(host: nil))]
        case .escape, .backspace, .character("n"), .character("x"): overlay = nil
        default: break
        }
        return []
    }

    private mutating func chooseFault(_ key: Key, host: Int, selected: Int) -> [UIEffect] {
        let faults = DownstreamFault.allCases
        switch key {
        case .escape, .backspace, .character("f"): overlay = nil
        case .up, .character("k"): overlay = .faults(host: host, selected: max(0, selected - 1))
        case .down, .character("j"): overlay = .faults(host: host, selected: min(faults.count - 1, selected + 1))
        case .enter:
            overlay = nil
            return [.agent(.inject(faults[min(faults.count - 1, max(0, selected))], host: host))]
        case .character(let scalar):
            guard let number = Int(String(scalar)), (1...faults.count).contains(number) else { break }
            overlay = nil
            return [.agent(.inject(faults[number - 1], host: host))]
        default: break
        }
        return []
    }
}
