package import KeepAliveAgent

/// One target of the mix.
package struct TrafficTarget {
    package var name: String
    package var url: String
    package var methodName: String
    package var weight: Double
    package var template: RequestTemplate

    package init(name: String, url: String, methodName: String, weight: Double, template: RequestTemplate) {
        self.name = name
        self.url = url
        self.methodName = methodName
        self.weight = weight
        self.template = template
    }
}
