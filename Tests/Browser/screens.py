#!/usr/bin/env python3
"""Pictures of every state of the viewer's page, at 320 and 1440 px, light and dark.

    Tests/Browser/screens.py FOLDER

Plays a show with samples/catalogue.csv; its pictures, which are nowhere, are drawn here. Needs what
test_page.py needs.
"""

import colorsys
import hashlib
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "PythonClient")]

import serve  # noqa: E402
from playwright.sync_api import expect, sync_playwright  # noqa: E402
from shop import ROOT, Shop  # noqa: E402

VIEWS = [(320, 640, "light"), (320, 640, "dark"), (1440, 900, "light"), (1440, 900, "dark")]
GLAZES = [(28, 0.35, 0.55), (200, 0.18, 0.5), (150, 0.16, 0.45), (18, 0.45, 0.5), (42, 0.3, 0.6), (350, 0.15, 0.5)]
GROUNDS = [("#efe6d8", "#d9cbb6"), ("#e6e4df", "#c9c6be"), ("#ece0d4", "#d2bda8")]
SHAPES = {
    "bowl": '<path d="M180 330h440c0 150-90 230-220 230S180 480 180 330z" fill="url(#g)"/>'
    '<ellipse cx="400" cy="330" rx="220" ry="46" fill="{light}"/><ellipse cx="400" cy="336" rx="200" ry="38" fill="{dark}"/>',
    "mug": '<path d="M560 340c90-10 120 150-10 170" fill="none" stroke="{dark}" stroke-width="34"/>'
    '<path d="M250 270h320l-20 260c-4 40-276 40-280 0z" fill="url(#g)"/>'
    '<ellipse cx="410" cy="270" rx="160" ry="36" fill="{light}"/><ellipse cx="410" cy="275" rx="144" ry="28" fill="{dark}"/>',
    "vase": '<path d="M360 160h80c0 90 20 110 70 190 60 100-10 210-110 210s-170-110-110-210c50-80 70-100 70-190z"'
    ' fill="url(#g)"/><ellipse cx="400" cy="160" rx="40" ry="12" fill="{dark}"/>',
    "jumper": '<path d="M290 190l60-30q50 40 100 0l60 30 90 110-70 60-40-50v250H310V310l-40 50-70-60z" fill="url(#g)"/>',
}


def drawing(name):
    """A pot or a jumper, always the same for a name."""
    number = int(hashlib.sha256(name.encode()).hexdigest(), 16)
    hue, saturation, lightness = GLAZES[number % 6]
    above, below = GROUNDS[number // 7 % 3]

    def colour(by):
        parts = colorsys.hls_to_rgb(hue / 360, lightness + by, saturation)
        return "#" + "".join(f"{int(part * 255):02x}" for part in parts)

    knitted = any(word in name for word in ("jumper", "cap", "scarf", "mitt", "cardigan"))
    shape = "jumper" if knitted else next((one for one in SHAPES if one in name), list(SHAPES)[number // 31 % 3])
    body = SHAPES[shape].format(light=colour(0.2), dark=colour(-0.18))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 700" width="800" height="700"><defs>'
        f'<linearGradient id="b" x2="0" y2="1"><stop stop-color="{above}"/><stop offset="1" stop-color="{below}"/></linearGradient>'
        f'<linearGradient id="g"><stop stop-color="{colour(0.16)}"/><stop offset=".55" stop-color="{colour(0)}"/>'
        f'<stop offset="1" stop-color="{colour(-0.16)}"/></linearGradient>'
        f'<radialGradient id="s"><stop stop-opacity=".35"/><stop offset="1" stop-opacity="0"/></radialGradient></defs>'
        f'<rect width="800" height="700" fill="url(#b)"/><rect y="520" width="800" height="180" fill="{below}"/>'
        f'<ellipse cx="430" cy="565" rx="290" ry="44" fill="url(#s)"/>{body}</svg>'
    )


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    shop = Shop("--set", "hold_seconds=64")
    shop.show = "kiln"
    title = "Spring firing: forty pieces, one evening"
    shop.run("show", "create", "--data", shop.data, "--show", "kiln", "--title", title, "--currency", "EUR")
    shop.run("import", "--data", shop.data, "--show", "kiln", ROOT / "samples/catalogue.csv")
    with shop, sync_playwright() as player:
        pages = serve.start(shop.http)
        browser = player.chromium.launch(executable_path="/usr/bin/chromium")
        views = {}
        for width, height, scheme in VIEWS:
            context = browser.new_context(
                viewport={"width": width, "height": height}, color_scheme=scheme, locale="en-GB",
                device_scale_factor=2 if width < 720 else 1,
            )
            context.route("https://images.example/**", lambda route: route.fulfill(
                content_type="image/svg+xml", body=drawing(route.request.url.rsplit("/", 1)[1])))
            page = context.new_page()
            page.goto(f"{pages.url}/s/kiln")
            expect(page.locator('[data-ls="connection"]')).to_have_attribute("data-state", "live")
            views[f"{width}-{scheme}"] = page

        def every(name, index=0):
            for page in views.values():
                page.locator(f'[data-ls="{name}"]').nth(index).click()

        def take(state, see=None):
            for name, page in views.items():
                page.mouse.move(1, 1)
                if see:
                    page.locator(f'[data-ls="{see}"]').first.scroll_into_view_if_needed()
                else:
                    page.evaluate("scrollTo(0, 0)")
                page.wait_for_timeout(450)
                page.screenshot(path=folder / f"{state}-{name}.png")

        take("01-before")
        shop.host('start\nqueue espresso-pair harbour-jumper\npin TIDE-MUG-SEA\nnote "Free shipping until midnight"\n')
        for page in views.values():
            page.fill('[data-ls="chat-input"]', "How big is the mug, please?")
            page.press('[data-ls="chat-input"]', "Enter")
        shop.host("say Three hundred millilitres, and it keeps a thumb warm.\n")
        take("02-live")
        for page in views.values():
            page.locator(".tile-button").nth(6).click()
        take("03-product")
        for page in views.values():
            page.keyboard.press("Escape")
        shop.host("pin CAT-BOWL\nflash CAT-BOWL 18 120s countdown 8s limit 2\n")
        take("04-countdown")
        for page in views.values():
            page.wait_for_timeout(2000)
        take("05-flash")
        every("claim")
        shop.host("pin TIDE-MUG-SAND\n")
        every("claim")
        for page in views.values():
            page.wait_for_timeout(1500)
        take("06-ends-soon", see="holds")
        every("order", 1)
        take("07-ordered", see="orders")
        every("pay")
        take("08-paid", see="orders")
        shop.host("pin JAR-1200\nstock JAR-1200 -5\n")
        take("09-sold-out")
        every("claim")
        take("10-waiting", see="waitlist")
        shop.host("stock JAR-1200 +4\n")
        take("11-offer", see="waitlist")
        serve.Pages.is_closed = True
        pages.cut()
        take("12-offline")
        serve.Pages.is_closed = False
        for page in views.values():
            expect(page.locator('[data-ls="connection"]')).to_have_attribute("data-state", "live", timeout=20_000)
        shop.host("end\n")
        take("13-ended")
        home = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        home.goto(pages.url)
        home.wait_for_selector("[data-show]")
        home.screenshot(path=folder / "14-home-1440-light.png")
        browser.close()
        pages.shutdown()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: Tests/Browser/screens.py FOLDER")
    main(pathlib.Path(sys.argv[1]))
