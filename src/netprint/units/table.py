"""The table of units.

Prefixes and units of the SI follow the SI Brochure (BIPM, 9th edition, 2019), binary prefixes IEC 80000-13:2008;
pound, foot, mile and gallons are the exact legal definitions; Btu is the International Table value of ISO 31-4:1992
(1055.05585262 J); toe is the IEA's 41.868 GJ, tce seven tenths of it.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache

from netprint.units.algebra import Dims, Unit

Entry = tuple[str, Fraction | int, dict[str, int]]

_PREFIXES = {
    "p": "1e-12", "n": "1e-9", "u": "1e-6", "m": "1e-3", "c": "1e-2", "d": "1e-1", "": "1", "h": "1e2", "k": "1e3",
    "M": "1e6", "G": "1e9", "T": "1e12", "P": "1e15", "E": "1e18", "Z": "1e21", "Y": "1e24", "MM": "1e6", "mm": "1e6",
}  # fmt: skip
_MILLI = Fraction(1, 1000)
_JOULE = Fraction(1, 3_600_000)
_TOE = 11_630
_BTU = Fraction("1055.05585262") * _JOULE
_FOOT, _POUND, _GALLON = Fraction("0.3048"), Fraction("0.45359237"), Fraction("0.003785411784")

# Prefixes and symbol, scale, base units. `-` is the unit without prefix. There is no milli on t, W, Wh and J: it is
# nearly always a misspelt mega.
_PREFIXED: tuple[tuple[str, str, Fraction | int, dict[str, int]], ...] = (
    ("n u m - k M G T", "g", _MILLI, {"kg": 1}), ("- k M G", "t", 1000, {"kg": 1}),
    ("n u m c d - k", "m", 1, {"m": 1}), ("n u m -", "s", Fraction(1, 3600), {"h": 1}),
    ("m c d - h k M G", "L", _MILLI, {"m": 3}), ("m c d - h k", "l", _MILLI, {"m": 3}),
    ("n u - k M G T", "W", _MILLI, {"kWh": 1, "h": -1}), ("- k M G T P E", "Wh", _MILLI, {"kWh": 1}),
    ("p n u - k M G T P E", "J", _JOULE, {"kWh": 1}), ("- k M G", "toe", _TOE, {"kWh": 1}),
    ("- k M", "tce", Fraction(7, 10) * _TOE, {"kWh": 1}), ("- k MM mm", "Btu", _BTU, {"kWh": 1}),
    ("- k M G T P E", "bit", 1, {"bit": 1}), ("- k M G T P E Z Y", "B", 8, {"bit": 1}),
    ("- k M G T P", "bps", 3600, {"bit": 1, "h": -1}),
)  # fmt: skip
_PLAIN: tuple[Entry, ...] = (
    ("gram grams", _MILLI, {"kg": 1}), ("kilogram kilograms", 1, {"kg": 1}), ("tonne tonnes", 1000, {"kg": 1}),
    ("lb", _POUND, {"kg": 1}), ("short_ton", 2000 * _POUND, {"kg": 1}), ("long_ton", 2240 * _POUND, {"kg": 1}),
    ("metre metres", 1, {"m": 1}), ("kilometre kilometres kilometer kilometers", 1000, {"m": 1}),
    ("pkm vkm", 1000, {"m": 1}), ("tkm", 1_000_000, {"kg": 1, "m": 1}),
    ("ft", _FOOT, {"m": 1}), ("mile miles", 5280 * _FOOT, {"m": 1}),
    ("ha hectare hectares", 10_000, {"m": 2}), ("litre litres liter liters", _MILLI, {"m": 3}),
    ("gal_US", _GALLON, {"m": 3}), ("gal_UK", Fraction("0.00454609"), {"m": 3}), ("bbl", 42 * _GALLON, {"m": 3}),
    ("second seconds", Fraction(1, 3600), {"h": 1}), ("min minute minutes", Fraction(1, 60), {"h": 1}),
    ("h hr hour hours", 1, {"h": 1}), ("d day days", 24, {"h": 1}), ("week weeks", 168, {"h": 1}),
    ("year years yr a", 8760, {"h": 1}),
    ("MMBTU mmBTU", 1_000_000 * _BTU, {"kWh": 1}), ("therm therms", 100_000 * _BTU, {"kWh": 1}),
    ("bits", 1, {"bit": 1}), ("byte bytes", 8, {"bit": 1}), ("K", 1, {"K": 1}),
    ("% percent", Fraction(1, 100), {}), ("‰", _MILLI, {}), ("ppm", Fraction(1, 1_000_000), {}),
)  # fmt: skip

# Words that count things; they carry no dimension. Singular and plural.
COUNTING = frozenset(
    """unit units piece pieces item items subscriber subscribers subscription subscriptions user users line lines
    site sites server servers device devices person persons people capita inhabitant inhabitants passenger passengers
    employee employees request requests token tokens night nights room rooms connection connections household
    households customer customers account accounts contract contracts vehicle vehicles phone phones handset handsets
    laptop laptops computer computers screen screens router routers switch switches port ports antenna antennas rack
    racks core cores vCPU vCPUs CPU CPUs GPU GPUs cell cells call calls message messages query queries session
    sessions transaction transactions page pages image images job jobs trip trips flight flights meal meals tower
    towers SIM SIMs station stations building buildings""".split()
)

# ISO 4217 list one (published by SIX), and the codes withdrawn from it since 2015, for older accounts.
CURRENCIES = frozenset(
    """AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BYR BZD CAD CDF
    CHF CLP CNY COP CRC CUC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL
    HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LTL LYD MAD
    MDL MGA MKD MMK MNT MOP MRO MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR
    RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STD STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD
    TZS UAH UGX USD UYU UZS VEF VES VND VUV WST XAF XCD XCG XDR XOF XPF YER ZAR ZMW ZWG ZWL""".split()
)

# Words that are refused because they can be read in two ways: why, and what to write.
_REFUSED = (
    ("month months quarter quarters", "has no fixed length", "Use a day, or a year of 8760 h."),
    ("ton tons", "may be metric, short or long", "Write t for 1000 kg, short_ton or long_ton."),
    ("gal gallon gallons", "may be US or imperial", "Write gal_US, gal_UK or L."),
    ("mWh", "is mostly a misspelt MWh", "Write 'MWh' if mega is meant, else '0.001 Wh'."),
    ("mW", "is mostly a misspelt MW", "Write 'MW' if mega is meant, else '0.001 W'."),
    ("mJ", "is mostly a misspelt MJ", "Write 'MJ' if mega is meant, else '0.001 J'."),
    ("mt", "may be a tonne or a million tonnes", "Write 't' for 1000 kg, 'Mt' for a million tonnes."),
    ("KB", "may be 1000 or 1024 bytes", "Write kB for 1000 bytes, KiB for 1024."),
    ("Kb kb Mb Gb Tb", "may be bits or bytes", "Write Mbit or MB (kbit or kB, Gbit or GB ...)."),
    ("MBtu MBTU", "may be a thousand or a million Btu", "Write kBtu for a thousand, MMBtu for a million."),
    ("meter meters", "may be a length or a device", "Write m for the length, device for the meter."),
    ("sqm", "is not written so here", "Write m2."),
    ("sqft", "is not written so here", "Write ft2."),
    ("Nm3 Sm3", "has a reference temperature", "Write m3 and give the reference temperature in the note."),
    ("°C °F", "has another zero than K", "Write K for a difference of temperature."),
    ("$ £ ¥", "is the sign of several currencies", "Write the ISO 4217 code: USD, GBP, JPY ..."),
    ("€", "is a sign", "Write the ISO 4217 code: EUR."),
    ("net gross", "says on which calorific value an energy is stated", "Write it after the energy: kWh_net, MJ_gross."),
)  # fmt: skip
REFUSED = {word: (reason, remedy) for words, reason, remedy in _REFUSED for word in words.split()}


def prefix(symbol: str) -> float:
    """The number that an SI prefix stands for."""
    return float(_PREFIXES[symbol])


def _entries() -> list[Entry]:
    found: list[Entry] = []
    for prefixes, symbol, scale, powers in _PREFIXED:
        for before in prefixes.split():
            name = before.strip("-")
            found.append((name + symbol, Fraction(_PREFIXES[name]) * scale, powers))
    for n, before in enumerate("KMGTPE"):
        found += [
            (f"{before}i{symbol}", 1024 ** (n + 1) * bits, {"bit": 1})
            for symbol, bits in (("B", 8), ("bit", 1))
        ]
    found += [(name, scale, powers) for names, scale, powers in _PLAIN for name in names.split()]
    lengths = {name: scale for name, scale, powers in found if powers == {"m": 1}}
    for name in ("mm", "cm", "dm", "m", "km", "ft"):
        found += [(f"{name}{power}", lengths[name] ** power, {"m": power}) for power in (2, 3)]
    return found + [(name, 1, {}) for name in sorted(COUNTING)]


@cache
def symbols() -> dict[str, Unit]:
    """Every single-word unit by its name; currencies, gases and calorific values are left to the parser."""
    table: dict[str, Unit] = {}
    for name, scale, powers in _entries():
        dims: Dims = tuple(sorted(powers.items()))
        table[name] = Unit(float(scale), dims)
    return table
