/// Tells which side closed a connection first, where the kernel was not asked: from the segments without data, corrected
/// by the connections to the same end of which it was asked.
///
/// The side that sends the first FIN sends one segment more than the other in the end, and receives one less. Where
/// much was transferred, acknowledgements hide that, and where both sides close at once it misleads.
struct CloserJudge: Equatable {
    /// The sign that the segments give.
    enum Sign: Int, Sendable { case peer, process, unclear }

    /// By sign: connections that turned out to be closed by the process, and by the peer. Old ones fade.
    private var byProcess: [Double] = [0, 0, 0]
    private var byPeer: [Double] = [0, 0, 0]
    private var credit: [Double] = [0, 0, 0]

    static func sign(_ figures: TCPFigures?) -> Sign {
        guard let figures else { return .unclear }
        let sent = Int(figures.segmentsSent) - Int(figures.dataSegmentsSent)
        let received = Int(figures.segmentsReceived) - Int(figures.dataSegmentsReceived)
        let excess = sent - received
        if excess == 0 || excess == 1 { return .peer }
        return excess == 2 || excess == 3 ? .process : .unclear
    }

    mutating func learn(_ sign: Sign, _ closer: Closer) {
        switch closer {
        case .process: byProcess[sign.rawValue] += 1
        case .peer: byPeer[sign.rawValue] += 1
        }
        guard byProcess[sign.rawValue] + byPeer[sign.rawValue] > 256 else { return }
        byProcess[sign.rawValue] /= 2
        byPeer[sign.rawValue] /= 2
    }

    /// The likely closer. Over many, as many are given to each side as experience says; nil without any experience or
    /// sign.
    mutating func guess(_ sign: Sign) -> Closer? {
        let place = sign.rawValue
        var (process, peer) = (byProcess[place], byPeer[place])
        switch sign {
        case .peer: peer += 1
        case .process: process += 1
        case .unclear:
            // Experience with other signs is better than none.
            if process + peer < 4 {
                process += byProcess[0] + byProcess[1]
                peer += byPeer[0] + byPeer[1]
            }
            if process + peer == 0 { return nil }
        }
        credit[place] += process / (process + peer)
        guard credit[place] >= 0.5 else { return .peer }
        credit[place] -= 1
        return .process
    }

    mutating func merge(_ other: CloserJudge) {
        for place in byProcess.indices {
            byProcess[place] += other.byProcess[place]
            byPeer[place] += other.byPeer[place]
        }
    }
}
