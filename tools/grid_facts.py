"""Published figures on grid electricity that no registry package holds, each with where it was read.

``seen`` in :data:`SOURCES` says what was actually read. A figure is *verified* when it was read in the original or
in a transcription that names the original, and *provisional* when it was recalled or the transcription leaves the
year open. Nothing here is estimated.
"""

from __future__ import annotations

V, P = "verified", "provisional"
LB_PER_MWH = 0.45359237 / 1000
"""kg per kWh in one pound per MWh."""

TECHNOLOGIES: dict[str, tuple[str, float, str, str, float, str, str]] = {
    "coal": ("coal_TWh", 0.820, "ipcc-ar5-wg3-a3", V, 0.900, "ar5-eia-midpoint", P),
    "gas": ("gas_TWh", 0.490, "ipcc-ar5-wg3-a3", V, 0.405, "ar5-eia-midpoint", P),
    "oil": ("oil_TWh", 0.840, "ipcc-srren-a2", V, 0.733, "ipcc-2006-v2", P),
    "nuclear": ("nuclear_TWh", 0.012, "ipcc-ar5-wg3-a3", V, 0.0, "ipcc-ar5-wg3-a3", V),
    "hydro": ("hydroelectricity_TWh", 0.024, "ipcc-ar5-wg3-a3", V, 0.0, "ipcc-ar5-wg3-a3", V),
    "wind": ("wind_TWh", 0.011, "ipcc-ar5-wg3-a3", V, 0.0, "ipcc-ar5-wg3-a3", V),
    "solar": ("solar_TWh", 0.048, "ipcc-ar5-wg3-a3", V, 0.0, "ipcc-ar5-wg3-a3", V),
    "bioenergy": ("biofuel_TWh", 0.230, "ipcc-ar5-wg3-a3", V, 0.0, "ipcc-ar5-wg3-a3", V),
    "other renewable": ("other_renewable_exc_biofuel_TWh", 0.038, "ipcc-ar5-wg3-a3", V, 0.0, "ipcc-ar5-wg3-a3", V),
}  # fmt: skip
"""Technology -> (column of the generation mix, life-cycle kg CO2e/kWh, its source, status, direct, source, status).

Life-cycle: medians (oil: the median of the earlier SRREN, because AR5 gives none). Direct: for coal and gas the
midpoint of the AR5 median for new plant (0.760, 0.370; recalled) and the fleet of the United States in 2022
(2.30 and 0.97 lb/kWh: 1.043 and 0.440); for oil 77.4 kg CO2/GJ at an efficiency of 38 %; biogenic CO2 is booked
apart, so bioenergy has none here.
"""

DIRECT_CO2: tuple[tuple[str, int, float, str, str, str], ...] = (
    ("CHN", 2015, 0.6101, "mee-letters", P, "national grid factor on the basis of 2015; recalled"),
    ("CHN", 2021, 0.5568, "mee-2021", V, "the letters to companies gave 0.5810 and 0.5703 (for 2022)"),
    ("CHN", 2022, 0.5366, "mee-2022", V, "0.5856 without market-traded non-fossil electricity"),
    ("CHN", 2023, 0.5306, "mee-2023", V, ""),
    ("IND", 2007, 0.79, "cea-v5", V, "fiscal year April 2007 to March 2008"),
    ("IND", 2008, 0.82, "cea-v5", V, "fiscal year April 2008 to March 2009"),
    ("IND", 2020, 0.7026, "cea-v21", V, "fiscal year April 2020 to March 2021"),
    ("IND", 2021, 0.7152, "cea-v21", V, "fiscal year April 2021 to March 2022"),
    ("IND", 2022, 0.7191, "cea-v21", V, "fiscal year April 2022 to March 2023"),
    ("IND", 2023, 0.7290, "cea-v21", V, "fiscal year April 2023 to March 2024; version 20 gave 0.727"),
    ("IND", 2024, 0.7117, "cea-v21", V, "fiscal year April 2024 to March 2025"),
    ("USA", 2018, round(947 * LB_PER_MWH, 4), "egrid-2018", V, "947 lb/MWh"),
    ("USA", 2022, round(860 * LB_PER_MWH, 3), "eia-2022", V, "0.86 lb/kWh, utility-scale plants"),
    ("DEU", 2017, 0.485, "uba-2020", V, "per kWh consumed"),
    ("DEU", 2018, 0.468, "uba-2020", V, "per kWh consumed; preliminary"),
    ("DEU", 2019, 0.401, "uba-2020", V, "per kWh consumed; estimate of 2020"),
    ("DEU", 2023, 0.380, "uba-2024", V, "per kWh consumed; estimate of 2024"),
    ("DEU", 2024, 0.363, "uba-2025", V, "per kWh consumed; estimate of 2025"),
    ("BRA", 2011, 0.0292, "mcti-2023", V, "interconnected system"),
    ("BRA", 2023, 0.0385, "mcti-2023", V, "interconnected system"),
    *(("SGP", 2005 + i, v, "ema-series", V, "average operating margin: all grid-connected units")
      for i, v in enumerate((0.5255, 0.5300, 0.5046, 0.4965, 0.4973, 0.5083, 0.5085, 0.4778, 0.4388, 0.4277))),
    ("SGP", 2017, 0.4192, "ema-2018", V, "average operating margin"),
    ("SGP", 2021, 0.4057, "ema-2021", V, ""),
)  # fmt: skip
"""(country, year, kg CO2/kWh, source, status, note): average factors that count CO2 only."""

