// HTML descriptions as plain text.

import Testing

@testable import LiveShopServer

struct PlainTextTests {
    @Test(arguments: [
        ("plain", "plain"), ("", ""), ("<p>a</p>", "a"), ("<p>a</p><p>b</p>", "a\n\nb"),
        ("a<br>b<br/>c<BR />d", "a\nb\nc\nd"), ("<b>a</b><i>b</i>", "ab"),
        ("3 < 4 > 2", "3 < 4 > 2"),
        ("<a href=\"x>y\">l</a>", "l"), ("<!-- c > d -->e", "e"), ("<style>p{}</style>t", "t"),
        ("<SCRIPT>alert('<b>')</script >t", "t"),
        ("a &amp; b &lt;i&gt; &#233;&#xE9;&nbsp;c", "a & b <i> \u{E9}\u{E9} c"),
        ("&bogus; &; & &#; &#xD800; &#99999999999;", "&bogus; &; & &#; &#xD800; &#99999999999;"),
        ("<ul><li>a</li><li>b</li></ul>", "a\n\nb"), ("<", "<"), ("<p", "<p"),
        ("a<p>\n\n\n\nb", "a\n\nb"),
        ("<p title='x>unbalanced</p>", "unbalanced"), ("a\u{202E}b\u{7}", "ab"),
        ("<3 you>", "<3 you>"),
    ])
    func `tags go, text stays`(html: String, text: String) {
        #expect(PlainText.stripped(html) == text)
    }

    @Test func `hostile text costs no more than its length`() {
        for part in ["<a ", "<a \"", "<a '\">", "<!--", "&", "<script>", "</"] {
            let html = String(repeating: part, count: 60_000)
            #expect(PlainText.stripped(html).utf8.count <= html.utf8.count)
        }
    }
}
