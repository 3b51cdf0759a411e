"""Facts about places that no registry package holds; recalled, so every row made of them is provisional.

Dates are ISO; ``to`` is the first day on which the country is no longer a member.
"""

from __future__ import annotations

LISTED = "2026-01-01"
"""The date at which the LDC list of undata 0.4.3 (44 members) is compared with ``LDC`` below."""

OUTSIDE_M49 = (
    {"iso3": "TWN", "m49": "158", "region_code": "142", "sub_region_code": "030", "intermediate_region_code": "",
     "note": "Not in M49; placed in Eastern Asia here because energy statistics list it apart."},
    {"iso3": "XKX", "m49": "", "region_code": "150", "sub_region_code": "039", "intermediate_region_code": "",
     "note": "Not in ISO 3166 or M49; statistical code. To be understood in the context of Security Council"
             " resolution 1244 (1999)."},
)  # fmt: skip
ALPHA2 = {"XKX": "XK"}

NAMES: dict[str, dict[str, str]] = {
    "TWN": {"en": "Taiwan (Province of China)", "fr": "Taïwan (Province de Chine)",
            "es": "Taiwán (Provincia de China)", "ru": "Тайвань (провинция Китая)", "zh": "中国台湾省",
            "ar": "تايوان (مقاطعة صينية)"},
    "WORLD": {"en": "World", "fr": "Monde", "es": "Mundo", "ru": "Весь мир", "zh": "世界", "ar": "العالم"},
    "M49-053": {"fr": "Australie et Nouvelle-Zélande", "es": "Australia y Nueva Zelandia",
                "ru": "Австралия и Новая Зеландия", "zh": "澳大利亚和新西兰", "ar": "أستراليا ونيوزيلندا"},
    "M49-018": {"ru": "Юг Африки"},
    "M49-202": {"ru": "Африка к югу от Сахары"},
    "M49-419": {"fr": "Amérique latine et Caraïbes", "es": "América Latina y el Caribe",
                "ru": "Латинская Америка и Карибский бассейн", "zh": "拉丁美洲和加勒比",
                "ar": "أمريكا اللاتينية ومنطقة البحر الكاريبي"},
    "LDC": {"en": "Least developed countries", "fr": "Pays les moins avancés", "es": "Países menos adelantados",
            "ru": "Наименее развитые страны", "zh": "最不发达国家", "ar": "أقل البلدان نموا"},
    "LLDC": {"en": "Landlocked developing countries", "fr": "Pays en développement sans littoral",
             "es": "Países en desarrollo sin litoral",
             "ru": "Развивающиеся страны, не имеющие выхода к морю", "zh": "内陆发展中国家",
             "ar": "البلدان النامية غير الساحلية"},
    "SIDS": {"en": "Small island developing States", "fr": "Petits États insulaires en développement",
             "es": "Pequeños Estados insulares en desarrollo",
             "ru": "Малые островные развивающиеся государства", "zh": "小岛屿发展中国家",
             "ar": "الدول الجزرية الصغيرة النامية"},
    "EU": {"en": "European Union", "fr": "Union européenne", "es": "Unión Europea", "ru": "Европейский союз",
           "zh": "欧洲联盟", "ar": "الاتحاد الأوروبي"},
    "EU27": {"en": "European Union (27 members)", "fr": "Union européenne (27 membres)",
             "es": "Unión Europea (27 miembros)", "ru": "Европейский союз (27 членов)",
             "zh": "欧洲联盟(27国)", "ar": "الاتحاد الأوروبي (27 عضوا)"},
    "WB-LIC": {"en": "Low-income economies", "fr": "Économies à faible revenu",
               "es": "Economías de ingreso bajo", "ru": "Страны с низким уровнем дохода", "zh": "低收入经济体",
               "ar": "الاقتصادات المنخفضة الدخل"},
    "WB-LMC": {"en": "Lower-middle-income economies",
               "fr": "Économies à revenu intermédiaire, tranche inférieure",
               "es": "Economías de ingreso mediano bajo", "ru": "Страны с уровнем дохода ниже среднего",
               "zh": "中低收入经济体", "ar": "اقتصادات الشريحة الدنيا من الدخل المتوسط"},
    "WB-UMC": {"en": "Upper-middle-income economies",
               "fr": "Économies à revenu intermédiaire, tranche supérieure",
               "es": "Economías de ingreso mediano alto", "ru": "Страны с уровнем дохода выше среднего",
               "zh": "中高收入经济体", "ar": "اقتصادات الشريحة العليا من الدخل المتوسط"},
    "WB-HIC": {"en": "High-income economies", "fr": "Économies à revenu élevé",
               "es": "Economías de ingreso alto", "ru": "Страны с высоким уровнем дохода", "zh": "高收入经济体",
               "ar": "الاقتصادات المرتفعة الدخل"},
}  # fmt: skip

