"""Awareness, interest and acquisition."""

from __future__ import annotations

import numpy as np

from headway.demo.parcel.billing import NEW, TRIAL
from headway.demo.parcel.generate import Parcel
from headway.demo.parcel.sales import Deals
from headway.demo.parcel.truth import Floats
from headway.demo.parcel.truths.reads import (
    Reads,
    conversion,
    count,
    days,
    distinct,
    level,
    mean,
    quotient,
    total,
)
from headway.demo.parcel.world import World

DAY = 86_400.0


def reach(parcel: Parcel) -> dict[str, Reads]:
    return _awareness(parcel) | _interest(parcel) | _acquisition(parcel)


def _awareness(parcel: Parcel) -> dict[str, Reads]:
    world, market, visits = parcel.world, parcel.notes.market, parcel.notes.visits
    asked = market.answers
    unaided = ~asked.aided
    return {
        "impressions": total(market.impressions),
        "website_visits": count(world, visits.at),
        "visitors": distinct(days(visits.at), visits.visitor),
        "search_volume": total(market.searches),
        "aided_awareness": mean(world, asked.at[asked.aided], asked.recalled[asked.aided]),
        "unaided_awareness": mean(world, asked.at[unaided], asked.recalled[unaided]),
        "brand_awareness": mean(world, asked.at, asked.recalled),
        "social_engagements": total(market.engagements),
        "leads_generated": total(market.leads),
        "product_mentions": total(market.mentions),
    }


def _interest(parcel: Parcel) -> dict[str, Reads]:
    world, sales = parcel.world, parcel.notes.sales
    concepts, betas = sales.concepts, sales.betas
    ended, won = count(world, concepts.ended), count(world, concepts.ended, concepts.ok)
    open_deals, value = _pipeline(world, sales.deals)
    return {
        "downloads": count(world, parcel.shops.path.downloaded),
        "enquiries": total(parcel.notes.market.enquiries),
        "demos": total(sales.demos),
        "proofs_of_concept": ended,
        "pocs_won": won,
        "poc_success_rate": quotient(won, ended),
        "beta_customers": count(world, betas.began),
        "beta_success_rate": mean(world, betas.ended, betas.ok),
        "deals_in_pipeline": level(open_deals),
        "pipeline_value": level(value),
    }


def _pipeline(world: World, deals: Deals) -> tuple[Floats, Floats]:
    """Open deals and what they are worth, at the end of each day."""
    created, closed = deals.stages[0], np.minimum(deals.won, deals.lost)
    open_, value = np.zeros(world.days + 1), np.zeros(world.days + 1)
    for at, sign in ((created, 1), (closed, -1)):
        there = at < world.days
        np.add.at(open_, days(at[there]), sign)
        np.add.at(value, days(at[there]), sign * deals.amount[there])
    return np.cumsum(open_)[:-1], np.cumsum(value)[:-1]


def _acquisition(parcel: Parcel) -> dict[str, Reads]:
    world, bills, market = parcel.world, parcel.billing, parcel.notes.market
    changes = bills.changes
    first = np.full(len(parcel.shops), np.inf)
    first[changes.shop[changes.kind == NEW]] = changes.at[changes.kind == NEW]
    tried = np.full(len(parcel.shops), np.inf)
    trial = changes.kind == TRIAL
    tried[changes.shop[trial]] = changes.at[trial]
    spend, won = total(market.spend), count(world, first)
    return {
        "customers": level(bills.customers),
        "new_customers": won,
        "marketing_spend": spend,
        "acquisition_cost": quotient(spend, won),
        "cost_per_sign_up": quotient(spend, count(world, parcel.shops.completed)),
        "cost_per_lead": quotient(spend, total(market.leads)),
        "trial_to_paid": conversion(world, tried, first, 21 * DAY),
        "new_partnerships": total(parcel.notes.sales.partners),
    }