_SET = "factor set of that year, for reports on that year; rests on generation two years before"
DIRECT: tuple[tuple[str, int, float, str, str, str], ...] = (
    *(("GBR", y, v, "desnz", s, _SET) for y, v, s in (
        (2016, 0.41205, V), (2017, 0.35156, V), (2018, 0.28307, V), (2019, 0.25560, V), (2020, 0.23314, V),
        (2021, 0.21233, P), (2022, 0.19338, P), (2023, 0.20707, P), (2024, 0.20705, V), (2025, 0.17700, P))),
    ("ZAF", 2021, 1.013, "dffe-2021", V, "domestic generation"),
    ("ZAF", 2022, 0.960, "dffe-2023", V, "domestic generation; with imports 0.931"),
    ("ZAF", 2023, 0.942, "dffe-2023", V, "domestic generation; with imports 0.906"),
    ("AUS", 2023, 0.63, "nga-2024", V, "national average, scope 2; fiscal year 2022-23 assumed"),
)  # fmt: skip
"""(country, year, kg CO2e/kWh, source, status, note): published average direct factors in CO2e."""

LOSSES: tuple[tuple[str, str, float, str, str, str], ...] = (
    ("WORLD", "", 0.086, "wec-2014", V, "2014"),
    ("EU", "2014", 0.067, "wec-2014", V, "28 members"),
    *((c, "2014", v, "wec-2014", V, "") for c, v in (
        ("ROU", 0.134), ("BGR", 0.12), ("HRV", 0.112), ("FIN", 0.03), ("ISL", 0.021), ("LUX", 0.019))),
    ("DEU", "2014", 0.0357, "wec-2014", V, "converted: published as 3.7 % of consumption, so 0.037 / 1.037"),
    ("USA", "2014", 0.05, "eia-faq", V, ""),
    ("USA", "2015", 0.047, "eia-faq", V, ""),
    ("USA", "2020", 0.05, "eia-faq", V, "mean of 2018 to 2022"),
    *(("IND", y, v, "cea-td", V, "fiscal year from April") for y, v in (
        ("2016", 0.2142), ("2017", 0.2104), ("2018", 0.2066))),
    ("KEN", "2022", 0.2244, "kplc", V, "fiscal year to June; of electricity bought"),
    ("KEN", "2023", 0.2300, "kplc", V, "fiscal year to June; of electricity bought"),
    ("KEN", "2024", 0.2316, "kplc", V, "fiscal year to June; of electricity bought"),
    ("KEN", "2025", 0.212, "kplc", V, "fiscal year to June; of electricity bought"),
)  # fmt: skip
"""(place, year, share of the electricity fed into the grid, source, status, note)."""

