"""Which of Parcel's events each KPI of the catalogue is computed from.

Names of events, by the catalogue's KPI. A KPI that is arithmetic over others lists what those need.
"""

from __future__ import annotations

REGISTER = {
    "Successful install rate": ("install_attempted", "install_succeeded"),
    "Registration completion rate": ("signup_started", "signup_completed"),
    "Registration drop-off rate": ("signup_started", "signup_step_completed", "signup_completed"),
    "Time to register": ("signup_started", "signup_completed"),
    "Steps needed to register": ("signup_started", "signup_step_completed", "signup_completed"),
    "Registration support cases": ("ticket_opened", "signup_completed"),
}
CONFIGURE = {
    "Time to configure": ("configuration_started", "configuration_completed"),
    "Steps needed to configure": (
        "configuration_started",
        "configuration_step_completed",
        "configuration_completed",
    ),
    "Configuration support cases": ("ticket_opened",),
    "Configured / downloaded customers": ("download", "configuration_completed"),
    "Successful configuration rate": ("configuration_completed", "configuration_failed"),
    "Configuration drop-off rate": ("configuration_started", "configuration_step_completed"),
    "Onboarding completion rate": ("onboarding_started", "onboarding_completed"),
    "Onboarding time": ("onboarding_started", "onboarding_completed"),
    "Time to value": ("signup_started", "parcel_sent"),
}
OPERATE = {
    "Availability by time and by requests": ("uptime_check", "api_request"),
    "Nines": ("uptime_check",),
    "Error budget": ("uptime_check",),
    "Error rate": ("api_request",),
    "Tickets per 1,000 users of a feature": ("ticket_opened", "feature_used"),
    "Latency": ("api_request", "uptime_check"),
    "Throughput": ("api_request",),
    "Time to do a task": ("task_started", "task_completed"),
    "Recovery point and recovery time": ("recovery_drilled",),
    "Transactions per second": ("api_request",),
    "Capacity in use and headroom": ("storage_measured",),
    "Task completion rate": ("task_started", "task_completed"),
    "Errors per task": ("task_error", "task_started"),
    "Time on task": ("task_started", "task_completed"),
    "Clicks per task": ("task_started", "click", "task_completed"),
    "Task-level rating": ("task_rated",),
    "Time to resolution": ("ticket_opened", "ticket_resolved"),
    "Version adoption": ("login",),
    "Time to upgrade, steps to upgrade": (
        "update_started",
        "update_step_completed",
        "update_completed",
    ),
    "Successful update rate": ("update_completed", "update_failed"),
    "Tickets opened, backlog, reopened": ("ticket_opened", "ticket_resolved", "ticket_reopened"),
    "Open findings, time to remediate": ("finding_opened", "finding_closed"),
    "Security incidents": ("security_incident",),
    "Privacy requests answered in time": ("privacy_request_received", "privacy_request_answered"),
    "Cost of ownership": ("cost_booked", "subscription_changed"),
    "Cost per unit": ("cost_booked", "storage_measured"),
}
AWARENESS_AND_INTEREST = {
    "Impressions": ("impressions_counted",),
    "Website traffic": ("page_visit",),
    "Search volume": ("search_volume_counted",),
    "Aided and unaided awareness": ("awareness_answered",),
    "Social engagements": ("social_engagement_counted",),
    "Leads generated": ("lead_generated",),
    "Product mentions": ("product_mentioned",),
    "Downloads": ("download",),
    "Enquiries received": ("enquiry_received",),
    "Demos": ("demo_booked",),
    "Proofs of concept, success rate": ("poc_started", "poc_finished"),
    "Beta customers, success rate": ("beta_started", "beta_finished"),
    "Deals in pipeline, pipeline value": ("deal_stage_changed",),
}
ACQUISITION = {
    "Customers, by geography, use case and scale": ("subscription_changed",),
    "New sign-ups and customers": ("signup_completed", "subscription_changed"),
    "Customer acquisition cost": ("marketing_spend", "subscription_changed"),
    "Cost per acquisition and conversion": ("marketing_spend", "signup_completed"),
    "Trial-to-paid conversion": ("trial_started", "subscription_changed"),
    "New partnerships": ("partnership_signed",),
}
ACTIVATION = {
    "Daily, weekly and monthly active users": ("login",),
    "Stickiness": ("login",),
    "Active share, inactive customers, shelfware": ("login", "subscription_changed"),
    "Activation rate": ("signup_completed", "parcel_sent"),
    "Feature adoption": ("feature_used", "signup_completed"),
    "Login frequency": ("login",),
    "Return-visit frequency": ("page_visit",),
    "Session duration": ("login", "feature_used"),
    "Engagement of users who adopted": ("login", "feature_used"),
    "Growth accounting": ("login",),
    "Trial engagement": ("trial_started", "login"),
}
MONETIZATION = {
    "Revenue": ("payment_received",),
    "MRR and ARR": ("subscription_changed",),
    "MRR movements": ("subscription_changed",),
    "Average revenue per account": ("payment_received", "subscription_changed"),
    "Revenue = customers × average revenue": ("payment_received",),
    "Customer lifetime value": ("subscription_changed", "payment_received", "cost_booked"),
    "LTV : CAC": ("subscription_changed", "payment_received", "cost_booked", "marketing_spend"),
    "Average deal size": ("deal_won",),
    "Average discount": ("deal_won",),
    "Win rate, win : loss": ("deal_won", "deal_lost"),
    "Cart abandonment": ("cart_opened", "addon_purchased"),
    "Pipeline conversion by stage": ("deal_created", "deal_stage_changed", "deal_won"),
    "Length of sale": ("deal_created", "deal_won"),
    "Upsell revenue": ("addon_purchased",),
    "Profit, gross margin": ("payment_received", "cost_booked"),
    "Market share": ("payment_received", "market_size_reported"),
}
RETENTION = {
    "NPS": ("nps_answered",),
    "CSAT": ("csat_answered",),
    "CES": ("ces_answered",),
    "App rating": ("app_rated",),
    "User feedback score": ("feedback_given",),
    "Logo churn": ("subscription_changed",),
    "Revenue churn, GRR, NRR": ("subscription_changed",),
    "Retention": ("parcel_sent",),
    "Referrals and referral rate": ("referral_sent", "login"),
    "Repeat customers, share that repeat": ("parcel_sent",),
    "Purchase frequency": ("addon_purchased",),
    "On-time delivery rate": ("delivery_completed",),
    "Complaints": ("complaint_received",),
    "Quick ratio": ("subscription_changed",),
}
PEOPLE_ASKED = {
    "Importance and satisfaction of a job": ("job_answered",),
    "Willingness to pay": ("price_answered",),
    "Use before and after a release": ("release_deployed", "login"),
}
COVERAGE: dict[str, tuple[str, ...]] = {
    **REGISTER,
    **CONFIGURE,
    **OPERATE,
    **AWARENESS_AND_INTEREST,
    **ACQUISITION,
    **ACTIVATION,
    **MONETIZATION,
    **RETENTION,
    **PEOPLE_ASKED,
}
