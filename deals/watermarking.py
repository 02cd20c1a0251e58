"""A program: stamp + PDF on stdin, the length of the stamp as argument; the stamped PDF on stdout.

Imports nothing of this project, so that it starts quickly and holds no secret.
"""

import io
import resource
import sys

import pypdfium2 as pdfium

MEMORY = 1 << 30
STEP = 260  # points between two marks on a large page


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
    given = sys.stdin.buffer.read()
    length = int(sys.argv[1])
    stamp = pdfium.PdfDocument(given[:length])
    target = pdfium.PdfDocument(given[length:])
    width, height = stamp[0].get_size()
    mark = stamp.page_as_xobject(0, target)
    for number in range(len(target)):
        page = target[number]
        page_width, page_height = page.get_size()
        scale = min(1.0, page_width / width)
        left = (page_width - width * scale) / 2
        at = height * scale / 2
        while at < page_height:
            drawn = mark.as_pageobject()
            drawn.set_matrix(pdfium.PdfMatrix().scale(scale, scale).translate(left, at))
            page.insert_obj(drawn)
            at += STEP
        page.gen_content()
    out = io.BytesIO()
    target.save(out)
    sys.stdout.buffer.write(out.getvalue())


main()
