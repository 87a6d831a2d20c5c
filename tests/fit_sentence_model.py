"""
Tune the sentence model anew: `python -m tests.fit_sentence_model START MODEL.onnx`, with START the weights to start at.

START is a `model.safetensors` of sentence-transformers/all-MiniLM-L6-v2 or a `.pt` written here before. Needs torch,
transformers, safetensors, onnx and onnxruntime beside the project, which is why it stands in no list of requirements.
Learns from the phrases of the topics and of knowledge/scope.yaml, from the open cases of tests/triage and from
tests/second_opinion_examples.yaml. No test question and no case that is set aside takes part.
"""

from __future__ import annotations

import argparse
import random
import re
from collections import defaultdict
from pathlib import Path

import numpy as np
import torch
import yaml
from onnxruntime.quantization import QuantType, quantize_dynamic
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch.nn import functional
from transformers import BertConfig, BertModel

from bot import assets
from bot.assembly import Assembly
from bot.evaluation import with_typos
from bot.matching.examples import examples_of
from bot.model import Level
from bot.text import clean
from bot.triage import CaseFile

TESTS = Path(__file__).resolve().parent
LAYERS, HEADS, WIDTH, INNER = 6, 12, 384, 1536
TEMPERATURE = 0.07
SMOOTHING = 0.05
BATCH, TRIAGE_BATCH = 64, 32
LONGEST_TOKENS = 96
LONGEST_READ_TOKENS = 128
EASING = 0.9
EVENED_BY_ONE_IN = 12
FEWEST_OF_A_PATHWAY = 12
OTHER_NAMES = (
    "ivig", "ivig", "immunoglobulin", "the drip", "the infusion", "privigen", "octagam", "gamunex", "my treatment",
    "the treatment", "immune globulin", "it",
)  # fmt: skip
NAME = re.compile(r"\b(?:ivig|immunoglobulins?|immune globulin)\b")


def triage_messages(matcher) -> list[tuple[str, str]]:
    """Every message to learn urgency from, with its class: the pathway of an emergency, else the level."""
    told: list[tuple[str, str, str]] = []
    for path in sorted((TESTS / "triage").glob("*.yaml")):
        for case in CaseFile.model_validate(yaml.safe_load(path.read_text(encoding="utf-8"))).cases():
            if not case.set_aside:
                told.append((case.text, case.level.value, case.pathway or ""))
    for level, pathways in yaml.safe_load((TESTS / "second_opinion_examples.yaml").read_text("utf-8")).items():
        for pathway, texts in pathways.items():
            told += [(text, "any" if pathway == "any" else level, pathway) for text in texts]
    counts: dict[str, int] = defaultdict(int)
    for _, level, pathway in told:
        counts[pathway] += level == "emergency"
    found = {}
    for text, level, pathway in told:
        name = pathway if counts[pathway] >= FEWEST_OF_A_PATHWAY else "general"
        found.setdefault(matcher.normal(clean(text).text), f"emergency {name}" if level == "emergency" else level)
    return [pair for pair in found.items() if pair[0]]


def noisy(text: str, chance: random.Random) -> str:
    """A typing error, another name for IVIG, or a word left out, now and then."""
    if chance.random() < 0.12:
        text = with_typos(text, 1, chance.randrange(1 << 30))
    if chance.random() < 0.25:
        text = NAME.sub(lambda _: chance.choice(OTHER_NAMES), text)
    if chance.random() < 0.12 and len(words := text.split()) > 4:
        words.pop(chance.randrange(len(words)))
        text = " ".join(words)
    return text


