import pytest

from ivr.prompts.template import Segment, TemplateError, Value, parse


def test_a_text_is_split_at_its_placeholders() -> None:
    assert parse("您要订{service:word}，{price:money}。要订，请按一。") == (
        Segment("您要订"),
        Value("service", "word"),
        Value("price", "money"),
        Segment("要订，请按一。"),
    )


def test_the_punctuation_that_gives_the_melody_stays_in_the_segment() -> None:
    (segment,) = parse("您好，请稍等。")
    assert isinstance(segment, Segment)
    assert (segment.text, segment.words) == ("您好，请稍等。", "您好，请稍等")


@pytest.mark.parametrize("text", ["", "。", "{who}", "{who:person", "您好}", "{who:ghost}，您好", "{ who:person }"])
def test_a_text_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(TemplateError):
        parse(text)
