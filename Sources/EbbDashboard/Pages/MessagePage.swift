import EbbReport
import FoundationEssentials

/// A page that says one thing, such as why there is no other.
struct MessagePage {
    let title: String
    let text: Markup
    let now: Date

    var markup: Markup {
        Layout(title: title, asOf: now).page(
            """
            <h1>\(title)</h1>
            <p class="lead">\(text)</p>
            <p><a href="/">Back to the fleet</a></p>
            """)
    }
}
