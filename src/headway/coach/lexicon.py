"""The words that the coach knows, by what they do in a sentence. Nouns are singular."""

from __future__ import annotations


def bag(text: str) -> frozenset[str]:
    return frozenset(text.split())


FOREIGN = bag(
    """der die das und für mit ein eine einen einem einer dem den des ist sind nicht auf von zu im
    zum zur wir unser unsere unseren unserer uns ohne bei nach aus um alle jede jeder mehr als le
    la les du et pour avec une un dans sur nos notre est sont au aux par qui sans chaque el los
    las y para con una en que nuestro nuestra nuestros por del al sin cada más il lo gli di che
    nostro nostra della delle dei degli senza ogni os uma com não em nosso nossa da dos das sem
    het een van voor met naar onze niet zonder elke de och att för med ett av vår våra utan og
    til af vores i w na z dla nasz nasze oraz bez"""
)
ENGLISH = bag(
    """the of and to our for that with is are who which without at from by their every we it its be
    they not nobody everyone all than this these have has will can you your on what when"""
)
ARTICLES = bag(
    "a an the our their its your this that these those each every all any some my his her"
)
PREPOSITIONS = bag(
    """of in on at to from for with by within without per over under above below across among
    against into onto through throughout during before after until since between around via about
    towards toward beyond despite like as than out off up down behind near inside outside upon"""
)
RELATIVES = bag("who which that whom whose where when what why how because so while if")
JOINS = bag("and & plus while ; whilst")
LEADS = bag(
    """successfully fully finally quickly rapidly to we will our must should please let's then also
    safely gradually jointly continue start begin"""
)

IRREGULAR = {
    "build": ("built",),
    "rebuild": ("rebuilt",),
    "write": ("wrote", "written"),
    "rewrite": ("rewrote", "rewritten"),
    "run": ("ran", "run"),
    "set": ("set",),
    "cut": ("cut",),
    "hold": ("held",),
    "make": ("made",),
    "grow": ("grew", "grown"),
    "shrink": ("shrank", "shrunk"),
    "rise": ("rose", "risen"),
    "fall": ("fell", "fallen"),
    "drive": ("drove", "driven"),
    "bring": ("brought",),
    "keep": ("kept",),
    "get": ("got", "gotten"),
    "win": ("won",),
    "buy": ("bought",),
    "put": ("put",),
    "go": ("went", "gone"),
    "lead": ("led",),
    "hit": ("hit",),
    "beat": ("beat", "beaten"),
    "take": ("took", "taken"),
    "find": ("found",),
}
DOUBLING = bag("refit kickoff")

# What teams make -----------------------------------------------------------------------------

DEEDS = bag(
    """launch relaunch implement migrate refactor rewrite redesign revamp rebuild deploy hire
    integrate upgrade install document replatform decommission sunset prototype finalise draft
    conduct recruit code dockerise refurbish onshore outsource"""
)
"""Whatever their object is, these name work, not what it brings about."""

PHRASAL = {
    "roll": bag("out"),
    "set": bag("up"),
    "kick": bag("off"),
    "go": bag("live"),
    "spin": bag("up"),
    "stand": bag("up"),
    "switch": bag("over"),
    "put": bag("live"),
}
ACTING = bag(
    """interview survey send publish host organise organize present pitch attend sponsor schedule
    review audit evaluate assess analyse analyze research investigate explore define map collect
    gather compile contact call visit meet negotiate prepare plan perform execute complete finish
    replace retire clean patch scan file arrange produce record film print distribute submit
    procure appoint nominate coach mentor train certify inspect renovate paint rename merge
    relocate benchmark pilot test trial move hold shift transfer switch convert transition create
    form run start open close shut establish add write build develop design ship release deliver
    roll clone rent lease buy purchase order stock translate localise localize edit update
    refresh fix resolve debug profile instrument enable disable configure tag label classify
    digitise digitize archive import export connect link wire provision sign draw sketch
    brainstorm discuss agree decide approve align communicate announce share distribute post blog
    tweet email phone recruit staff assign delegate brief educate teach onboard reorganise
    reorganize restructure rotate split separate decouple extract modularise modularize harden
    secure encrypt certify accredit register apply obtain acquire incorporate facilitate moderate
    document demo showcase exhibit invite assemble install remodel equip furnish outfit lay dig"""
)
"""These name work when their object is counted or pointed at: `interview 40 customers`."""

CERTIFIED = bag("certified accredited audited licensed approved certification accreditation")
PARTICLES = bag("out up off live over in forward")
CHANGING = bag("switch move change transition convert shift upgrade migrate")
NAMING = bag("add introduce adopt build replace buy integrate connect install support")
DELIBERATE = bag(
    """interview survey host organise organize attend sponsor audit benchmark pilot contact call
    hold publish recruit appoint nominate inspect renovate relocate complete finish certify
    switch obtain"""
)
"""Of those, the ones that mean work in an objective, too."""

