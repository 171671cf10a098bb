import NIOCore
import TLSWire

/// Sits between the network and the TLS handler of one connection, and passes records on one by one, to see which of
/// them produce data.
///
/// TLS 1.3 sends session tickets as encrypted records after the handshake (RFC 8446 §4.6.1). A record of that kind that
/// produces no data and does not end the connection contains a ticket. Only the first exchange is observed; afterwards
/// bytes are passed on as they arrive.
final class TLSRecordObserver: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private(set) var flight = ServerFlight()
    private var ticketRecords = 0
    private var records = TLSRecords()
    private let client: ProbeHandler
    /// False once bytes are passed on without inspection.
    private var isWatching = true

    private static let applicationData: UInt8 = 23

    init(client: ProbeHandler) { self.client = client }

    /// nil if no hello was seen.
    var offersResumption: Bool? {
        guard let hello = flight.hello else { return nil }
        return flight.offersResumptionInTheClear ?? (hello.isVersion13 ? ticketRecords > 0 : nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        guard isWatching || records.rest.readableBytes > 0 else { return context.fireChannelRead(data) }
        records.append(&bytes)
        while let record = records.next() { pass(record, context) }
        // The rest of an incomplete record is passed on together with what follows it.
        if !client.isAwaitingFirstResponse {
            isWatching = false
            if records.rest.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(records.rest)) }
            records = TLSRecords()
        }
    }

    private func pass(_ record: ByteBuffer, _ context: ChannelHandlerContext) {
        if !client.isReady { flight.read(record: record.readableBytesView) }
        let isData = client.isReady && record.readableBytesView.first == Self.applicationData
        let before = client.bytesReceived
        context.fireChannelRead(wrapInboundOut(record))
        // The TLS handler delivers decrypted data when a read is complete.
        context.fireChannelReadComplete()
        if isData, client.bytesReceived == before, !client.hasEnded { ticketRecords += 1 }
    }
}
