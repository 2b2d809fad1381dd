"""PDFs: tagged, the same bytes for the same data, and whatever people write is only ever text."""

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typst
from django.test import override_settings
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from agency.outlets import pdf

AT = datetime(2026, 5, 25, 9, tzinfo=UTC)
LETTER = """#import "house.typ": *
#show: sheet.with(title: given.title, mark: "BS", owner: given.owner)
#note(given.title)
== Figures
#facts(given.facts)
== Posts
#records(((head: "Post"), (head: "Views", figure: true)), given.posts)
"""


@pytest.fixture(scope="module", autouse=True)
def house(tmp_path_factory, django_conf):
    """A template of the test's own beside the real house, so that neither can be bent to the other."""
    base = tmp_path_factory.mktemp("base")
    folder = base / "templates" / "pdf"
    folder.mkdir(parents=True)
    (folder / "house.typ").write_text((Path(django_conf.BASE_DIR) / "templates" / "pdf" / "house.typ").read_text())
    (folder / "letter.typ").write_text(LETTER)
    (folder / "reads.typ").write_text('#import "house.typ": *\n#show: sheet.with(title: "x")\n#read(given.file)\n')
    (base / "secret.txt").write_text("SECRET")
    with override_settings(BASE_DIR=base):
        yield base


@pytest.fixture(scope="module")
def django_conf():
    from django.conf import settings as conf

    return conf


def letter(title="Week 21", owner="Brass Studio", post="Hook test") -> bytes:
    facts = [{"label": "Total views", "value": "1,420,180", "beside": "+18.7%"}, {"label": "New followers", "value": "–"}]
    return pdf.render("letter", {"title": title, "owner": owner, "facts": facts, "posts": [[post, "412,800"]]}, made_at=AT)


def text_of(made: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(made)).pages).split())


def test_a_pdf_is_tagged_and_has_title_language_and_author():
    catalog = PdfReader(io.BytesIO(letter("Week 21 · Brass Studio")))
    assert catalog.metadata.title == "Week 21 · Brass Studio"
    assert catalog.metadata.author == "Logic Target LLC"
    assert catalog.trailer["/Root"]["/Lang"] == "en"
    assert bool(catalog.trailer["/Root"]["/MarkInfo"]["/Marked"])
    assert b"pdfuaid" in letter()


def test_the_same_data_gives_the_same_bytes_at_any_time():
    assert letter() == letter()
    assert letter() != letter(post="Another")


@pytest.mark.parametrize(
    "hostile",
    ['#read("/etc/passwd")', '#eval("1+1")', "*bold* $x^2$ @ref <label>", "\\u{41} ]#[ } {", '"; #panic("x")', "`code` // not a comment"],
)
def test_what_people_write_is_text_and_never_markup(hostile):
    made = letter(title=hostile, post=hostile)
    assert text_of(made).replace(" ", "").count(hostile.replace(" ", "")) == 3  # heading, note, table


def test_a_template_reads_no_file_outside_its_folder():
    for file in ("/etc/passwd", "../../secret.txt", "/../../secret.txt"):
        with pytest.raises(typst.TypstError):
            pdf.render("reads", {"file": file}, made_at=AT)


def test_a_character_that_no_font_has_becomes_a_box_and_the_file_is_made():
    said = text_of(letter(post="\U000130b8 on fire \u202enot reversed"))
    assert "□ on fire not reversed" in said


@settings(max_examples=40)
@given(st.text(max_size=40))
def test_any_text_at_all_makes_a_file(text):
    assert letter(title=f"Week {text}", owner=text, post=text).startswith(b"%PDF")


def test_templates_name_no_packages_and_evaluate_nothing(django_conf):
    folder = Path(__file__).parents[3] / "templates" / "pdf"
    sources = {path.name: path.read_text() for path in folder.glob("*.typ")}
    assert "house.typ" in sources
    for name, source in sources.items():
        code = "\n".join(line for line in source.splitlines() if not line.strip().startswith("//"))
        assert '"@' not in code and "eval(" not in code and "read(" not in code and "plugin(" not in code, name
