"""What a literal in the code is called in the guard's own words: the knob that a text on the same change would name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memorylab.core.lazily import pattern
from memorylab.core.reading.edits import Edit, parse
from memorylab.core.reading.identifiers import without_switch
from memorylab.core.reading.lexicon import Term, compose, longest, remembered
from memorylab.core.reading.tokens import tokens

if TYPE_CHECKING:
    from memorylab.core.reading.literals import Literal, Value

# Arguments that mean something else in most calls than the knob of that name.
_COMMON = frozenset(
    ("b1", "b2", "buffer", "context", "decay", "dim", "dims", "eps", "gates", "head", "heads", "init", "k", "kv",
     "norm", "r", "rate", "scale", "seq", "sl", "std", "stride", "temp", "tp", "width", "window")
)  # fmt: skip


def edits_of(before: Literal | None, after: Literal | None, block: str) -> list[Edit]:
    """The edits that turn one literal into the other; None stands for "not there"."""
    one = after or before
    if one is None:
        return []
    scope = scope_of(one.inside)
    return [edit._replace(scope=scope) for edit in _edits(before, after, one, block)]


def scope_of(key: str) -> str | None:
    """The key of a dictionary as a text names it, as in "small caps: weight 0.3"."""
    return " ".join(key.lower().replace("_", " ").split()) or None


def _edits(before: Literal | None, after: Literal | None, one: Literal, block: str) -> list[Edit]:
    name = target_of(one, block)
    own = _own_name(one, name)
    old, new = (None if literal is None else literal.value for literal in (before, after))
    if name.endswith("BETAS") and all(value is None or _is_pair(value) for value in (old, new)):
        olds, news = (value if isinstance(value, tuple) else (None, None) for value in (old, new))
        pairs = enumerate(zip(olds, news, strict=True), 1)
        return [
            _edit(f"{name[:-1]}{number}", a, b, own and f"{own}[{number - 1}]") for number, (a, b) in pairs if a != b
        ]
    if isinstance(old, str) and isinstance(new, str) and (edit := _replacement(one.label, old, new)):
        return [edit]
    return [_edit(name, old, new, own)]


def target_of(literal: Literal, block: str) -> str:
    """The target of a literal: its knob, else a constant's own name, else the block and the name in it."""
    label = literal.label
    if literal.exact:
        common = is_common(label)
        known = knob(label, "" if label.isupper() else _part(literal.part), common)
        if known:
            return known
        if isinstance(literal.value, bool) and (concept := _concept(label)):
            return concept
        if label.isupper():
            return label
        if literal.owner and not literal.in_dictionary:
            return f"{literal.owner}.{label}"
    home = block or "module"
    return f"{home}.value" if not label or home.rpartition(".")[2] == label else f"{home}.{label}"


def _own_name(literal: Literal, target: str) -> str | None:
    """What the code calls a target that has another name; None where the part of the model is in it."""
    label = literal.label
    if label.lower() == target.lower() or target.endswith((f".{label}", ".value")):
        return None
    return label if target in (knob(label), _concept(label)) else None


_SETTINGS = pattern(r"[A-Z][A-Z0-9_]*|(?:\w*_)?(?:cfg|config|conf|params|hparams|args|settings|options|hyper\w*)|\w*"
                       r"(?:Config|Cfg|Args|Settings|Params|HParams|Options|Hyperparameters)")  # fmt: skip


def is_settings(home: str) -> bool:
    """Whether the name of a class or a dictionary is one under which settings stand: CONFIG, ModelConfig, hparams."""
    return _SETTINGS.fullmatch(home) is not None


def is_inside(home: str) -> bool:
    """Whether a place is a dictionary in one of settings: SECTORS.tech, of SECTORS = {"tech": {"z_entry": 2.0}}."""
    settings, _, key = home.rpartition(".")
    return bool(settings) and key.islower() and settings.isupper() and is_settings(settings)


def is_common(label: str) -> bool:
    """Whether an argument of this name means something else in most calls than the knob of that name."""
    return label.lower() in _COMMON and not label.isupper()


