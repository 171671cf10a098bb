import NIOCore

/// Control requests: the counts, and faults to inject.
extension ServerConnection {
    func serveControl(_ head: RequestHead, _ route: Route) {
        if let refusal = server.access.refusal(of: head, route) {
            var fields: [(name: String, value: String)] = []
            // RFC 9110 §15.5.2 requires the field with a 401.
            if refusal.status == 401 { fields.append(("WWW-Authenticate", "Bearer")) }
            return reply(refusal.status, refusal.reason + "\n", head, route, fields: fields)
        }
        guard case .fault(let query) = route else { return send(server.plan(route), to: head) }
        guard head.method == .post else {
            return reply(405, InjectedFault.usage, head, route, fields: [("Allow", "POST")])
        }
        guard let fault = InjectedFault(query: query), let perform = server.performFault else {
            return reply(400, InjectedFault.usage, head, route)
        }
        perform(fault).assumeIsolated().whenComplete { [weak self] result in
            guard let self, self.context != nil else { return }
            switch result {
            case .success: self.reply(200, "done\n", head, route)
            case .failure(let error as ScenarioError): self.reply(400, "\(error)\n", head, route)
            case .failure(let error): self.reply(500, "\(error)\n", head, route)
            }
            self.resume()
        }
    }

    private func reply(
        _ status: Int, _ text: String, _ head: RequestHead, _ route: Route,
        fields: [(name: String, value: String)] = []
    ) {
        let ending: Answer.Ending = closesAfter(head) ? .close : .keep
        send(server.text(status, text, head, ending, served, fields: fields), route)
    }
}