_INCOME = "World Bank income group; fiscal year 2024 at every earlier date too, then recalled changes"
DATED = {
    "LDC": "United Nations list of least developed countries, with the years of inclusion and graduation",
    "LLDC": "United Nations list of landlocked developing countries",
    "SIDS": "United Nations list of small island developing States, as carried by M49",
    "EU": "members of the European Union (and its forerunners) at the date asked for",
    "EU27": "the 27 members since 2020-02-01, at every date",
    "WB-LIC": _INCOME,
    "WB-LMC": _INCOME,
    "WB-UMC": _INCOME,
    "WB-HIC": _INCOME,
}

_JOINED = {
    1971: "AFG BEN BFA BDI BTN BWA ETH GIN HTI LAO LSO MDV MLI MWI NER NPL RWA SDN SOM TCD TZA UGA WSM YEM",
    1975: "BGD CAF GMB", 1977: "COM CPV", 1981: "GNB", 1982: "DJI GNQ STP SLE TGO", 1985: "VUT",
    1986: "KIR MRT TUV", 1987: "MMR", 1988: "MOZ", 1990: "LBR", 1991: "COD KHM MDG SLB ZMB", 1994: "AGO ERI",
    2000: "SEN", 2003: "TLS", 2012: "SSD",
}  # fmt: skip
_LEFT = {
    "BWA": "1994-12-19", "CPV": "2007-12-20", "MDV": "2011-01-01", "WSM": "2014-01-01", "GNQ": "2017-06-04",
    "VUT": "2020-12-04", "BTN": "2023-12-13", "STP": "2024-12-13", "BGD": "2026-11-24", "LAO": "2026-11-24",
    "NPL": "2026-11-24", "SLB": "2027-12-13", "KHM": "2029-12-19", "SEN": "2029-12-19",
}  # fmt: skip


def _ldc() -> dict[str, tuple[str, str, str]]:
    out = {}
    for year, codes in _JOINED.items():
        for code in codes.split():
            end = _LEFT.get(code, "")
            planned = "graduation as scheduled, check before use; " if end > LISTED else ""
            note = f"{planned}day of inclusion not known, 1 January used"
            out[code] = (f"{year}-01-01", end, note)
    return dict(sorted(out.items()))


LDC = _ldc()
"""Country -> (from, to, note); 1971 to 2012 inclusions, graduations held or scheduled."""

_ACCESSION = {
    "1958-01-01": "BEL DEU FRA ITA LUX NLD", "1973-01-01": "DNK GBR IRL", "1981-01-01": "GRC",
    "1986-01-01": "ESP PRT", "1995-01-01": "AUT FIN SWE",
    "2004-05-01": "CYP CZE EST HUN LTU LVA MLT POL SVK SVN", "2007-01-01": "BGR ROU", "2013-07-01": "HRV",
}  # fmt: skip
EU = {
    code: (start, "2020-02-01" if code == "GBR" else "")
    for start, codes in _ACCESSION.items()
    for code in codes.split()
}

_FY2025, _FY2026 = "2024-07-01", "2025-07-01"
INCOME_CHANGES: dict[str, tuple[tuple[str, str], ...]] = {
    **dict.fromkeys(("BGR", "PLW", "RUS"), (("WB-HIC", _FY2025),)),
    **dict.fromkeys(("DZA", "IRN", "MNG", "UKR"), (("WB-UMC", _FY2025),)),
    "PSE": (("WB-LMC", _FY2025),),
    "CRI": (("WB-HIC", _FY2026),),
    **dict.fromkeys(("CPV", "WSM"), (("WB-UMC", _FY2026),)),
    "NAM": (("WB-LMC", _FY2026),),
    "ETH": (("", _FY2026),),
}
"""Country -> (group, from) in order, after the fiscal year 2024 that the package holds; "" = unclassified."""