BRINGING = bag("create sign acquire obtain start form add enable onboard connect open register")
"""With a count of what a team does not make, these bring something about."""

INVENTING = bag(
    """build develop design write introduce add create configure modernise containerise centralise
    ship release set adopt"""
)
"""As the verb of a key result these name work, unless they count people or money."""

GAINED = bag(
    """customer user account job family people member subscriber player partner shop merchant client
    tenant patient euro dollar revenue value saving order booking lead place home seat trust"""
)
TECHNICAL = bag("legacy new automated centralised old second third unified")
OBTAINED = bag("live out done ready launched shipped released finished completed deployed running")

MAKING = bag(
    """build create develop deliver ship release design establish open run move write provide add
    complete introduce offer prepare define train produce adopt test replace modernise expand
    hold start execute perform configure recruit send move buy purchase procure roll standardise
    automate digitise consolidate set put bring make get centralise containerise"""
)
"""These name work only when their object is something that teams make."""

NOT_SHARES = bag("automate digitise standardise")

ARTEFACTS = bag(
    """app application platform dashboard feature module website site portal page homepage api
    integration pipeline tool system service microservice version release framework mvp prototype
    process policy report documentation doc handbook manual guide campaign workshop webinar
    training course roadmap strategy plan playbook infrastructure database warehouse cluster
    model engine sdk library plugin widget chatbot bot backlog epic interview survey study audit
    analysis newsletter blog post article video podcast event meetup conference hackathon
    programme program project initiative pilot experiment test ticket story sprint template
    component catalogue catalog schema backend frontend server gateway connector importer
    exporter editor wizard checkout flow screen form logo rebrand style-guide design intranet
    wiki crm erp cms saas sso scanner kiosk office branch store shop factory plant centre center
    hub laboratory lab depot archive certificate provider supplier vendor tablet device
    department squad committee taskforce board function login notification subscription-plan
    script toolkit suite layer interface ui ux mockup spec specification requirement contract
    mainframe hardware software algorithm feed mode process-map newsletter playlist brochure
    flyer booth architecture landing-page call meeting offsite roadshow demo patch hotfix build
    environment stack repository data-lake lake mart"""
)
STAFF = bag(
    """employee staff team manager agent people nurse engineer rep colleague user customer developer
    operator driver clerk doctor teacher salesperson leader volunteer"""
)
WORKS = bag(
    """migration rollout roll-out redesign relaunch launch implementation integration rebuild
    rewrite overhaul revamp upgrade deployment replatforming project initiative workstream pilot
    mvp refactoring refactor installation rebranding rebrand go-live cutover prototype
    proof-of-concept poc programme program relocation reorganisation restructuring modernisation
    digitalisation digitisation automation consolidation certification"""
)
"""Nouns for a piece of work."""

DONE = bag(
    """launch ship release deliver complete deploy implement migrate build finish rebuild redesign
    rewrite publish install conduct run hold write create develop roll merge develop document
    integrate"""
)
FINISHED = bag("live done complete ready finished launched running operational")
BEING = bag("is are be been has have was were goes gets fully successfully now")
NOT_A_DEED = bag(
    "day days week weeks month time times date dates success readiness rate rates quality night"
)
"""After one of these, `launch` is a noun: launch days."""

NEWCOMERS = bag("newcomer refugee migrant patient child family student resident neighbour player")

EFFORT = (
    bag("story points"), bag("story point"), bag("lines of code"), bag("person days"),
    bag("hours worked"), bag("meetings held"),
)  # fmt: skip

# What is measured ----------------------------------------------------------------------------

CHANGE = bag(
    """increase raise grow improve boost lift double triple reduce cut lower decrease shrink shorten
    halve drop minimise maximise expand accelerate drive gain win reach achieve attain hit exceed
    beat generate earn save keep maintain hold sustain push bring get move optimise enhance speed
    limit trim slash quadruple secure strengthen"""
)
UPWARD = bag(
    "increase raise grow boost lift double triple expand gain maximise quadruple exceed generate"
)
DOWNWARD = bag("reduce cut lower decrease shrink shorten halve drop minimise trim slash limit")
COMPARED = bag("higher lower more fewer less better faster shorter greater larger smaller")
BETTERING = CHANGE - bag(
    "win reach achieve attain hit exceed beat generate earn keep maintain hold"
)

