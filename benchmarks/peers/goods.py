import netprint

GRID = {"country": "DEU", "year": 2023}
rows = [
    # archetypes of the catalogue
    {"activity": "ict_goods", "item": "rack server", "quantity": 1, "unit": "unit"},
    {"activity": "ict_goods", "item": "laptop", "quantity": 1, "unit": "unit"},
    {"activity": "ict_goods", "item": "smartphone", "quantity": 1, "unit": "unit"},
    # two servers by their bill of materials
    {"activity": "ict_goods_modelled", "item": "server, two drives", "quantity": 1, "unit": "unit"},
    {"activity": "ict_goods_modelled", "item": "server, default platform", "quantity": 1, "unit": "unit"},
    # a year of a cloud instance of 4 virtual processors and 16 GB, and its share of a server with 96
    {"activity": "vcpu_time", "item": "AWS", "data_centre": "AWS", "quantity": 4 * 8760, "unit": "h"},
    {"activity": "memory_reserved", "data_centre": "AWS", "quantity": 16 * 8760, "unit": "GB h"},
    {"activity": "hardware_reserved", "item": "rack server", "quantity": 8760, "unit": "h"},
]
bills = {  # pieces, die area in cm2, memory and solid state drives in GB, power supplies in kg
    "server, two drives": {
        "bom": {"CPU base": 2, "RAM base": 8, "SSD base": 2, "HDD": 2, "motherboard": 1, "rack casing": 1},
        "bom_die": {"CPU": 2 * 24 * 0.245},
        "bom_memory": {"RAM, 10 nm class": 4 * 32 + 4 * 16, "SSD": 2 * 400},
        "bom_mass": {"power supply": 2 * 10},
    },
    "server, default platform": {
        "bom": {"CPU base": 2, "RAM base": 8, "SSD base": 1, "motherboard": 1, "rack casing": 1},
        "bom_die": {"CPU": 2 * 5.23},
        "bom_memory": {"RAM": 8 * 32, "SSD": 1000},
        "bom_mass": {"power supply": 2 * 2.99},
    },
}
units = {"bom": "1", "bom_die": "cm2", "bom_memory": "GB", "bom_mass": "kg"}
factors = [
    {
        "factor": bill,
        "item": server,
        "component": part,
        "value": amount,
        "unit": units[bill],
        "source": "data sheet",
    }
    for server, parts in bills.items()
    for bill, amounts in parts.items()
    for part, amount in amounts.items()
]
for server in bills:  # assembled, used and replaced like the archetype
    for factor, value, unit in (
        ("assembly_embodied", "=component_embodied_unit['assembly']", "kg CO2e/unit"),
        ("device_use_energy", "=device_use_energy['rack server']", "kWh/year"),
        ("device_lifetime", "=device_lifetime['rack server']", "year"),
    ):
        factors.append(
            {"factor": factor, "item": server, "value": value, "unit": unit, "source": "the archetype"}
        )
factors.append(
    {"factor": "resource_share", "item": "rack server", "value": 4 / 96, "unit": "1", "source": "AWS m5"}
)
factors.append(
    {"factor": "component_embodied_die", "item": "RAM, 10 nm class", "value": "=component_embodied_die['RAM']",
     "unit": "kg CO2e/cm2", "source": "the same die"}
)  # fmt: skip

result = netprint.assess(
    {
        "title": "Server, laptop, phone and cloud instance",
        "method": ["itu-t-l1410", "ghgp-ict-cloud", "iso-iec-21031"],
        "period": "2023",
        "entity": "reader",
        "country": "DEU",
        "by": ["activity", "item", "category", "stage"],
        "activities": [GRID | row for row in rows],
        "factors": factors,
        "draws": 1000,
    }
)