LOSSES_GENERATED: tuple[tuple[str, str, float, str, str, str], ...] = (
    ("KEN", "2021", 0.233, "knbs-2022", V, "of domestic generation"),
    *(("NGA", str(2023 - i), v, "wdi-losses", V, "") for i, v in enumerate(
        (0.142, 0.141, 0.139, 0.139, 0.140, 0.138, 0.139, 0.144, 0.150, 0.150, 0.150, 0.150))),
    *((c, "2023", v, "wdi-losses", P, "year not given in the transcription, taken as 2023") for c, v in (
        ("ZAF", 0.102), ("EGY", 0.199), ("GHA", 0.112), ("ETH", 0.207), ("TZA", 0.168))),
    *((c, "2014", v, "wdi-recalled", P, "recalled, two digits") for c, v in (
        ("BRA", 0.16), ("RUS", 0.10), ("GBR", 0.083), ("FRA", 0.064), ("CHN", 0.055), ("KOR", 0.034))),
)  # fmt: skip
"""(place, year, share of the electricity that the country generates, source, status, note)."""

CC, OGL, PUBLIC, FACT = "CC-BY-4.0", "OGL-UK-3.0", "US public domain", "facts, cite the source"
SOURCES: tuple[tuple[str, str, str, str, str, str, str, str], ...] = (
    # id, author, title, publisher, published, table or page, licence, seen
    ("ember-owid-2025", "Ember; Energy Institute; processed by Our World in Data",
     "Carbon intensity of electricity generation", "Our World in Data", "2025",
     "efootprint 27.0.0, carbon-intensity-electricity.csv", CC, "2026-11-22: the file in the package"),
    ("ember-2026", "Ember", "Yearly electricity data", "Ember", "2026-10-19", "leadgreen-mcp 0.3.1, grid.json", CC,
     "2026-11-22: the file in the package"),
    ("ember-means", "Ember; means by this project", "Means over the members of M49 groups", "this project", "2026",
     "unweighted mean of the members with a value in that year", CC, "computed"),
    ("owid-mix", "Our World in Data; Ember; Energy Institute", "Electricity generation by source",
     "Our World in Data", "2024", "codecarbon 3.3.2, global_energy_mix.json", CC,
     "2026-11-22: the file in the package (MIT)"),
    ("ipcc-ar5-wg3-a3", "Schlömer et al.", "Climate Change 2014, Working Group III, Annex III", "IPCC", "2014",
     "Table A.III.2", FACT, "2026-11-22: life-cycle medians in a public transcription; direct medians recalled"),
    ("ipcc-srren-a2", "Moomaw et al.", "Special Report on Renewable Energy Sources, Annex II", "IPCC", "2011",
     "Table A.II.4", FACT, "2026-11-22: medians in a public transcription (coal 1001, gas 469, oil 840 g/kWh)"),
    ("ipcc-2006-v2", "IPCC", "2006 Guidelines for National Greenhouse Gas Inventories, Volume 2", "IPCC", "2006",
     "Table 2.2", FACT, "recalled"),
    ("eia-2022", "U.S. Energy Information Administration", "U.S. electricity net generation and resulting CO2"
     " emissions by fuel in 2022", "EIA", "2023", "State Electricity Profiles, tables 5 and 7",
     PUBLIC, "2026-11-22: a transcription that names the original"),
    ("egrid-2018", "U.S. Environmental Protection Agency", "eGRID2018", "EPA", "2020-01-28", "national total",
     PUBLIC, "2026-11-22: an article on the release"),
    ("mee-letters", "Ministry of Ecology and Environment", "Letters on corporate greenhouse gas reports",
     "MEE, China", "2022-2023", "national grid average factor", FACT, "recalled; quoted in public code"),
    ("mee-2021", "Ministry of Ecology and Environment; National Bureau of Statistics",
     "Carbon dioxide emission factors of electricity in 2021", "MEE, China", "2024-04-12", "table 1", FACT,
     "2026-11-22: a news report of 2024-12-27 that gives the value"),
    ("mee-2022", "Ministry of Ecology and Environment; National Bureau of Statistics",
     "Carbon dioxide emission factors of electricity in 2022", "MEE, China", "2024-12-20", "table 1", FACT,
     "2026-11-22: a news report of 2024-12-27 that gives the value"),
    ("mee-2023", "Ministry of Ecology and Environment; National Bureau of Statistics",
     "Carbon dioxide emission factors of electricity in 2023", "MEE, China", "2025", "table 1", FACT,
     "2026-11-22: report of Guangming Daily that gives the value"),
    ("cea-v5", "Central Electricity Authority", "CO2 Baseline Database for the Indian Power Sector, version 5.0",
     "CEA, India", "2009-11", "average emission rate", FACT, "2026-11-22: abstract in a public catalogue"),
    ("cea-v21", "Central Electricity Authority", "CO2 Baseline Database for the Indian Power Sector, version 21.0",
     "CEA, India", "2025-11", "weighted average incl. renewables and captive, without imports", FACT,
     "2026-11-22: a transcription that names the original"),
    ("uba-2020", "Icha; Umweltbundesamt", "Entwicklung der spezifischen Kohlendioxid-Emissionen des deutschen"
     " Strommix 1990-2019", "UBA, Germany", "2020-04", "emission factor of the mix", FACT,
     "2026-11-22: press reports that name the original"),
    ("uba-2024", "Icha, Lauf; Umweltbundesamt", "Entwicklung der spezifischen Treibhausgas-Emissionen des deutschen"
     " Strommix 1990-2023", "UBA, Germany", "2024", "direct CO2", FACT, "2026-11-22: a transcription"),
    ("uba-2025", "Umweltbundesamt", "Entwicklung der spezifischen Treibhausgas-Emissionen des deutschen Strommix"
     " 1990-2024", "UBA, Germany", "2025", "direct CO2", FACT, "2026-11-22: a transcription"),
    ("mcti-2023", "Ministério da Ciência, Tecnologia e Inovação", "Fator médio de emissão do SIN", "MCTI, Brazil",
     "2024", "annual mean", FACT, "2026-11-22: press release in a news page"),
    ("ema-series", "Energy Market Authority", "Electricity Grid Emission Factors", "EMA, Singapore", "2022",
     "average operating margin", "Singapore Open Data Licence 1.0", "2026-11-22: the table on data.gov.sg"),
    ("ema-2018", "Energy Market Authority", "Singapore Energy Statistics 2018", "EMA, Singapore", "2018",
     "grid emission factor", FACT, "2026-11-22: the page of EMA"),
    ("ema-2021", "Energy Market Authority", "Grid emission factor 2021", "EMA, Singapore", "2022", "", FACT,
     "2026-11-22: a page that names the original"),
    ("desnz", "Department for Energy Security and Net Zero and its forerunners",
     "Greenhouse gas reporting: conversion factors", "UK Government", "2016-2025", "UK electricity, generation",
     OGL, "2026-11-22: transcription of 2016-2020 and 2024; 2021-2023 and 2025 recalled"),
    ("dffe-2021", "Department of Forestry, Fisheries and the Environment", "Grid emission factors report 2021",
     "DFFE, South Africa", "2024", "domestic generation", FACT, "2026-11-22: news reports"),
    ("dffe-2023", "Department of Forestry, Fisheries and the Environment", "Grid emission factors report 2023",
     "DFFE, South Africa", "2025-07-25", "domestic generation", FACT, "2026-11-22: legal commentary of 2025-09-11"),
    ("nga-2024", "Department of Climate Change, Energy, the Environment and Water",
     "National Greenhouse Accounts Factors 2024", "Australian Government", "2024", "national average", CC,
     "2026-11-22: a transcription that names the original"),
    ("wec-2014", "World Energy Council", "Electricity losses 2014", "WEC", "2016", "", FACT,
     "2026-11-22: a news report of 2016-02-04"),
    ("eia-faq", "U.S. Energy Information Administration", "How much electricity is lost in transmission and"
     " distribution?", "EIA", "2016-2023", "", PUBLIC, "2026-11-22: the page, four editions"),
    ("cea-td", "Central Electricity Authority", "Transmission and distribution losses", "CEA, India", "2020-10", "",
     FACT, "2026-11-22: Economic Survey 2020-21 in a news report"),
    ("knbs-2022", "Kenya National Bureau of Statistics", "Economic Survey 2022", "KNBS", "2022-05", "", FACT,
     "2026-11-22: a news report"),
    ("kplc", "Kenya Power", "Annual reports", "Kenya Power", "2022-2025", "system losses", FACT,
     "2026-11-22: news reports"),
    ("wdi-losses", "World Bank", "Electric power transmission and distribution losses (% of output)", "World Bank",
     "2026", "EG.ELC.LOSS.ZS", CC, "2026-11-22: a page that republishes the series"),
    ("wdi-recalled", "World Bank", "Electric power transmission and distribution losses (% of output)",
     "World Bank", "2018", "EG.ELC.LOSS.ZS", CC, "recalled"),
    ("national-over-ember", "this project", "Published national direct factors over the Ember life-cycle series",
     "this project", "2026", "the published figures of grid_direct and grid_direct_co2, ember-owid-2025", FACT,
     "computed"),
    ("ar5-eia-midpoint", "this project", "Midpoint of AR5 new plant and the fleet of the United States in 2022",
     "this project", "2026", "sources ipcc-ar5-wg3-a3 and eia-2022", FACT, "computed"),
    *((f"spread {level}", "this project", f"Leave-one-out spread of grid factors, {level}", "this project", "2026",
       "tools/proxy_spread.py", CC, "computed from the tables of this catalogue")
      for level in (*(f"lag {lag}" for lag in range(1, 11)), "group", "world")),
)  # fmt: skip

