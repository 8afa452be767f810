"""Downloads whose source a sentence leaves out: "devices download updates"."""

from __future__ import annotations

from collections.abc import Iterator

from agent.diagrams.prose_mentions import Mention, Sentence
from agent.diagrams.prose_said import Reading
from agent.diagrams.prose_stance import stance
from agent.diagrams.prose_words import load_prose_words
from agent.domain.system import Known

_REACH = 4
"""Words after the verb in which the goods stand."""


def fetches(sentence: Sentence, reading: Reading) -> Iterator[tuple[Mention, str]]:
    """Who downloads software without a word of where from, with what the flow is called."""
    words = load_prose_words()
    told = {f.verb for f in reading.flows}
    for at, tagged in sentence.verbs.items():
        if tagged.passive or at in told or tagged.form.base not in words.fetching:
            continue
        near = sentence.found[at + 1 : at + 1 + _REACH]
        goods = next((i for i, t in enumerate(near, at + 1) if t.stem in words.fetched), 0)
        if goods and stance(sentence, at, at + 1) is Known.YES:
            for mention in reading.doers.get(at, ()):
                yield mention, sentence.words(at, goods + 1)
