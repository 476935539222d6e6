"""Label and field selectors: kubectl's grammar, and whether something matches. Imports nothing of the rest."""

from kwatch.informer.selectors.field import FieldSelector as FieldSelector
from kwatch.informer.selectors.field import field_is as field_is
from kwatch.informer.selectors.field import parse_field_selector as parse_field_selector
from kwatch.informer.selectors.label import LabelSelector as LabelSelector
from kwatch.informer.selectors.label import parse_label_selector as parse_label_selector
from kwatch.informer.selectors.requirement import Operator as Operator
from kwatch.informer.selectors.requirement import Requirement as Requirement
from kwatch.informer.selectors.requirement import SelectorSyntaxError as SelectorSyntaxError
from kwatch.informer.selectors.selector import EVERYTHING as EVERYTHING
from kwatch.informer.selectors.selector import NOTHING as NOTHING
from kwatch.informer.selectors.selector import Selector as Selector