_CEA, _DFFE, _KEN = "https://cea.nic.in/", "https://www.dffe.gov.za/", "https://www.knbs.or.ke/"
_EMBER, _EMA = "https://ember-energy.org/data/yearly-electricity-data/", "https://www.ema.gov.sg/"
_MEE, _UBA = "https://www.mee.gov.cn/", "https://www.umweltbundesamt.de/"
_WDI = "https://data.worldbank.org/indicator/EG.ELC.LOSS.ZS"
URLS = {
    "ember-owid-2025": "https://ourworldindata.org/grapher/carbon-intensity-electricity", "ember-2026": _EMBER,
    "ember-means": _EMBER, "owid-mix": "https://ourworldindata.org/electricity-mix",
    "ipcc-ar5-wg3-a3": "https://www.ipcc.ch/report/ar5/wg3/",
    "ipcc-srren-a2": "https://www.ipcc.ch/report/renewable-energy-sources-and-climate-change-mitigation/",
    "ipcc-2006-v2": "https://www.ipcc-nggip.iges.or.jp/public/2006gl/vol2.html",
    "eia-2022": "https://www.eia.gov/electricity/state/", "egrid-2018": "https://www.epa.gov/egrid",
    "mee-letters": _MEE, "mee-2021": _MEE, "mee-2022": _MEE, "mee-2023": _MEE, "cea-v5": _CEA, "cea-v21": _CEA,
    "uba-2020": _UBA, "uba-2024": _UBA, "uba-2025": _UBA, "mcti-2023": "https://www.gov.br/mcti/",
    "ema-series": "https://data.gov.sg/datasets/d_3de362b580b2dd2fd50cc1006d4edd4f/view", "ema-2018": _EMA,
    "ema-2021": _EMA,
    "desnz": "https://www.gov.uk/government/collections/government-conversion-factors-for-company-reporting",
    "dffe-2021": _DFFE, "dffe-2023": _DFFE,
    "nga-2024": "https://www.dcceew.gov.au/climate-change/publications/national-greenhouse-accounts-factors",
    "wec-2014": "https://www.worldenergy.org/", "eia-faq": "https://www.eia.gov/tools/faqs/faq.php?id=105&t=3",
    "cea-td": _CEA, "knbs-2022": _KEN, "kplc": "https://www.kplc.co.ke/", "wdi-losses": _WDI, "wdi-recalled": _WDI,
}  # fmt: skip
"""Where a source, or its publisher, is found; what was read is in ``seen``."""
