/// The first view: the whole agent.
func drawOverview(_ model: Model, in screen: Rect, on canvas: inout Canvas) {
    let layout = OverviewLayout(model: model, width: screen.width, height: screen.height)
    if let headline = layout.headline {
        if headline.height > 1 {
            StackedHeadline.draw(model, in: headline, on: &canvas)
        } else {
            Headline.draw(model, in: headline, on: &canvas)
        }
    }
    for (kind, rect, hasAxisRow) in layout.charts {
        switch kind {
        case 0: RateChart.draw(model, in: rect, hasAxisRow: hasAxisRow, on: &canvas)
        case 1: LogChart.draw(model, in: rect, hasAxisRow: hasAxisRow, on: &canvas)
        case 2: ContainersChart.draw(model, in: rect, hasAxisRow: hasAxisRow, on: &canvas)
        default: HeatStrips.draw(model, in: rect, hasAxisRow: hasAxisRow, on: &canvas)
        }
    }
    if let table = layout.table {
        if screen.width < 72 {
            NarrowTable.draw(model, in: table.rect, on: &canvas)
        } else {
            HostTable.draw(model, in: table.rect, hasTitle: table.hasTitle, on: &canvas)
        }
    }
    if let events = layout.events { EventsPanel.draw(model, in: events, isView: false, on: &canvas) }
}

/// A view of at least 40 × 10: the lines that all views have, and the view between them.
func drawView(_ model: Model, in screen: Rect, on canvas: inout Canvas) {
    let layout = OverviewLayout(model: model, width: screen.width, height: screen.height)
    let body = layout.body(of: screen)
    if let header = layout.header { TitleBar.draw(model, in: header, on: &canvas) }
    if let tabs = layout.tabs { TabBar.draw(model, in: tabs, on: &canvas) }
    switch model.view {
    case .fleet: drawFleet(model, in: body, screen: screen, on: &canvas)
    case .processes: drawProcesses(model, in: body, screen: screen, on: &canvas)
    case .overview: drawOverview(model, in: screen, on: &canvas)
    case .inspect: drawInspector(model, in: body, on: &canvas)
    case .events: EventsPanel.draw(model, in: body, isView: true, on: &canvas)
    case .generator: GeneratorPanel.draw(model, in: body, on: &canvas)
    }
    if let rule = layout.rule {
        canvas.rule(in: rule)
        FirstRun.draw(model, in: rule, on: &canvas)
        if layout.tabs == nil { TabBar.drawSince(model, in: rule, from: 2, isRule: true, on: &canvas) }
    }
    if let hint = layout.hint { HintLine.draw(model, in: hint, on: &canvas) }
    drawOverlay(model, in: screen, on: &canvas)
}
