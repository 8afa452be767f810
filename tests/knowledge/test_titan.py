from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from knowledge.embedders.base import EmbedderError
from knowledge.embedders.titan import DIMENSIONS, LONGEST, TitanEmbedder
from tests.bedrock_double import (
    BROKEN,
    DENIED,
    OUT_OF_SERVICE,
    THROTTLED,
    BedrockDouble,
    Refused,
    bedrock,
    embedding,
    tokens,
)

boto3 = pytest.importorskip("boto3", reason="boto3 is not installed (extra aws)")


@pytest.fixture
def double() -> Iterator[BedrockDouble]:
    """Bedrock on this machine."""
    with bedrock() as running:
        yield running


@pytest.fixture
def slept() -> list[float]:
    """The pauses that an embedder would have made."""
    return []


@pytest.fixture
def titan(double: BedrockDouble, slept: list[float]) -> TitanEmbedder:
    """An embedder that asks the double and does not really wait."""
    return TitanEmbedder(_client(double.url), dimension=256, sleep=slept.append)


def _client(url: str, read_timeout: int = 30) -> Any:
    from botocore.config import Config

    return boto3.client(
        "bedrock-runtime",
        region_name="eu-central-1",
        endpoint_url=url,
        aws_access_key_id="AKIDEXAMPLE",
        aws_secret_access_key="secret",
        config=Config(retries={"total_max_attempts": 1}, read_timeout=read_timeout, connect_timeout=30),
    )


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_one_unit_vector_a_text_in_order(double: BedrockDouble, dimension: int) -> None:
    """Each text gets the model's vector of the dimension asked for, at its own place, of length 1."""
    texts = [f"text {i}" for i in range(40)]
    embedder = TitanEmbedder(_client(double.url), dimension=dimension)
    vectors = embedder.embed(texts)
    assert vectors == [pytest.approx(embedding(text, dimension)) for text in texts]
    assert all(math.isclose(math.hypot(*v), 1.0, rel_tol=1e-12) for v in vectors)
    assert sorted(double.texts) == sorted(texts)


def test_nothing_to_embed(titan: TitanEmbedder, double: BedrockDouble) -> None:
    """No texts, no call."""
    assert titan.embed([]) == []
    assert double.calls == 0


def test_the_name_says_model_and_dimension() -> None:
    """Vectors of two dimensions have two names, so that they are never compared."""
    assert TitanEmbedder(object(), dimension=512).name == "amazon.titan-embed-text-v2:0-512"
    assert TitanEmbedder(object()).name != TitanEmbedder(object(), dimension=256).name


def test_a_dimension_that_the_model_lacks_is_refused() -> None:
    """Another dimension is named together with those that there are."""
    with pytest.raises(EmbedderError, match="no vectors of 384 numbers: choose one of 1024, 512, 256"):
        TitanEmbedder(object(), dimension=384)


def test_calls_run_at_the_same_time_within_the_bound(double: BedrockDouble) -> None:
    """Texts are asked for side by side, never more than `at_once` of them."""
    double.seconds = 0.05
    TitanEmbedder(_client(double.url), dimension=256, at_once=4).embed([str(i) for i in range(16)])
    assert 2 <= double.most_at_once <= 4


def test_throttling_and_faults_are_waited_out(
    titan: TitanEmbedder, double: BedrockDouble, slept: list[float]
) -> None:
    """A throttled or broken call is made again, each pause twice as long as the one before."""
    double.faults = [THROTTLED, BROKEN, OUT_OF_SERVICE]
    assert titan.embed(["hello"]) == [pytest.approx(embedding("hello", 256))]
    assert double.calls == 4
    assert slept == [0.25, 0.5, 1.0]


def test_a_throttled_text_does_not_hold_up_the_others(titan: TitanEmbedder, double: BedrockDouble) -> None:
    """With some calls of many throttled, every text still has its own vector."""
    double.faults = [THROTTLED] * 9
    texts = [f"text {i}" for i in range(30)]
    assert titan.embed(texts) == [pytest.approx(embedding(text, 256)) for text in texts]
    assert double.calls == 39


