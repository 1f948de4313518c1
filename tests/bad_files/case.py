"""A bad file, what it must come to, and how to see that."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from gis.store import open_store
from tests.api.command import said, state_of


@dataclass(frozen=True)
class Case:
    """
    One bad input.

    `build` fills a folder and gives what is imported: paths and options. `outcome` is tried first; for a question
    (ASK) `answer` gives the options, or builds the mapping file, that let the import go on, to `answered`.
    """

    id: str
    build: Callable
    outcome: object
    answer: object = None
    answered: object = None


@dataclass(frozen=True)
class Refused:
    """REJ, or ASK by a refusal: exit 2, named in both languages, nothing stored."""

    naming: tuple = ()
    zh: str = ""

    def see(self, words, workspace):
        before = state_of(workspace)
        answer = said("import", *words, "--workspace", workspace, "--json").refused(2, *self.naming)
        assert self.zh in answer.err, answer.err
        assert state_of(workspace) == before
        return answer


@dataclass(frozen=True)
class Accepted:
    """
    FIX or WARN: exit 0, and each wanted issue is in the list, with its severity.

    `issues` maps a kind to words its sentence must say; `layers` sees the stored layers by name.
    """

    issues: dict = field(default_factory=dict)
    layers: Callable = lambda layers: None
    unwanted: tuple = ()

    def see(self, words, workspace):
        answer = said("import", *words, "--workspace", workspace, "--json")
        assert answer.document["version"], answer.err
        assert "Traceback" not in answer.err
        listed = said("issues", "--workspace", workspace, "--json").document
        kinds = {issue["kind"] for issue in listed}
        for kind, wanted in self.issues.items():
            assert kind in kinds, (kind, listed)
            texts = [
                f"{i['message']} {i['repair'] or ''} {i['message_en']}" for i in listed if i["kind"] == kind
            ]
            for word in wanted if isinstance(wanted, tuple) else (wanted,):
                assert any(str(word) in text for text in texts), (kind, word, texts)
        assert not kinds & set(self.unwanted), listed
        store = open_store(workspace)
        network = store.open(None)
        self.layers(network)
        return answer


def refused(*naming, zh=""):
    return Refused(naming, zh)


def accepted(layers=lambda network: None, *, unwanted=(), **issues):
    """Issue kinds are written with `_` for `-`."""
    return Accepted(
        {kind.replace("_", "-"): words for kind, words in issues.items()}, layers, tuple(unwanted)
    )


def words_of(built):
    return list(built) if isinstance(built, list | tuple) else [built]


def try_case(case: Case, folder: Path, workspace: Path, watch):
    """Build, import, look; then answer the question where one is asked. `watch` guards each import."""
    folder.mkdir()
    words = words_of(case.build(folder))
    before = state_of(folder)
    with watch():
        case.outcome.see(words, workspace)
    assert state_of(folder) == before
    if case.answer is None:
        return
    more = _answer(case.answer, folder)
    with watch():
        case.answered.see([*words, *more], workspace.with_name("answered"))


def _answer(answer, folder):
    if callable(answer):
        return answer(folder)
    if isinstance(answer, str):
        (folder / "answer.toml").write_text("format = 1\n" + answer, encoding="utf-8")
        return ["--mapping", folder / "answer.toml"]
    return list(answer)
