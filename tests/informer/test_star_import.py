"""What mypy sees of `from kwatch.informer import *`: it reads this file, and would not know these names."""

from kwatch.informer import *  # noqa: F403
from kwatch.informer.resources import PODS
from kwatch.informer.testing import FakeClient


def test_the_names_are_there() -> None:
    factory: SharedInformerFactory = SharedInformerFactory(FakeClient())  # noqa: F405
    lister: Lister[KubeObject] = factory.for_resource(PODS).lister  # noqa: F405
    assert lister.list() == []
