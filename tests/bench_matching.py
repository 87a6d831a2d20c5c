"""How fast is matching, and how does it compare with other engines on the same knowledge base? Run by `make bench`."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pytest

from bot import assets
from bot.assembly import Assembly
from bot.evaluation import read_cases, with_typos
from bot.matching import Matcher
from bot.text import clean, words

QUESTIONS = Path(__file__).resolve().parent / "questions"
_OFFERS = 3

# What is measured in a process of its own: a start with a full cache, and the memory it takes.
_WARM_START = """
import sys, time
from pathlib import Path
from bot import assets
from bot.assembly import Assembly
from bot.matching import Matcher, SentenceModel
whole = Assembly(Path(sys.argv[1]), assets.Cache(Path(sys.argv[2])))
matcher = whole.conversation.matcher
kept = matcher.cache_bytes()
start = time.perf_counter()
model = SentenceModel(assets.model_bytes(), assets.tokenizer_text())
Matcher.build(matcher.topics.values(), matcher.scope, model, kept)
print(time.perf_counter() - start)
"""


@pytest.fixture(scope="module")
def matcher(assembly: Assembly) -> Matcher:
    return assembly.conversation.matcher


@pytest.fixture(scope="module")
def asked() -> list[tuple[str, str]]:
    """The test questions with the topic each means."""
    questions, _, _ = read_cases([QUESTIONS])
    return [(case.text, case.means or "") for case in questions if case.group == "questions"]


def test_one_message(benchmark: Any, matcher: Matcher) -> None:
    benchmark(matcher.understand, "is a headache normal two days after the drip")


def test_all_test_questions_one_after_the_other(matcher: Matcher, asked: list[tuple[str, str]]) -> None:
    taken = []
    for text, _ in asked:
        start = time.perf_counter()
        matcher.understand(text)
        taken.append((time.perf_counter() - start) * 1000)
    print(f"\none message: p50 {np.percentile(taken, 50):.2f} ms, p99 {np.percentile(taken, 99):.2f} ms")

    assert np.percentile(taken, 50) < 50


def test_a_start_with_a_full_cache(assembly: Assembly, tmp_path: Path) -> None:
    first = Assembly(assembly.folder, assets.Cache(tmp_path))
    assert first.knowledge.digest == assembly.knowledge.digest
    result = subprocess.run(
        [sys.executable, "-c", _WARM_START, str(assembly.folder), str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )
    seconds = float(result.stdout)
    print(f"\nmatcher from its cache, model loading included: {seconds:.2f} s")

    assert seconds < 10


# -- side by side ----------------------------------------------------------------------------------------------------

Ranker = Callable[[str], Sequence[str]]


def phrases_of(matcher: Matcher) -> tuple[list[str], list[str]]:
    """What every engine learns from: phrases, title and question of each topic."""
    texts: list[str] = []
    labels: list[str] = []
    for topic in matcher.topics.values():
        for text in (*topic.phrases, topic.title, topic.question):
            texts.append(clean(text).text)
            labels.append(topic.id)
    return texts, labels


def ours(matcher: Matcher) -> Ranker:
    return lambda text: [ranked.topic for ranked in matcher.rank(text)[:_OFFERS]]


def by_bm25(matcher: Matcher) -> Ranker:
    """BM25 with one document a topic."""
    import bm25s

    texts, labels = phrases_of(matcher)
    names = sorted(set(labels))
    documents = [" ".join(text for text, label in zip(texts, labels, strict=True) if label == name) for name in names]
    index = bm25s.BM25()
    index.index([[word.text for word in words(document)] for document in documents], show_progress=False)

    def rank(text: str) -> list[str]:
        tokens = [word.text for word in words(clean(text).text)]
        scores = index.get_scores(tokens)
        return [names[place] for place in np.argsort(-scores, kind="stable")[:_OFFERS]]

    return rank


def by_svm(matcher: Matcher) -> Ranker:
    """TF-IDF of words, word pairs and letter groups with a linear support vector machine."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline, make_union
    from sklearn.svm import LinearSVC

    texts, labels = phrases_of(matcher)
    pipeline = make_pipeline(
        make_union(
            TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
            TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True),
        ),
        LinearSVC(),
    )
    pipeline.fit(texts, labels)

    def rank(text: str) -> list[str]:
        scores = pipeline.decision_function([clean(text).text])[0]
        return [str(pipeline.classes_[place]) for place in np.argsort(-scores, kind="stable")[:_OFFERS]]

    return rank


def by_rapidfuzz(matcher: Matcher) -> Ranker:
    """The nearest phrase by token_set_ratio."""
    from rapidfuzz import fuzz, process

    texts, labels = phrases_of(matcher)

    def rank(text: str) -> list[str]:
        found = process.extract(clean(text).text, texts, scorer=fuzz.token_set_ratio, limit=30)
        return list(dict.fromkeys(labels[place] for _, _, place in found))[:_OFFERS]

    return rank


def test_side_by_side(matcher: Matcher, asked: list[tuple[str, str]]) -> None:
    engines = {
        "ours": ours,
        "TF-IDF + linear SVM": by_svm,
        "BM25 (bm25s)": by_bm25,
        "rapidfuzz token_set_ratio": by_rapidfuzz,
    }
    firsts: dict[str, float] = {}
    print(f"\n| engine | first guess | among three | with 1 typing error | with 2 | ms a question |\n|{'---|' * 6}")
    for name, build in engines.items():
        rank = build(matcher)
        taken: list[float] = []
        right = {"plain": 0, "three": 0, "one": 0, "two": 0}
        for number, (text, means) in enumerate(asked):
            start = time.perf_counter()
            found = rank(text)
            taken.append((time.perf_counter() - start) * 1000)
            right["plain"] += found[:1] == [means]
            right["three"] += means in found
            right["one"] += list(rank(with_typos(text, 1, number))[:1]) == [means]
            right["two"] += list(rank(with_typos(text, 2, number))[:1]) == [means]
        shares = {what: 100 * count / len(asked) for what, count in right.items()}
        firsts[name] = shares["plain"]
        print(
            f"| {name} | {shares['plain']:.1f} % | {shares['three']:.1f} % | {shares['one']:.1f} % "
            f"| {shares['two']:.1f} % | {median(taken):.2f} |"
        )

    ahead = firsts["ours"] - max(share for name, share in firsts.items() if name != "ours")
    print(f"ahead of the best of them by {ahead:.1f} points (target 10)")

    assert ahead > 0
