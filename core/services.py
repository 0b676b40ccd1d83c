"""What a room that talks to people may ask of core, in one place."""

from dataclasses import dataclass

from core.clicks import ClickService
from core.consent import ConsentService
from core.delivery import DeliveryService
from core.digests import DigestService
from core.facts import FactService
from core.figures import FigureService
from core.groups import GroupService
from core.links import LinkService
from core.own_shares import OwnShareService
from core.reactions import ReactionService
from core.shares import ShareService
from core.signin import SignInService
from core.subjects import SubjectService


@dataclass(frozen=True, slots=True)
class Services:
    """Core's services, built once by `config.wiring` and handed to handlers and pages."""

    consent: ConsentService
    groups: GroupService
    shares: ShareService
    links: LinkService
    clicks: ClickService
    digests: DigestService
    delivery: DeliveryService
    subjects: SubjectService
    facts: FactService
    figures: FigureService
    signin: SignInService
    reactions: ReactionService
    own_shares: OwnShareService
