#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Screenshots of every state of the page, for review.

    python3 tests/browser/screenshots.py [FOLDER [STATE…]]

Light and dark, for a phone and a desktop, in build/out/screenshots.
"""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[1:1] = [str(HERE.parent), str(HERE.parent / "httpd"),
                 str(HERE.parent / "manage")]

# pylint: disable=wrong-import-position
from browser import Driver  # noqa: E402
from harness.environment import REPOSITORY  # noqa: E402
from managed import ManagedHttpd  # noqa: E402
from states import STATES  # noqa: E402
from visit import Visit  # noqa: E402


def take(driver, server, folder, name, way):
    """Screenshots of one state in every colour scheme and width."""
    begun = []

    def visit(user, path="", query="", **options):
        begun.append(Visit(driver, server, user, **options))
        return begun[-1].open(path, query)

    server.reset()
    page = way(visit, server).page
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            page.screenshot(full_page=True, path=str(
                folder / f"{name.replace(' ', '-')}-{scheme}-{width}.png"))
    for one in begun:
        one.close()


def main(folder, names):
    folder.mkdir(parents=True, exist_ok=True)
    server = ManagedHttpd()
    driver = Driver()
    try:
        server.database.init()
        server.reset()
        server.start()
        for name in names:
            take(driver, server, folder, name, STATES[name])
    finally:
        driver.close()
        server.stop()
        server.remove()
    print(f"{len(list(folder.glob('*.png')))} pictures in {folder}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1
         else REPOSITORY / "build" / "out" / "screenshots",
         sys.argv[2:] or STATES)
