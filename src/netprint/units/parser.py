"""From text to a unit."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache

from netprint.errors import nearest
from netprint.units.algebra import DIMENSIONLESS, Power, Unit, UnitError
from netprint.units.table import CURRENCIES, REFUSED, prefix, symbols

_LONGEST = 200
_LARGEST_POWER = 30
_GAS = r"(?:(?:CO2|CH4)_(?:fossil|biogenic)|CO2e|CO2|CH4|N2O|SF6|NF3|NOx|SO2|NH3|CO|NMVOC|HFCs?|PFCs?|Sb)"
_REFRIGERANT = r"(?:(?:HFC|PFC|HCFC|CFC|HFO|HCFO|HFE|R|Halon)-[0-9A-Za-z]+)"
_ANNOTATION = re.compile(rf"(?:{_GAS}|{_REFRIGERANT})\Z")
_GLUED = re.compile(rf"([numkMGT]?g|[kMG]?t)({_GAS})\Z")
_MONEY = re.compile(r"([kM]?)([A-Z]{3})((?:19|20)\d\d)?\Z")
_TAGS = {"CO2e": Unit(1.0, (("CO2e", 1),)), "Sb": Unit(1.0, (("Sb", 1),))}


@lru_cache(maxsize=4096)
def parse(text: str) -> Unit:
    """The unit that ``text`` names: ``kg CO2e/MWh``, ``tCO2e``, ``kWh (net CV)``, ``m³``, ``kWh/100 km``, ``%``.

    A space, ``·`` and ``*`` multiply, ``/`` and ``per`` divide, ``^`` and ``**`` raise to a power. Empty text and
    ``1`` are :data:`DIMENSIONLESS`. Names are case sensitive. Raises :class:`UnitError`, which names the nearest
    known units, also where the text could be read in two ways: ``kg/m2 year``, ``GB/month``, ``mWh``.
    """
    if len(text) > _LONGEST:
        expected = f"at most {_LONGEST} characters"
        raise UnitError(f"a unit of {len(text)} characters", expected, "Write a shorter unit.")
    clean = " ".join(text.split())
    if clean in ("", "1"):
        return DIMENSIONLESS
    try:
        unit = symbols().get(clean) or _Parser(clean).whole()
    except UnitError as error:
        if clean in error.found:
            raise
        raise UnitError(f"unit {clean!r}: {error.found}", error.expected, error.remedy) from None
    return Unit(unit.scale, unit.dims, clean)


@lru_cache(maxsize=1024)
def _named(word: str) -> Unit:
    """The unit of one word. Raises :class:`UnitError`."""
    if unit := symbols().get(word):
        return unit
    if match := _GLUED.match(word):
        return symbols()[match[1]] * _TAGS.get(match[2], DIMENSIONLESS)
    if (match := _MONEY.match(word)) and match[2] in CURRENCIES:
        return Unit(prefix(match[1]), ((match[2] + (match[3] or ""), 1),))
    base, _, basis = word.rpartition("_")
    if base and basis in ("net", "gross"):
        energy = _named(base)
        if energy.dims != (("kWh", 1),):
            raise UnitError(f"{basis!r} after {base!r}", "an energy before it", "Write kWh_net, MJ_gross ...")
        return energy * Unit(1.0, ((basis, 1),))
    if _ANNOTATION.match(word):
        raise UnitError(f"{word!r} stands without a mass", "a mass before the gas", f"Write 'kg {word}'.")
    raise _unknown(word)


def _unknown(word: str) -> UnitError:
    if word in REFUSED:
        reason, remedy = REFUSED[word]
        return UnitError(f"{word!r} {reason}", "a unit that can be read in one way only", remedy)
    known = [*symbols(), *CURRENCIES, "kWh_net", "kWh_gross", "CO2e", "kgCO2e", "tCO2e", "gCO2e"]
    near = [name for name in known if name.casefold() == word.casefold()] or nearest(word, known)
    near.sort(key=lambda name: name.casefold() != word.casefold())
    remedy = f"Did you mean {' or '.join(map(repr, near))}?" if near else "A count of things has the unit 1."
    return UnitError(
        f"{word!r} is not a known unit", "a unit such as kWh, kg CO2e, GB, m3 or USD2022", remedy
    )


_CHARACTERS = str.maketrans("₀₁₂₃₄₅₆₇₈₉·⋅∙×µμ", "0123456789****uu")
_RAISED = "[⁺⁻⁰¹²³⁴-⁹]+"
_RAISED_CHARACTERS = str.maketrans("⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "+-0123456789")
_CV = r"(?:[ _]?(?:CV|cv|calorific value))?"
_EQUIVALENT = r"[ -]?e(?:q(?:uiv(?:alents?)?)?\b\.?|\b)"
# A word that must be there for the pattern to be tried (and compiled), the pattern, the plain spelling.
_SPELLINGS = (
    ("V", r"\b(?:LHV|NCV)\b", "net"),
    ("V", r"\b(?:HHV|GCV)\b", "gross"),
    ("et", rf" ?\( ?[Nn]et{_CV} ?\)|[ _][Nn]et{_CV}(?!\w)", "_net"),
    ("ross", rf" ?\( ?[Gg]ross{_CV} ?\)|[ _][Gg]ross{_CV}(?!\w)", "_gross"),
    ("CO2", f"CO2{_EQUIVALENT}", "CO2e"),
    ("Sb", f"Sb{_EQUIVALENT}", "Sb"),
    ("passenger", r"\bpassenger[ .-]?km\b", "pkm"),
    ("km", r"\b(?:tonne|t)[ .-]km\b", "tkm"),
    ("vehicle", r"\bvehicle[ .-]?km\b", "vkm"),
    (" per ", " per ", "/"),
    (".", r"(?<=[^\W\d])\.(?=[^\W\d])", "*"),
)
_TOKEN = re.compile(
    rf" *(?:(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<word>{_REFRIGERANT}|[^\W\d]\w*|[%‰$£¥€]|°[CF])"
    r"|(?P<operator>\*\*|[*/^()+-])|(?P<bad>\S))"
)


def _tokens(text: str) -> list[tuple[str, str]]:
    """Pairs of kind and text; the kind is number, word, end or the operator itself."""
    if not text.isascii():
        text = re.sub(_RAISED, lambda match: "^" + match[0].translate(_RAISED_CHARACTERS), text)
        text = text.translate(_CHARACTERS)
    for needle, pattern, plain in _SPELLINGS:
        if needle in text:
            text = re.sub(pattern, plain, text)
    found = []
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or ""
        token = match[kind]
        if kind == "bad":
            raise UnitError(f"the character {token!r}", "names, numbers and * / ^ ( )", "Take it out.")
        found.append((token if kind == "operator" else kind, token))
    return [*found, ("end", "")]


class _Parser:
    """Recursive descent: ``product := power ((* | / | nothing) power)*``, ``power := atom (^ exponent)? gas*``."""

    def __init__(self, text: str) -> None:
        self.rest = iter(_tokens(text))
        self.kind, self.token = next(self.rest)

    def take(self) -> str:
        """The token that stands here; the parser goes on to the next."""
        taken = self.token
        self.kind, self.token = next(self.rest)
        return taken

    def unexpected(self, expected: str) -> UnitError:
        found = f"{self.token!r} stands in the wrong place" if self.token else "it ends too early"
        remedy = "Write powers as m2 or m^-2." if self.kind in ("+", "-") else "Check operators and brackets."
        return UnitError(found, expected, remedy)

    def close(self) -> None:
        if self.kind != ")":
            raise self.unexpected("')'")
        self.take()

    def whole(self) -> Unit:
        unit = self.product()
        if self.kind != "end":
            raise self.unexpected("a unit")
        return unit

    def product(self) -> Unit:
        bare = self.kind == "number"  # nothing but a number so far
        unit, divided = self.power(), False
        while self.kind in ("*", "/", "(", "word", "number"):
            if self.kind == "/":
                self.take()
                unit, divided = unit / self.divisor(bare), True
                continue
            right = self.factor()
            if divided and (right.dims or right.scale != 1):
                found = "a product after '/' may be meant above or below the line"
                raise UnitError(found, "brackets", "Write a/(b c) or a c/b.")
            unit, bare = unit * right, False
        return unit

    def factor(self) -> Unit:
        if self.kind == "*":
            self.take()
        elif self.kind == "number":
            remedy = "Write powers as m2 or m^2, and the price year together with the currency: USD2022."
            raise UnitError(f"the number {self.token} follows a unit", "numbers before units", remedy)
        return self.power()

    def divisor(self, bare: bool) -> Unit:
        """What follows ``/``; a number there takes the unit after it along, as in ``kWh/100 km``."""
        number = self.kind == "number"
        unit = self.power()
        if not number or self.kind != "word":
            return unit
        if bare:
            found = "a number divided by a number and a unit may be read in two ways"
            raise UnitError(found, "brackets", "Write 1/(100 km) or 0.01 km.")
        return unit * self.power()

    def power(self) -> Unit:
        unit = self.atom()
        if self.kind in ("^", "**"):
            self.take()
            unit = unit ** self.exponent()
        while self.kind == "word" and unit.dims == (("kg", 1),) and _ANNOTATION.match(self.token):
            unit = unit * _TAGS.get(self.take(), DIMENSIONLESS)
        return unit

    def atom(self) -> Unit:
        if self.kind == "number":
            return Unit(float(self.take()))
        if self.kind == "word":
            return _named(self.take())
        if self.kind != "(":
            raise self.unexpected("a unit")
        self.take()
        unit = self.product()
        self.close()
        return unit

    def exponent(self) -> Power:
        bracket = self.kind == "(" and bool(self.take())
        sign = -1 if self.kind in ("+", "-") and self.take() == "-" else 1
        power = sign * self.exponent_number()
        if bracket and self.kind == "/":
            self.take()
            divisor = self.exponent_number()
            if not divisor:
                raise UnitError("a power divided by zero", "another number than 0", "Check the power.")
            power /= divisor
        if bracket:
            self.close()
        if abs(power) > _LARGEST_POWER:
            raise UnitError(f"the power {power}", f"at most {_LARGEST_POWER}", "Check the power.")
        return power.numerator if power.denominator == 1 else power

    def exponent_number(self) -> Fraction:
        if self.kind != "number" or "e" in self.token.lower():
            raise self.unexpected("a plain number as the power")
        return Fraction(self.take())