def what_is_learned_from() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The phrases with their topics or classes, and the messages with their urgency."""
    whole = Assembly().conversation
    knowledge, matcher = whole.knowledge, whole.matcher
    ordered = tuple(sorted(knowledge.topics.values(), key=lambda topic: topic.id))
    topics = [(example.text, example.label) for example in examples_of(ordered, knowledge.scope)]
    urgent = triage_messages(matcher)
    known = {text for text, _ in urgent}
    harmless = [text for text, name in topics if name in knowledge.topics and text not in known][::5]
    urgent += [(text, "none") for text in harmless if whole.triage.assess(text).level < Level.URGENT]
    return topics, urgent


class Encoder:
    """The model with its tokenizer, giving vectors of length 1."""

    def __init__(self, start: Path) -> None:
        shape = BertConfig(
            hidden_size=WIDTH, num_hidden_layers=LAYERS, num_attention_heads=HEADS, intermediate_size=INNER
        )
        shape._attn_implementation = "eager"
        self.model = BertModel(shape, add_pooling_layer=False)
        weights = load_file(start) if start.suffix == ".safetensors" else torch.load(start)
        self.model.load_state_dict({name.removeprefix("bert."): one for name, one in weights.items()}, strict=False)
        self.tokenizer = Tokenizer.from_str(assets.tokenizer_text())
        self.tokenizer.enable_truncation(LONGEST_TOKENS)
        self.tokenizer.enable_padding()

    def __call__(self, texts: list[str]) -> torch.Tensor:
        encoded = self.tokenizer.encode_batch(texts)
        ids = torch.tensor([one.ids for one in encoded])
        mask = torch.tensor([one.attention_mask for one in encoded])
        with torch.autocast("cpu", dtype=torch.bfloat16):
            hidden = self.model(input_ids=ids, attention_mask=mask).last_hidden_state
        weight = mask[..., None].float()
        return functional.normalize((hidden.float() * weight).sum(1) / weight.sum(1), dim=-1)

    def all(self, texts: list[str]) -> torch.Tensor:
        """The vectors of many texts, without learning; those of like length together."""
        self.model.eval()
        found = torch.zeros(len(texts), WIDTH)
        order = np.argsort([len(text) for text in texts])
        with torch.no_grad():
            for at in range(0, len(order), 128):
                places = order[at : at + 128]
                found[places] = self([texts[place] for place in places])
        return found


def centres(vectors: torch.Tensor, classes: torch.Tensor) -> torch.nn.Parameter:
    """A vector a class to begin from: the mean of its examples."""
    count = int(classes.max()) + 1
    means = torch.stack([vectors[classes == number].mean(0) for number in range(count)])
    return torch.nn.Parameter(functional.normalize(means, dim=-1).clone())


def tune(encoder: Encoder, topics: list[tuple[str, str]], urgent: list[tuple[str, str]], options) -> None:
    """
    Pull phrases to the centre of their topic, to each other, and urgent messages to the centre of theirs.

    The pull back to where the phrases lay before keeps what the model knew.
    """
    chance = random.Random(options.seed)
    torch.manual_seed(options.seed)
    names, kinds = sorted({name for _, name in topics}), sorted({kind for _, kind in urgent})
    texts, told = [text for text, _ in topics], [text for text, _ in urgent]
    labels = torch.tensor([names.index(name) for _, name in topics])
    urgency = torch.tensor([kinds.index(kind) for _, kind in urgent])
    before = encoder.all(texts)
    topic_centres, urgent_centres = centres(before, labels), centres(encoder.all(told), urgency)
    of_topic: dict[int, list[int]] = defaultdict(list)
    for place, label in enumerate(labels.tolist()):
        of_topic[label].append(place)
    grave = [place for place, kind in enumerate(urgency.tolist()) if kinds[kind].startswith("emergency")]
    rest = sorted(set(range(len(told))) - set(grave))
    optimiser = torch.optim.AdamW(
        [
            {"params": list(encoder.model.parameters()), "lr": options.rate},
            {"params": [topic_centres, urgent_centres], "lr": options.rate * 20},
        ],
        weight_decay=0.01,
    )
    steps = int(options.rounds * (len(texts) // BATCH))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min(1.0, (step + 1) / 50) * max(0.02, 1 - step / steps)
    )
    encoder.model.train()
    waiting: list[int] = []
    for step in range(steps):
        if len(waiting) < BATCH:
            waiting = torch.randperm(len(texts)).tolist()
        chosen, waiting = waiting[:BATCH], waiting[BATCH:]
        partners = [chance.choice(of_topic[int(labels[place])]) for place in chosen]
        urgent_ones = chance.sample(grave, TRIAGE_BATCH // 2) + chance.sample(rest, TRIAGE_BATCH // 2)
        first = encoder([noisy(texts[place], chance) for place in chosen])
        second = encoder([noisy(texts[place], chance) for place in partners])
        third = encoder([noisy(told[place], chance) for place in urgent_ones])
        wanted = labels[chosen]
        to_centre = functional.cross_entropy(
            first @ functional.normalize(topic_centres, dim=-1).T / TEMPERATURE, wanted, label_smoothing=SMOOTHING
        )
        same = (wanted[:, None] == wanted[None]).float()
        same = same / same.sum(1, keepdim=True)
        to_each_other = -(same * functional.log_softmax(first @ second.T / TEMPERATURE, 1)).sum(1).mean()
        to_urgency = functional.cross_entropy(
            third @ functional.normalize(urgent_centres, dim=-1).T / TEMPERATURE,
            urgency[urgent_ones],
            label_smoothing=SMOOTHING,
        )
        back = (1 - (first * before[chosen]).sum(1)).mean()
        loss = to_centre + 0.5 * to_each_other + 0.5 * to_urgency + options.pull_back * back
        loss.backward()
        torch.nn.utils.clip_grad_norm_(encoder.model.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad()
        schedule.step()
        if step % 50 == 49:
            print(f"{step + 1} of {steps}: {loss.item():.3f}", flush=True)


class Eased(torch.nn.Module):
    """A multiplication whose incoming numbers are first divided by about what they reach."""

    def __init__(self, linear: torch.nn.Linear, reached: torch.Tensor) -> None:
        super().__init__()
        weight = linear.weight.detach()
        share = reached.clamp_min(1e-3) ** EASING / weight.abs().amax(0).clamp_min(1e-4) ** (1 - EASING)
        share = share / share.median()
        self.smaller = torch.nn.Parameter(1 / share)
        self.linear = torch.nn.Linear(linear.in_features, linear.out_features)
        self.linear.weight = torch.nn.Parameter(weight * share)
        self.linear.bias = linear.bias

    def forward(self, given: torch.Tensor) -> torch.Tensor:
        return self.linear(given * self.smaller)


class OneText(torch.nn.Module):
    """
    The same model for one text by itself, which is how it is asked: nothing to pad, so nothing to mask, and the three
    views of a token in one multiplication. A quarter faster.
    """

    def __init__(self, model: BertModel) -> None:
        super().__init__()
        first = model.embeddings
        self.words = first.word_embeddings.weight
        kinds = first.token_type_embeddings.weight[0]
        self.places = torch.nn.Parameter((first.position_embeddings.weight + kinds)[:LONGEST_READ_TOKENS])
        self.even = first.LayerNorm
        self.layers = model.encoder.layer
        self.views = torch.nn.ModuleList(self._views(layer.attention.self) for layer in self.layers)

    @staticmethod
    def _views(attention: torch.nn.Module) -> torch.nn.Linear:
        scale = (WIDTH // HEADS) ** -0.5
        asked, key, value = attention.query, attention.key, attention.value
        joined = torch.nn.Linear(WIDTH, 3 * WIDTH)
        joined.weight = torch.nn.Parameter(torch.cat([scale * asked.weight, key.weight, value.weight]))
        joined.bias = torch.nn.Parameter(torch.cat([scale * asked.bias, key.bias, value.bias]))
        return joined

    def even_out(self, texts: list[list[int]]) -> None:
        """
        Make what flows into the multiplications easy to round to 8 bits, changing nothing else.

        A few of the numbers that flow are ten times as large as the rest, and rounding goes by the largest. Each is
        divided by what it reaches in these texts, and the weights it meets are multiplied by the same (Xiao 2023,
        SmoothQuant, doi 10.48550/arXiv.2211.10438). Less than a third of the rounding error is left.
        """
        reached: dict[torch.nn.Module, torch.Tensor] = {}

        def watch(linear: torch.nn.Module, given: tuple[torch.Tensor], _: torch.Tensor) -> None:
            highest = given[0].abs().amax(0)
            reached[linear] = torch.maximum(reached.get(linear, highest), highest)

        places = [(self.views, number) for number in range(LAYERS)]
        places += [(layer.intermediate, "dense") for layer in self.layers]
        places += [(layer.output, "dense") for layer in self.layers]
        linears = [holder[key] if isinstance(key, int) else getattr(holder, key) for holder, key in places]
        watching = [linear.register_forward_hook(watch) for linear in linears]
        with torch.no_grad():
            for ids in texts:
                self(torch.tensor(ids))
        for one in watching:
            one.remove()
        for (holder, key), linear in zip(places, linears, strict=True):
            eased = Eased(linear, reached[linear].detach())
            if isinstance(key, int):
                holder[key] = eased
            else:
                setattr(holder, key, eased)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """`ids` of n tokens to n rows of WIDTH numbers."""
        count = ids.shape[0]
        flow = self.even(self.words[ids] + self.places[:count])
        for layer, views in zip(self.layers, self.views, strict=True):
            heads = views(flow).reshape(count, 3 * HEADS, WIDTH // HEADS).transpose(0, 1)
            asked, key, value = heads[:HEADS], heads[HEADS : 2 * HEADS], heads[2 * HEADS :]
            seen = torch.softmax(asked @ key.transpose(1, 2), dim=-1) @ value
            seen = layer.attention.output.dense(seen.transpose(0, 1).reshape(count, WIDTH))
            flow = layer.attention.output.LayerNorm(flow + seen)
            inner = functional.gelu(layer.intermediate.dense(flow))
            flow = layer.output.LayerNorm(flow + layer.output.dense(inner))
        return flow


def export(encoder: Encoder, texts: list[str], target: Path) -> None:
    """
    As ONNX with int8 weights: the numbers of the tokens of one text in, a vector a token out.

    What flows between the weights is evened out by `texts`.
    """
    whole = target.with_suffix(".whole.onnx")
    single = OneText(encoder.model).eval()
    encoder.tokenizer.no_padding()
    single.even_out([encoder.tokenizer.encode(text).ids for text in texts])
    torch.onnx.export(
        single, (torch.randint(1000, 2000, (12,)),), str(whole), input_names=["input_ids"],
        output_names=["tokens"], dynamic_axes={name: {0: "count"} for name in ("input_ids", "tokens")},
        opset_version=17, dynamo=False,
    )  # fmt: skip
    quantize_dynamic(whole, target, per_channel=True, weight_type=QuantType.QInt8)
    whole.unlink()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("start", type=Path)
    parser.add_argument("model", type=Path)
    parser.add_argument("--rounds", type=float, default=2.0, help="0 only writes the model in its other form")
    parser.add_argument("--rate", type=float, default=5e-5)
    parser.add_argument("--pull-back", type=float, default=0.3)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    encoder = Encoder(options.start)
    topics, urgent = what_is_learned_from()
    if options.rounds:
        tune(encoder, topics, urgent, options)
        torch.save(encoder.model.state_dict(), options.model.with_suffix(".pt"))
    export(encoder, [text for text, _ in topics][::EVENED_BY_ONE_IN], options.model)


if __name__ == "__main__":
    main()