def test_endless_throttling_ends_in_a_sentence(
    titan: TitanEmbedder, double: BedrockDouble, slept: list[float]
) -> None:
    """After six attempts the error says what the service said."""
    double.faults = [THROTTLED] * 6
    with pytest.raises(EmbedderError, match="gave no vector: ThrottlingException, Too many requests"):
        titan.embed(["hello"])
    assert double.calls == 6
    assert len(slept) == 5


def test_a_denied_call_is_not_made_again(titan: TitanEmbedder, double: BedrockDouble) -> None:
    """Without access one call is enough, and the message says what to allow."""
    double.faults = [DENIED]
    with pytest.raises(EmbedderError, match=r"Allow bedrock:InvokeModel"):
        titan.embed(["hello"])
    assert double.calls == 1


def test_one_failure_ends_the_batch(double: BedrockDouble) -> None:
    """When one text cannot be embedded, those that have not begun are not paid for."""
    double.faults = [DENIED]
    double.seconds = 0.05
    with pytest.raises(EmbedderError, match="may not be used"):
        TitanEmbedder(_client(double.url), dimension=256, at_once=2).embed([str(i) for i in range(50)])
    assert double.calls < 10


def test_a_vector_of_another_length_is_refused(titan: TitanEmbedder, double: BedrockDouble) -> None:
    """A vector that is not of the dimension asked for never leaves the embedder."""
    double.cut_to = 255
    with pytest.raises(EmbedderError, match="gave 255 numbers where 256 were asked for"):
        titan.embed(["hello"])


def test_a_blank_text_is_the_services_to_refuse(titan: TitanEmbedder, double: BedrockDouble) -> None:
    """What the service refuses is passed on in its words, after one call."""
    with pytest.raises(EmbedderError, match=r"refused a text: ValidationException, .*minLength"):
        titan.embed([""])
    assert double.calls == 1


@pytest.mark.parametrize("text", ["word " * 20_000, "安全" * 9_000])
def test_a_long_text_is_cut(titan: TitanEmbedder, double: BedrockDouble, text: str) -> None:
    """A text over the model's limit is embedded by its beginning, as much of it as the model takes."""
    (vector,) = titan.embed([text])
    (taken,) = double.texts
    assert text.startswith(taken)
    assert LONGEST / 8 < len(taken) <= LONGEST
    assert tokens(taken) <= 8192
    assert vector == pytest.approx(embedding(taken, 256))


def test_nobody_there(slept: list[float]) -> None:
    """Bedrock out of reach is tried twice, then named."""
    embedder = TitanEmbedder(_client("http://127.0.0.1:9"), dimension=256, sleep=slept.append)
    with pytest.raises(EmbedderError, match="Could not connect to the endpoint"):
        embedder.embed(["hello"])
    assert len(slept) == 1


def test_nobody_answers(double: BedrockDouble, slept: list[float]) -> None:
    """A call that hangs is given up after its time-out."""
    double.seconds = 3
    embedder = TitanEmbedder(_client(double.url, read_timeout=1), dimension=256, sleep=slept.append)
    with pytest.raises(EmbedderError, match="Read timeout"):
        embedder.embed(["hello"])


def test_an_unknown_refusal_keeps_its_words(titan: TitanEmbedder, double: BedrockDouble) -> None:
    """An error that we have no sentence for is passed on with its code."""
    double.faults = [Refused(400, "ResourceNotFoundException", "No such model here.")]
    with pytest.raises(EmbedderError, match="ResourceNotFoundException, No such model here"):
        titan.embed(["hello"])


def test_it_makes_its_own_client(double: BedrockDouble) -> None:
    """Given region and address alone it makes a client, with the credentials of the AWS configuration."""
    program = (
        "from knowledge.embedders.titan import TitanEmbedder\n"
        f"titan = TitanEmbedder(region='us-east-1', endpoint_url='{double.url}', dimension=512)\n"
        "print(len(titan.embed(['hello'])[0]))\n"
    )
    keys = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret"}
    done = subprocess.run(
        [sys.executable, "-c", program], env=keys, capture_output=True, text=True, check=True
    )
    assert done.stdout == "512\n"


def test_boto3_is_loaded_by_the_first_text() -> None:
    """Making an embedder does not load boto3."""
    program = (
        "import sys\n"
        "from knowledge.embedders.titan import TitanEmbedder\n"
        "TitanEmbedder(region='us-east-1')\n"
        "sys.exit('boto3' in sys.modules or 'botocore' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
