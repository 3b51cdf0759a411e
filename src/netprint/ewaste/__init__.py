"""E-waste by the harmonised method: placed on the market, generated, stock, what becomes of it, and circularity."""

from __future__ import annotations

from netprint.ewaste.account import Account, account, tidy
from netprint.ewaste.circularity import Indicator, Score, circularity_score
from netprint.ewaste.cleaning import Series, back_cast, carry_forward, clean, series
from netprint.ewaste.cohorts import Lifetimes, discarded, embodied, lifetimes, profile, scale_of_mean, stated
from netprint.ewaste.flows import (
    Management,
    Target,
    against,
    avoided_emissions,
    change,
    materials,
    rate_on_placed,
    value,
)
from netprint.ewaste.keys import Key, groups, harmonised_system, load_keys
from netprint.ewaste.prepared import Prepared, as_array, prepare
from netprint.ewaste.renewal import Life, Renewal, reference, scenario
from netprint.ewaste.trade import Placed, apparent_consumption, average_weights, read_codes

__all__ = [
    "Account",
    "Indicator",
    "Key",
    "Life",
    "Lifetimes",
    "Management",
    "Placed",
    "Prepared",
    "Renewal",
    "Score",
    "Series",
    "Target",
    "account",
    "against",
    "apparent_consumption",
    "as_array",
    "average_weights",
    "avoided_emissions",
    "back_cast",
    "carry_forward",
    "change",
    "circularity_score",
    "clean",
    "discarded",
    "embodied",
    "groups",
    "harmonised_system",
    "lifetimes",
    "load_keys",
    "materials",
    "prepare",
    "profile",
    "rate_on_placed",
    "read_codes",
    "reference",
    "scale_of_mean",
    "scenario",
    "series",
    "stated",
    "tidy",
    "value",
]