ACRONYMS = bag(
    """NPS CSAT CES DAU WAU MAU ARR MRR NRR GRR CAC LTV CLV ARPU ARPA GMV AOV CTR CPC CPA CPL ROAS
    ROI EBITDA EBIT MTTR MTBF FCR OTIF CPM ACV TCV KPI KPIs DSO eNPS COGS OEE RPO ARPPU"""
)
METRICS = bag(
    """revenue turnover sale profit profitability margin churn retention conversion engagement
    traffic cost spend spending expense latency uptime downtime throughput occupancy utilisation
    utilization productivity satisfaction score rate ratio percentage attrition absenteeism
    defect volume income cashflow growth availability accuracy yield basket arpu ctr nps csat arr
    mrr dau mau wau aov gmv roi index adoption activation mortality readmission headcount billing
    booking sign-up signup complaint refund return bounce stickiness backlog efficiency incident
    order usage"""
)
COUNTED = bag("user player customer subscriber visitor member account driver seller buyer listener")
COUNTING = bag("active monthly daily weekly paying registered")
VALUES = bag("value cost price revenue size time")
VALUED = bag(
    """order lifetime contract acquisition basket deal response handling lead cycle loading load
    delivery waiting wait turnaround resolution processing shipping transaction"""
)
DEGREES = bag(
    """higher lower increased reduced improved decreased faster quicker shorter cheaper bigger
    larger smaller slower fewer more less better stronger"""
)
PLAIN_RATES = bag("exchange interest first tax hourly flat any second mortgage")
COMPOUNDS = {
    ("sales", "marketing"), ("profit", "loss"), ("research", "development"), ("health", "safety"),
    ("terms", "conditions"), ("supply", "demand"), ("returns", "exchanges"), ("pick", "pack"),
    ("time", "materials"), ("food", "beverage"), ("arts", "crafts"), ("mergers", "acquisitions"),
}  # fmt: skip

SHARES = bag(
    """rate share percentage percent ratio per proportion conversion % fraction likelihood median
    average mean cost time probability quota"""
)
REACHED = bag(
    """sign-up signup registration page-view pageview impression follower download visit visitor
    like hit install view fan click subscriber reach mention traffic share-count retweet repost
    stream"""
)
ONLY_VANITY = REACHED - bag("visitor visit subscriber click reach view hit mention traffic stream")
LISTS = frozenset([("mailing", "list"), ("email", "list"), ("e-mail", "list"), ("page", "view")])
SITES = bag(
    """website site web page app blog newsletter landing homepage youtube linkedin instagram
    facebook twitter tiktok social video channel profile post ad banner campaign unique podcast
    store email e-mail media press"""
)
CUMULATIVE = bag("total cumulative all-time lifetime ever accumulated overall")
PILED_UP = REACHED | COUNTED | bag("order sale lead booking listing transaction post upload shop")
EARNED = bag(
    """active activated qualified paying paid returning repeat retained converted engaged loyal
    monthly weekly daily renewing"""
)

# Words that say nothing ----------------------------------------------------------------------

JARGON = bag(
    """leverage synergy synergistic holistic best-in-class world-class next-gen next-generation
    paradigm operational excellence transformation stakeholder alignment strategic scalable
    robust innovative innovation solution ecosystem cutting-edge seamless end-to-end competency
    disruptive disruption value-add impactful agile agility actionable streamline optimise
    optimize optimization optimisation maximise maximize empower enablement digital
    mission-critical state-of-the-art thought leadership game-changing transformative turnkey
    value-driven future-proof data-driven cross-functional bandwidth low-hanging synergize
    synergise capability 360-degree customer-centric customer-centricity high-performance
    frictionless omnichannel win-win value-creation operationalise operationalize incentivise
    hyperscale"""
)
HOLLOW = bag(
    """drive unlock accelerate enable achieve create deliver value enterprise core key business
    organisation organization organisational organizational growth performance process processes
    efficiency effectiveness quality solutions across through become be strong strengthen improve
    enhance foster global new our the overall continuous improvement sustainable advance harness
    realise realize potential technology technologies strategy vision impact success capabilities
    company corporate culture mindset"""
)

# Pay -----------------------------------------------------------------------------------------

PAY = bag(
    """bonus salary pay payout compensation raise rating promotion commission appraisal payrise wage
    remuneration incentive"""
)
PAY_ALWAYS = (
    ("pay", "rise"), ("pay", "raise"), ("salary", "increase"), ("bonus", "pool"),
    ("annual", "bonus"), ("quarterly", "bonus"), ("year-end", "bonus"), ("bonus", "payout"),
    ("performance", "review"), ("performance", "rating"), ("performance", "appraisal"),
    ("variable", "pay"), ("merit", "increase"), ("compensation", "review"), ("stack", "rank"),
    ("stack", "ranking"), ("bonus", "payment"), ("performance", "bonus"), ("salary", "review"),
    ("team", "bonus"), ("salary", "raise"), ("performance", "pay"),
)  # fmt: skip
TIES = bag(
    """tie tied link linked depend depends dependent determines determine decide decides unlock
    unlocks trigger triggers conditional counts affects influences eligible earns lose loses
    forfeits basis contingent only unless if"""
)
RANKED = bag("rank ranked ranking ranks leaderboard league")
RANKABLE = STAFF | bag("picker seller courier individual person worker consultant analyst intern")
RANKABLE_NOT = bag("user customer people")