def joined(edit: Edit) -> Edit:
    """An edit of an entry of the settings under the name that a text gives it: CONFIG.min_roe is MIN_ROE.

    One of another place in the code keeps its place: a dropout of the encoder is none of the decoder.
    """
    home, _, label = edit.target.rpartition(".")
    if edit.opaque or not home or " " in edit.target or not label.isidentifier() or label == "value":
        return edit
    if not _SETTINGS.fullmatch(home) or len(label) < 2:
        return edit
    return edit._replace(target=knob(label) or label.upper())


@remembered(4096)
def of_slot(name: str) -> str:
    """The target under which history keeps an edit of a slot, as far as its name alone tells."""
    plain = name.partition("#")[0].rpartition(":")[2]
    home, _, label = plain.rpartition(".")
    if is_inside(home):
        return plain
    label = label.lstrip("-$").replace("-", "_")
    if label.lower() not in _COMMON and (known := knob(label)):
        return known
    return label.upper() if not home or _SETTINGS.fullmatch(home) else plain


@remembered(4096)
def knob(name: str, part: str = "", common: bool = False) -> str:
    """The knob that an identifier names, alone or for a part of the model; "" for one that no table knows."""
    found = _terms(name)
    if not found or not found[-1].knob:
        return ""
    term = found[-1]
    if len(found) == 1:
        if term.composable:
            return "" if common and not part else compose(part, term.knob)
        return "" if common else term.knob
    if len(found) == 2 and found[0].part and term.composable:
        return compose(found[0].part, term.knob)
    return ""


@remembered(4096)
def _terms(name: str) -> tuple[Term, ...]:
    """The known names that an identifier is made of, () where a piece of it is unknown."""
    parts: list[Any] = [token for piece in name.lower().split("_") if piece for token in tokens(piece)]
    out: list[Term] = []
    at = 0
    while at < len(parts):
        hit = longest(parts, at)
        if hit is None:
            return ()
        out.append(hit[1])
        at += hit[0]
    return tuple(out)


@remembered(4096)
def _part(words: str) -> str:
    """The part of the model that the identifiers of an expression name: "lm_head_params" is UNEMBEDDING."""
    for name in words.replace("\ue000", "").split():
        pieces = [
            piece for piece in name.split("_") if piece not in ("params", "param", "parameters", "weight", "self")
        ]
        found: list[Any] = [token for piece in pieces for token in tokens(piece)]
        hit = longest(found, 0) if found else None
        if hit is not None and hit[1].part:
            return hit[1].part
    return ""


def _concept(name: str) -> str:
    """The concept behind a switch: USE_QK_NORM is "qk norm"."""
    low = without_switch(name.lower())
    found = parse(f"add {low.replace('_', ' ')}") if _terms(low) else ()
    return found[0].target if len(found) == 1 and (_terms(low)[-1].concept or _terms(low)[-1].knob) else ""


def _replacement(label: str, old: str, new: str) -> Edit | None:
    """The edit between two names of one slot, such as the activations "relu" and "gelu"."""
    before, after = parse(old), parse(new)
    if len(before) == len(after) == 1 and before[0].target == after[0].target == label.lower().strip("_"):
        return after[0]._replace(op="replace", frm=before[0].to)
    return None


def _is_pair(value: Value) -> bool:
    return isinstance(value, tuple) and len(value) == 2


def _edit(target: str, old: Value, new: Value, name: str | None = None) -> Edit:
    if isinstance(old, bool) or isinstance(new, bool):
        return Edit(target, "add" if new else "remove", name=name)
    frm, to = _told(old), _told(new)
    if to is None:
        return Edit(target, "remove", frm, name=name)
    direction = None
    if isinstance(frm, float) and isinstance(to, float):
        direction = "up" if to > frm else "down"
    return Edit(target, "set", frm, to, direction, name=name)


def _told(value: Value) -> float | str | None:
    """A value as an edit holds it: a number, or a short text."""
    if value is None or isinstance(value, float):
        return value
    if isinstance(value, tuple):
        return f"({', '.join(str(_shown(item)) for item in value)})"[:80]
    return str(value)[:80]


def _shown(item: Any) -> Any:
    return f"{item:.6g}" if isinstance(item, float) else _told(item) if isinstance(item, tuple) else item
