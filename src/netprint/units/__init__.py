"""Units as vectors of dimensions.

A :class:`Unit` is a scale and the powers of base dimensions. The coherent system is chosen for ICT work: mass kg,
length m, time h, energy kWh (a base dimension of its own, so that W is kWh/h), data bit, temperature K, and one
dimension for each currency and price year (``USD2022``; plain ``USD`` is yet another). Some words that are no
units in the SI are dimensions here, so that what must not be mixed does not balance:

* ``CO2e``: ``kg CO2e`` is not ``kg``; only a global warming potential leads from one to the other;
* ``net`` and ``gross``: the calorific value on which the energy of a fuel is stated (``kWh_net``, ``MJ_gross``);
* ``Sb``: antimony equivalents of abiotic depletion.

Other gas words (``kg CO2``, ``t CH4``) and counting words (``subscriber``, ``server``) are annotations without
dimension. A year is 8760 h, a common year; a month has no fixed length and is refused.

>>> from netprint.units import parse, ratio
>>> str(parse("MWh") * parse("kg CO2e/kWh"))
'1000 kg CO2e'
>>> ratio(parse("tCO2e/MWh"), parse("g CO2e/kWh"))
1000.0
"""

from __future__ import annotations

from netprint.units.algebra import DIMENSIONLESS, Dims, Power, Unit, UnitError, ratio, same_dimension
from netprint.units.parser import parse

__all__ = ["DIMENSIONLESS", "Dims", "Power", "Unit", "UnitError", "parse", "ratio", "same_dimension"]
