"""Every KPI of the catalogue: the templates that give it, and Parcel's metrics made from them.

`registrations="signups"` says that Parcel's metric `signups` is the template `registrations`
over its own events; a lone name, that both have the same key.
"""

from __future__ import annotations


def _made(*same: str, **named: str) -> dict[str, str]:
    return {**{key: key for key in same}, **named}


REGISTER = {
    "Successful install rate": _made(
        "installs_attempted", "installs_succeeded", successful_install_rate="install_success"
    ),
    "Registration completion rate": _made(
        registration_completion_rate="registration_completion", registrations="signups"
    ),
    "Registration drop-off rate, overall and by step": _made(
        "registration_dropoff_first_step", registration_dropoff_rate="registration_dropoff"
    ),
    "Time to register": _made("time_to_register_median", "time_to_register_p90"),
    "Steps needed to register": _made("steps_to_register"),
    "Registration support cases, and per 1,000 registrations": _made(
        "registration_support_cases", "registration_support_cases_per_1000"
    ),
}
CONFIGURE = {
    "Time to configure": _made("time_to_configure_median", "time_to_configure_p90"),
    "Steps needed to configure": _made("steps_to_configure"),
    "Configuration support cases": _made("configuration_support_cases"),
    "Configured / downloaded customers": _made(configured_customers_rate="configured_customers"),
    "Successful configuration rate": _made(
        successful_configuration_rate="configuration_success",
        configuration_successes="configurations_succeeded",
        configuration_attempts="configurations_ended",
    ),
    "Configuration drop-off rate": _made(configuration_dropoff_rate="configuration_dropoff"),
    "Onboarding completion rate": _made(onboarding_completion_rate="onboarding_completion"),
    "Onboarding time": _made("onboarding_time_median"),
    "Time to value": _made("time_to_value_median", "time_to_value_p90"),
}
RELY = {
    "Availability by time": _made("availability", "availability_by_outages"),
    "Availability by requests": _made("availability_by_requests"),
    "Nines": _made("availability_nines"),
    "Error budget left": _made("error_budget_left"),
    "Error rate": _made("error_rate"),
    "Support tickets for one feature, per 1,000 of its users": _made(
        "feature_tickets", "feature_users", "feature_tickets_per_1000_users"
    ),
    "Latency": _made("latency_p50", "latency_p95", "latency_p99"),
    "Page or dashboard load time": _made("page_load_p75"),
    "Throughput": _made("throughput"),
    "Time to do a task": _made("task_time_median", upload_time_median="import_time_median"),
    "Recovery point and recovery time": _made("recovery_time_p90", "recovery_point_p90"),
    "Transactions per second": _made("transactions_per_second", "transactions_per_second_peak"),
    "Capacity in use and headroom": _made(
        "capacity_in_use", "capacity_installed", "capacity_headroom"
    ),
}
USE = {
    "Task completion rate": _made("tasks_done", task_completion_rate="task_completion"),
    "Errors per task": _made("task_errors", task_errors_per_task="errors_per_task"),
    "Time on task": _made("time_on_task_mean"),
    "Clicks per task": _made("clicks_per_task"),
    "Task-level rating": _made("task_rating", "task_rating_top_box"),
    "Time to resolution": _made("time_to_resolution_mean", "time_to_resolution_median"),
    "Version adoption": _made("version_adoption"),
    "Time to upgrade, steps to upgrade": _made("time_to_upgrade_median", "steps_to_upgrade"),
    "Successful update rate": _made(
        "updates_succeeded", updates_attempted="updates_ended", update_success_rate="update_success"
    ),
    "Tickets opened, backlog, reopened rate": _made(
        "tickets_opened",
        "tickets_reopened",
        "tickets_reopened_rate",
        tickets_solved="tickets_resolved",
        ticket_backlog="tickets_open",
    ),
    "Open findings": _made(open_security_findings="open_findings"),
    "Time to remediate": _made("time_to_remediate_median"),
    "Security incidents": _made("security_incidents"),
    "Privacy requests answered in time": _made("privacy_requests_in_time"),
    "Total cost of ownership per customer": _made("running_cost", "cost_per_customer"),
    "Cost per unit": _made("cost_per_gigabyte"),
}
AWARENESS = {
    "Impressions": _made("impressions"),
    "Website traffic: visits": _made("website_visits"),
    "Website traffic: unique visitors": _made(unique_visitors="visitors"),
    "Search volume": _made("search_volume"),
    "Aided and unaided awareness": _made("aided_awareness", "unaided_awareness"),
    "Social engagements": _made("social_engagements"),
    "Leads generated": _made("leads_generated"),
    "Product mentions": _made("product_mentions"),
}
INTEREST = {
    "Downloads": _made("downloads"),
    "Enquiries received": _made("enquiries"),
    "Demos": _made("demos"),
    "Proofs of concept": _made("proofs_of_concept"),
    "Proof-of-concept success rate": _made("pocs_won", "poc_success_rate"),
    "Beta customers": _made("beta_customers"),
    "Beta success rate": _made("beta_success_rate"),
    "Deals in pipeline": _made("deals_in_pipeline"),
    "Pipeline value": _made("pipeline_value"),
}
ACQUISITION = {
    "Customers": _made("customers"),
    "Customers by geography, use case and scale": _made(
        customers_by_country="customers",
        customers_by_use_case="customers",
        customers_by_scale="customers",
    ),
    "New sign-ups": _made(new_sign_ups="signups"),
    "New customers": _made("new_customers"),
    "Customer acquisition cost": _made(
        "marketing_spend", customer_acquisition_cost="acquisition_cost"
    ),
    "Cost per acquisition": _made("cost_per_sign_up"),
    "Cost per conversion": _made("cost_per_lead"),
    "Trial-to-paid conversion": _made("trial_to_paid"),
    "New partnerships": _made("new_partnerships"),
}
ACTIVATION = {
    "Daily, weekly and monthly active users": _made(
        "daily_active_users", "weekly_active_users", "monthly_active_users", "active_users"
    ),
    "Stickiness": _made("stickiness"),
    "Active share": _made("active_customers", "active_share", active_accounts="active_shops"),
    "Inactive customers": _made("inactive_customers"),
    "Shelfware": _made("shelfware"),
    "Activation rate": _made("activation_rate"),
    "Feature adoption": _made(feature_adoption="route_planner_adoption"),
    "Feature adoption within N days of launch": _made(
        feature_users_60_days="planner_shops_60_days",
        active_users_60_days="feature_shops_60_days",
        feature_adoption_since_launch="adoption_since_launch",
    ),
    "Feature adoption within N days of sign-up": _made(
        feature_adoption_new_users="adoption_by_new_users"
    ),
    "Login frequency": _made("login_frequency"),
    "Uses per user per week": _made("uses_per_user"),
    "Return-visit frequency": _made(return_visit_frequency="visit_frequency"),
    "Session duration": _made("sessions", "session_length_mean", "session_length_median"),
    "Engagement time of users who adopted a feature": _made("engagement_of_adopters"),
    "Growth accounting": _made(
        "growth_accounting", "new_users", "returning_users", "resurrected_users", "dormant_users"
    ),
    "Trial engagement, week over week": _made("trial_users", "trial_engagement_growth"),
}
REVENUE = {
    "Revenue": _made("revenue"),
    "MRR": _made("mrr"),
    "ARR": _made("arr"),
    "MRR movements": _made(
        "mrr_movements",
        "new_mrr",
        "expansion_mrr",
        "contraction_mrr",
        "churned_mrr",
        "reactivated_mrr",
    ),
    "ARPU / ARPA": _made(arpu="average_revenue_per_user", arpa="average_revenue_per_customer"),
    "Average revenue per customer": _made(
        purchasing_customers="paying_customers",
        average_revenue_per_customer="revenue_per_paying_customer",
    ),
    "Revenue = customers × average revenue per customer": _made("revenue_from_customers"),
    "Customer lifetime value": _made("customer_lifetime_value"),
    "LTV : CAC": _made("ltv_to_cac"),
    "Profit": _made("profit"),
    "Gross margin": _made("direct_costs", "gross_margin"),
    "Market share": _made("market_share"),
}
SALES = {
    "Average deal size": _made("average_deal_size"),
    "Average discount": _made("average_discount"),
    "Win rate": _made("deals_won", "deals_lost", "win_rate"),
    "Win : loss ratio": _made("win_loss_ratio"),
    "Cart abandonment": _made("cart_abandonment"),
    "Pipeline conversion rate, by stage": _made("pipeline_conversion", "pipeline_stage_conversion"),
    "Length of sale": _made("length_of_sale_median"),
    "Upsell revenue": _made(upsell_revenue="addon_revenue"),
}
RETENTION = {
    "NPS": _made("nps"),
    "CSAT": _made(csat_score="csat"),
    "CES": _made(customer_effort_score="effort"),
    "App rating": _made("app_rating"),
    "User feedback score": _made("user_feedback_score"),
    "Customer (logo) churn rate": _made(
        logo_movements="customer_movements", logo_churn_share="customer_churn"
    ),
    "Gross / net revenue churn": _made("gross_revenue_churn", "net_revenue_churn"),
    "GRR, NRR": _made(
        "gross_revenue_retention", "net_revenue_retention", "net_revenue_retention_of_cohort"
    ),
    "Retention: day 1, 7, 30": _made("retention_day_1", "retention_day_7", "retention_day_30"),
    "Retention: week N": _made("retention_week_1", retention_week_4="week_4_retention"),
    "Retention: month N": _made("retention_month_1"),
    "Retention: bracket, unbounded, rolling": _made(
        "retention_brackets", "retention_unbounded", "retention_rolling"
    ),
    "Referrals": _made("referrals"),
    "Referral rate": _made("referral_rate"),
    "Repeat customers": _made(repeat_customers="repeat_shops"),
    "Share that repeat": _made("repeat_rate", customers_90_days="sending_shops"),
    "Purchase frequency": _made("purchase_frequency"),
    "On-time delivery rate": _made(on_time_delivery_rate="on_time_delivery"),
    "Complaints": _made("complaints"),
    "Quick ratio": _made("quick_ratio"),
}
PEOPLE_ASKED = {
    "Importance of a job": _made("job_importance", "job_importance_top_box"),
    "Satisfaction with a job": _made("job_satisfaction", "job_satisfaction_top_box"),
    "Opportunity score": _made("job_opportunity"),
    "Willingness to pay": _made(
        "willingness_to_pay", "willingness_to_pay_p25", "willingness_to_pay_p75"
    ),
    "Login frequency and DAU before and after a release": _made(
        "login_frequency_change", "daily_users_change"
    ),
}
BESIDE = {
    "Orders and their value": _made(
        orders="addon_purchases", average_order_value="average_purchase"
    ),
    "Requests, and those that failed": _made("requests_served", "requests_failed"),
    "Awareness, however asked": _made("brand_awareness"),
    "Customers lost": _made("customers_lost"),
}
"""What the catalogue has beyond its list of KPIs."""

COVERAGE: dict[str, dict[str, str]] = {
    **REGISTER,
    **CONFIGURE,
    **RELY,
    **USE,
    **AWARENESS,
    **INTEREST,
    **ACQUISITION,
    **ACTIVATION,
    **REVENUE,
    **SALES,
    **RETENTION,
    **PEOPLE_ASKED,
    **BESIDE,
}
